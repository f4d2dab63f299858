/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_list_is_an_empty_argv(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv sv = STRV_INIT(&a);

	(void)state;
	assert_non_null(strv_argv(&sv));
	assert_null(strv_argv(&sv)[0]);
	assert_false(strv_has(&sv, ""));
	strv_addn(&sv, NULL, 0);
	assert_null(strv_argv(&sv)[0]);
}

static void words_are_appended_in_order(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv sv = STRV_INIT(&a);

	(void)state;
	strv_add(&sv, "--bind", "/a", "/b");
	strv_add(&sv, "--");
	assert_int_equal(sv.n, 4);
	assert_string_equal(strv_argv(&sv)[0], "--bind");
	assert_string_equal(strv_argv(&sv)[2], "/b");
	assert_string_equal(strv_argv(&sv)[3], "--");
	assert_null(strv_argv(&sv)[4]);
	assert_true(strv_has(&sv, "/a"));
	assert_false(strv_has(&sv, "/"));
}

/* What is allocated after each word would be overwritten, or would overwrite the NULL at the end. */
static void the_list_ends_with_null_at_every_length(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv sv = STRV_INIT(&a);
	const char *guards[200];

	(void)state;
	for (size_t n = 0; n < 200; n++) {
		strv_add(&sv, arena_printf(&a, "word %zu", n));
		guards[n] = arena_strdup(&a, "guard");
		assert_int_equal(sv.n, n + 1);
		assert_null(sv.items[n + 1]);
		for (size_t i = 0; i <= n; i++) {
			assert_string_equal(sv.items[i], arena_printf(&a, "word %zu", i));
			assert_string_equal(guards[i], "guard");
		}
	}
}

static void env_set_replaces_and_get_matches_whole_names(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv env = STRV_INIT(&a);

	(void)state;
	assert_null(env_get(&env, "HOME"));
	env_set(&env, "HOMER", "simpson");
	env_set(&env, "HOME", "/a");
	env_set(&env, "EMPTY", "");
	env_set(&env, "HOME", "/b=c");
	assert_int_equal(env.n, 3);
	assert_string_equal(env_get(&env, "HOME"), "/b=c");
	assert_string_equal(env_get(&env, "HOMER"), "simpson");
	assert_string_equal(env_get(&env, "EMPTY"), "");
	assert_null(env_get(&env, "HOM"));
	assert_null(env.items[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_list_is_an_empty_argv),
		cmocka_unit_test(words_are_appended_in_order),
		cmocka_unit_test(the_list_ends_with_null_at_every_length),
		cmocka_unit_test(env_set_replaces_and_get_matches_whole_names),
	};

	return cmocka_run_group_tests_name("strv", tests, NULL, NULL);
}
