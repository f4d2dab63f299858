/* SPDX-License-Identifier: Apache-2.0 */
/* Questions as stub resolvers send them and as nobody should, and the bytes of answers. */
#include "egress/dns_message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"

#define ONE "\0\1\0\0\0\0\0\0"  /* counts: a question */
#define EDNS "\0\1\0\0\0\0\0\1" /* and one additional record */
#define HEAD "\x12\x34\1\0" ONE
#define A_IN "\0\1\0\1"
#define NAME "\1a\7example\0"
#define OPT "\0\0\x29\x04\xd0\0\0\0\0\0\0"

#define LABEL "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" /* 63 bytes */

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static int parse(const uint8_t *bytes, size_t len, struct dns_question *q)
{
	enum dns_rcode rcode = DNS_REFUSED;
	int r = dns_question_parse(bytes, len, q, &rcode);

	assert_int_equal(rcode, r == 0 ? DNS_NOERROR : DNS_REFUSED);
	return r;
}

static void names(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
		const char *want;
	} rows[] = {
		{ BYTES(HEAD NAME A_IN), "a.example" },
		{ BYTES(HEAD "\x3f" LABEL "\0" A_IN), LABEL },
		{ BYTES(HEAD "\1A\7eXaMpLe\0" A_IN), "a.example" },
		{ BYTES(HEAD "\11localhost\0" A_IN), "localhost" },
		{ BYTES(HEAD "\4_tcp\3a_b\0" A_IN), "_tcp.a_b" },
		{ BYTES(HEAD "\0011\0010\0010\003127\7in-addr\4arpa\0\0\014\0\1"),
		  "1.0.0.127.in-addr.arpa" },
		/* No names of hosts; one label with a dot is not two. */
		{ BYTES(HEAD "\0" A_IN), "" },
		{ BYTES(HEAD "\3a.b\7example\0" A_IN), "" },
		{ BYTES(HEAD "\1.\0" A_IN), "" },
		{ BYTES(HEAD "\12example.a.\0" A_IN), "" },
		{ BYTES(HEAD "\2a\0\7example\0" A_IN), "" },
		{ BYTES(HEAD "\2a \7example\0" A_IN), "" },
		{ BYTES(HEAD "\2\303\251\7example\0" A_IN), "" },
		{ BYTES(HEAD "\2-a\7example\0" A_IN), "" },
		{ BYTES(HEAD "\003127\0010\0010\0011\0" A_IN), "" },
		{ BYTES(HEAD "\1*\7example\0" A_IN), "" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct dns_question q;

		assert_int_equal(parse(rows[i].bytes, rows[i].len, &q), 0);
		assert_string_equal(q.name, rows[i].want);
		assert_int_equal(q.id, 0x1234);
		assert_true(q.recursion);
		assert_false(q.has_edns);
		assert_int_equal(q.opcode, 0);
		assert_ptr_equal(q.wire, rows[i].bytes + 12);
		assert_int_equal(q.wire_len, rows[i].len - 12);
	}
}

static void the_rest_of_a_question(void **state)
{
	static const char plain[] = "\0\1\0\0" ONE NAME "\0\x41\0\3";
	static const char edns[] =
		"\0\2\1\x30" EDNS NAME A_IN OPT; /* AD and CD, as dig sends them */
	static const char cookie[] =
		"\0\2\1\0" EDNS NAME "\0\x1c\0\1\0\0\x29\x10\0\0\0\x80\0\0\x0c\0\x0a\0\x08"
		"12345678";
	struct dns_question q;

	(void)state;
	assert_int_equal(parse(BYTES(plain), &q), 0);
	assert_int_equal(q.type, DNS_HTTPS);
	assert_int_equal(q.class, 3);
	assert_false(q.recursion);
	assert_int_equal(parse(BYTES(edns), &q), 0);
	assert_true(q.has_edns);
	assert_int_equal(q.wire_len, 15);
	assert_int_equal(parse(BYTES(cookie), &q), 0);
	assert_true(q.has_edns);
	assert_int_equal(q.type, DNS_AAAA);
}

static void what_is_no_question_is_dropped(void **state)
{
	static const char whole[] = HEAD NAME A_IN;
	uint8_t large[DNS_MESSAGE_MAX + 1] = { 0 };
	struct dns_question q = { .id = 7 };

	(void)state;
	for (size_t len = 0; len < 12; len++)
		assert_int_equal(parse((const uint8_t *)whole, len, &q), -EBADMSG);
	assert_int_equal(parse(large, sizeof(large), &q), -EBADMSG);
	assert_int_equal(parse(BYTES("\x12\x34\x81\x80" ONE NAME A_IN), &q), -EBADMSG);
	assert_int_equal(parse(BYTES("\x12\x34\xf8\0" ONE NAME A_IN), &q), -EBADMSG);
	assert_int_equal(q.id, 7);
}

