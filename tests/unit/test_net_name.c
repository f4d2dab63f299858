/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_name.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "abc"

/* clang-format off */
static const struct {
	const char *text, *want; /* NULL: it is no name */
} rows[] = {
	{ "github.com", "github.com" },
	{ "GitHub.COM", "github.com" },
	{ "github.com.", "github.com" },
	{ "GITHUB.COM.", "github.com" },
	{ "localhost", "localhost" },
	{ "LOCALHOST", "localhost" },
	{ "localhost.", "localhost" },
	{ "a", "a" },
	{ "A", "a" },
	{ "a.b.c.d", "a.b.c.d" },
	{ "a-b.com", "a-b.com" },
	{ "a--b.com", "a--b.com" },
	{ "r3---sn-x.example.com", "r3---sn-x.example.com" },
	{ "_dmarc.example.com", "_dmarc.example.com" },
	{ "a_b.example.com", "a_b.example.com" },
	{ "_", "_" },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
	{ "example.xn--p1ai", "example.xn--p1ai" },
	{ "1password.com", "1password.com" },
	{ "127.0.0.1.example.com", "127.0.0.1.example.com" },
	{ "1.1.1.1.com", "1.1.1.1.com" },
	{ "0x7f.com", "0x7f.com" },
	{ "1.a", "1.a" },
	{ "1.a1", "1.a1" },
	{ "x0", "x0" },
	{ "beef", "beef" },
	{ "dead.beef", "dead.beef" },
	{ "x7f000001", "x7f000001" },
	{ L63 ".com", L63 ".com" },
	{ L63 "." L63 "." L63 "." L60 "a", L63 "." L63 "." L63 "." L60 "a" },
	{ L63 "." L63 "." L63 "." L60 "a.", L63 "." L63 "." L63 "." L60 "a" },
	/* too long: a label, the whole */
	{ L63 "d.com", NULL },
	{ L63 "." L63 "." L63 "." L60 "ab", NULL },
	{ L63 "." L63 "." L63 "." L60 "ab.", NULL },
	{ L63 "." L63 "." L63 "." L63 "." L63, NULL },
	/* empty labels */
	{ "", NULL },
	{ ".", NULL },
	{ "..", NULL },
	{ ".com", NULL },
	{ "a..b", NULL },
	{ "a..", NULL },
	{ ".a", NULL },
	{ "...a", NULL },
	/* hyphens at an end of a label */
	{ "-a.com", NULL },
	{ "a-.com", NULL },
	{ "a.-com", NULL },
	{ "a.com-", NULL },
	{ "a.com-.", NULL },
	{ "-", NULL },
	{ "a.-", NULL },
	/* what inet_aton() takes */
	{ "127.0.0.1", NULL },
	{ "127.0.0.1.", NULL },
	{ "127.1", NULL },
	{ "127.0.1", NULL },
	{ "127.", NULL },
	{ "0", NULL },
	{ "0.", NULL },
	{ "1", NULL },
	{ "2130706433", NULL },
	{ "0x7f000001", NULL },
	{ "0X7F000001", NULL },
	{ "0x7f.1", NULL },
	{ "0x7f.0x0.0x0.0x1", NULL },
	{ "0177.0.0.1", NULL },
	{ "017700000001", NULL },
	{ "0x7f.0.0.01", NULL },
	{ "0xa9fea9fe", NULL },
	{ "2852039166", NULL },
	{ "169.254.43518", NULL },
	{ "0251.0376.0251.0376", NULL },
	{ "999.999.999.999", NULL },
	{ "1.2.3.4.5", NULL },
	{ "00000000000127.0.0.1", NULL },
	/* looks like one at its end */
	{ "example.1", NULL },
	{ "example.0x7f", NULL },
	{ "example.127", NULL },
	{ "example.1com", NULL },
	{ "4chan", NULL },
	/* other bytes */
	{ "a b.com", NULL },
	{ " a.com", NULL },
	{ "a.com ", NULL },
	{ "a.com\n", NULL },
	{ "a.com\r\n", NULL },
	{ "\ta.com", NULL },
	{ "a.com%00", NULL },
	{ "a%2ecom", NULL },
	{ "fe80%eth0", NULL },
	{ "a.com:80", NULL },
	{ "a.com/", NULL },
	{ "a/b", NULL },
	{ "a\\b.com", NULL },
	{ "u@a.com", NULL },
	{ "a.com#b", NULL },
	{ "a.com?b", NULL },
	{ "*.a.com", NULL },
	{ "*", NULL },
	{ "a,b", NULL },
	{ "a;b", NULL },
	{ "a'b", NULL },
	{ "a\"b", NULL },
	{ "a$b", NULL },
	{ "a&b", NULL },
	{ "a+b", NULL },
	{ "a=b", NULL },
	{ "a~b", NULL },
	{ "a|b", NULL },
	{ "a(b)", NULL },
	{ "a<b", NULL },
	{ "{a}", NULL },
	{ "[a]", NULL },
	{ "[::1]", NULL },
	{ "::1", NULL },
	{ "::ffff:127.0.0.1", NULL },
	{ "a\x01" "b", NULL },
	{ "a\x7f" "b", NULL },
	{ "a\x80", NULL },
	{ "b\xc3\xbc" "cher.example", NULL },
	{ "a\xe3\x80\x82" "com", NULL },          /* U+3002, a dot to some */
	{ "a\xef\xbc\x8e" "com", NULL },          /* U+FF0E, likewise */
	{ "\xe2\x91\xa0.\xe2\x91\xa0.1.1", NULL }, /* circled digits */
	{ "\xef\xbc\x91" "27.0.0.1", NULL },      /* a wide digit */
	{ "a\xc2\xad" "b.com", NULL },            /* soft hyphen */
	{ "a\xe2\x80\x8b" "b.com", NULL },        /* zero width space */
	{ "\xc4\xb0.com", NULL },                 /* dotted capital I */
	{ "\xe2\x84\xaa.com", NULL },             /* Kelvin sign */
};
/* clang-format on */

