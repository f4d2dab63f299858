/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"

struct row {
	const char *text;
	uint64_t min, max;
	int want;
	uint64_t value;
	const char *msg;
};

static void check(int (*parse)(const char *, uint64_t, uint64_t, uint64_t *, struct err *),
		  const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		struct err e = { 0 };
		uint64_t value = 12345;

		assert_int_equal(parse(row->text, row->min, row->max, &value, &e), row->want);
		assert_int_equal(e.code, row->want);
		assert_string_equal(e.msg, row->msg ? row->msg : "");
		/* Written on success only. */
		assert_int_equal(value, row->want < 0 ? 12345 : row->value);
	}
}

#define NO_NUMBER(t) "'" t "' is not a whole number from 1 to 64"
#define OUT_OF_RANGE(t) "'" t "' is out of range: a whole number from 1 to 64"

static void uint_rows(void **state)
{
	static const struct row rows[] = {
		{ "1", 1, 64, 0, 1, NULL },
		{ "64", 1, 64, 0, 64, NULL },
		{ "007", 1, 64, 0, 7, NULL },
		{ "0", 0, 0, 0, 0, NULL },
		{ "18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX, NULL },
		{ "0", 1, 64, -ERANGE, 0, OUT_OF_RANGE("0") },
		{ "65", 1, 64, -ERANGE, 0, OUT_OF_RANGE("65") },
		{ "18446744073709551617", 1, 64, -ERANGE, 0, OUT_OF_RANGE("18446744073709551617") },
		{ "184467440737095516160", 1, 64, -ERANGE, 0,
		  OUT_OF_RANGE("184467440737095516160") },
		{ "18446744073709551616", 0, UINT64_MAX, -ERANGE, 0,
		  "'18446744073709551616' is out of range: a whole number from 0 to "
		  "18446744073709551615" },
		{ "", 1, 64, -EINVAL, 0, NO_NUMBER("") },
		{ "-1", 1, 64, -EINVAL, 0, NO_NUMBER("-1") },
		{ "+1", 1, 64, -EINVAL, 0, NO_NUMBER("+1") },
		{ " 1", 1, 64, -EINVAL, 0, NO_NUMBER(" 1") },
		{ "1 ", 1, 64, -EINVAL, 0, NO_NUMBER("1 ") },
		{ "0x1", 1, 64, -EINVAL, 0, NO_NUMBER("0x1") },
		{ "1.5", 1, 64, -EINVAL, 0, NO_NUMBER("1.5") },
		{ "99999999999999999999x", 1, 64, -EINVAL, 0, NO_NUMBER("99999999999999999999x") },
	};

	(void)state;
	check(parse_uint, rows, N_ELEMENTS(rows));
}

#define NO_SIZE(t) "'" t "' is not a size from 64M to 8192M, such as 512M, 4G or 1T"
#define SIZE_PAST(t) "'" t "' is out of range: a size from 64M to 8192M"

static void size_rows(void **state)
{
	static const struct row rows[] = {
		{ "4096", 64, 8192, 0, 4096, NULL },
		{ "512M", 64, 8192, 0, 512, NULL },
		{ "8G", 64, 8192, 0, 8192, NULL },
		{ "1T", 64, 1 << 20, 0, 1 << 20, NULL },
		{ "63", 64, 8192, -ERANGE, 0, SIZE_PAST("63") },
		{ "9G", 64, 8192, -ERANGE, 0, SIZE_PAST("9G") },
		{ "1T", 64, 8192, -ERANGE, 0, SIZE_PAST("1T") },
		{ "17592186044417T", 64, 8192, -ERANGE, 0, SIZE_PAST("17592186044417T") },
		{ "99999999999999999999", 64, 8192, -ERANGE, 0, SIZE_PAST("99999999999999999999") },
		{ "", 64, 8192, -EINVAL, 0, NO_SIZE("") },
		{ "M", 64, 8192, -EINVAL, 0, NO_SIZE("M") },
		{ "4g", 64, 8192, -EINVAL, 0, NO_SIZE("4g") },
		{ "4K", 64, 8192, -EINVAL, 0, NO_SIZE("4K") },
		{ "4GB", 64, 8192, -EINVAL, 0, NO_SIZE("4GB") },
		{ "4 G", 64, 8192, -EINVAL, 0, NO_SIZE("4 G") },
		{ "-4G", 64, 8192, -EINVAL, 0, NO_SIZE("-4G") },
		{ "1.5G", 64, 8192, -EINVAL, 0, NO_SIZE("1.5G") },
	};

	(void)state;
	check(parse_size_mib, rows, N_ELEMENTS(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uint_rows),
		cmocka_unit_test(size_rows),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
