/* SPDX-License-Identifier: Apache-2.0 */
/* Where a body ends, and chunks that could end elsewhere for somebody else. */
#include "egress/http_head.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

/* In pieces of @piece bytes; what belongs to the body, or an error. */
static ssize_t feed(const struct http_head *head, const char *bytes, size_t len, size_t piece,
		    bool *ret_done)
{
	struct http_body body;
	size_t n = 0;

	http_body_init(&body, head);
	*ret_done = false;
	for (size_t at = 0; at < len; at += piece) {
		size_t part = len - at < piece ? len - at : piece;
		ssize_t r = http_body_feed(&body, bytes + at, part, ret_done);

		if (r < 0)
			return r;
		n += (size_t)r;
		if (*ret_done)
			break;
		assert_int_equal(r, part);
	}
	return (ssize_t)n;
}

#define CHUNKS(want, done, bytes)                    \
	{                                            \
		bytes, sizeof(bytes) - 1, want, done \
	}
#define WHOLE(bytes) CHUNKS(sizeof(bytes) - 1, true, bytes)
#define PART(bytes) CHUNKS(sizeof(bytes) - 1, false, bytes)
#define ODD(bytes) CHUNKS(-EBADMSG, false, bytes)

/* clang-format off */
static const struct {
	const char *bytes;
	size_t len;
	ssize_t want;
	bool done;
} chunks[] = {
	WHOLE("0\r\n\r\n"), WHOLE("1\r\nx\r\n0\r\n\r\n"), WHOLE("2\r\n\r\n\r\n0\r\n\r\n"),
	WHOLE("A\r\n0123456789\r\n0\r\n\r\n"), WHOLE("a\r\n0123456789\r\n1\r\n\0\r\n0\r\n\r\n"),
	WHOLE("10\r\n0123456789abcdef\r\n0\r\n\r\n"), WHOLE("5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
	CHUNKS(5, true, "0\r\n\r\nGET / HTTP/1.1\r\n"), CHUNKS(5, true, "0\r\n\r\n\r\n"),
	PART(""), PART("1"), PART("1\r"), PART("1\r\n"), PART("1\r\nx"), PART("1\r\nx\r"), PART("1\r\nx\r\n"),
	PART("0"), PART("0\r"), PART("0\r\n"), PART("0\r\n\r"), PART("fffffffffffff\r\nx"),
	PART("1000000000000000\r\nx"), /* 2^60 */

	ODD("1000000000000001\r\n"), ODD("ffffffffffffffff\r\n"), ODD("10000000000000000\r\n"),
	ODD("10000000000000001\r\nx\r\n"), ODD("00000000000000001\r\nx\r\n"),
	ODD("01\r\nx\r\n"), ODD("00\r\n\r\n"), ODD("000\r\n\r\n"),
	ODD("0x1\r\nx\r\n"), ODD("0X1\r\n"), ODD("x1\r\n"), ODD("+1\r\nx\r\n"), ODD("-1\r\n"), ODD("-0\r\n\r\n"),
	ODD(" 1\r\nx\r\n"), ODD("1 \r\nx\r\n"), ODD("\t1\r\n"), ODD("1\t\r\n"), ODD("1_0\r\n"), ODD("1.0\r\n"),
	ODD("g\r\n"), ODD("1h\r\n"), ODD("1L\r\n"), ODD("\"1\"\r\n"), ODD("1,1\r\n"), ODD("1\0\r\n"),
	ODD("\xd9\xa1\r\nx\r\n"), ODD("\r\n"), ODD("\r\n0\r\n\r\n"), ODD("\n"), ODD("\0"),
	ODD("1;\r\nx\r\n"), ODD("1;a=b\r\nx\r\n"), ODD("1;a=\"\r\n\"\r\n"), ODD("0;x\r\n\r\n"), ODD("1;\nx\r\n"),
	ODD("1\nx\r\n"), ODD("1\rx\r\n"), ODD("1\r\r\nx\r\n"), ODD("1\n\rx\r\n"), ODD("1\r\nx\n"), ODD("1\r\nx0\r\n\r\n"),
	ODD("1\r\nxy\r\n"), ODD("1\r\nx\rx"), ODD("1\r\nx\r\r\n"), ODD("1\r\nx\r\n\r\n"), ODD("2\r\nx\r\n0\r\n\r\n"),
	ODD("0\n\n"), ODD("0\r\n\n"), ODD("0\r\n\r\r"), ODD("0\r\nX: y\r\n\r\n"), ODD("0\r\n0\r\n\r\n"),
	ODD("0\r\nContent-Length: 5\r\n\r\n"),
};
/* clang-format on */

static void chunks_are_read_in_one_way(void **state)
{
	static const struct http_head head = { .is_chunked = true };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(chunks); i++)
		for (size_t piece = 1; piece <= chunks[i].len + 1; piece++) {
			bool done;
			ssize_t n = feed(&head, chunks[i].bytes, chunks[i].len, piece, &done);

			if (n != chunks[i].want || done != chunks[i].done)
				fail_msg("got %zd, %d, want %zd, %d in pieces of %zu of '%s'", n,
					 done, chunks[i].want, chunks[i].done, piece,
					 chunks[i].bytes);
		}
}

static void a_length_is_counted(void **state)
{
	static const struct {
		uint64_t length;
		const char *bytes;
		ssize_t want;
		bool done;
	} rows[] = {
		{ 1, "x", 1, true },        { 1, "xy", 1, true },
		{ 3, "\r\n\r\n", 3, true }, { 5, "0\r\n\r\n", 5, true },
		{ 5, "1234", 4, false },    { UINT64_C(1) << 60, "x", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		for (size_t piece = 1; piece <= 6; piece++) {
			struct http_head head = { .has_length = true, .length = rows[i].length };
			bool done;

			assert_int_equal(
				feed(&head, rows[i].bytes, strlen(rows[i].bytes), piece, &done),
				rows[i].want);
			assert_int_equal(done, rows[i].done);
		}
}

/* A request without a body is done before anything came, and stays so. */
static void no_body_is_done_at_once(void **state)
{
	static const struct http_head heads[] = { { .n_fields = 0 }, { .has_length = true } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(heads); i++) {
		struct http_body body;
		bool done = false;

		http_body_init(&body, &heads[i]);
		assert_int_equal(http_body_feed(&body, NULL, 0, &done), 0);
		assert_true(done);
		done = false;
		assert_int_equal(http_body_feed(&body, "GET", 3, &done), 0);
		assert_true(done);
	}
}

/* Many chunks together may be longer than one may be. */
static void chunks_have_no_sum(void **state)
{
	static const struct http_head head = { .is_chunked = true };
	struct http_body body;
	bool done = true;

	(void)state;
	http_body_init(&body, &head);
	for (unsigned i = 0; i < 70000; i++) {
		assert_int_equal(http_body_feed(&body, "2\r\nxy\r\n", 7, &done), 7);
		assert_false(done);
	}
	assert_int_equal(http_body_feed(&body, "0\r\n\r\n", 5, &done), 5);
	assert_true(done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_are_read_in_one_way),
		cmocka_unit_test(a_length_is_counted),
		cmocka_unit_test(no_body_is_done_at_once),
		cmocka_unit_test(chunks_have_no_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
