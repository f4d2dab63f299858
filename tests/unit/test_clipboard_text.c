/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define BYTES(text) (text), sizeof(text) - 1

struct row {
	const char *bytes;
	size_t len;
	const char *want;
};

typedef void (*change_fn)(const char *bytes, size_t len, struct buf *ret);

static void check(change_fn change, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_buf struct buf b = BUF_INIT(1024);

		change(rows[i].bytes, rows[i].len, &b);
		assert_string_equal(buf_text(&b), rows[i].want);
		assert_int_equal(b.len, strlen(rows[i].want));
	}
}

static void what_may_pass(void **state)
{
	static const struct row rows[] = {
		{ BYTES(""), "" },
		{ BYTES("plain ~ text"), "plain ~ text" },
		{ BYTES("a\tb\nc\n"), "a\tb\nc\n" },
		{ BYTES("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f" },
		{ BYTES("\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"),
		  "\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf" },
		{ BYTES("\xc2\xa0"), "\xc2\xa0" }, /* the first after C1 */
	};

	(void)state;
	check(text_clean, rows, N_ELEMENTS(rows));
}

static void what_may_not(void **state)
{
	static const struct row rows[] = {
		{ BYTES("a\0b"), "ab" },
		{ BYTES("\033[201~rm\r"), "[201~rm" },
		{ BYTES("one\r\ntwo\r"), "one\ntwo" },
		{ BYTES("\x01\x07\x08\x0b\x0c\x1f\x7f"), "" },
		{ BYTES("a\xc2\x80\xc2\x9b"
			"2J\xc2\x9f"),
		  "a2J" },
		{ BYTES("\x9b\xff\xfe\x80"), "" },
		{ BYTES("\xc0\x9b\xc1\xbf"), "" },             /* longer than they need to be */
		{ BYTES("\xe0\x80\x9b\xf0\x80\x80\x9b"), "" }, /* the same */
		{ BYTES("\xed\xa0\x80\xed\xbf\xbf"), "" },     /* surrogates */
		{ BYTES("\xf4\x90\x80\x80\xf5\x80\x80\x80"), "" },
		{ BYTES("x\xc3"), "x" }, /* cut off */
		{ BYTES("x\xe2\x82y"), "xy" },
		{ BYTES("\xc2\033\x9b"), "" }, /* no control character comes of what is left */
		{ BYTES("\xc2\xff\x9b"), "" },
	};

	(void)state;
	check(text_clean, rows, N_ELEMENTS(rows));
}

static void too_much_is_told(void **state)
{
	auto_buf struct buf b = BUF_INIT(4);

	(void)state;
	text_clean(BYTES("abcd"), &b);
	assert_false(buf_full(&b));
	text_clean(BYTES("e"), &b);
	assert_true(buf_full(&b));
}

static void latin1(void **state)
{
	static const struct row from[] = {
		{ BYTES("a\xfc\xff\x80"), "a\xc3\xbc\xc3\xbf\xc2\x80" },
	};
	static const struct row to[] = {
		{ BYTES("a\xc3\xbc\xc3\xbf"), "a\xfc\xff" },
		{ BYTES("\xe2\x82\xac!\xc4\x80"), "?!?" },
	};

	(void)state;
	check(text_of_latin1, from, N_ELEMENTS(from));
	check(text_to_latin1, to, N_ELEMENTS(to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_pass),
		cmocka_unit_test(what_may_not),
		cmocka_unit_test(too_much_is_told),
		cmocka_unit_test(latin1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
