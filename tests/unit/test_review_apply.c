/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a layer made by hand reach the project, and nothing else is touched. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "border/review.h"
#include "tree.h"

static void put(struct tree *t, const char *name, const char *text)
{
	assert_int_equal(io_write_file(at(t, name), text, strlen(text), 0644, &t->e), 0);
}

static bool holds(struct tree *t, const char *name, const char *text)
{
	char *got = NULL;
	size_t len;

	return io_read_file(AT_FDCWD, at(t, name), 4096, true, &t->arena, &got, &len, &t->e) == 0 &&
	       strcmp(got, text) == 0;
}

static bool is_there(struct tree *t, const char *name)
{
	struct stat st;

	return lstat(at(t, name), &st) == 0;
}

/* project/ and upper/, and a session that began after the project's files were made. */
static struct review_dirs ground(struct tree *t)
{
	assert_int_equal(mkdir(at(t, "project"), 0755), 0);
	assert_int_equal(mkdir(at(t, "upper"), 0755), 0);
	assert_int_equal(mkdir(at(t, "outside"), 0755), 0);
	put(t, "outside/secret", "secret");
	return (struct review_dirs){ .dir = t->root, .upper = at(t, "upper") };
}

static void session_begins(struct tree *t)
{
	struct stat st;

	put(t, "now",
	    ""); /* no clock but the file system's own is as fine as its times (Linux 6.13) */
	assert_int_equal(stat(at(t, "now"), &st), 0);
	put(t, "sessions",
	    arena_printf(&t->arena, "%lld.%09ld\n", (long long)st.st_mtim.tv_sec,
			 st.st_mtim.tv_nsec));
	(void)usleep(20000); /* the clock of file times moves in steps */
}

static void read_layer(struct tree *t, const struct review_dirs *d, struct review *r)
{
	if (review_open(d, at(t, "project"), &t->arena, r, &t->e) < 0)
		fail_msg("%s", t->e.msg);
}

static const struct review_row *row_of(const struct review *r, const char *path)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->rows[i].path, path) == 0)
			return &r->rows[i];
	fail_msg("no row %s", path);
	return NULL;
}

static void files_links_and_deletions_get_in(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;
	const struct review_row *rows[8];

	put(t, "project/kept", "kept");
	put(t, "project/gone", "gone");
	put(t, "project/changed", "before");
	session_begins(t);
	put(t, "upper/changed", "after");
	assert_int_equal(mkdir(at(t, "upper/new"), 0750), 0);
	put(t, "upper/new/file", "new");
	assert_int_equal(symlink("file", at(t, "upper/new/link")), 0);
	assert_int_equal(mknod(at(t, "upper/gone"), S_IFCHR, makedev(0, 0)), 0);
	read_layer(t, &d, &r);
	assert_int_equal(r.n, 5);
	rows[0] = row_of(&r, "changed");
	rows[1] = row_of(&r, "gone");
	rows[2] = row_of(&r, "new/file");
	rows[3] = row_of(&r, "new/link");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(rows[i]->answer, REVIEW_FREE);
		assert_int_equal(review_accept(&r, rows[i], &t->e), 0);
	}
	assert_true(holds(t, "project/changed", "after") && holds(t, "project/new/file", "new"));
	assert_true(holds(t, "project/kept", "kept") && !is_there(t, "project/gone"));
	assert_true(is_there(t, "project/new/link"));
	assert_int_equal(review_settle(&r, rows, 4, &t->e), 0);
	assert_false(is_there(t, "upper/changed") || is_there(t, "upper/gone"));
}

static void a_link_of_the_host_is_not_followed(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;

	assert_int_equal(symlink("../outside", at(t, "project/dir")), 0);
	session_begins(t);
	assert_int_equal(mkdir(at(t, "upper/dir"), 0755), 0);
	put(t, "upper/dir/secret", "changed");
	put(t, "upper/dir/more", "changed");
	assert_int_equal(mkdir(at(t, "upper/dir/deep"), 0755), 0);
	put(t, "upper/dir/deep/more", "changed");
	assert_int_equal(mkdir(at(t, "outside/deep"), 0755), 0);
	read_layer(t, &d, &r);
	assert_true(review_accept(&r, row_of(&r, "dir/secret"), &t->e) < 0);
	assert_true(review_accept(&r, row_of(&r, "dir/more"), &t->e) < 0);
	assert_true(review_accept(&r, row_of(&r, "dir/deep/more"), &t->e) < 0);
	assert_true(holds(t, "outside/secret", "secret") && !is_there(t, "outside/more"));
	assert_false(is_there(t, "outside/deep/more"));
	/* With the directory itself it is the link that goes. */
	assert_int_equal(review_accept(&r, row_of(&r, "dir"), &t->e), 0);
	assert_int_equal(review_accept(&r, row_of(&r, "dir/secret"), &t->e), 0);
	assert_true(holds(t, "outside/secret", "secret") &&
		    holds(t, "project/dir/secret", "changed"));
}

