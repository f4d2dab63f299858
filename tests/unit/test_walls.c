/* SPDX-License-Identifier: Apache-2.0 */
#include "run/walls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/wire_walls.h"
#include "run/seccomp.h"

/* What was compiled with the program is what would be compiled now. */
static void prebuilt_filters_are_the_table(void **state)
{
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++) {
		const struct seccomp_policy policy = { .rules = seccomp_base,
						       .relax = relax,
						       .extra = STRV_INIT(&a) };
		const void *prebuilt;
		size_t prebuilt_size;
		struct err e;
		void *bpf;
		size_t size;

		assert_int_equal(seccomp_compile(&policy, &a, &bpf, &size, &e), 0);
		assert_int_equal(walls_filter(&policy, &a, &prebuilt, &prebuilt_size, &e), 0);
		assert_ptr_equal(prebuilt, walls_prebuilt[relax].code);
		assert_int_equal(prebuilt_size, size);
		assert_memory_equal(prebuilt, bpf, size);
	}
}

static void names_of_the_user_are_compiled(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct seccomp_policy policy = { .rules = seccomp_base, .extra = STRV_INIT(&a) };
	const void *filter;
	struct err e = { 0 };
	size_t size;

	(void)state;
	strv_add(&policy.extra, "uname");
	assert_int_equal(walls_filter(&policy, &a, &filter, &size, &e), 0);
	assert_ptr_not_equal(filter, walls_prebuilt[0].code);
	strv_add(&policy.extra, "frobnicate");
	assert_int_equal(walls_filter(&policy, &a, &filter, &size, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "'frobnicate'"));
}

static void a_spec_travels(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct landlock_rule rules[] = { { "/", LANDLOCK_READ }, { "/p", LANDLOCK_WRITE } };
	const struct spec s = {
		.seccomp = { .rules = seccomp_base,
			     .relax = SECCOMP_TRACE,
			     .extra = STRV_INIT(&a) },
		.landlock = { .abi = 2, .fs = 0x3fff, .rules = rules, .n_rules = 2 },
	};
	struct wire_walls walls;
	struct err e = { 0 };
	void *block = NULL;
	size_t size;

	(void)state;
	assert_int_equal(walls_pack(&s, false, &a, &block, &size, &e), 0);
	assert_int_equal(wire_walls_unpack(block, size, &walls), 0);
	assert_int_equal(walls.filter_size, walls_prebuilt[SECCOMP_TRACE].size);
	assert_int_equal(walls.landlock.fs, 0x3fff);
	assert_int_equal(walls.landlock.n_rules, 2);
	assert_string_equal(walls.landlock.rules[1].path, "/p");
	assert_int_equal(walls.landlock.rules[1].access,
			 landlock_rights(&s.landlock, LANDLOCK_WRITE));
	wire_walls_done(&walls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prebuilt_filters_are_the_table),
		cmocka_unit_test(names_of_the_user_are_compiled),
		cmocka_unit_test(a_spec_travels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
