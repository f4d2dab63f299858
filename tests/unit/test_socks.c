/* SPDX-License-Identifier: Apache-2.0 */
/* Greetings, requests and answers, byte by byte. */
#include "egress/socks.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void greetings(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
		int want;
	} rows[] = {
		{ BYTES(""), 0 },
		{ BYTES("\5"), 0 },
		{ BYTES("\5\1"), 0 },
		{ BYTES("\5\1\0"), 3 },
		{ BYTES("\5\2\0\1"), 4 }, /* curl */
		{ BYTES("\5\2\2\0"), 4 },
		{ BYTES("\5\2\0"), 0 },
		{ BYTES("\5\1\0\5\1\0\1"), 3 },
		{ BYTES("\5\1\2"), -ENOTSUP },
		{ BYTES("\5\2\1\2\0"), -ENOTSUP },
		{ BYTES("\5\0"), -ENOTSUP },
		{ BYTES("\5\1\377"), -ENOTSUP },
		{ BYTES("\4"), -EBADMSG },
		{ BYTES("\4\1\0\120\1\2\3\4\0"), -EBADMSG }, /* SOCKS4 */
		{ BYTES("\0\5\1\0"), -EBADMSG },
		{ BYTES("GET /"), -EBADMSG },
		{ BYTES("\x16\3\1"), -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (socks_greeting(rows[i].bytes, rows[i].len) != rows[i].want)
			fail_msg("row %zu: got %d, want %d", i,
				 socks_greeting(rows[i].bytes, rows[i].len), rows[i].want);
}

static void a_greeting_may_offer_much(void **state)
{
	uint8_t bytes[2 + 255] = { 5, 255 };

	(void)state;
	memset(bytes + 2, 2, 255);
	assert_int_equal(socks_greeting(bytes, sizeof(bytes)), -ENOTSUP);
	bytes[256] = 0;
	assert_int_equal(socks_greeting(bytes, sizeof(bytes)), 257);
	assert_int_equal(socks_greeting(bytes, sizeof(bytes) - 1), 0);
}

static void requests_that_are_refused(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
		int want;
		enum socks_reply reply;
	} rows[] = {
		{ BYTES("\4"), -EBADMSG, SOCKS_FAILED },
		{ BYTES("\0\1\0\1"), -EBADMSG, SOCKS_FAILED },
		{ BYTES("\5\2"), -ENOTSUP, SOCKS_NO_COMMAND }, /* BIND */
		{ BYTES("\5\2\0\1\1\2\3\4\0\120"), -ENOTSUP, SOCKS_NO_COMMAND },
		{ BYTES("\5\3\0\1\0\0\0\0\0\0"), -ENOTSUP, SOCKS_NO_COMMAND }, /* UDP ASSOCIATE */
		{ BYTES("\5\0\0\1"), -ENOTSUP, SOCKS_NO_COMMAND },
		{ BYTES("\5\360\0\3"), -ENOTSUP, SOCKS_NO_COMMAND }, /* RESOLVE of Tor */
		{ BYTES("\5\1\1"), -EBADMSG, SOCKS_FAILED },
		{ BYTES("\5\1\0\0"), -ENOTSUP, SOCKS_NO_ADDRESS_TYPE },
		{ BYTES("\5\1\0\2"), -ENOTSUP, SOCKS_NO_ADDRESS_TYPE },
		{ BYTES("\5\1\0\5"), -ENOTSUP, SOCKS_NO_ADDRESS_TYPE },
		{ BYTES("\5\1\0\377"), -ENOTSUP, SOCKS_NO_ADDRESS_TYPE },
		{ BYTES("\5\1\0\3\0"), -EBADMSG, SOCKS_FAILED },
		{ BYTES("\5\1\0\3\0\0\120"), -EBADMSG, SOCKS_FAILED },
		{ BYTES("\5\1\0\1\1\2\3\4\0\0"), -EBADMSG, SOCKS_FAILED },
		{ BYTES("\5\1\0\3\1x\0\0"), -EBADMSG, SOCKS_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct socks_request request = { .port = 7 };
		enum socks_reply reply = SOCKS_OK;

		assert_int_equal(socks_request(rows[i].bytes, rows[i].len, &request, &reply),
				 rows[i].want);
		assert_int_equal(reply, rows[i].reply);
		assert_int_equal(request.port, 7);
	}
}

/* Cut anywhere a request is incomplete, and what follows is not part of it. */
static int request_of(const uint8_t *bytes, size_t len, struct socks_request *ret)
{
	enum socks_reply reply;
	struct socks_request cut;
	int n = socks_request(bytes, len, ret, &reply);

	for (int i = 0; i < n; i++)
		assert_int_equal(socks_request(bytes, (size_t)i, &cut, &reply), 0);
	return n;
}

static void requests_that_are_taken(void **state)
{
	static const uint8_t v4[] = { 5, 1, 0, 1, 1, 2, 3, 4, 1, 187, 99 };
	static const uint8_t v6[] = { 5, 1, 0, 4, 0x20, 1, 13, 0xb8, 0, 0,   0,
				      0, 0, 0, 0, 0,    0, 0,  0,    1, 255, 255 };
	static const char name[] = "\5\1\0\3\6a.b\0 \377\0\120GET";
	struct socks_request r;

	(void)state;
	assert_int_equal(request_of(v4, sizeof(v4), &r), 10);
	assert_false(r.is_name);
	assert_memory_equal(r.addr.octets, "\0\0\0\0\0\0\0\0\0\0\377\377\1\2\3\4", 16);
	assert_int_equal(r.port, 443);
	assert_int_equal(request_of(v6, sizeof(v6), &r), 22);
	assert_false(r.is_name);
	assert_memory_equal(r.addr.octets, v6 + 4, 16);
	assert_int_equal(r.port, 65535);
	assert_int_equal(request_of((const uint8_t *)name, sizeof(name) - 1, &r), 13);
	assert_true(r.is_name);
	assert_int_equal(r.name_len, 6);
	assert_memory_equal(r.name, "a.b\0 \377", 6);
	assert_int_equal(r.port, 80);
}

static void the_longest_name(void **state)
{
	uint8_t bytes[SOCKS_HEAD_MAX] = { 5, 1, 0, 3, 255 };
	struct socks_request r;

	(void)state;
	memset(bytes + 5, 'x', 255);
	bytes[261] = 1;
	assert_int_equal(request_of(bytes, sizeof(bytes), &r), SOCKS_HEAD_MAX);
	assert_int_equal(r.name_len, 255);
}

static void answers(void **state)
{
	uint8_t got[SOCKS_ANSWER_SIZE];

	(void)state;
	socks_answer(SOCKS_OK, got);
	assert_memory_equal(got, "\5\0\0\1\0\0\0\0\0\0", sizeof(got));
	socks_answer(SOCKS_NO_ADDRESS_TYPE, got);
	assert_memory_equal(got, "\5\10\0\1\0\0\0\0\0\0", sizeof(got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greetings),
		cmocka_unit_test(a_greeting_may_offer_much),
		cmocka_unit_test(requests_that_are_refused),
		cmocka_unit_test(requests_that_are_taken),
		cmocka_unit_test(the_longest_name),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
