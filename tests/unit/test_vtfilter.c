/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes out for what goes in, byte for byte, and what was counted. Each row stands between two
 * letters, so that what follows is seen to be text again, and is fed whole, in two parts at every
 * place, byte by byte, and into little room.
 */
#include "base/vtfilter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "vtfilter_feed.h"

#define BAD "\xef\xbf\xbd"
#define X8(s) s s s s s s s s
#define DIGITS256 X8("01234567012345670123456701234567")
#define DIGITS1024 DIGITS256 DIGITS256 DIGITS256 DIGITS256
#define DIGITS2080 DIGITS1024 DIGITS1024 "01234567012345670123456701234567"
#define DIGITS4096 DIGITS1024 DIGITS1024 DIGITS1024 DIGITS1024
#define SPACES256 X8("                                ")

/* The reasons by their short names. */
enum {
	CLIPBOARD = VT_CLIPBOARD,
	TITLE_REPORT = VT_TITLE_REPORT,
	QUERY = VT_QUERY,
	PASSTHROUGH = VT_PASSTHROUGH,
	DEVICE = VT_DEVICE,
	APPLICATION = VT_APPLICATION,
	TRANSFER = VT_FILE,
	IMAGE = VT_IMAGE,
	LINK = VT_LINK,
	NOTIFICATION = VT_NOTIFICATION,
	PLACE = VT_PLACE,
	SHELL_MARK = VT_SHELL_MARK,
	WINDOW = VT_WINDOW,
	WINDOW_NAME = VT_WINDOW_NAME,
	TITLE = VT_TITLE,
	PRINT = VT_PRINT,
	MODE = VT_MODE,
	CHARSET = VT_CHARSET,
	C1 = VT_C1,
	CONTROL = VT_CONTROL,
	TEXT = VT_TEXT,
	OVERLONG = VT_OVERLONG,
	MALFORMED = VT_MALFORMED,
	UNKNOWN = VT_UNKNOWN,
	NONE = VT_N_REASONS,
};

struct row {
	const char *in;
	size_t n_in;
	const char *out;
	size_t n_out;
	unsigned counts[4]; /* reason, count, reason, count */
};

#define MADE2(in, out, ...)                                                               \
	{                                                                                 \
		"A" in "Z", sizeof("A" in "Z") - 1, "A" out "Z", sizeof("A" out "Z") - 1, \
		{                                                                         \
			__VA_ARGS__                                                       \
		}                                                                         \
	}
#define MADE(in, out, reason) MADE2(in, out, reason, 1)
#define GONE(in, reason) MADE2(in, "", reason, 1)
#define SAME(in) MADE2(in, in, NONE, 0)

static const struct row rows[] = {
#include "vtfilter_rows_csi.h"
#include "vtfilter_rows_string.h"
};

static void check(const struct row *row, const struct vtfilter *f, const struct buf *out,
		  const char *how)
{
	uint64_t want[VT_N_REASONS + 1] = { 0 };

	if (out->len != row->n_out || memcmp(buf_text(out), row->out, out->len) != 0) {
		auto_buf struct buf in = BUF_INIT(65536), got = BUF_INIT(65536);

		buf_json(&in, row->in);
		buf_json(&got, buf_text(out));
		fail_msg("%s: %s gave %s", how, buf_text(&in), buf_text(&got));
	}
	want[row->counts[0]] += row->counts[1];
	want[row->counts[2]] += row->counts[3];
	want[VT_N_REASONS] = 0;
	for (unsigned i = 0; i < VT_N_REASONS; i++)
		if (vtfilter_stopped(f, i) != want[i])
			fail_msg("%s: %s: %s: %u, not %u", how, row->in,
				 vtfilter_reason_name(i, true), (unsigned)vtfilter_stopped(f, i),
				 (unsigned)want[i]);
}

static void one_way(const struct row *row, size_t step, size_t room, const char *how)
{
	auto_buf struct buf out = BUF_INIT(65536);
	struct vtfilter f;

	vtfilter_init(&f, 0);
	feed(&f, row->in, row->n_in, step, room, &out);
	check(row, &f, &out, how);
}

static void rows_whole_and_in_pieces(void **state)
{
	static const struct {
		size_t step, room;
		const char *how;
	} ways[] = {
		{ 65536, 8192, "whole" },    { 1, 8192, "byte by byte" },
		{ 65536, 1, "room for 1" },  { 65536, 2, "room for 2" },
		{ 65536, 3, "room for 3" },  { 65536, 7, "room for 7" },
		{ 1, 1, "byte by byte, 1" }, { 3, 2, "three by three" },
	};

	(void)state;
	assert_true(N_ELEMENTS(rows) >= 300);
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		for (size_t j = 0; j < N_ELEMENTS(ways); j++)
			one_way(&rows[i], ways[j].step, ways[j].room, ways[j].how);
}

static void rows_split_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		for (size_t cut = 0; cut <= rows[i].n_in; cut++) {
			auto_buf struct buf out = BUF_INIT(65536);
			struct vtfilter f;

			vtfilter_init(&f, 0);
			feed(&f, rows[i].in, cut, 65536, 8192, &out);
			feed(&f, rows[i].in + cut, rows[i].n_in - cut, 65536, 8192, &out);
			check(&rows[i], &f, &out, "in two parts");
		}
	}
}