static void odd_questions_are_answered_so(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len;
		enum dns_rcode rcode;
	} rows[] = {
		{ BYTES("\x12\x34\x09\0" ONE NAME A_IN), DNS_NOTIMP }, /* IQUERY */
		{ BYTES("\x12\x34\x29\0" ONE NAME A_IN), DNS_NOTIMP }, /* UPDATE */
		{ BYTES("\x12\x34\x79\0" ONE), DNS_NOTIMP },
		{ BYTES("\x12\x34\3\0" ONE NAME A_IN), DNS_FORMERR }, /* TC */
		{ BYTES("\x12\x34\1\0\0\0\0\0\0\0\0\0"), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0\0\2\0\0\0\0\0\0" NAME A_IN NAME A_IN), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0\0\1\0\1\0\0\0\0" NAME A_IN), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0\0\1\0\0\0\1\0\0" NAME A_IN), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0\0\1\0\0\0\0\0\2" NAME A_IN OPT OPT), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0\377\377\0\0\0\0\0\0" NAME A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\1a\xc0\x0c" A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\xc0\x0c" A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\xc0\0" A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\x40x" A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\x40" LABEL "x\0" A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\x80x" A_IN), DNS_FORMERR },
		{ BYTES(HEAD "\1a\7examp"), DNS_FORMERR },
		{ BYTES(HEAD "\1a\7example"), DNS_FORMERR },
		{ BYTES(HEAD NAME A_IN "\0"), DNS_FORMERR },
		{ BYTES(HEAD NAME A_IN OPT), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0" EDNS NAME A_IN), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0" EDNS NAME A_IN OPT "x"), DNS_FORMERR },
		{ BYTES("\x12\x34\1\0" EDNS NAME A_IN "\0\0\x29\x04\xd0\0\0\0\0\0\1"),
		  DNS_FORMERR },
		{ BYTES("\x12\x34\1\0" EDNS NAME A_IN "\0\0\x29\x04\xd0\0\1\0\0\0\0"),
		  DNS_FORMERR },
		{ BYTES("\x12\x34\1\0" EDNS NAME A_IN "\1x\0\0\x29\x04\xd0\0\0\0\0\0\0"),
		  DNS_FORMERR },
		/* TSIG */
		{ BYTES("\x12\x34\1\0" EDNS NAME A_IN "\0\0\xfa\0\xff\0\0\0\0\0\0"), DNS_FORMERR },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		uint8_t answer[DNS_ANSWER_MAX];
		struct dns_question q;
		enum dns_rcode rcode = DNS_NOERROR;

		assert_int_equal(dns_question_parse(rows[i].bytes, rows[i].len, &q, &rcode),
				 -EPROTO);
		assert_int_equal(rcode, rows[i].rcode);
		assert_int_equal(dns_answer(&q, rcode, NULL, 0, "why", answer), 12);
		assert_memory_equal(answer, "\x12\x34", 2);
		assert_int_equal(answer[2], 0x80 | (rows[i].bytes[2] & 0x79));
		assert_int_equal(answer[3], 0x80 | rcode);
		assert_memory_equal(answer + 4, "\0\0\0\0\0\0\0\0", 8);
	}
}

static void a_cut_question_is_odd(void **state)
{
	static const char whole[] = "\x12\x34\1\0" EDNS NAME A_IN OPT;

	(void)state;
	for (size_t len = 12; len < sizeof(whole) - 1; len++) {
		struct dns_question q;
		enum dns_rcode rcode;

		assert_int_equal(dns_question_parse((const uint8_t *)whole, len, &q, &rcode),
				 -EPROTO);
		assert_int_equal(rcode, DNS_FORMERR);
		assert_null(q.wire);
	}
}

/* Labels of @n bytes each until the name takes 255 bytes, and one byte more if @too_long. */
static void long_name(struct buf *b, bool too_long)
{
	char label[] = "?" LABEL;

	buf_add(b, HEAD, 12);
	label[0] = 63;
	for (unsigned i = 0; i < 3; i++)
		buf_add(b, label, 64);
	label[0] = (char)(too_long ? 62 : 61);
	buf_add(b, label, (size_t)label[0] + 1);
	buf_add(b, "\0" A_IN, 5);
}

