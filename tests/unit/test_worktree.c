/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/worktree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/probe_parts.h"

#include "tree.h"

static void check(const char *got, const char *want, size_t row)
{
	if (!got || !want || strcmp(got, want) != 0)
		if (got || want)
			fail_msg("row %zu: got %s, want %s", row, got ? got : "nothing",
				 want ? want : "nothing");
}

static void pointers(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "gitdir: /r/.git/worktrees/p\n", "/r/.git/worktrees/p" },
		{ "gitdir: ../r/.git/modules/p", "/home/r/.git/modules/p" },
		{ "gitdir: /r/.git/worktrees/../x\r\n", "/r/.git/x" },
		{ "gitdir: \n", NULL },
		{ "gitdir:/r\n", NULL },
		{ "Gitdir: /r\n", NULL },
		{ "gitdir: /r\n/s\n", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;

		check(worktree_pointer(rows[i].text, "/home/p", &a), rows[i].want, i);
	}
}

static void commons_and_backs(void **state)
{
	static const struct {
		const char *dir, *common, *gitdir, *config, *back;
	} rows[] = {
		{ "/r/.git/worktrees/p", "/r/.git", "/home/p/.git\n", NULL, "/home/p" },
		{ "/r/.git/worktrees/p", "/r/.git", "../../../p/.git\n", NULL, "/r/p" },
		{ "/r/.git/worktrees/p", "/r/.git", "/home/p\n", NULL, NULL },
		{ "/r/.git/worktrees/p", "/r/.git", NULL, "[core]worktree=/home/p\n", NULL },
		{ "/r/.git/modules/p", "/r/.git/modules/p", NULL,
		  "[core]\n\tbare = false\n\tworktree = ../../../p\n", "/r/p" },
		{ "/r/.git/modules/a/b", "/r/.git/modules/a/b", "/home/p/.git\n",
		  "[core]worktree=/x\n[core]worktree=../../../../a/b\n", "/r/a/b" },
		{ "/r/.git/modules/p", "/r/.git/modules/p", NULL, "[core]worktree=/x\n[", NULL },
		{ "/r/.git/modules/p", "/r/.git/modules/p", NULL, "[core]worktree\n", NULL },
		{ "/r/.git/modules/p", "/r/.git/modules/p", NULL, NULL, NULL },
		{ "/r/.git/modules/p/worktrees/q", "/r/.git/modules/p", "/q/.git", NULL, "/q" },
		{ "/r/.git", NULL, NULL, NULL, NULL },
		{ "/", NULL, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;

		check(worktree_common(rows[i].dir, &a), rows[i].common, i);
		check(worktree_back(rows[i].dir, rows[i].gitdir, rows[i].config, &a), rows[i].back,
		      i);
	}
}

static struct worktree_facts look(struct tree *t)
{
	struct facts f = { .project = at(t, "p"), .uid = getuid() };

	probe_worktree(&f, &t->arena);
	return f.worktree;
}

/* A repository r with the linked worktree p, by hand. */
static void make_linked(struct tree *t)
{
	put_dir(t, "r/.git/objects");
	put_dir(t, "r/.git/refs");
	put_file(t, "r/.git/HEAD", "ref: refs/heads/main\n", 0644);
	put_file(t, "r/.git/worktrees/p/gitdir", arena_printf(&t->arena, "%s/.git\n", at(t, "p")),
		 0644);
	put_file(t, "p/.git", arena_printf(&t->arena, "gitdir: %s\n", at(t, "r/.git/worktrees/p")),
		 0644);
}

static void a_linked_worktree_is_found(void **state)
{
	struct tree *t = *state;
	struct worktree_facts w;

	put_dir(t, "p");
	w = look(t);
	assert_null(w.pointer);
	make_linked(t);
	w = look(t);
	assert_string_equal(w.pointer, at(t, "r/.git/worktrees/p"));
	assert_string_equal(w.common, at(t, "r/.git"));
	assert_string_equal(w.back, at(t, "p"));
	assert_true(w.is_whole);
}

static void what_lacks_something_is_not_whole(void **state)
{
	struct tree *t = *state;

	make_linked(t);
	assert_int_equal(rename(at(t, "r/.git/objects"), at(t, "elsewhere")), 0);
	assert_false(look(t).is_whole);
	put_link(t, "r/.git/objects", at(t, "elsewhere")); /* a link is not the directory */
	assert_false(look(t).is_whole);
	assert_int_equal(unlink(at(t, "r/.git/objects")), 0);
	assert_int_equal(rename(at(t, "elsewhere"), at(t, "r/.git/objects")), 0);
	assert_true(look(t).is_whole);
	assert_int_equal(unlink(at(t, "r/.git/HEAD")), 0);
	assert_false(look(t).is_whole);
}

static void foreign_and_odd_pointers(void **state)
{
	struct tree *t = *state;

	make_linked(t);
	put_dir(t, "q");
	put_file(t, "r/.git/worktrees/p/gitdir", at(t, "q/.git"), 0644);
	assert_string_equal(look(t).back, at(t, "q"));
	put_file(t, "p/.git", "gitdir: /does/not/exist/worktrees/p\n", 0644);
	assert_non_null(look(t).pointer);
	assert_null(look(t).common);
	put_file(t, "p/.git", "gitdir: ..\n", 0644);
	assert_null(look(t).common);
	assert_int_equal(rename(at(t, "p/.git"), at(t, "file")), 0);
	put_link(t, "p/.git", at(t, "file"));
	assert_null(look(t).pointer);
	assert_int_equal(unlink(at(t, "p/.git")), 0);
	assert_int_equal(mkfifo(at(t, "p/.git"), 0600), 0);
	assert_null(look(t).pointer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers),
		cmocka_unit_test(commons_and_backs),
		cmocka_unit_test_setup_teardown(a_linked_worktree_is_found, tree_enter, tree_leave),
		cmocka_unit_test_setup_teardown(what_lacks_something_is_not_whole, tree_enter,
						tree_leave),
		cmocka_unit_test_setup_teardown(foreign_and_odd_pointers, tree_enter, tree_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