static void spellings(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char got[NET_NAME_SIZE] = "";
		int r = net_name_canon(rows[i].text, strlen(rows[i].text), got);
		struct in_addr address;

		if (r != (rows[i].want ? 0 : -22) || strcmp(got, rows[i].want ?: "") != 0)
			fail_msg("row %zu: '%s': got %d '%s', want '%s'", i, rows[i].text, r, got,
				 rows[i].want ?: "none");
		if (r == 0 && inet_aton(got, &address))
			fail_msg("row %zu: '%s' is an address to inet_aton()", i, got);
	}
}

/* The length rules: what follows is not read, and a NUL in it is a byte like others. */
static void lengths(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} cut[] = {
		{ "github.com", 6, "github" },
		{ "github.com", 7, "github" },
		{ "github.com:443", 10, "github.com" },
		{ "a\0b", 3, NULL },
		{ "a\0", 2, NULL },
		{ "\0", 1, NULL },
		{ "github.com\0.evil.example", 24, NULL },
		{ "a", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cut); i++) {
		char got[NET_NAME_SIZE] = "";
		int r = net_name_canon(cut[i].text, cut[i].len, got);

		if (r != (cut[i].want ? 0 : -22) || strcmp(got, cut[i].want ?: "") != 0)
			fail_msg("row %zu: got %d '%s', want '%s'", i, r, got,
				 cut[i].want ?: "none");
	}
}

/* Each byte by itself, and behind a letter. */
static void bytes(void **state)
{
	static const char good[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		char text[] = { 'a', (char)c, 'b' };
		char got[NET_NAME_SIZE];
		bool want = c == '-' || c == '.' || (c && strchr(good, (int)c));

		if ((net_name_canon(text, sizeof(text), got) == 0) != want)
			fail_msg("byte 0x%02x: want %s", c, want ? "a name" : "none");
	}
}

static void names_of_this_machine(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} local[] = {
		{ "localhost", true },
		{ "a.localhost", true },
		{ "a.b.localhost", true },
		{ "", false },
		{ "ocalhost", false },
		{ "notlocalhost", false },
		{ "a.notlocalhost", false },
		{ "localhost.a", false },
		{ "localhost.example.com", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(local); i++)
		if (net_name_is_localhost(local[i].name) != local[i].want)
			fail_msg("'%s': want %d", local[i].name, local[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings),
		cmocka_unit_test(lengths),
		cmocka_unit_test(bytes),
		cmocka_unit_test(names_of_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
