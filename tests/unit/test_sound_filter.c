/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests of a program inside pass to the host's sound server, and what of each. */
#include "sound/filter.h"

#include "sound_line.h"

#define N_COMMANDS 104 /* PA_COMMAND_MAX */

static void try_rows(struct line *l, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char what[80];

		(void)snprintf(what, sizeof(what), "row %zu, command %u '%.40s'", i, rows[i].number,
			       rows[i].sent);
		if (request(l, rows[i].number, TAG + (uint32_t)i, rows[i].sent) < 0)
			fail_msg("%s: the connection is over", what);
		if (rows[i].passed) {
			expect(what, &l->to_server, rows[i].number, TAG + (uint32_t)i,
			       rows[i].passed);
			expect_nothing(what, &l->to_client);
		} else {
			expect_nothing(what, &l->to_server);
			expect_error(what, &l->to_client, TAG + (uint32_t)i, ERROR_ACCESS);
		}
		forget(l);
	}
}

static void what_passes(void **state)
{
	static const struct row rows[] = {
		{ COMMAND_SET_CLIENT_NAME, "P", "q" },
		{ COMMAND_UPDATE_CLIENT_PROPLIST, "zP", "2q" },
		{ COMMAND_CREATE_PLAYBACK_STREAM, CREATE, CREATE },
		{ COMMAND_DRAIN_PLAYBACK_STREAM, "c", "c" },
		{ COMMAND_FLUSH_PLAYBACK_STREAM, "c", "c" },
		{ COMMAND_TRIGGER_PLAYBACK_STREAM, "c", "c" },
		{ COMMAND_PREBUF_PLAYBACK_STREAM, "c", "c" },
		{ COMMAND_CORK_PLAYBACK_STREAM, "c1", "c1" },
		{ COMMAND_CORK_PLAYBACK_STREAM, "c0", "c0" },
		{ COMMAND_GET_PLAYBACK_LATENCY, "cT", "cT" },
		{ COMMAND_SET_PLAYBACK_STREAM_BUFFER_ATTR, "cLLLL11", "cLLLL11" },
		{ COMMAND_UPDATE_PLAYBACK_STREAM_SAMPLE_RATE, "cL", "cL" },
		{ COMMAND_UPDATE_PLAYBACK_STREAM_PROPLIST, "czP", "c2p" },
		{ COMMAND_SET_SINK_INPUT_VOLUME, "iv", "iv" },
		{ COMMAND_SET_SINK_INPUT_MUTE, "i1", "i1" },
		{ COMMAND_GET_SINK_INPUT_INFO, "i", "i" },
		{ COMMAND_GET_SERVER_INFO, "", "" },
		{ COMMAND_GET_SINK_INFO, "XN", "XN" },
		{ COMMAND_GET_SINK_INFO_LIST, "", "" },
		{ COMMAND_LOOKUP_SINK, "s", "s" },
		{ COMMAND_STAT, "", "" },
		{ COMMAND_DELETE_PLAYBACK_STREAM, "c", "c" },
	};

	try_rows(*state, rows, N_ELEMENTS(rows));
}

/* Not moved by the user, asleep when the device is, a device for itself; and properties that servers act on. */
#define GREEDY  \
	"am"    \
	"XN"    \
	"L1LLL" \
	"Lv"    \
	"11111" \
	"1"     \
	"111"   \
	"P"     \
	"11"    \
	"11"    \
	"11"    \
	"1"     \
	"F"
#define OTHER_ENCODING STREAM("XN", "A")

static void a_stream_has_no_more_than_it_needs(void **state)
{
	static const struct row rows[] = {
		{ COMMAND_CREATE_PLAYBACK_STREAM, GREEDY, CREATE },
		{ COMMAND_CREATE_PLAYBACK_STREAM, OTHER_ENCODING, NULL },
	};

	try_rows(*state, rows, N_ELEMENTS(rows));
}

static void what_is_another_programs(void **state)
{
	static const struct row rows[] = {
		{ COMMAND_DELETE_PLAYBACK_STREAM, "C", NULL },
		{ COMMAND_DRAIN_PLAYBACK_STREAM, "C", NULL },
		{ COMMAND_FLUSH_PLAYBACK_STREAM, "C", NULL },
		{ COMMAND_TRIGGER_PLAYBACK_STREAM, "C", NULL },
		{ COMMAND_PREBUF_PLAYBACK_STREAM, "C", NULL },
		{ COMMAND_CORK_PLAYBACK_STREAM, "C1", NULL },
		{ COMMAND_GET_PLAYBACK_LATENCY, "CT", NULL },
		{ COMMAND_SET_PLAYBACK_STREAM_BUFFER_ATTR, "CLLLL11", NULL },
		{ COMMAND_UPDATE_PLAYBACK_STREAM_SAMPLE_RATE, "CL", NULL },
		{ COMMAND_UPDATE_PLAYBACK_STREAM_PROPLIST, "CzP", NULL },
		{ COMMAND_SET_SINK_INPUT_VOLUME, "Iv", NULL },
		{ COMMAND_SET_SINK_INPUT_MUTE, "I1", NULL },
		{ COMMAND_GET_SINK_INPUT_INFO, "I", NULL },
		/* One number is not the other. */
		{ COMMAND_DELETE_PLAYBACK_STREAM, "i", NULL },
		{ COMMAND_SET_SINK_INPUT_MUTE, "c1", NULL },
	};

	try_rows(*state, rows, N_ELEMENTS(rows));
}

