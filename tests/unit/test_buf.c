/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/hash.h"
#include "base/proc.h"

struct row {
	const char *in, *want;
};

static void check(void (*add)(struct buf *, const char *), const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_buf struct buf b = BUF_INIT(1000);

		add(&b, rows[i].in);
		assert_string_equal(buf_text(&b), rows[i].want);
		assert_int_equal(b.len, strlen(rows[i].want));
		assert_false(buf_full(&b));
	}
}

static void it_grows_and_stays_terminated(void **state)
{
	auto_buf struct buf b = BUF_INIT(100000);

	(void)state;
	assert_string_equal(buf_text(&b), "");
	buf_puts(&b, "");
	assert_null(b.data);
	for (size_t i = 0; i < 10000; i++) {
		buf_addf(&b, "%zu", i % 10);
		assert_int_equal(b.len, i + 1);
		assert_int_equal(b.data[b.len], 0);
		assert_true(b.cap > b.len);
	}
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 10003);
	assert_memory_equal(b.data + 9998, "89a\0b", 6);
	buf_done(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 100000);
	buf_puts(&b, "again");
	assert_string_equal(buf_text(&b), "again");
}

static void past_the_maximum_is_dropped_and_remembered(void **state)
{
	auto_buf struct buf b = BUF_INIT(5);
	auto_buf struct buf none = BUF_INIT(0);
	auto_buf struct buf endless = BUF_INIT(SIZE_MAX);

	(void)state;
	buf_puts(&b, "12345");
	assert_false(buf_full(&b));
	buf_puts(&b, "");
	assert_false(buf_full(&b));
	buf_puts(&b, "6");
	assert_true(buf_full(&b));
	assert_string_equal(buf_text(&b), "12345");
	buf_done(&b);
	assert_false(buf_full(&b));
	buf_addf(&b, "%s", "abcdefgh");
	assert_true(buf_full(&b));
	assert_string_equal(buf_text(&b), "abcde");
	buf_puts(&none, "x");
	assert_true(buf_full(&none));
	assert_string_equal(buf_text(&none), "");
	buf_puts(&endless, "x");
	assert_false(buf_full(&endless));
}

static void json_escapes(void **state)
{
	static const struct row rows[] = {
		{ "", "\"\"" },
		{ "plain /text", "\"plain /text\"" },
		{ "say \"hi\" \\", "\"say \\\"hi\\\" \\\\\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		  "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "a\xc3", "\"a\xef\xbf\xbd\"" },               /* cut off */
		{ "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* cut off */
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* overlong */
		{ "\xe0\x9f\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* surrogate */
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xc3\"", "\"\xef\xbf\xbd\\\"\"" }, /* the quote is not swallowed */
	};

	(void)state;
	check(buf_json, rows, N_ELEMENTS(rows));
}

static const struct row shell_rows[] = {
	{ "", "''" },
	{ "/usr/bin/x-1.2_3", "/usr/bin/x-1.2_3" },
	{ "A=b,c:d@e%f+g", "A=b,c:d@e%f+g" },
	{ "two words", "'two words'" },
	{ "~", "'~'" },
	{ "$HOME", "'$HOME'" },
	{ "it's", "'it'\\''s'" },
	{ "'", "''\\'''" },
	{ "a\\b", "'a\\b'" },
	{ "gr\xc3\xbcn", "'gr\xc3\xbcn'" },
	{ "a\nb1", "$'a\\012b1'" },
	{ "it's\t\\", "$'it\\'s\\011\\\\'" },
	{ "\x1b[31m", "$'\\033[31m'" },
	{ "\x7f", "$'\\177'" },
	{ "\xc2\x9b", "$'\\302\\233'" },
	{ "\xff"
	  "7",
	  "$'\\3777'" },
};

static void shell_quotes_where_it_must(void **state)
{
	(void)state;
	check(buf_shell, shell_rows, N_ELEMENTS(shell_rows));
}

static void bash_reads_back_what_was_quoted(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(shell_rows); i++) {
		static const char *const env[] = { "LC_ALL=C", NULL };
		auto_buf struct buf script = BUF_INIT(1000);
		auto_free char *text = NULL;
		struct err e = { 0 };
		int status = -1;

		buf_puts(&script, "printf %s ");
		buf_shell(&script, shell_rows[i].in);
		const char *const argv[] = { "/bin/bash", "-c", buf_text(&script), NULL };
		const struct cmd cmd = { .argv = argv, .envp = env };

		assert_int_equal(proc_output(&cmd, 1000, 30000, &text, &status, &e), 0);
		assert_int_equal(status, 0);
		assert_string_equal(text, shell_rows[i].in);
	}
}

static void visible_shows_what_a_terminal_would_obey(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "plain \\ 'text'", "plain \\ 'text'" },
		{ "\x1b]0;x\a\n", "\\x1b]0;x\\x07\\x0a" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m" },        /* C1: CSI */
		{ "\xc2\xa0", "\xc2\xa0" }, /* no longer C1 */
		{ "\x9b", "\\x9b" },
		{ "\xe2\x82\xac\xe2\x82", "\xe2\x82\xac\\xe2\\x82" },
	};

	(void)state;
	check(buf_visible, rows, N_ELEMENTS(rows));
}

/* FIPS 180-2, appendix B. */
static void sha256_of_known_texts(void **state)
{
	static const struct row rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	};
	char hex[HASH_HEX_SIZE];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		hash_hex(rows[i].in, strlen(rows[i].in), hex);
		assert_string_equal(hex, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_and_stays_terminated),
		cmocka_unit_test(past_the_maximum_is_dropped_and_remembered),
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(shell_quotes_where_it_must),
		cmocka_unit_test(bash_reads_back_what_was_quoted),
		cmocka_unit_test(visible_shows_what_a_terminal_would_obey),
		cmocka_unit_test(sha256_of_known_texts),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
