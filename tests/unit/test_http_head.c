/* SPDX-License-Identifier: Apache-2.0 */
/* Heads that are refused and heads that are taken, row by row, whole and cut anywhere. */
#include "egress/http_head.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/net_name.h"

#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define HOST "Host: a.example\r\n"
#define CLOSE "Connection: close\r\n"
#define END "\r\n"

#define W_LINE "the first line is not METHOD TARGET VERSION"
#define W_METHOD "the method is not of at most 32 capital letters"
#define W_VERSION "the first line ends in no version of HTTP"
#define W_ONLY "only HTTP/1.0 and HTTP/1.1 are understood"
#define W_BYTES "the target has bytes that no target may have"
#define W_TARGET "the target is neither a path nor http://HOST"
#define W_NO_HOST "the target has no host that can be one"
#define W_CONNECT "the target of CONNECT is not HOST:PORT"
#define W_NO_FIELD "the head has no Host"
#define W_TWO "the head has more than one Host"
#define W_HOST "Host is not HOST or HOST:PORT"
#define W_OTHER "Host is not the host of the target"
#define W_LF "a line of the head ends without CR"
#define W_CR "a CR of the head ends no line"
#define W_FOLD "a field of the head is continued on a new line"
#define W_COLON "a line of the head has no colon"
#define W_NAME "the name of a field is no token"
#define W_ALMOST "a field is named almost like one of framing"
#define W_VALUE "the value of a field has control bytes"
#define W_ONCE "the length of the body is said more than once"
#define W_NUMBER "Content-Length is no plain number"
#define W_LARGE "Content-Length is too large"
#define W_CODING "Transfer-Encoding is not chunked"
#define W_NAMES "Connection names a field that must not be removed"
#define W_TOKENS "Connection is no list of tokens"
#define W_EXPECT "Expect is not 100-continue"

#define REFUSED(status, why, bytes)                   \
	{                                             \
		status, why, bytes, sizeof(bytes) - 1 \
	}
#define TAKEN(form, host, port, path, bytes, written)  \
	{                                              \
		form, host, path, port, bytes, written \
	}

static const struct {
	int status;
	const char *why;
	const char *bytes;
	size_t len;
} refused[] = {
#include "http_rows_refused.h"
};

static const struct {
	enum http_form form;
	const char *host;
	const char *path;
	uint16_t port;
	const char *bytes;
	const char *written;
} taken[] = {
#include "http_rows_accepted.h"
};

static void assert_slice(struct slice got, const char *want, const char *row)
{
	if (got.len != strlen(want) || (got.len > 0 && memcmp(got.at, want, got.len) != 0))
		fail_msg("got '%.*s', want '%s' in:\n%s", (int)got.len, got.at, want, row);
}

static void assert_refused(const char *bytes, size_t len, int status, const char *why)
{
	struct http_head head = { .n_fields = 7 };
	int got = 0, r;
	const char *got_why = "";

	r = http_head_parse(bytes, len, &head, &got, &got_why);
	if (r != -EBADMSG || got != status || strcmp(got_why, why) != 0)
		fail_msg("got %d, %d '%s', want %d '%s' for:\n%.*s", r, got, got_why, status, why,
			 (int)len, bytes);
	assert_int_equal(head.n_fields, 7);
}

/* Cut anywhere a head is incomplete, or refused already in the same way. */
static void what_is_odd_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(refused); i++) {
		struct http_head head;
		int status, r;
		const char *why;

		assert_refused(refused[i].bytes, refused[i].len, refused[i].status, refused[i].why);
		for (size_t len = 0; len < refused[i].len; len++) {
			r = http_head_parse(refused[i].bytes, len, &head, &status, &why);
			if (r != 0)
				assert_refused(refused[i].bytes, len, refused[i].status,
					       refused[i].why);
		}
	}
}

static void parse(const char *bytes, size_t len, struct http_head *head)
{
	int status = 0, r;
	const char *why = "";

	r = http_head_parse(bytes, len, head, &status, &why);
	if (r <= 0)
		fail_msg("got %d, %d '%s' for:\n%s", r, status, why, bytes);
	assert_int_equal(r, len);
}

/* A host in the form in which a caller writes it, see spec/net_name.h. */
static const char *lower(const char *host, char ret[static NET_NAME_SIZE])
{
	return net_name_canon(host, strlen(host), ret) == 0 ? ret : host;
}

