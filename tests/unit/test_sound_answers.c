/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection learns from answers, and which answers and events pass. */
#include "sound/filter.h"

#include "sound_line.h"

static void no_memory_is_shared(void **state)
{
	static const struct {
		uint32_t client, server;
		uint32_t to_server, to_client;
		unsigned both;
	} rows[] = {
		{ 35, 35, 35, 35, 35 },
		{ 0xc0000023, 0xc0000023, 35, 35, 35 },
		{ 0x80000023, 0x80000014, 35, 20, 20 },
		{ 0x40000010, 35, 16, 35, 16 },
		{ 13, 35, 13, 35, 13 },
		{ 35, 13, 35, 13, 13 },
		{ 99, 98, 35, 35, 35 },
		{ 0x3fff0023, 0xffff0023, 35, 35, 35 },
	};
	struct line *l = *state;

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf asked = BUF_INIT(PACKET_MAX), told = BUF_INIT(PACKET_MAX);

		filter_init(&l->f, cookie);
		put_packet(&asked, COMMAND_AUTH, TAG, "");
		tags_put_u32(&asked, rows[i].to_server);
		tags_put_bytes(&asked, cookie, COOKIE_SIZE);
		put_packet(&told, COMMAND_REPLY, TAG, "");
		tags_put_u32(&told, rows[i].to_client);
		assert_int_equal(introduce(l, TAG, rows[i].client), 0);
		expect_bytes("to the server", &l->to_server, &asked);
		assert_true(l->f.is_waiting);
		assert_int_equal(answer_version(l, TAG, rows[i].server), 0);
		expect_bytes("to the client", &l->to_client, &told);
		assert_false(l->f.is_waiting);
		assert_int_equal(l->f.scope.version, rows[i].both);
		forget(l);
	}
}

static void versions_that_are_too_old(void **state)
{
	struct line *l = *state;

	assert_int_equal(introduce(l, TAG, 12), 0);
	expect_nothing("an old client", &l->to_server);
	expect_error("an old client", &l->to_client, TAG, ERROR_VERSION);
	forget(l);
	assert_int_equal(introduce(l, TAG, 35), 0);
	assert_int_equal(answer_version(l, TAG, 12), 0);
	expect_error("an old server", &l->to_client, TAG, ERROR_PROTOCOL);
	assert_int_equal(l->f.scope.version, 0);
}

static void nothing_before_and_twice(void **state)
{
	struct line *l = *state;

	assert_int_equal(request(l, COMMAND_SET_CLIENT_NAME, TAG, "P"), 0);
	expect_nothing("before", &l->to_server);
	expect_error("before", &l->to_client, TAG, ERROR_ACCESS);
	assert_int_equal(introduce(l, TAG, 35), 0);
	assert_int_equal(answer_version(l, TAG, 35), 0);
	forget(l);
	assert_int_equal(introduce(l, TAG, 0x80000023), 0);
	expect_nothing("again", &l->to_server);
	expect_error("again", &l->to_client, TAG, ERROR_ACCESS);
}

static void streams_are_learned(void **state)
{
	struct line *l = *state;

	l->f.scope.n_streams = 0;
	assert_false(filter_owns(&l->f, OWN_CHANNEL));
	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, TAG, CREATE), 0);
	assert_false(filter_owns(&l->f, OWN_CHANNEL));
	assert_int_equal(reply(l, COMMAND_REPLY, TAG, CREATED), 0);
	expect("made", &l->to_client, COMMAND_REPLY, TAG, CREATED);
	assert_true(filter_owns(&l->f, OWN_CHANNEL));
	assert_int_equal(l->f.scope.streams[0].input, OWN_INPUT);
	forget(l);
	assert_int_equal(request(l, COMMAND_DELETE_PLAYBACK_STREAM, TAG, "c"), 0);
	assert_false(filter_owns(&l->f, OWN_CHANNEL));
}

