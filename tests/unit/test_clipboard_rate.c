/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void nothing_wanted(void **state)
{
	struct rate r = { 0 };

	(void)state;
	assert_int_equal(rate_left(&r, 1000), -1);
	assert_false(rate_take(&r, 1000));
}

static void the_first_at_once(void **state)
{
	struct rate r = { 0 };

	(void)state;
	rate_want(&r);
	assert_int_equal(rate_left(&r, 1000), 0);
	assert_true(rate_take(&r, 1000));
	assert_false(rate_take(&r, 1000));
	rate_want(&r);
	assert_int_equal(rate_left(&r, 1000), RATE_LEAST_MS);
	assert_false(rate_take(&r, 1000 + RATE_LEAST_MS - 1));
	assert_true(rate_take(&r, 1000 + RATE_LEAST_MS));
}

/* One who copies by hand never waits. */
static void at_leisure(void **state)
{
	struct rate r = { 0 };

	(void)state;
	for (int64_t now = 1000; now < 20000; now += 500) {
		rate_want(&r);
		assert_true(rate_take(&r, now));
	}
}

/* A circle answers every change with another, without end. */
static void a_circle(void **state)
{
	struct rate r = { 0 };
	unsigned n = 0;

	(void)state;
	for (int64_t now = 1000; now < 61000; now++) {
		rate_want(&r);
		n += rate_take(&r, now);
	}
	assert_in_range(n, 12, 24);
	/* The last one is not lost. */
	rate_want(&r);
	assert_in_range(rate_left(&r, 61000), 0, RATE_MOST_MS);
	assert_true(rate_take(&r, 61000 + RATE_MOST_MS));
	/* And after a rest all is as before. */
	rate_want(&r);
	assert_true(rate_take(&r, 161000));
	rate_want(&r);
	assert_int_equal(rate_left(&r, 161000), RATE_LEAST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wanted),
		cmocka_unit_test(the_first_at_once),
		cmocka_unit_test(at_leisure),
		cmocka_unit_test(a_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