static void what_programs_send_is_taken(void **state)
{
	char name[NET_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(taken); i++) {
		auto_buf struct buf b = BUF_INIT(HTTP_HEAD_MAX);
		struct http_head head;

		parse(taken[i].bytes, strlen(taken[i].bytes), &head);
		assert_int_equal(head.form, taken[i].form);
		assert_int_equal(head.port, taken[i].port);
		assert_int_equal(head.host_is_v6, strchr(taken[i].host, ':') != NULL);
		assert_slice(head.host, taken[i].host, taken[i].bytes);
		assert_slice(head.path, taken[i].path, taken[i].bytes);
		if (!taken[i].written)
			continue;
		http_head_write(&head, lower(taken[i].host, name), head.port ? head.port : 80, &b);
		assert_string_equal(buf_text(&b), taken[i].written);
	}
}

static void a_cut_head_is_incomplete(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(taken); i++)
		for (size_t len = 0; len < strlen(taken[i].bytes); len++) {
			struct http_head head;
			int status;
			const char *why;

			assert_int_equal(http_head_parse(taken[i].bytes, len, &head, &status, &why),
					 0);
			assert_true(http_head_looks_like(taken[i].bytes, len));
		}
}

/* Whatever comes behind is not part of the head: a body, another request, a tunnel's bytes. */
static void what_follows_is_left(void **state)
{
	static const char bytes[] = GET HOST END "GET http://b.example/ HTTP/1.1\r\n\n\0";
	struct http_head head;
	int status;
	const char *why;

	(void)state;
	assert_int_equal(http_head_parse(bytes, sizeof(bytes), &head, &status, &why),
			 strlen(GET HOST END));
	assert_slice(head.host, "a.example", bytes);
	assert_int_equal(head.n_fields, 1);
}

static void body_and_upgrade_are_told(void **state)
{
	static const struct {
		const char *bytes;
		bool chunked, length, upgrade, expects;
		uint64_t n;
	} rows[] = {
		{ GET HOST END, .n = 0 },
		{ POST "Content-Length: 0\r\n" END, .length = true },
		{ POST "Content-Length: 17\r\n" END, .length = true, .n = 17 },
		{ POST "Transfer-Encoding: chunked\r\n" END, .chunked = true },
		{ POST "Expect: 100-Continue\r\n" END, .expects = true },
		{ "POST / HTTP/1.0\r\n" HOST "Expect: 100-continue\r\n" END, .n = 0 },
		{ GET HOST "Connection: upgrade\r\nUpgrade: websocket\r\n" END, .upgrade = true },
		{ GET HOST "Connection: upgrade\r\nUpgrade: h2c\r\n" END, .n = 0 },
		{ "GET / HTTP/1.0\r\n" HOST "Connection: upgrade\r\nUpgrade: websocket\r\n" END,
		  .n = 0 },
		{ "CONNECT a.example:80 HTTP/1.1\r\n" HOST
		  "Connection: upgrade\r\nUpgrade: websocket\r\n" END,
		  .n = 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct http_head head;

		parse(rows[i].bytes, strlen(rows[i].bytes), &head);
		assert_int_equal(head.is_chunked, rows[i].chunked);
		assert_int_equal(head.has_length, rows[i].length);
		assert_int_equal(head.wants_upgrade, rows[i].upgrade);
		assert_int_equal(head.expects_continue, rows[i].expects);
		assert_int_equal(head.length, rows[i].n);
	}
}

static void the_host_is_written_as_it_is_given(void **state)
{
	static const struct {
		const char *host, *written;
		uint16_t port;
	} rows[] = {
		{ "other.example", "other.example:8080", 8080 },
		{ "93.184.216.34", "93.184.216.34", 80 },
		{ "2001:db8::1", "[2001:db8::1]", 80 },
		{ "2001:db8::1", "[2001:db8::1]:8080", 8080 },
	};
	static const char bytes[] = GET HOST "X: y\r\n" END;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf b = BUF_INIT(HTTP_HEAD_MAX), wanted = BUF_INIT(HTTP_HEAD_MAX);
		struct http_head head;

		parse(bytes, strlen(bytes), &head);
		http_head_write(&head, rows[i].host, rows[i].port, &b);
		buf_addf(&wanted, GET "Host: %s\r\nX: y\r\nConnection: close\r\n" END,
			 rows[i].written);
		assert_string_equal(buf_text(&b), buf_text(&wanted));
	}
}

/* Bytes of @c for a head that begins with @before. */
static void fill(struct buf *b, const char *before, char c, size_t n)
{
	auto_free char *bytes = malloc(n);

	assert_non_null(bytes);
	memset(bytes, c, n);
	buf_puts(b, before);
	buf_add(b, bytes, n);
}

