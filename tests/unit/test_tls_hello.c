/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hellos of real programs, and those that are put together byte by byte. Of the real ones (data/tls) each is the
 * first flight of a client that was told to ask for api.example.com; "nameless" was told not to.
 */
#include "egress/tls_hello.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/io.h"

#define MAX ((size_t)1 << 20)
#define TEXT(text) text, sizeof(text) - 1

#define RANDOM "0123456789abcdef0123456789abcdef"
#define BEGIN "\3\3" RANDOM "\0"
#define SUITES "\0\2\x13\1"
#define PLAIN BEGIN SUITES "\1\0"
#define SNI                        \
	"\0\0\0\x0e\0\x0c\0\0\x09" \
	"a.example" /* 18 bytes */

static void put_number(struct buf *b, size_t value, unsigned width)
{
	while (width-- > 0) {
		uint8_t byte = (uint8_t)(value >> (8 * width));

		buf_add(b, &byte, 1);
	}
}

/* @message in records of at most @piece bytes. */
static void put_records(struct buf *b, const char *message, size_t len, size_t piece)
{
	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		buf_add(b, "\x16\3\1", 3);
		put_number(b, n, 2);
		buf_add(b, message + at, n);
	}
}

/* The hello with that body in such records. */
static void put_hello(struct buf *b, const char *body, size_t len, size_t piece)
{
	auto_buf struct buf message = BUF_INIT(MAX);

	put_number(&message, 1, 1);
	put_number(&message, len, 3);
	buf_add(&message, body, len);
	put_records(b, message.data, message.len, piece);
}

static enum tls_hello parse(const struct buf *b, char name[static NET_NAME_SIZE])
{
	name[0] = '\0';
	return tls_hello_parse((const uint8_t *)buf_text(b), b->len, name);
}

static void expect(const struct buf *b, enum tls_hello want, const char *want_name)
{
	char name[NET_NAME_SIZE];
	enum tls_hello got = parse(b, name);

	if (got != want || strcmp(name, want_name) != 0)
		fail_msg("got %u '%s', want %u '%s'", (unsigned)got, name, (unsigned)want,
			 want_name);
}

/* Cut at each byte it is not whole; with anything behind, and in records of any size, it is the same. */
static void expect_everywhere(const struct buf *hello, enum tls_hello want, const char *want_name)
{
	auto_buf struct buf longer = BUF_INIT(MAX);
	char name[NET_NAME_SIZE] = "";

	for (size_t len = 0; len < hello->len; len++)
		assert_int_equal(tls_hello_parse((const uint8_t *)hello->data, len, name),
				 TLS_HELLO_MORE);
	assert_string_equal(name, "");
	expect(hello, want, want_name);
	buf_add(&longer, hello->data, hello->len);
	buf_puts(&longer, "early data, or \x15\3\3");
	expect(&longer, want, want_name);
}

static void read_recording(const char *name, struct buf *ret)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *path =
		arena_printf(&a, "%s/tests/unit/data/tls/%s", getenv("CSB_SOURCE_ROOT"), name);
	struct err e = { 0 };
	char *text;
	size_t n;

	if (io_read_file(AT_FDCWD, path, MAX, false, &a, &text, &n, &e) != 0)
		fail_msg("%s", e.msg);
	buf_add(ret, text, n);
}

static void real_hellos(void **state)
{
	static const char *const names[] = { "openssl", "go", "java", "node" };
	static const size_t pieces[] = { 1, 2, 3, 64, 100, 16384 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		auto_buf struct buf b = BUF_INIT(MAX);

		read_recording(names[i], &b);
		expect_everywhere(&b, TLS_HELLO_NAME, "api.example.com");
		for (size_t k = 0; k < N_ELEMENTS(pieces); k++) {
			auto_buf struct buf cut = BUF_INIT(MAX);

			put_records(&cut, b.data + 5, b.len - 5, pieces[k]);
			expect_everywhere(&cut, TLS_HELLO_NAME, "api.example.com");
		}
	}
}

static void a_hello_without_a_name(void **state)
{
	auto_buf struct buf b = BUF_INIT(MAX);

	(void)state;
	read_recording("nameless", &b);
	expect_everywhere(&b, TLS_HELLO_SILENT, "");
}

