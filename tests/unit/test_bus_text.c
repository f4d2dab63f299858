/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "bus/quota.h"
#include "bus/url.h"

static void lines_are_plain(void **state)
{
	static const struct {
		const char *text, *want;
		size_t max;
	} rows[] = {
		{ "hello", "hello", 64 },
		{ "a\nb\tc\x01\x1b[31m", "a b c[31m", 64 },
		{ "abcdef", "abc", 3 },
		{ "aä", "a", 2 }, /* never half a character */
		{ "aä", "aä", 3 },
		/* NOLINTBEGIN(misc-misleading-bidirectional): that is what is tested */
		{ "x\xe2\x80\xaeyz", "xyz", 64 }, /* U+202E turns what follows around */
		{ "x\xe2\x81\xa6y\xc2\x85\xef\xbb\xbf", "xy", 64 }, /* U+2066, U+0085, U+FEFF */
		/* NOLINTEND(misc-misleading-bidirectional) */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 64 },
		{ "<b>bold</b>", "<b>bold</b>", 64 },
		{ "cut\xe2\x80", "cut", 4 }, /* broken text is read to its end and no further */
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf got = BUF_INIT(256);

		text_line(rows[i].text, rows[i].max, &got);
		assert_string_equal(buf_text(&got), rows[i].want);
	}
}

static void bodies_lose_their_markup(void **state)
{
	static const struct {
		const char *text, *plain, *markup;
	} rows[] = {
		{ "one\ntwo", "one\ntwo", "one\ntwo" },
		{ "<b>bold</b> <I>it</I>", "bold it", "bold it" },
		{ "<a href=\"http://evil/\">your bank</a>", "your bank", "your bank" },
		{ "<img src=\"file:///etc/passwd\" alt=\"x\"/>!", "!", "!" },
		{ "a < b & c > d", "a < b & c > d", "a &lt; b &amp; c &gt; d" },
		{ "a<b & <a href=x>y</a>", "a<b & y", "a&lt;b &amp; y" },
		{ "&lt;a href=x&gt;y", "<a href=x>y", "&lt;a href=x&gt;y" },
		{ "&amp;lt;b&amp;gt;", "&lt;b&gt;", "&amp;lt;b&amp;gt;" },
		{ "<script>x</script>", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;" },
		{ "<<b>b>x", "<b>x", "&lt;b&gt;x" }, /* what is left never is markup */
		{ "\"'", "\"'", "&quot;&apos;" },
		{ "<b", "<b", "&lt;b" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf plain = BUF_INIT(256);
		auto_buf struct buf markup = BUF_INIT(256);

		text_body(rows[i].text, 200, false, &plain);
		text_body(rows[i].text, 200, true, &markup);
		assert_string_equal(buf_text(&plain), rows[i].plain);
		assert_string_equal(buf_text(&markup), rows[i].markup);
	}
}

static void long_bodies_are_cut(void **state)
{
	char text[5001];
	auto_buf struct buf got = BUF_INIT(40000);

	(void)state;
	memset(text, '&', sizeof(text));
	text[5000] = '\0';
	text_body(text, 2000, true, &got);
	assert_int_equal(got.len, 2000 * strlen("&amp;"));
	assert_false(buf_full(&got));
}

static void opens_only_pages(void **state)
{
	static const struct {
		const char *url, *host; /* NULL: refused */
	} rows[] = {
		{ "https://example.com/a?b#c", "example.com" },
		{ "http://example.com", "example.com" },
		{ "HTTPS://Example.com:8443/", "Example.com:8443" },
		{ "http://[::1]:80/", "[::1]:80" },
		{ "https://example.com?x=@y", "example.com" },
		{ "file:///etc/passwd", NULL },
		{ "javascript:alert(1)", NULL },
		{ "ssh://host/", NULL },
		{ "http:/example.com", NULL },
		{ "https:///path", NULL },
		{ "https://", NULL },
		{ " https://example.com", NULL },
		{ "https://google.com@evil.example/", NULL },
		{ "https://evil.example\\@google.com/", NULL },
		{ "https://example.com/a b", NULL },
		{ "https://example.com/\n", NULL },
		{ "https://ex\xc3\xa4mple.com/", NULL },
		{ "https://ex%61mple.com/", NULL },
		{ "", NULL },
	};
	char url[URL_MAX + 32] = "https://example.com/";
	const char *host;
	size_t len;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const char *why = url_refuse(rows[i].url, &host, &len);

		if (!rows[i].host != (why != NULL))
			fail_msg("%s: %s", rows[i].url, why ? why : "opened");
		if (!why) {
			assert_int_equal(len, strlen(rows[i].host));
			assert_memory_equal(host, rows[i].host, len);
		}
	}
	memset(url + strlen(url), 'x', URL_MAX - strlen(url));
	assert_null(url_refuse(url, &host, &len));
	url[URL_MAX] = 'x';
	assert_non_null(url_refuse(url, &host, &len));
}

static void quotas_fill_up_again(void **state)
{
	struct quota r = { .burst = 3, .each_ms = 100 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(quota_take(&r, 5000));
	assert_false(quota_take(&r, 5000));
	assert_false(quota_take(&r, 5099));
	assert_true(quota_take(&r, 5100));
	assert_false(quota_take(&r, 5150));
	assert_true(quota_take(&r, 5200));
	assert_true(quota_take(&r, 99000));
	assert_true(quota_take(&r, 99000));
	assert_true(quota_take(&r, 99000));
	assert_false(quota_take(&r, 99000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_plain),      cmocka_unit_test(bodies_lose_their_markup),
		cmocka_unit_test(long_bodies_are_cut),  cmocka_unit_test(opens_only_pages),
		cmocka_unit_test(quotas_fill_up_again),
	};

	return cmocka_run_group_tests_name("bus_text", tests, NULL, NULL);
}
