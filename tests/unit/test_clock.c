/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/auto.h"

static void prints_utc_to_the_millisecond(void **state)
{
	static const struct {
		int64_t epoch_ms;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 999, "1970-01-01T00:00:00.999Z" },
		{ 1738314307042, "2025-01-31T09:05:07.042Z" },
		{ 1709164800005, "2024-02-29T00:00:00.005Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ INT64_MAX, "292278994-08-17T07:12:55.807Z" },
	};

	(void)state;
	/* Wherever the caller lives. */
	assert_int_equal(setenv("TZ", "America/St_Johns", 1), 0);
	tzset();
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char got[CLOCK_TEXT_SIZE];

		clock_print(rows[i].epoch_ms, got);
		assert_string_equal(got, rows[i].text);
	}
}

static void the_date_is_that_of_others(void **state)
{
	const int64_t before_ms = (int64_t)time(NULL) * 1000;
	const int64_t now_ms = clock_epoch_ms();

	(void)state;
	assert_in_range(now_ms, before_ms, before_ms + 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_utc_to_the_millisecond),
		cmocka_unit_test(the_date_is_that_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