static void the_longest_name(void **state)
{
	auto_buf struct buf fits = BUF_INIT(1024), other = BUF_INIT(1024);
	struct dns_question q;
	enum dns_rcode rcode;

	(void)state;
	long_name(&fits, false);
	assert_int_equal(parse((const uint8_t *)fits.data, fits.len, &q), 0);
	assert_int_equal(strlen(q.name), 253);
	assert_int_equal(q.wire_len, 255 + 4);
	long_name(&other, true);
	assert_int_equal(dns_question_parse((const uint8_t *)other.data, other.len, &q, &rcode),
			 -EPROTO);
}

#define ANSWER_EDNS "\0\0\x29\x04\xd0\0\0\0\0"

static void answers(void **state)
{
	static const uint8_t addr[] = { 198, 18, 0, 7 };
	static const char edns[] = "\x12\x34\1\0" EDNS NAME A_IN OPT;
	static const char aaaa[] = "\x12\x34\0\0" ONE NAME "\0\x1c\0\1";
	static const struct {
		const uint8_t *question;
		size_t question_len;
		enum dns_rcode rcode;
		const uint8_t *addr;
		const char *why;
		const uint8_t *want;
		size_t len;
	} rows[] = {
		{ BYTES(HEAD NAME A_IN), DNS_NOERROR, addr, "why",
		  BYTES("\x12\x34\x81\x80\0\1\0\1\0\0\0\0" NAME A_IN
			"\xc0\x0c\0\1\0\1\0\1\x11\x70\0\4\306\22\0\7") },
		{ BYTES(HEAD NAME A_IN), DNS_NOERROR, NULL, NULL,
		  BYTES("\x12\x34\x81\x80\0\1\0\0\0\0\0\0" NAME A_IN) },
		{ BYTES(HEAD NAME A_IN), DNS_REFUSED, addr, "why",
		  BYTES("\x12\x34\x81\x85\0\1\0\0\0\0\0\0" NAME A_IN) },
		{ BYTES(aaaa), DNS_NOERROR, addr, NULL,
		  BYTES("\x12\x34\x80\x80\0\1\0\0\0\0\0\0" NAME "\0\x1c\0\1") },
		{ BYTES(edns), DNS_NXDOMAIN, NULL, NULL,
		  BYTES("\x12\x34\x81\x83\0\1\0\0\0\0\0\1" NAME A_IN ANSWER_EDNS "\0\0") },
		{ BYTES(edns), DNS_NXDOMAIN, NULL, "why",
		  BYTES("\x12\x34\x81\x83\0\1\0\0\0\0\0\1" NAME A_IN ANSWER_EDNS
			"\0\x09\0\x0f\0\5\0\x0f"
			"why") },
		{ BYTES(edns), DNS_NXDOMAIN, NULL, "",
		  BYTES("\x12\x34\x81\x83\0\1\0\0\0\0\0\1" NAME A_IN ANSWER_EDNS
			"\0\6\0\x0f\0\2\0\x0f") },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		uint8_t got[DNS_ANSWER_MAX];
		struct dns_question q;

		assert_int_equal(parse(rows[i].question, rows[i].question_len, &q), 0);
		assert_int_equal(
			dns_answer(&q, rows[i].rcode, rows[i].addr, 70000, rows[i].why, got),
			rows[i].len);
		assert_memory_equal(got, rows[i].want, rows[i].len);
	}
}

/* The longest question with a long reason is still an answer for the oldest client. */
static void the_longest_answer(void **state)
{
	auto_buf struct buf b = BUF_INIT(1024);
	static const uint8_t addr[4] = { 1, 2, 3, 4 };
	uint8_t got[DNS_ANSWER_MAX];
	char why[1000];
	struct dns_question q;

	(void)state;
	memset(why, 'x', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	long_name(&b, false);
	b.data[11] = 1;
	buf_add(&b, OPT, 11);
	assert_int_equal(parse((const uint8_t *)b.data, b.len, &q), 0);
	assert_int_equal(dns_answer(&q, DNS_NOERROR, addr, 1, why, got),
			 12 + 259 + 16 + 11 + 6 + 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(the_rest_of_a_question),
		cmocka_unit_test(what_is_no_question_is_dropped),
		cmocka_unit_test(odd_questions_are_answered_so),
		cmocka_unit_test(a_cut_question_is_odd),
		cmocka_unit_test(the_longest_name),
		cmocka_unit_test(answers),
		cmocka_unit_test(the_longest_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