static void heads_have_an_end(void **state)
{
	auto_buf struct buf line = BUF_INIT(1 << 20), long_line = BUF_INIT(1 << 20),
			    many = BUF_INIT(1 << 20), head = BUF_INIT(1 << 20);
	struct http_head got;

	(void)state;
	fill(&line, GET HOST "X: ", 'x', 32768 - 3);
	buf_puts(&line, "\r\n" END);
	parse(line.data, line.len, &got);
	fill(&long_line, GET HOST "X: ", 'x', 32768 - 2);
	assert_refused(long_line.data, long_line.len, 431, "a line of the head is too long");
	buf_puts(&many, GET HOST);
	for (size_t i = 1; i < HTTP_FIELDS_MAX; i++)
		buf_puts(&many, "X: y\r\n");
	buf_puts(&head, buf_text(&many));
	buf_puts(&many, END);
	parse(many.data, many.len, &got);
	assert_int_equal(got.n_fields, HTTP_FIELDS_MAX);
	buf_puts(&head, "X: y\r\n" END);
	assert_refused(head.data, head.len, 431, "the head has too many fields");
}

static void heads_have_a_size(void **state)
{
	auto_buf struct buf b = BUF_INIT(1 << 20);
	struct http_head got;
	int status;
	const char *why;

	(void)state;
	fill(&b, GET HOST "X: ", 'x', 30000);
	fill(&b, "\r\nX: ", 'x', 30000);
	fill(&b, "\r\nX: ", 'x', HTTP_HEAD_MAX - b.len - 5 - 4);
	assert_int_equal(http_head_parse(b.data, b.len, &got, &status, &why), 0);
	buf_puts(&b, "\r\n\r\n");
	parse(b.data, b.len, &got);
	assert_int_equal(b.len, HTTP_HEAD_MAX);
	b.data[b.len - 4] = 'x';
	memcpy(b.data + b.len - 3, "\r\nX", 3);
	buf_puts(&b, ": y\r\n\r\n");
	assert_refused(b.data, HTTP_HEAD_MAX, 431, "the head is too long");
	assert_refused(b.data, b.len, 431, "the head is too long");
}

static void other_protocols_do_not_look_like_it(void **state)
{
	static const struct {
		const char *bytes;
		bool want;
	} rows[] = {
		{ "", true },
		{ "G", true },
		{ "GE", true },
		{ "GET", true },
		{ "GET ", true },
		{ "GET /", true },
		{ "GET h", true },
		{ "GET H", true },
		{ "GET ht", true },
		{ "GET HTTPS:", true },
		{ "GET http://", true },
		{ "EHLO home.example\r\n", false },
		{ "USER harry", false },
		{ "GET hx", false },
		{ "GET https:/", true },
		{ "GET http://a/ HTTP/1.1\r\n", true },
		{ "EHLO host", false },
		{ "USER henry\r\n", false },
		{ "NICK https\r\n", false },
		{ "OPTIONS *", true },
		{ "CONNECT a", true },
		{ "CONNECT 1", true },
		{ "CONNECT [", true },
		{ "PRI", true },
		{ "PRI ", false },
		{ "PRI * HTTP/2.0\r\n", false },
		{ "\x16\x03\x01", false },
		{ "SSH", true },
		{ "SSH-", true },
		{ "SSH-2", false },
		{ "get", false },
		{ "GET\r", false },
		{ "GET\t", false },
		{ "GET  ", false },
		{ "GET x", false },
		{ "GET ?", false },
		{ "CONNECT *", false },
		{ "CONNECT /", false },
		{ "CONNECT ", true },
		{ "\r\n", false },
		{ " ", false },
		{ "*1\r\n", false },
		{ "QUIT\r\n", false },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDE", true },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEF", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (http_head_looks_like(rows[i].bytes, strlen(rows[i].bytes)) != rows[i].want)
			fail_msg("want %d for '%s'", rows[i].want, rows[i].bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_odd_is_refused),
		cmocka_unit_test(what_programs_send_is_taken),
		cmocka_unit_test(a_cut_head_is_incomplete),
		cmocka_unit_test(what_follows_is_left),
		cmocka_unit_test(body_and_upgrade_are_told),
		cmocka_unit_test(the_host_is_written_as_it_is_given),
		cmocka_unit_test(heads_have_an_end),
		cmocka_unit_test(heads_have_a_size),
		cmocka_unit_test(other_protocols_do_not_look_like_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
