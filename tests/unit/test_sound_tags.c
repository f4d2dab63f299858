/* SPDX-License-Identifier: Apache-2.0 */
/* Frames, values and properties of PulseAudio's native protocol. */
#include "sound/tags.h"

#include <errno.h>

#include "sound_packet.h"

#include "base/auto.h"
#include "sound/frame.h"
#include "sound/props.h"

#define HEAD(length, channel, offset, flags) (const uint8_t *)(length channel offset flags)
#define COMMAND "\xff\xff\xff\xff"
#define NO_OFFSET  \
	"\0\0\0\0" \
	"\0\0\0\0"

static void frames(void **state)
{
	static const struct {
		const uint8_t *head;
		int want;
		struct frame frame;
	} rows[] = {
		{ HEAD("\0\0\0\1", COMMAND, NO_OFFSET, "\0\0\0\0"), 0, { 1, FRAME_COMMAND, 0, 0 } },
		{ HEAD("\0\1\0\0", COMMAND, NO_OFFSET, "\0\0\0\0"),
		  0,
		  { 65536, FRAME_COMMAND, 0, 0 } },
		{ HEAD("\0\1\0\1", COMMAND, NO_OFFSET, "\0\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\xff\xff\xff\xff", COMMAND, NO_OFFSET, "\0\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\0", COMMAND, NO_OFFSET, "\0\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\1", COMMAND, NO_OFFSET, "\0\0\0\1"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\4", "\0\0\0\7",
		       "\1\2\3\4"
		       "\5\6\7\x8",
		       "\0\0\0\3"),
		  0,
		  { 4, 7, 0x0102030405060708, 3 } },
		{ HEAD("\0\0\0\4", "\0\0\0\7", NO_OFFSET, "\0\0\0\4"), -EBADMSG, { 0 } },
		{ HEAD("\0\x40\0\0", "\0\0\0\7", NO_OFFSET, "\0\0\0\0"), 0, { 4 << 20, 7, 0, 0 } },
		{ HEAD("\0\x40\0\1", "\0\0\0\7", NO_OFFSET, "\0\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\0", "\0\0\0\7", NO_OFFSET, "\0\0\0\0"), -EBADMSG, { 0 } },
		/* Shared memory: a block, one of a memfd, writable; given back, revoked. */
		{ HEAD("\0\0\0\x10", "\0\0\0\7", NO_OFFSET, "\x80\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\x10", "\0\0\0\7", NO_OFFSET, "\xa0\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\x10", "\0\0\0\7", NO_OFFSET, "\0\x80\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\x10", "\0\0\0\7", NO_OFFSET, "\x40\0\0\0"), -EBADMSG, { 0 } },
		{ HEAD("\0\0\0\0", COMMAND, NO_OFFSET, "\xc0\0\0\0"), -EBADMSG, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf out = BUF_INIT(FRAME_HEAD);
		struct frame got;
		int r = frame_read(rows[i].head, FRAME_REQUEST_MAX, &got);

		if (r != rows[i].want)
			fail_msg("row %zu: got %d, want %d", i, r, rows[i].want);
		if (r < 0)
			continue;
		assert_int_equal(got.length, rows[i].frame.length);
		assert_int_equal(got.channel, rows[i].frame.channel);
		assert_int_equal(got.offset, rows[i].frame.offset);
		assert_int_equal(got.seek, rows[i].frame.seek);
		frame_put(&out, &got);
		assert_int_equal(out.len, FRAME_HEAD);
		assert_memory_equal(out.data, rows[i].head, FRAME_HEAD);
	}
}

/* All of it is the value, and nothing shorter is one. */
static void values(void **state)
{
	static const struct {
		enum tag type;
		const char *bytes;
		size_t len;
		int want;
	} rows[] = {
#define ROW(type, bytes, want) { type, bytes, sizeof(bytes) - 1, want }
		ROW(TAG_U8, "B\1", 0),
		ROW(TAG_U32, "L\1\2\3\4", 0),
		ROW(TAG_U64, "R12345678", 0),
		ROW(TAG_S64, "r12345678", 0),
		ROW(TAG_USEC, "U12345678", 0),
		ROW(TAG_TIME, "T12345678", 0),
		ROW(TAG_VOLUME, "V1234", 0),
		ROW(TAG_SPEC, "a\3\2\0\0\xac\x44", 0),
		ROW(TAG_TRUE, "1", 0),
		ROW(TAG_TRUE, "0", 0),
		ROW(TAG_STRING, "tname\0", 0),
		ROW(TAG_STRING, "t\0", 0),
		ROW(TAG_STRING, "N", 0),
		ROW(TAG_MAP, "m\0", 0),
		ROW(TAG_MAP, "m\2\1\2", 0),
		ROW(TAG_MAP,
		    "m\x20"
		    "0123456789abcdef0123456789abcdef",
		    0),
		ROW(TAG_MAP,
		    "m\x21"
		    "0123456789abcdef0123456789abcdef!",
		    -EBADMSG),
		ROW(TAG_VOLUMES, "v\1\0\1\0\0", 0),
		ROW(TAG_STRING, "tname", -EBADMSG),
		ROW(TAG_STRING, "L\1\2\3\4", -EBADMSG),
		ROW(TAG_U32, "B\1\2\3\4", -EBADMSG),
		ROW(TAG_U32, "V1234", -EBADMSG),
		ROW(TAG_S64, "R12345678", -EBADMSG),
		ROW(TAG_TRUE, "N", -EBADMSG),
		ROW(TAG_PROPS, "PN", -EBADMSG),
		ROW(TAG_BYTES, "x\0\0\0\0", -EBADMSG),
		ROW(TAG_FORMAT, "fB\1PN", -EBADMSG),
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const uint8_t *at = (const uint8_t *)rows[i].bytes;
		struct tags t = { .at = at, .end = at + rows[i].len };
		struct tag_bytes got;
		int r = tags_any(&t, rows[i].type, &got);

		if (r != rows[i].want || (r == 0 && (got.at != at || got.len != rows[i].len)))
			fail_msg("row %zu: got %d", i, r);
		for (size_t len = 0; r == 0 && len < rows[i].len; len++) {
			t = (struct tags){ .at = at, .end = at + len };
			if (tags_any(&t, rows[i].type, &got) == 0)
				fail_msg("row %zu: %zu bytes of it are one too", i, len);
		}
	}
}

static void bytes_are_as_many_as_told(void **state)
{
	static const uint8_t five[] = "x\0\0\0\5hello";
	const uint8_t *got;
	struct tags t = { .at = five, .end = five + 10 };

	(void)state;
	assert_int_equal(tags_bytes(&t, 5, &got), 0);
	assert_ptr_equal(got, five + 5);
	t = (struct tags){ .at = five, .end = five + 10 };
	assert_int_equal(tags_bytes(&t, 4, &got), -EBADMSG);
	t = (struct tags){ .at = five, .end = five + 9 };
	assert_int_equal(tags_bytes(&t, 5, &got), -EBADMSG);
	t = (struct tags){ .at = (const uint8_t *)"x\xff\xff\xff\xff", .end = NULL };
	t.end = t.at + 5;
	assert_int_equal(tags_bytes(&t, UINT32_MAX, &got), -EBADMSG);
}

static void expect_props(enum props which, const struct buf *in, const struct buf *want)
{
	auto_buf struct buf out = BUF_INIT(PACKET_MAX);
	struct tags t = { .at = (const uint8_t *)in->data,
			  .end = (const uint8_t *)in->data + in->len };

	assert_int_equal(props_copy(&t, which, &out), 0);
	assert_ptr_equal(t.at, t.end);
	assert_int_equal(out.len, want->len);
	assert_memory_equal(out.data, want->data, out.len);
}

/* Of what programs say about themselves, this is left. */
static void properties(void **state)
{
	static const struct {
		enum props which;
		char left;
	} rows[] = { { PROPS_NONE, 'o' },
		     { PROPS_PROGRAM, 'q' },
		     { PROPS_STREAM, 'p' },
		     { PROPS_FORMAT, 'o' } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf in = BUF_INIT(PACKET_MAX), want = BUF_INIT(PACKET_MAX);

		put_value(&in, 'P');
		put_value(&want, rows[i].left);
		expect_props(rows[i].which, &in, &want);
	}
}

/* Only text of one line, and not much. */
static void values_of_properties(void **state)
{
	static const char many[300] = { [0 ... 298] = 'm' };
	static const struct {
		const char *value;
		uint32_t len;
		bool passes;
	} rows[] = {
		{ "song", 5, true },           { "", 1, true },        { "\xc3\xa4", 3, true },
		{ "song", 4, false },          { "song\n", 6, false }, { "\x1b[2J", 5, false },
		{ "a\0b", 4, false },          { "\x7f", 2, false },   { NULL, 0, false },
		{ many, sizeof(many), false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf in = BUF_INIT(PACKET_MAX), want = BUF_INIT(PACKET_MAX);

		buf_add(&in, "P", 1);
		tags_put_string(&in, "media.name");
		tags_put_u32(&in, rows[i].len);
		tags_put_bytes(&in, rows[i].value, rows[i].len);
		tags_put_string(&in, NULL);
		put_value(&want, 'o');
		expect_props(PROPS_STREAM, &in, rows[i].passes ? &in : &want);
	}
}

static void a_program_without_a_name(void **state)
{
	auto_buf struct buf in = BUF_INIT(PACKET_MAX), want = BUF_INIT(PACKET_MAX);

	(void)state;
	put_value(&in, 'o');
	buf_add(&want, "P", 1);
	put_prop(&want, "application.name", PROPS_PROGRAM_NAME);
	tags_put_string(&want, NULL);
	expect_props(PROPS_PROGRAM, &in, &want);
}

static void properties_that_are_torn(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
#define TORN(bytes) { bytes, sizeof(bytes) - 1 }
		TORN(""),
		TORN("N"),
		TORN("P"),
		TORN("Pt\0N"),
		TORN("PtkeyN"),
		TORN("Ptkey\0"),
		TORN("Ptkey\0L\0\0\0\1"),
		TORN("Ptkey\0L\0\0\0\1x\0\0\0\2ab"
		     "N"),
		TORN("Ptkey\0L\0\0\0\2x\0\0\0\2ab"),
		TORN("Ptkey\0Lx\0\0\0\2ab"),
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf out = BUF_INIT(PACKET_MAX);
		struct tags t = { .at = (const uint8_t *)rows[i].bytes,
				  .end = (const uint8_t *)rows[i].bytes + rows[i].len };

		if (props_copy(&t, PROPS_STREAM, &out) != -EBADMSG)
			fail_msg("row %zu is taken for a list", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test(values),
		cmocka_unit_test(bytes_are_as_many_as_told),
		cmocka_unit_test(properties),
		cmocka_unit_test(values_of_properties),
		cmocka_unit_test(a_program_without_a_name),
		cmocka_unit_test(properties_that_are_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