static const struct {
	const char *body;
	size_t len;
	enum tls_hello want;
	const char *name;
} hellos[] = {
	{ TEXT(PLAIN), TLS_HELLO_SILENT, "" }, /* as TLS 1.0 had it */
	{ TEXT(PLAIN "\0\0"), TLS_HELLO_SILENT, "" },
	{ TEXT(PLAIN "\0\4\0\x17\0\0"), TLS_HELLO_SILENT, "" },
	{ TEXT(PLAIN "\0\x12" SNI), TLS_HELLO_NAME, "a.example" },
	{ TEXT(PLAIN "\0\x16\0\x17\0\0" SNI), TLS_HELLO_NAME, "a.example" },
	{ TEXT(PLAIN "\0\x16" SNI "\0\x17\0\0"), TLS_HELLO_NAME, "a.example" },
	/* GREASE, and an encrypted hello of which nothing is read. */
	{ TEXT(PLAIN "\0\x1e\x0a\x0a\0\0\xfe\x0d\0\4\0\1\2\3" SNI), TLS_HELLO_NAME, "a.example" },
	{ TEXT("\3\3" RANDOM "\x20" RANDOM SUITES "\1\0\0\x12" SNI), TLS_HELLO_NAME, "a.example" },
	{ TEXT("\3\1" RANDOM "\0" SUITES "\2\1\0\0\x12" SNI), TLS_HELLO_NAME, "a.example" },
	{ TEXT(PLAIN "\0\x0b\0\0\0\7\0\5\0\0\2A."), TLS_HELLO_NAME, "a" },

	/* Before the extensions. */
	{ TEXT(""), TLS_HELLO_BROKEN, "" },
	{ TEXT("\3\3"), TLS_HELLO_BROKEN, "" },
	{ TEXT("\3\3" RANDOM), TLS_HELLO_BROKEN, "" },
	{ TEXT("\2\0" RANDOM "\0" SUITES "\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT("\xfe\xff" RANDOM "\0" SUITES "\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT("\3\3" RANDOM "\x21" RANDOM "x" SUITES "\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN "\0\0\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN "\0\3\x13\1\0\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN "\377\376\x13\1\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN SUITES), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN SUITES "\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(BEGIN SUITES "\2\0"), TLS_HELLO_BROKEN, "" },

	/* Lengths that do not add up. */
	{ TEXT(PLAIN "\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\1"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\0x"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x11" SNI), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x13" SNI), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x13" SNI "\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x15" SNI "\0\x17\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x16" SNI "\0\x17\0\1"), TLS_HELLO_BROKEN, "" },

	/* Names. */
	{ TEXT(PLAIN "\0\x24" SNI SNI), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x16" SNI "\0\0\0\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\4\0\0\0\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\6\0\0\0\2\0\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\7\0\0\0\3\0\1\0"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x09\0\0\0\5\0\3\0\0\0"), TLS_HELLO_BROKEN, "" },  /* empty */
	{ TEXT(PLAIN "\0\x0a\0\0\0\6\0\4\1\0\1a"), TLS_HELLO_BROKEN, "" }, /* of another type */
	{ TEXT(PLAIN "\0\x0a\0\0\0\6\0\4\0\0\2a"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0b\0\0\0\7\0\5\0\0\1ab"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0b\0\0\0\7\0\4\0\0\1ab"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0e\0\0\0\x0a\0\x08\0\0\1a\0\0\1b"), TLS_HELLO_BROKEN, "" }, /* two */
	{ TEXT(PLAIN "\0\x0e\0\0\0\x0a\0\x08\0\0\1a\1\0\1b"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x10\0\0\0\x0c\0\x0a\0\0\7"
		     "1.2.3.4"),
	  TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0c\0\0\0\x08\0\6\0\0\3::1"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0c\0\0\0\x08\0\6\0\0\3a\0b"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0c\0\0\0\x08\0\6\0\0\3a b"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0c\0\0\0\x08\0\6\0\0\3a:1"), TLS_HELLO_BROKEN, "" },
	{ TEXT(PLAIN "\0\x0b\0\0\0\7\0\5\0\0\2\303\251"), TLS_HELLO_BROKEN, "" },
};

static void bodies(void **state)
{
	static const size_t pieces[] = { 1, 7, 16384 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(hellos); i++)
		for (size_t k = 0; k < N_ELEMENTS(pieces); k++) {
			auto_buf struct buf b = BUF_INIT(MAX);

			put_hello(&b, hellos[i].body, hellos[i].len, pieces[k]);
			expect_everywhere(&b, hellos[i].want, hellos[i].name);
		}
}

static const struct {
	const char *bytes;
	size_t len;
	enum tls_hello want;
} odd[] = {
	{ TEXT(""), TLS_HELLO_MORE },
	{ TEXT("\x16"), TLS_HELLO_MORE },
	{ TEXT("\x16\3"), TLS_HELLO_MORE },
	{ TEXT("GET / HTTP/1.1\r\n"), TLS_HELLO_NONE },
	{ TEXT("SSH-2.0-x\r\n"), TLS_HELLO_NONE },
	{ TEXT("\n"), TLS_HELLO_NONE },
	{ TEXT("\0\0\0\x08\4\xd2\x16\x2f"), TLS_HELLO_NONE }, /* PostgreSQL asking for TLS */
	{ TEXT("\x16\2"), TLS_HELLO_MORE },
	{ TEXT("\x16\2\1\0\4\1"), TLS_HELLO_BROKEN }, /* servers that do not mind the version */
	{ TEXT("\x16\x0f\xff\0\4\1"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\2\1\0\4\2"), TLS_HELLO_NONE },
	{ TEXT("\x16\x10"), TLS_HELLO_NONE },
	{ TEXT("\x15\2\1\0"), TLS_HELLO_MORE },
	{ TEXT("\x15\2\1\0\2"), TLS_HELLO_BROKEN },
	{ TEXT("\x15\1\0\1\x85\xa6"), TLS_HELLO_NONE }, /* MySQL */
	{ TEXT("\x17\2"), TLS_HELLO_NONE },
	{ TEXT("\x16\xfe\xfd"), TLS_HELLO_NONE }, /* DTLS */
	{ TEXT("\x14"), TLS_HELLO_MORE },
	{ TEXT("\x14\3\3\0\1\1"), TLS_HELLO_BROKEN },
	{ TEXT("\x15\3\3\0\2\2\x31"), TLS_HELLO_BROKEN },
	{ TEXT("\x17\3\3"), TLS_HELLO_BROKEN },
	{ TEXT("\x18\3\3"), TLS_HELLO_BROKEN },
	{ TEXT("\x19"), TLS_HELLO_NONE },
	{ TEXT("\x17xx"), TLS_HELLO_NONE },
	{ TEXT("\x16\3\5"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\0\0"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\x40\1"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\x40\0"), TLS_HELLO_MORE },
	{ TEXT("\x16\3\1\0\4\2"), TLS_HELLO_BROKEN }, /* ServerHello */
	{ TEXT("\x16\3\1\0\4\0\0\0\0"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\0\4\1\0\xff\xfd"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\0\4\1\0\xff\xfc"), TLS_HELLO_MORE },
	{ TEXT("\x16\3\1\0\4\1\1\0\0"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\0\2\1\0\x15\3\3"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\0\2\1\0\x16\2"), TLS_HELLO_BROKEN },
	{ TEXT("\x16\3\1\0\2\1\0\x16\3\1\0\0"), TLS_HELLO_BROKEN },
	/* More in the record than the hello. */
	{ TEXT("\x16\3\1\0\x2e\1\0\0\x29"), TLS_HELLO_BROKEN },
	/* SSL 2 */
	{ TEXT("\x80"), TLS_HELLO_MORE },
	{ TEXT("\x80\x2e\1"), TLS_HELLO_MORE },
	{ TEXT("\x80\x2e\1\3\1"), TLS_HELLO_BROKEN },
	{ TEXT("\x80\x2e\1\0\2"), TLS_HELLO_BROKEN },
	{ TEXT("\x80\x2e\1\0\3"), TLS_HELLO_NONE },
	{ TEXT("\x80\x2e\2"), TLS_HELLO_NONE },
	{ TEXT("\x80\x2e\1\x7f"), TLS_HELLO_NONE },
};

static void what_is_not_a_hello(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(odd); i++) {
		auto_buf struct buf b = BUF_INIT(MAX);

		buf_add(&b, odd[i].bytes, odd[i].len);
		expect(&b, odd[i].want, "");
	}
}

/* Of a hello that is spread too far nothing is awaited for ever, and what comes later does not mend it. */
static void a_hello_has_a_size(void **state)
{
	auto_buf struct buf body = BUF_INIT(MAX), b = BUF_INIT(MAX), spread = BUF_INIT(MAX);
	char name[NET_NAME_SIZE];

	(void)state;
	buf_add(&body, TEXT(PLAIN));
	put_number(&body, 18 + 4 + 40000, 2);
	buf_add(&body, TEXT(SNI "\0\x15"));
	put_number(&body, 40000, 2);
	for (unsigned i = 0; i < 40000; i++)
		buf_add(&body, "", 1);
	put_hello(&b, body.data, body.len, 16384);
	expect(&b, TLS_HELLO_NAME, "a.example");
	put_hello(&spread, body.data, body.len, 5);
	assert_true(spread.len > TLS_HELLO_MAX);
	expect(&spread, TLS_HELLO_BROKEN, "");
	assert_int_equal(tls_hello_parse((const uint8_t *)spread.data, TLS_HELLO_MAX - 1, name),
			 TLS_HELLO_MORE);
	assert_int_equal(tls_hello_parse((const uint8_t *)spread.data, TLS_HELLO_MAX, name),
			 TLS_HELLO_BROKEN);
}

static void the_alert(void **state)
{
	(void)state;
	assert_memory_equal(tls_alert_denied, "\x15\3\3\0\2\2\x31", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_hellos),
		cmocka_unit_test(a_hello_without_a_name),
		cmocka_unit_test(bodies),
		cmocka_unit_test(what_is_not_a_hello),
		cmocka_unit_test(a_hello_has_a_size),
		cmocka_unit_test(the_alert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