static void a_stream_that_is_not_made(void **state)
{
	struct line *l = *state;

	l->f.scope.n_streams = 0;
	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, TAG, CREATE), 0);
	assert_int_equal(reply(l, COMMAND_ERROR, TAG, "L"), 0);
	expect("not made", &l->to_client, COMMAND_ERROR, TAG, "L");
	forget(l);
	/* Nobody asked (any more). */
	assert_int_equal(reply(l, COMMAND_REPLY, TAG, CREATED), 0);
	expect_nothing("not asked", &l->to_client);
	assert_false(filter_owns(&l->f, OWN_CHANNEL));
}

static void streams_are_counted(void **state)
{
	struct line *l = *state;

	for (uint32_t i = 1; i < STREAMS_MAX; i++)
		assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, i, CREATE), 0);
	expect_nothing("enough", &l->to_client);
	forget(l);
	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, TAG, CREATE), 0);
	expect_nothing("too many", &l->to_server);
	expect_error("too many", &l->to_client, TAG, ERROR_TOO_LARGE);
}

static void questions_are_counted(void **state)
{
	struct line *l = *state;

	for (uint32_t i = 0; i < ASKED_MAX; i++)
		assert_int_equal(request(l, COMMAND_STAT, i, ""), 0);
	expect_nothing("enough", &l->to_client);
	forget(l);
	assert_int_equal(request(l, COMMAND_STAT, TAG, ""), 0);
	expect_error("too many", &l->to_client, TAG, ERROR_TOO_LARGE);
	/* The same tag twice. */
	assert_int_equal(request(l, COMMAND_STAT, 5, ""), -EBADMSG);
}

#define SINK   \
	"Lss"  \
	"am"   \
	"L"    \
	"v1"   \
	"LsU"  \
	"sL"   \
	"P"    \
	"U"    \
	"VLLL" \
	"B"    \
	"s"    \
	"F"
#define SINK_SEEN \
	"Lss"     \
	"am"      \
	"X"       \
	"v1"      \
	"XeU"     \
	"sL"      \
	"o"       \
	"U"       \
	"VLLX"    \
	"B"       \
	"s"       \
	"F"
#define PLACED STREAM("LN", "F")
#define NAMED STREAM("Xs", "F")
#define USUAL STREAM("Xd", "F")

static void a_place_is_looked_up_first(void **state)
{
	struct line *l = *state;

	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, TAG, NAMED), 0);
	expect("asked", &l->to_server, COMMAND_GET_SINK_INFO, TAG, "Xs");
	assert_true(l->f.is_waiting);
	forget(l);
	assert_int_equal(reply(l, COMMAND_REPLY, TAG, SINK), 0);
	expect("found", &l->to_server, COMMAND_CREATE_PLAYBACK_STREAM, TAG, PLACED);
	expect_nothing("found", &l->to_client);
	assert_false(l->f.is_waiting);
	forget(l);
	assert_int_equal(reply(l, COMMAND_REPLY, TAG, CREATED), 0);
	expect("made", &l->to_client, COMMAND_REPLY, TAG, CREATED);
	assert_int_equal(l->f.scope.n_streams, 2);
}

static void a_place_that_is_none(void **state)
{
	struct line *l = *state;

	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, TAG, PLACED), 0);
	expect("asked", &l->to_server, COMMAND_GET_SINK_INFO, TAG, "LN");
	forget(l);
	assert_int_equal(reply(l, COMMAND_ERROR, TAG, "L"), 0);
	expect_nothing("not found", &l->to_server);
	expect("not found", &l->to_client, COMMAND_ERROR, TAG, "L");
	assert_false(l->f.is_waiting);
	forget(l);
	assert_int_equal(request(l, COMMAND_CREATE_PLAYBACK_STREAM, TAG, USUAL), 0);
	expect("the usual place", &l->to_server, COMMAND_CREATE_PLAYBACK_STREAM, TAG, CREATE);
}