static void output_is_left_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const struct row again = {
			rows[i].out, rows[i].n_out, rows[i].out, rows[i].n_out, { NONE, 0, NONE, 0 }
		};

		one_way(&again, 65536, 8192, "filtered again");
	}
}

static void eight_bit_terminal(void **state)
{
	auto_buf struct buf out = BUF_INIT(4096);
	struct vtfilter f;
	const char in[] = "\xe9\x9b"
			  "1m\xc5\x9b\033]0;a\xe9\a\033[1m";

	(void)state;
	vtfilter_init(&f, VTFILTER_8BIT);
	feed(&f, in, sizeof(in) - 1, 1, 8192, &out);
	assert_string_equal(buf_text(&out), "\xe9?1m\xc5?\033]0;a\a\033[1m");
	assert_int_equal(vtfilter_stopped(&f, VT_C1), 2);
}

/* What puts the terminal back is no more than a payload may send, and leaves nothing to put back. */
static void putting_back_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf out = BUF_INIT(65536), undo = BUF_INIT(4096),
				    rest = BUF_INIT(4096);
		struct vtfilter f;

		vtfilter_init(&f, 0);
		feed(&f, rows[i].in, rows[i].n_in, 65536, 8192, &out);
		vtfilter_reset(&f, &undo);
		out.len = 0;
		feed(&f, buf_text(&undo), undo.len, 65536, 8192, &out);
		assert_int_equal(out.len, undo.len);
		assert_memory_equal(buf_text(&out), buf_text(&undo), out.len);
		f.modes.tabs = false; /* setting tab stops sets tab stops */
		vtfilter_reset(&f, &rest);
		assert_string_equal(buf_text(&rest), "");
	}
}

/* Marks that turn the direction of text; as numbers, because clang-tidy fears them in strings. */
static void titles_have_one_direction(void **state)
{
	static const unsigned char marks[][3] = {
		{ 0xe2, 0x80, 0x8e }, { 0xe2, 0x80, 0x8f }, { 0xe2, 0x80, 0xaa },
		{ 0xe2, 0x80, 0xae }, { 0xe2, 0x81, 0xa6 }, { 0xe2, 0x81, 0xa9 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(marks); i++) {
		auto_buf struct buf in = BUF_INIT(64), out = BUF_INIT(64);
		struct vtfilter f;

		buf_puts(&in, "\033]2;a");
		buf_add(&in, marks[i], 3);
		buf_puts(&in, "b\a");
		run(&f, buf_text(&in), &out);
		assert_string_equal(buf_text(&out), "\033]2;ab\a");
		assert_int_equal(vtfilter_stopped(&f, VT_TITLE), 1);
	}
}

/* An image may be long, but not endless: then it is ended, and text is text again. */
static void images_have_an_end(void **state)
{
	static char block[8192];
	struct vtfilter f;
	char out[8200];
	size_t used, total = 0;

	(void)state;
	memset(block, '~', sizeof(block));
	vtfilter_init(&f, 0);
	(void)vtfilter_feed(&f, "\033Pq", 3, out, sizeof(out), &used);
	for (size_t i = 0; i < (size_t)VTFILTER_IMAGE_MAX / sizeof(block) * 2; i++)
		total += vtfilter_feed(&f, block, sizeof(block), out, sizeof(out), &used);
	assert_int_equal(total, (size_t)VTFILTER_IMAGE_MAX + 2);
	assert_int_equal(vtfilter_stopped(&f, VT_IMAGE), 1);
	total = vtfilter_feed(&f, "\033\\text", 6, out, sizeof(out), &used);
	assert_memory_equal(out, "text", 4);
	assert_int_equal(total, 4);
}

static void summary(void **state)
{
	auto_buf struct buf out = BUF_INIT(4096), text = BUF_INIT(4096);
	struct vtfilter f;

	(void)state;
	run(&f, "ok", &out);
	vtfilter_summary(&f, true, &text);
	assert_string_equal(buf_text(&text), "");
	run(&f, "\033]52;c;eA==\a\033]52;c;eA==\a\033]52;c;eA==\a\033[21t\x7f\033[?9h\033[?77h",
	    &out);
	vtfilter_summary(&f, false, &text);
	assert_string_equal(buf_text(&text), "3 clipboard writes, 1 title report");
	text.len = 0;
	vtfilter_summary(&f, true, &text);
	assert_string_equal(buf_text(&text), "3 clipboard writes, 1 title report, 1 terminal mode, "
					     "1 control character");
	for (unsigned i = 0; i < VT_N_REASONS; i++)
		assert_true(vtfilter_reason_name(i, false) && vtfilter_reason_name(i, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_whole_and_in_pieces),
		cmocka_unit_test(rows_split_everywhere),
		cmocka_unit_test(output_is_left_alone),
		cmocka_unit_test(eight_bit_terminal),
		cmocka_unit_test(putting_back_is_complete),
		cmocka_unit_test(titles_have_one_direction),
		cmocka_unit_test(images_have_an_end),
		cmocka_unit_test(summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