static void a_swap_after_the_look_is_noticed(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;

	put(t, "project/a", "before");
	assert_int_equal(mkdir(at(t, "project/tree"), 0755), 0);
	session_begins(t);
	put(t, "upper/a", "after");
	put(t, "upper/new", "new");
	assert_int_equal(mknod(at(t, "upper/tree"), S_IFCHR, makedev(0, 0)), 0);
	read_layer(t, &d, &r);
	put(t, "project/a", "the user's");
	put(t, "project/new", "the user's");
	put(t, "project/tree/file", "the user's");
	assert_int_equal(review_accept(&r, row_of(&r, "a"), &t->e), -EAGAIN);
	assert_int_equal(review_accept(&r, row_of(&r, "new"), &t->e), -EAGAIN);
	assert_int_equal(review_accept(&r, row_of(&r, "tree"), &t->e), -EAGAIN);
	assert_true(holds(t, "project/a", "the user's") && holds(t, "project/new", "the user's"));
	assert_true(holds(t, "project/tree/file", "the user's"));
}

static void what_changed_on_both_sides_is_a_conflict(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;

	put(t, "project/a", "before");
	put(t, "project/b", "before");
	session_begins(t);
	put(t, "upper/a", "after");
	put(t, "upper/b", "after");
	put(t, "project/a", "the user's");
	read_layer(t, &d, &r);
	assert_true(row_of(&r, "a")->is_conflict && row_of(&r, "a")->answer == REVIEW_BY_NAME);
	assert_false(row_of(&r, "b")->is_conflict);
}

static void an_opaque_directory_deletes_by_name_only(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;

	assert_int_equal(mkdir(at(t, "project/dir"), 0755), 0);
	put(t, "project/dir/old", "old");
	session_begins(t);
	assert_int_equal(mkdir(at(t, "upper/dir"), 0755), 0);
	if (setxattr(at(t, "upper/dir"), "user.overlay.opaque", "y", 1, 0) < 0)
		skip(); /* /tmp cannot carry such marks */
	put(t, "upper/dir/new", "new");
	read_layer(t, &d, &r);
	assert_int_equal(row_of(&r, "dir/old")->kind, REVIEW_DELETED);
	assert_int_equal(review_accept(&r, row_of(&r, "dir/new"), &t->e), 0);
	assert_true(holds(t, "project/dir/old", "old"));
	assert_true(review_discard(&r, "dir/new", &t->e) < 0);
	assert_int_equal(review_discard(&r, "dir", &t->e), 0);
	assert_false(is_there(t, "upper/dir"));
}

static void what_never_gets_in_does_not(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;

	session_begins(t);
	put(t, "upper/setid", "x");
	assert_int_equal(chmod(at(t, "upper/setid"), 04755), 0);
	assert_int_equal(mkfifo(at(t, "upper/fifo"), 0600), 0);
	assert_int_equal(mkdir(at(t, "upper/redirected"), 0755), 0);
	if (setxattr(at(t, "upper/redirected"), "user.overlay.redirect", "/etc", 4, 0) < 0)
		skip();
	read_layer(t, &d, &r);
	for (size_t i = 0; i < r.n; i++)
		assert_int_equal(review_accept(&r, &r.rows[i], &t->e), -EPERM);
	assert_int_equal(r.n, 3);
	assert_false(is_there(t, "project/setid") || is_there(t, "project/fifo") ||
		     is_there(t, "project/redirected"));
}

static void closed_directories_are_discarded_too(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);

	assert_int_equal(mkdir(at(t, "work"), 0755), 0);
	assert_int_equal(mkdir(at(t, "work/work"), 0000), 0);
	assert_int_equal(mkdir(at(t, "upper/x"), 0755), 0);
	put(t, "upper/x/y", "y");
	assert_int_equal(chmod(at(t, "upper/x"), 0000), 0);
	assert_int_equal(symlink("../outside", at(t, "upper/z")), 0);
	assert_int_equal(review_discard_all(&d, &t->e), 0);
	assert_false(is_there(t, "upper") || is_there(t, "work"));
	assert_true(holds(t, "outside/secret", "secret"));
}

static void depth_keeps_nobody_from_discarding(void **state)
{
	struct tree *t = *state;
	struct review_dirs d = ground(t);
	auto_review struct review r = REVIEW_NONE;
	int dir = open(at(t, "upper"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < 1000; i++) {
		int below;

		assert_int_equal(mkdirat(dir, "d", 0755), 0);
		below = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(dir);
		dir = below;
	}
	(void)close(dir);
	put(t, "upper/other", "seen");
	session_begins(t);
	read_layer(t, &d, &r);
	assert_int_equal(row_of(&r, "other")->answer, REVIEW_FREE);
	assert_int_equal(review_discard_all(&d, &t->e), 0);
	assert_false(is_there(t, "upper"));
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, tree_enter, tree_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(files_links_and_deletions_get_in),
		IN_TREE(a_link_of_the_host_is_not_followed),
		IN_TREE(a_swap_after_the_look_is_noticed),
		IN_TREE(what_changed_on_both_sides_is_a_conflict),
		IN_TREE(an_opaque_directory_deletes_by_name_only),
		IN_TREE(what_never_gets_in_does_not),
		IN_TREE(closed_directories_are_discarded_too),
		IN_TREE(depth_keeps_nobody_from_discarding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
