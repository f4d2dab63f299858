/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wire_walls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/auto.h"

static const char filter[24] = "not a filter, but bytes";

static struct wire_rule rules[] = {
	{ .access = 0x400c, .path = "/", .fd = 7 },
	{ .access = UINT64_MAX, .path = "/home/a b\nc", .fd = -1 },
	{ .access = 0, .path = "/x" },
};

static struct wire_limit limits[] = {
	{ RLIMIT_NOFILE, 1024, 4096 },
	{ RLIMIT_NPROC, RLIM_INFINITY, RLIM_INFINITY },
};

static const struct wire_walls full = {
	.filter = filter,
	.filter_size = sizeof(filter),
	.landlock = { .fs = 0xffff,
		      .scoped = 3,
		      .flags = 4,
		      .rules = rules,
		      .n_rules = N_ELEMENTS(rules) },
	.limits = limits,
	.n_limits = N_ELEMENTS(limits),
};

static void comes_back_as_it_was(void **state)
{
	struct wire_walls got;
	size_t size;
	auto_free void *block = wire_walls_pack(&full, &size);

	(void)state;
	assert_int_equal(wire_walls_unpack(block, size, &got), 0);
	assert_int_equal(got.filter_size, sizeof(filter));
	assert_memory_equal(got.filter, filter, sizeof(filter));
	assert_int_equal(got.landlock.fs, 0xffff);
	assert_int_equal(got.landlock.scoped, 3);
	assert_int_equal(got.landlock.flags, 4);
	assert_int_equal(got.landlock.n_rules, N_ELEMENTS(rules));
	for (size_t i = 0; i < N_ELEMENTS(rules); i++) {
		assert_int_equal(got.landlock.rules[i].access, rules[i].access);
		assert_string_equal(got.landlock.rules[i].path, rules[i].path);
		assert_int_equal(got.landlock.rules[i].fd,
				 -1); /* a number means nothing elsewhere */
	}
	assert_int_equal(got.n_limits, N_ELEMENTS(limits));
	for (size_t i = 0; i < N_ELEMENTS(limits); i++) {
		assert_int_equal(got.limits[i].resource, limits[i].resource);
		assert_int_equal(got.limits[i].soft, limits[i].soft);
		assert_int_equal(got.limits[i].hard, limits[i].hard);
	}
	wire_walls_done(&got);
	assert_null(got.limits);
}

static void nothing_comes_back_as_nothing(void **state)
{
	const struct wire_walls none = { 0 };
	struct wire_walls got;
	size_t size;
	auto_free void *block = wire_walls_pack(&none, &size);

	(void)state;
	assert_int_equal(wire_walls_unpack(block, size, &got), 0);
	assert_int_equal(got.filter_size, 0);
	assert_int_equal(got.landlock.n_rules, 0);
	assert_int_equal(got.n_limits, 0);
	wire_walls_done(&got);
}

/* In a block of its own each time, so that a sanitizer sees a byte too far. */
static int unpack_copy(const void *block, size_t size, struct wire_walls *ret)
{
	auto_free void *copy = malloc(size + 1);
	int r;

	memcpy(copy, block, size);
	copy = realloc(copy, size ? size : 1);
	r = wire_walls_unpack(copy, size, ret);
	if (r == 0)
		wire_walls_done(ret);
	return r;
}

static void a_torn_block_is_refused(void **state)
{
	struct wire_walls got = { .n_limits = 77 };
	size_t size;
	auto_free char *block = wire_walls_pack(&full, &size);
	auto_free char *longer = calloc(size + 1, 1);

	(void)state;
	for (size_t n = 0; n < size; n++)
		assert_int_equal(unpack_copy(block, n, &got), -EBADMSG);
	assert_int_equal(got.n_limits, 77); /* untouched by a failure */
	memcpy(longer, block, size);
	assert_int_equal(unpack_copy(longer, size + 1, &got), -EBADMSG);
}

/* Counts that would be more than the block, or more than memory. */
static void a_lie_in_the_head_is_refused(void **state)
{
	struct wire_walls got;
	size_t size;
	auto_free char *block = wire_walls_pack(&full, &size);

	(void)state;
	for (size_t word = 1; word < 4; word++)
		for (uint32_t lie = 0; lie < 3; lie++) {
			static const uint32_t lies[] = { 0, 1000, UINT32_MAX };
			auto_free char *copy = malloc(size);

			memcpy(copy, block, size);
			memcpy(copy + 4 * word, &lies[lie], sizeof(lies[lie]));
			assert_int_equal(unpack_copy(copy, size, &got), -EBADMSG);
		}
	block[0] ^= 1;
	assert_int_equal(unpack_copy(block, size, &got), -EBADMSG);
}

static void a_relative_path_is_refused(void **state)
{
	struct wire_rule one = { .access = 1, .path = "etc" };
	const struct wire_walls w = { .landlock = { .rules = &one, .n_rules = 1 } };
	struct wire_walls got;
	size_t size;
	auto_free void *block = wire_walls_pack(&w, &size);

	(void)state;
	assert_int_equal(unpack_copy(block, size, &got), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(nothing_comes_back_as_nothing),
		cmocka_unit_test(a_torn_block_is_refused),
		cmocka_unit_test(a_lie_in_the_head_is_refused),
		cmocka_unit_test(a_relative_path_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
