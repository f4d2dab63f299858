/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that a lax server takes for a request, whole and byte by byte. */
#include "egress/http_lax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define ROW(bytes, want)                       \
	{                                      \
		bytes, sizeof(bytes) - 1, want \
	}

static const struct {
	const char *bytes;
	size_t len;
	enum http_lax want;
} rows[] = {
	ROW("", HTTP_LAX_MORE),
	ROW("\r\n", HTTP_LAX_MORE),
	ROW("\r\n\r\n \t", HTTP_LAX_MORE),
	ROW("\r\nGET / HTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW(" GET / HTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("GET  / HTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("GET\t/\tHTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("GET\v/\fHTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("GET\xa0/\xa0HTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("GET\x1f/\x1cHTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("get / http/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("G(T / HTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("GET x://b.example/ HTTP/1.1\r\n", HTTP_LAX_REQUEST),
	ROW("PRI * HTTP/2.0\r\n", HTTP_LAX_REQUEST),
	ROW("x\rGET / HTTP/1.1\r", HTTP_LAX_REQUEST),
	ROW("GET / H HTTHTTP/ HTTP/", HTTP_LAX_REQUEST),
	ROW("GET / HTTP", HTTP_LAX_MORE),
	ROW("GET /x\r\n HTTP/1.1\r\n", HTTP_LAX_NONE),
	ROW("HTTP/1.1 200 OK\r\n", HTTP_LAX_NONE),
	ROW("SSH-2.0-x\r\n", HTTP_LAX_NONE),
	ROW("EHLO host.example\r\n", HTTP_LAX_NONE),
	ROW("OPTIONS rtsp://a RTSP/1.0\r\n", HTTP_LAX_NONE),
	ROW("GET /xHTTP/1.1\n", HTTP_LAX_NONE),
	ROW("\0\0\0\x08 HTTP/1.1", HTTP_LAX_NONE),
	ROW("hello\1", HTTP_LAX_NONE),
	ROW("hello", HTTP_LAX_MORE),
};

static void lines_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct http_lax_line whole = { 0 }, cut = { 0 };
		enum http_lax r = HTTP_LAX_MORE;

		if (http_lax_feed(&whole, rows[i].bytes, rows[i].len) != rows[i].want)
			fail_msg("want %d for row %zu '%s'", rows[i].want, i, rows[i].bytes);
		for (size_t k = 0; k < rows[i].len && r == HTTP_LAX_MORE; k++)
			r = http_lax_feed(&cut, rows[i].bytes + k, 1);
		if (r != rows[i].want)
			fail_msg("cut: want %d for row %zu '%s'", rows[i].want, i, rows[i].bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines_are_told_apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
