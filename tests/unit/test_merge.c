/* SPDX-License-Identifier: Apache-2.0 */
#include "base/merge.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/auto.h"

static struct merge_text text_of(const char *text)
{
	return (struct merge_text){ text, text ? strlen(text) : 0 };
}

/* Who changed a member since the base wins; if both have, theirs, unless both are objects. */
static void rows(void **state)
{
	static const struct {
		const char *base, *ours, *theirs, *want; /* NULL: -EBADMSG */
	} rows[] = {
		{ "{}", "{}", "{}", "{}" },
		{ NULL, NULL, "{\"a\":1}", "{\"a\":1}" },
		{ "{\"a\":1}", "{\"a\":2}", "{\"a\":1}", "{\"a\":2}" },
		{ "{\"a\":1}", "{\"a\":1}", "{\"a\":2}", "{\"a\":2}" },
		{ "{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":3}" },
		{ "{\"a\":1}", "{}", "{\"a\":1}", "{}" }, /* removed inside */
		{ "{\"a\":1}", "{\"a\":1}", "{}", "{}" }, /* removed on the host */
		{ "{\"a\":1}", "{\"a\":2}", "{}", "{}" }, /* and changed inside */
		{ "{}", "{\"b\":1}", "{\"c\":1}", "{\"b\":1,\"c\":1}" },
		{ "{\"o\":{\"x\":1}}", "{\"o\":{\"x\":1,\"y\":2}}", "{\"o\":{\"x\":3}}",
		  "{\"o\":{\"x\":3,\"y\":2}}" },
		{ "{\"o\":[1]}", "{\"o\":[1,2]}", "{\"o\":[3]}", "{\"o\":[3]}" },
		{ "rubbish", "{\"a\":2}", "{\"a\":3,\"b\":1}", "{\"a\":3,\"b\":1}" },
		{ "{}", "[1]", "{\"a\":3}", "{\"a\":3}" },
		{ "{}", "{\"a\":2}", "[]", NULL },
		{ "{}", "{\"a\":2}", "{\"a\":", NULL },
		/* Of other projects nothing comes from the host; ours stay ours. */
		{ "{}", "{\"p\":{\"/w/app\":{\"own\":1}}}",
		  "{\"p\":{\"/w/app\":{\"t\":1},\"/w\":{},\"/w/app/sub\":{},\"/w/"
		  "apple\":{\"secret\":1},\"/x\":{}}}",
		  "{\"p\":{\"/w/app\":{\"own\":1,\"t\":1},\"/w\":{},\"/w/app/sub\":{}}}" },
	};
	const struct merge_filter filter = { "p", "/w/app" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const struct merge_text base = text_of(rows[i].base), ours = text_of(rows[i].ours);
		const struct merge_text theirs = text_of(rows[i].theirs);
		auto_buf struct buf b = BUF_INIT(4096);
		int r = merge_json(&base, &ours, &theirs, &filter, &b);
		json_t *got, *want;

		if (!rows[i].want) {
			assert_int_equal(r, -EBADMSG);
			continue;
		}
		got = json_loads(buf_text(&b), 0, NULL);
		want = json_loads(rows[i].want, 0, NULL);
		if (r != 0 || !json_equal(got, want))
			fail_msg("row %zu: %d %s, want %s", i, r, buf_text(&b), rows[i].want);
		json_decref(got);
		json_decref(want);
	}
}

/* Ours comes from a sandbox: deep nesting is an error of the parser or merged, and nothing worse. */
static void deep(void **state)
{
	enum { DEPTH = 1000 };
	auto_buf struct buf ours = BUF_INIT(1 << 16), theirs = BUF_INIT(1 << 16);
	auto_buf struct buf b = BUF_INIT((size_t)16 << 20); /* each level is indented */
	const struct merge_filter filter = { "p", "/w" };
	struct merge_text none = { 0 }, o, t;

	(void)state;
	for (size_t i = 0; i < DEPTH; i++) {
		buf_puts(&ours, "{\"a\":");
		buf_puts(&theirs, "{\"a\":");
	}
	buf_puts(&ours, "1");
	buf_puts(&theirs, "2");
	for (size_t i = 0; i < DEPTH; i++) {
		buf_puts(&ours, "}");
		buf_puts(&theirs, "}");
	}
	o = text_of(buf_text(&ours));
	t = text_of(buf_text(&theirs));
	assert_int_equal(merge_json(&none, &o, &t, &filter, &b), 0);
}

static void too_large(void **state)
{
	const struct merge_text none = { 0 }, t = text_of("{\"a\":\"0123456789\"}");
	const struct merge_filter filter = { "p", "/w" };
	auto_buf struct buf b = BUF_INIT(8);

	(void)state;
	assert_int_equal(merge_json(&none, &none, &t, &filter, &b), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(deep),
		cmocka_unit_test(too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