static void what_tells_about_the_host(void **state)
{
	static const struct {
		uint32_t number;
		const char *asked, *told, *passed;
	} rows[] = {
		{ COMMAND_GET_SERVER_INFO, "", "ssssasLLm", NULL },
		{ COMMAND_GET_SERVER_INFO, "", "ssssassLm", "sshhaseLm" },
		{ COMMAND_GET_SINK_INFO, "LN", SINK, SINK_SEEN },
		{ COMMAND_GET_SINK_INFO_LIST, "", SINK SINK, SINK_SEEN SINK_SEEN },
		{ COMMAND_GET_SINK_INFO_LIST, "", "", "" },
		{ COMMAND_GET_SINK_INFO_LIST, "", SINK "L", NULL },
		{ COMMAND_GET_SINK_INPUT_INFO, "i", "isLLLamvUUss1P111f", "isXLLamvUUss1p111f" },
		{ COMMAND_GET_SINK_INPUT_INFO, "i", "IsLLLamvUUss1P111f", NULL },
		{ COMMAND_GET_PLAYBACK_LATENCY, "cT", "UU1TTrrRR", "UU1TTrrRR" },
		{ COMMAND_SET_CLIENT_NAME, "P", "L", "L" },
		{ COMMAND_SET_CLIENT_NAME, "P", "LL", NULL },
	};
	struct line *l = *state;

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char what[16];

		(void)snprintf(what, sizeof(what), "row %zu", i);
		assert_int_equal(request(l, rows[i].number, TAG, rows[i].asked), 0);
		assert_int_equal(reply(l, COMMAND_REPLY, TAG, rows[i].told), 0);
		if (rows[i].passed)
			expect(what, &l->to_client, COMMAND_REPLY, TAG, rows[i].passed);
		else
			expect_error(what, &l->to_client, TAG, ERROR_PROTOCOL);
		forget(l);
	}
}

static void events_of_streams(void **state)
{
	static const struct row rows[] = {
		{ COMMAND_REQUEST, "cL", "cL" },
		{ COMMAND_OVERFLOW, "c", "c" },
		{ COMMAND_UNDERFLOW, "cr", "cr" },
		{ COMMAND_STARTED, "c", "c" },
		{ COMMAND_PLAYBACK_STREAM_SUSPENDED, "c1", "c1" },
		{ COMMAND_PLAYBACK_STREAM_MOVED, "cLs1LLLLU", "cLs1LLLLU" },
		{ COMMAND_PLAYBACK_STREAM_EVENT, "csP", "cso" },
		{ COMMAND_PLAYBACK_BUFFER_ATTR_CHANGED, "cLLLLU", "cLLLLU" },
		{ COMMAND_REQUEST, "CL", NULL },
		{ COMMAND_REQUEST, "c", NULL },
		{ COMMAND_REQUEST, "cLL", NULL },
		{ COMMAND_STARTED, "C", NULL },
		{ 65, "c", NULL },   /* a record stream was ended */
		{ 91, "sP", NULL },  /* an event of the program */
		{ 101, "", NULL },   /* a ring in shared memory */
		{ 103, "LL", NULL }, /* a memfd */
		{ COMMAND_PLAYBACK_STREAM_KILLED, "c", "c" },
		{ COMMAND_STARTED, "c", NULL }, /* it is no more */
	};
	struct line *l = *state;

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char what[16];

		(void)snprintf(what, sizeof(what), "row %zu", i);
		assert_int_equal(reply(l, rows[i].number, NO_INDEX, rows[i].sent), 0);
		if (rows[i].passed)
			expect(what, &l->to_client, rows[i].number, NO_INDEX, rows[i].passed);
		else
			expect_nothing(what, &l->to_client);
		expect_nothing(what, &l->to_server);
		forget(l);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_memory_is_shared, setup_fresh, teardown),
		cmocka_unit_test_setup_teardown(versions_that_are_too_old, setup_fresh, teardown),
		cmocka_unit_test_setup_teardown(nothing_before_and_twice, setup_fresh, teardown),
		TEST(streams_are_learned),
		TEST(a_stream_that_is_not_made),
		TEST(streams_are_counted),
		TEST(questions_are_counted),
		TEST(a_place_is_looked_up_first),
		TEST(a_place_that_is_none),
		TEST(what_tells_about_the_host),
		TEST(events_of_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
