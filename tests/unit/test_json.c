/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

static const char *const good[] = {
	"0",          " -1.5e+3 ", "\"\"",         "\"\\u00aF\\\\\\\"\"",
	"[]",         "[ ]",       "[1,[2,{}],3]", "{ \"a\" : [ ] , \"b\" : { \"c\" : null } }",
	"true",       "false",     "\t{}\r\n",     "{\"a\":1}",
	"[[],[],{}]",
};

static const char *const bad[] = {
	"",
	" ",
	"01",
	"1.",
	".5",
	"+1",
	"1e",
	"-",
	"\"",
	"\"\n\"",
	"\"\\x\"",
	"\"\\u12g4\"",
	"[",
	"]",
	"[1,]",
	"[,1]",
	"[1 2]",
	"{",
	"{\"a\"}",
	"{\"a\":}",
	"{a:1}",
	"{\"a\":1,}",
	"{\"a\":1 \"b\":2}",
	"{]",
	"[}",
	"[1}",
	"{\"a\":1]",
	"tru",
	"nulll",
	"1 1",
	"{}{}",
	"\\",
};

static int parse(const char *text, struct json *ret)
{
	struct err e = { 0 };

	return json_parse(text, strlen(text), ret, &e);
}

static void takes_what_is_json_and_nothing_else(void **state)
{
	struct json v = { 0 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(good); i++)
		if (parse(good[i], &v) < 0)
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		if (parse(bad[i], &v) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
}

static void is_bounded_in_depth(void **state)
{
	char text[65];
	struct json v = { 0 };

	(void)state;
	for (size_t depth = 1; depth <= 32; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = '\0';
		assert_int_equal(parse(text, &v), 0);
	}
	memset(text, '[', 33);
	text[33] = '\0';
	assert_int_equal(parse(text, &v), -EINVAL);
}

static void finds_members(void **state)
{
	static const char text[] = "{\"x\":{\"a\":1}, \"a\" : [ {\"a\":2} ] ,\"b\":\"t\"}";
	auto_arena struct arena a = ARENA_INIT;
	struct json root = { 0 };
	struct json v = { 0 };
	struct err e = { 0 };
	int64_t n = 0;

	(void)state;
	assert_int_equal(parse(text, &root), 0);
	assert_int_equal(json_member(root, "a", &v, &e), 0);
	assert_int_equal(v.len, strlen("[ {\"a\":2} ]"));
	assert_int_equal(json_member(root, "b", &v, &e), 0);
	assert_string_equal(json_text(v, &a), "t");
	assert_int_equal(json_member(root, "c", &v, &e), -ENOENT);
	assert_int_equal(json_member(root, "x", &v, &e), 0);
	assert_int_equal(json_member(v, "a", &v, &e), 0);
	assert_int_equal(json_number(v, 1, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(json_number(v, 0, &n, &e), -EINVAL);
	assert_int_equal(json_member(v, "a", &v, &e), -EINVAL);
}

static void is_not_fooled_about_members(void **state)
{
	struct json root = { 0 };
	struct json v = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse("{\"a\":1,\"a\":2}", &root), 0);
	assert_int_equal(json_member(root, "a", &v, &e), -EINVAL);
	assert_int_equal(parse("{\"a\":1,\"\\u0061\":2}", &root), 0);
	assert_int_equal(json_member(root, "a", &v, &e), -EINVAL);
	assert_int_equal(parse("{\"b\":\"\\\",\\\"a\\\":1\"}", &root), 0);
	assert_int_equal(json_member(root, "a", &v, &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_json_and_nothing_else),
		cmocka_unit_test(is_bounded_in_depth),
		cmocka_unit_test(finds_members),
		cmocka_unit_test(is_not_fooled_about_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
