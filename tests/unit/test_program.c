/* SPDX-License-Identifier: Apache-2.0 */
#include "host/program.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tree.h"

/* In the tree's directories one and two; the tree's owner stands for root. */
static int find(struct tree *t, const char *name, const char **ret_path)
{
	const char *const dirs[] = { at(t, "one"), at(t, "two"), NULL };

	*ret_path = NULL;
	t->e = (struct err){ 0 };
	return program_find_in(t->root, dirs, name, &t->arena, ret_path, &t->e);
}

static void found_in_order(void **state)
{
	struct tree *t = *state;
	const char *path;

	put_file(t, "one/a", "", 0755);
	put_file(t, "two/a", "", 0755);
	put_file(t, "two/b", "", 0755);
	assert_int_equal(find(t, "a", &path), 0);
	assert_string_equal(path, at(t, "one/a"));
	assert_int_equal(find(t, "b", &path), 0);
	assert_string_equal(path, at(t, "two/b"));
}

static void a_symlink_keeps_its_name(void **state)
{
	struct tree *t = *state;
	const char *path;

	put_file(t, "store/x/bin/tool", "", 0555);
	put_link(t, "one/tool", at(t, "store/x/bin/tool"));
	assert_int_equal(find(t, "tool", &path), 0);
	assert_string_equal(path, at(t, "one/tool"));
}

static void absent_and_no_program(void **state)
{
	struct tree *t = *state;
	const char *path;

	put_dir(t, "one/dir");
	put_file(t, "one/text", "", 0644);
	put_link(t, "one/nowhere", "absent");
	assert_int_equal(find(t, "none", &path), -ENOENT);
	assert_string_equal(t->e.msg, "the program 'none' is in none of the system's directories");
	assert_int_equal(find(t, "dir", &path), -ENOENT);
	assert_int_equal(find(t, "text", &path), -ENOENT);
	assert_int_equal(find(t, "nowhere", &path), -ENOENT);
	assert_int_equal(find(t, "", &path), -ENOENT);
	assert_int_equal(find(t, "../one/text", &path), -ENOENT);
	assert_string_equal(t->e.msg, "'../one/text' is no name of a program");
	assert_null(path);
}

static void refused(struct tree *t, const char *name)
{
	const char *path;

	assert_int_equal(find(t, name, &path), -ENOENT);
	assert_int_equal(t->e.code, -ENOENT);
	assert_non_null(strstr(t->e.msg, "can be changed by others than root"));
	assert_null(path);
}

static void writable_by_others(void **state)
{
	struct tree *t = *state;
	const char *path;

	put_file(t, "one/group", "", 0775);
	put_file(t, "one/world", "", 0757);
	refused(t, "group");
	refused(t, "world");
	put_file(t, "two/group", "", 0755);
	assert_int_equal(find(t, "group", &path), 0);
	assert_string_equal(path, at(t, "two/group"));
}

static void directory_writable_by_others(void **state)
{
	struct tree *t = *state;

	put_file(t, "one/a", "", 0755);
	assert_int_equal(chmod(at(t, "one"), 0777), 0);
	refused(t, "a");
}

static void symlink_into_a_writable_directory(void **state)
{
	struct tree *t = *state;

	put_file(t, "open/a", "", 0755);
	put_link(t, "one/a", at(t, "open/a"));
	assert_int_equal(chmod(at(t, "open"), 0777), 0);
	refused(t, "a");
}

static void symlink_in_a_writable_directory(void **state)
{
	struct tree *t = *state;

	put_file(t, "safe/a", "", 0755);
	put_link(t, "one/a", at(t, "safe/a"));
	assert_int_equal(chmod(at(t, "one"), 0777), 0);
	refused(t, "a");
}

static void owned_by_somebody_else(void **state)
{
	struct tree *t = *state;

	put_file(t, "one/a", "", 0755);
	if (chown(at(t, "one/a"), 12345, (gid_t)-1) < 0)
		skip(); /* only root can give a file away */
	refused(t, "a");
}

static void path_takes_no_part(void **state)
{
	struct tree *t = *state;
	const char *path;

	put_file(t, "one/true", "", 0755);
	put_file(t, "one/only-here", "", 0755);
	assert_int_equal(setenv("PATH", at(t, "one"), 1), 0);
	assert_int_equal(program_find("true", &t->arena, &path, &t->e), 0);
	assert_null(strstr(path, t->root));
	assert_int_equal(program_find("only-here", &t->arena, &path, &t->e), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_enter, tree_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(found_in_order),
		TEST(a_symlink_keeps_its_name),
		TEST(absent_and_no_program),
		TEST(writable_by_others),
		TEST(directory_writable_by_others),
		TEST(symlink_into_a_writable_directory),
		TEST(symlink_in_a_writable_directory),
		TEST(owned_by_somebody_else),
		TEST(path_takes_no_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
