/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cgroup_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

static void own_group(void **state)
{
	static const struct {
		const char *text, *controller, *want;
	} rows[] = {
		{ "0::/user.slice/a.scope\n", NULL, "/user.slice/a.scope" },
		{ "0::/\n", NULL, "/" },
		{ "0::/a", NULL, "/a" },
		{ "0::/a:b c\n", NULL, "/a:b c" },
		{ "0::/a\n", "memory", NULL },
		{ "4:memory:/x\n", NULL, NULL },
		{ "9:name=systemd:/s\n4:memory:/x/y\n1:cpu,cpuacct:/z\n0::/\n", "memory", "/x/y" },
		{ "4:memory:/x\n1:cpu,cpuacct:/z\n0::/u\n", "cpuacct", "/z" },
		{ "1:cpu,cpuacct:/z\n", "cpu", "/z" },
		{ "1:cpuset:/z\n", "cpu", NULL },
		{ "0::/../x\n", NULL, NULL }, /* outside of the reader's cgroup namespace */
		{ "0::\n", NULL, NULL },
		{ "0:\n", NULL, NULL },
		{ "0\n\n:\n::\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		const char *got = cgroup_text_path(rows[i].text, strlen(rows[i].text),
						   rows[i].controller, &a);

		if (!got || !rows[i].want ? got != rows[i].want : strcmp(got, rows[i].want) != 0)
			fail_msg("%s of \"%s\": got %s, want %s",
				 rows[i].controller ? rows[i].controller : "version 2",
				 rows[i].text, got ? got : "none",
				 rows[i].want ? rows[i].want : "none");
	}
}

static void a_path_with_a_nul_is_none(void **state)
{
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	assert_null(cgroup_text_path("0::/a\0b\n", 8, NULL, &a));
}

static void values(void **state)
{
	static const char events[] = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 18446744073709551615\n"
				     "big 18446744073709551616\nbad 1x\nnone\nempty \n";
	static const struct {
		const char *key;
		bool found;
		uint64_t want;
	} rows[] = {
		{ "max", true, 12 }, { "oom", true, 3 },   { "oom_kill", true, UINT64_MAX },
		{ "ma", false, 0 },  { "maxi", false, 0 }, { "big", false, 0 },
		{ "bad", false, 0 }, { "none", false, 0 }, { "empty", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		uint64_t got = 0;

		assert_int_equal(cgroup_text_value(events, strlen(events), rows[i].key, &got),
				 rows[i].found);
		assert_true(got == rows[i].want);
	}
}

static void words(void **state)
{
	static const char text[] = "cpuset cpu io memory pids\n";

	(void)state;
	assert_true(cgroup_text_word(text, strlen(text), "cpuset"));
	assert_true(cgroup_text_word(text, strlen(text), "pids"));
	assert_true(cgroup_text_word(text, strlen(text), "cpu"));
	assert_false(cgroup_text_word(text, strlen(text), "mem"));
	assert_false(cgroup_text_word(text, strlen(text), "freezer"));
	assert_false(cgroup_text_word("", 0, "cpu"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_group),
		cmocka_unit_test(a_path_with_a_nul_is_none),
		cmocka_unit_test(values),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests_name("cgroup_text", tests, NULL, NULL);
}