static bool has_row(uint32_t number)
{
	static const uint8_t passed[] = {
		9, 10, 3, 4, 12, 13, 14, 20, 21, 22, 29, 35, 37, 41, 42, 43, 60, 69, 72, 74, 81, 82,
	};

	return memchr(passed, (int)number, sizeof(passed)) != NULL;
}

/* Record, upload, sources, modules, cards, clients, kill, move, defaults, extensions, messages, shared memory. */
static void everything_else_is_refused(void **state)
{
	struct line *l = *state;

	for (uint32_t number = 0; number < 2 * N_COMMANDS; number++) {
		char what[32];

		if (has_row(number))
			continue;
		(void)snprintf(what, sizeof(what), "command %u", number);
		assert_int_equal(request(l, number, TAG, "ssLPk"), 0);
		expect_nothing(what, &l->to_server);
		expect_error(what, &l->to_client, TAG, ERROR_ACCESS);
		forget(l);
	}
}

/* A value too few, too many, or of another type. */
static void what_is_no_command(void **state)
{
	static const struct row rows[] = {
		{ COMMAND_SET_CLIENT_NAME, "", NULL },
		{ COMMAND_SET_CLIENT_NAME, "s", NULL },
		{ COMMAND_SET_CLIENT_NAME, "PP", NULL },
		{ COMMAND_DRAIN_PLAYBACK_STREAM, "", NULL },
		{ COMMAND_DRAIN_PLAYBACK_STREAM, "s", NULL },
		{ COMMAND_DRAIN_PLAYBACK_STREAM, "cc", NULL },
		{ COMMAND_CORK_PLAYBACK_STREAM, "cc", NULL },
		{ COMMAND_GET_PLAYBACK_LATENCY, "cU", NULL },
		{ COMMAND_SET_SINK_INPUT_VOLUME, "im", NULL },
		{ COMMAND_GET_SERVER_INFO, "L", NULL },
		{ COMMAND_CREATE_PLAYBACK_STREAM, CREATE "L", NULL },
		{ COMMAND_CREATE_PLAYBACK_STREAM,
		  "am"
		  "XN",
		  NULL },
	};
	struct line *l = *state;

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		if (request(l, rows[i].number, TAG + (uint32_t)i, rows[i].sent) != -EBADMSG)
			fail_msg("row %zu is taken for a command", i);
		expect_nothing("no command", &l->to_server);
	}
}

/* Cut anywhere, a command is none. */
static void a_cut_command(void **state)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX);
	struct line *l = *state;

	put_packet(&packet, COMMAND_CREATE_PLAYBACK_STREAM, TAG, CREATE);
	for (size_t len = 0; len < packet.len; len++) {
		int r = filter_request(&l->f, packet.data, len, &l->to_server, &l->to_client);

		if (r != -EBADMSG || l->to_server.len > 0)
			fail_msg("%zu of %zu bytes are taken for a command", len, packet.len);
	}
}

static void old_versions(void **state)
{
	static const struct row rows[] = {
		{ COMMAND_CREATE_PLAYBACK_STREAM,
		  "am"
		  "XN"
		  "L1LLL"
		  "Lv"
		  "11111"
		  "1"
		  "111"
		  "P",
		  "am"
		  "XN"
		  "L1LLL"
		  "Lv"
		  "11111"
		  "0"
		  "111"
		  "p" },
		{ COMMAND_SET_PLAYBACK_STREAM_BUFFER_ATTR, "cLLLL1", "cLLLL1" },
	};
	struct line *l = *state;

	try_rows(l, rows, N_ELEMENTS(rows));
	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, 1, CREATE), -EBADMSG);
}

static void subscriptions(void **state)
{
	static const struct {
		uint32_t kind;
		char index;
		bool passes;
	} rows[] = {
		{ 0x00, 'L', true },  /* a sink */
		{ 0x01, 'L', false }, /* a source */
		{ 0x02, 'i', true },  { 0x12, 'i', true },  { 0x22, 'i', true },
		{ 0x02, 'I', false }, { 0x12, 'I', false }, { 0x03, 'i', false },
		{ 0x04, 'L', false }, { 0x05, 'L', false }, { 0x06, 'L', false },
		{ 0x07, 'L', true }, /* the server */
		{ 0x09, 'L', false }, { 0x0f, 'L', false },
	};
	auto_buf struct buf all = BUF_INIT(PACKET_MAX), some = BUF_INIT(PACKET_MAX);
	struct line *l = *state;

	put_packet(&all, COMMAND_SUBSCRIBE, TAG, "");
	tags_put_u32(&all, 0x2ff);
	put_packet(&some, COMMAND_SUBSCRIBE, TAG, "");
	tags_put_u32(&some, 0x85);
	assert_int_equal(filter_request(&l->f, all.data, all.len, &l->to_server, &l->to_client), 0);
	expect_bytes("what is subscribed to", &l->to_server, &some);
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf packet = BUF_INIT(PACKET_MAX);

		forget(l);
		put_packet(&packet, COMMAND_SUBSCRIBE_EVENT, NO_INDEX, "");
		tags_put_u32(&packet, rows[i].kind);
		put_value(&packet, rows[i].index);
		assert_int_equal(
			filter_reply(&l->f, packet.data, packet.len, &l->to_server, &l->to_client),
			0);
		if ((l->to_client.len > 0) != rows[i].passes)
			fail_msg("row %zu: event %x", i, rows[i].kind);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_passes),
		TEST(a_stream_has_no_more_than_it_needs),
		TEST(what_is_another_programs),
		TEST(everything_else_is_refused),
		TEST(what_is_no_command),
		TEST(a_cut_command),
		cmocka_unit_test_setup_teardown(old_versions, setup_old, teardown),
		TEST(subscriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
