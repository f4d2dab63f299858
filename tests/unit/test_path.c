/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"

static void below(void **state)
{
	static const struct {
		const char *path, *root;
		bool want;
	} rows[] = {
		{ "/a", "/a", true },    { "/a/b", "/a", true }, { "/ab", "/a", false },
		{ "/a", "/a/b", false }, { "/", "/", true },     { "/a", "/", true },
		{ "/b/a", "/a", false }, { "/", "/a", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (path_below(rows[i].path, rows[i].root) != rows[i].want)
			fail_msg("%s below %s: want %d", rows[i].path, rows[i].root, rows[i].want);
}

/* A path is clean if and only if cleaning changes nothing. */
static void clean(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/a", "/a" },
		{ "/a/", "/a" },
		{ "/a//b///c", "/a/b/c" },
		{ "/./a/./b/.", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/a/b/..", "/a" },
		{ "/a/..", "/" },
		{ "/..", "/" },
		{ "/../../a", "/a" },
		{ "/a/b/../../../c", "/c" },
		{ "/...", "/..." },
		{ "/.a/..b/c.", "/.a/..b/c." },
	};
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char *got = path_clean(&a, rows[i].path);

		assert_string_equal(got, rows[i].want);
		assert_true(path_is_clean(got));
		assert_int_equal(path_is_clean(rows[i].path), i == 0 || i == 2 || i >= 12);
	}
	assert_false(path_is_clean(""));
	assert_false(path_is_clean("a"));
}

static void join(void **state)
{
	static const struct {
		const char *dir, *name, *want;
	} rows[] = {
		{ "/a", "b", "/a/b" },  { "/a", "/b", "/b" },      { "/a", "", "/a" },
		{ "/a", "../b", "/b" }, { "/", "b/", "/b" },       { "/a", ".", "/a" },
		{ "/a/", "//b", "/b" }, { "/a", "../../..", "/" },
	};
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		assert_string_equal(path_join(&a, rows[i].dir, rows[i].name), rows[i].want);
}

static void base_and_parent(void **state)
{
	static const struct {
		const char *path, *base, *parent;
	} rows[] = {
		{ "/", "/", NULL },    { "/x", "x", "/" },
		{ "/x/y", "y", "/x" }, { "/x/y/z.c", "z.c", "/x/y" },
		{ "x", "x", NULL },    { "x/y", "y", "x" },
	};
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char *parent = path_parent(&a, rows[i].path);

		assert_string_equal(path_base(rows[i].path), rows[i].base);
		if (rows[i].parent)
			assert_string_equal(parent, rows[i].parent);
		else
			assert_null(parent);
	}
}

/* Names that Claude Code 2.1.197 gave. */
static void session_name_long(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	char n[201] = "";
	char *path;
	char *name;

	(void)state;
	memset(n, 'n', 200);
	path = arena_printf(&a, "/home/csb-tester/%s", n);
	name = path_session_name(&a, path);
	assert_int_equal(strlen(name), 207);
	assert_string_equal(name + 200, "-xdipak");
	name = path_session_name(&a, arena_printf(&a, "%s/%s", path, n));
	assert_string_equal(name + 200, "-wh6drv");
}

static void session_name(void **state)
{
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(path_session_name(&a, "/home/Me/x_y.z"), "-home-Me-x-y-z");
	/* One '-' for a character of one UTF-16 unit, two for one of two, one for a stray byte. */
	assert_string_equal(path_session_name(&a, "/\xc3\xa4"), "--");
	assert_string_equal(path_session_name(&a, "/\xf0\x9f\x98\x80z"), "---z");
	assert_string_equal(path_session_name(&a, "/\xff\xc3"), "---");
	assert_string_equal(path_session_name(&a, "/\xed\xa0\x80"), "----");
	assert_string_equal(path_session_name(&a, ""), "");
}

static void expand_home(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "~", "/home/me" },
		{ "~/", "/home/me" },
		{ "~/x/../y", "/home/me/y" },
		{ "~user/x", "~user/x" },
		{ "x/../y", "x/../y" },
		{ "/a//b/", "/a/b" },
		{ "x/~", "x/~" },
		{ "", "" },
	};
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		assert_string_equal(path_expand_home(&a, "/home/me", rows[i].path), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below),        cmocka_unit_test(clean),
		cmocka_unit_test(join),         cmocka_unit_test(base_and_parent),
		cmocka_unit_test(session_name), cmocka_unit_test(session_name_long),
		cmocka_unit_test(expand_home),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
