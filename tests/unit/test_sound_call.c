/* SPDX-License-Identifier: Apache-2.0 */
/* One connection through the filter, with sockets: what of it arrives on the other side. */
#include "sound/call.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sound_packet.h"

#include "base/auto.h"
#include "sound/command.h"
#include "sound/frame.h"

#define TAG 9U

static const uint8_t cookie[COOKIE_SIZE] = "the host's own";

/* A program inside, the server of the host, and between them the filter. */
struct line {
	int client, server;
	struct call *call;
	bool is_over;
};

static void go(struct line *l)
{
	for (int rounds = 0; rounds < 100 && !l->is_over; rounds++) {
		struct pollfd p[CALL_FDS];

		call_poll(l->call, p);
		if (poll(p, CALL_FDS, 0) <= 0)
			return;
		l->is_over = !call_go(l->call, p);
	}
}

static void say(struct line *l, int fd, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0 && !l->is_over) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
		go(l);
	}
}

static void say_command(struct line *l, int fd, uint32_t number, const char *letters)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX), frame = BUF_INIT(PACKET_MAX);

	put_packet(&packet, number, TAG, letters);
	frame_put_command(&frame, &packet);
	say(l, fd, frame.data, frame.len);
}

static size_t hear(int fd, void *bytes, size_t size)
{
	ssize_t n = recv(fd, bytes, size, MSG_DONTWAIT);

	return n > 0 ? (size_t)n : 0;
}

static void forget(const struct line *l)
{
	char bytes[4096];

	while (hear(l->client, bytes, sizeof(bytes)) + hear(l->server, bytes, sizeof(bytes)) > 0)
		;
}

static void begin(struct line *l)
{
	auto_buf struct buf auth = BUF_INIT(PACKET_MAX), version = BUF_INIT(PACKET_MAX),
			    frame = BUF_INIT(PACKET_MAX), answer = BUF_INIT(PACKET_MAX);

	put_packet(&auth, COMMAND_AUTH, TAG, "");
	tags_put_u32(&auth, VERSION_LAST);
	put_value(&auth, 'k');
	frame_put_command(&frame, &auth);
	say(l, l->client, frame.data, frame.len);
	put_packet(&version, COMMAND_REPLY, TAG, "");
	tags_put_u32(&version, VERSION_LAST);
	frame_put_command(&answer, &version);
	say(l, l->server, answer.data, answer.len);
	say_command(l, l->client, COMMAND_CREATE_PLAYBACK_STREAM,
		    "amXNL1LLLLv111110111p111011"
		    "0"
		    "F");
	say_command(l, l->server, COMMAND_REPLY, "ciLLLLLamLs1Uf");
	forget(l);
}

static int setup(void **state)
{
	struct line *l = *state = calloc(1, sizeof(*l));
	int client[2], server[2];

	if (!l)
		abort();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, client) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, server) < 0)
		return -1;
	l->client = client[0];
	l->server = server[0];
	l->call = call_new(client[1], server[1], cookie);
	begin(l);
	return l->is_over ? -1 : 0;
}

static int teardown(void **state)
{
	struct line *l = *state;

	call_free(l->call);
	close_fd(&l->client);
	close_fd(&l->server);
	free(l);
	return 0;
}

static void put_samples(struct buf *b, uint32_t channel, uint32_t length, uint8_t byte)
{
	const struct frame f = { .length = length, .channel = channel };

	frame_put(b, &f);
	for (uint32_t i = 0; i < length; i++)
		buf_add(b, &byte, 1);
}

static void samples_of_ones_own(void **state)
{
	auto_buf struct buf sent = BUF_INIT(PACKET_MAX);
	struct line *l = *state;
	char got[4096];

	put_samples(&sent, OWN_CHANNEL, 1000, 'o');
	say(l, l->client, sent.data, sent.len);
	assert_int_equal(hear(l->server, got, sizeof(got)), sent.len);
	assert_memory_equal(got, sent.data, sent.len);
}

/* In the middle of others, which arrive as if they had not been there. */
static void samples_for_others(void **state)
{
	auto_buf struct buf sent = BUF_INIT(PACKET_MAX), want = BUF_INIT(PACKET_MAX);
	struct line *l = *state;
	char got[4096];

	put_samples(&want, OWN_CHANNEL, 10, 'o');
	put_samples(&sent, OWN_CHANNEL, 10, 'o');
	put_samples(&sent, OWN_CHANNEL + 1, 500, 'x');
	put_samples(&sent, 0, 500, 'x');
	put_samples(&sent, OWN_CHANNEL, 10, 'p');
	put_samples(&want, OWN_CHANNEL, 10, 'p');
	say(l, l->client, sent.data, sent.len);
	assert_int_equal(hear(l->server, got, sizeof(got)), want.len);
	assert_memory_equal(got, want.data, want.len);
	assert_false(l->is_over);
}

static void byte_by_byte(void **state)
{
	auto_buf struct buf sent = BUF_INIT(PACKET_MAX), packet = BUF_INIT(PACKET_MAX);
	struct line *l = *state;
	char got[4096];

	put_samples(&sent, OWN_CHANNEL, 30, 'o');
	put_packet(&packet, COMMAND_CORK_PLAYBACK_STREAM, TAG, "c1");
	frame_put_command(&sent, &packet);
	put_samples(&sent, OWN_CHANNEL, 30, 'p');
	for (size_t i = 0; i < sent.len; i++)
		say(l, l->client, sent.data + i, 1);
	assert_int_equal(hear(l->server, got, sizeof(got)), sent.len);
	assert_memory_equal(got, sent.data, sent.len);
}

/* More than is kept: the client waits until the server has taken it. */
static void a_server_that_is_slow(void **state)
{
	auto_buf struct buf sent = BUF_INIT((size_t)8 << 20);
	struct line *l = *state;
	size_t taken = 0;
	char got[65536];

	for (int i = 0; i < 64; i++)
		put_samples(&sent, OWN_CHANNEL, 65000, 'o');
	for (size_t at = 0; at < sent.len || taken < sent.len;) {
		ssize_t n =
			send(l->client, sent.data + at, sent.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		at += n > 0 ? (size_t)n : 0;
		go(l);
		if (n <= 0) {
			assert_true(at - taken < (size_t)2 << 20);
			n = (ssize_t)hear(l->server, got, sizeof(got));
			assert_memory_equal(got, sent.data + taken, (size_t)n);
			taken += (size_t)n;
		}
		assert_false(l->is_over);
	}
	assert_int_equal(taken, sent.len);
}

/* Who asks and does not listen is not asked any further. */
static void a_client_that_does_not_listen(void **state)
{
	auto_buf struct buf packet = BUF_INIT(PACKET_MAX), frame = BUF_INIT(PACKET_MAX);
	struct line *l = *state;
	size_t sent = 0;

	put_packet(&packet, 5, TAG, "");
	frame_put_command(&frame, &packet);
	for (int misses = 0; misses < 100;) {
		ssize_t n = send(l->client, frame.data, frame.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		misses = n < 0 ? misses + 1 : 0;
		sent += n > 0 ? (size_t)n : 0;
		assert_true(sent < (size_t)4 << 20);
		go(l);
	}
	assert_false(l->is_over);
}

static void refused_and_goes_on(void **state)
{
	struct line *l = *state;
	char got[4096];

	say_command(l, l->client, 5, "am"); /* a record stream */
	assert_int_equal(hear(l->server, got, sizeof(got)), 0);
	assert_int_equal(hear(l->client, got, sizeof(got)), FRAME_HEAD + 15);
	assert_false(l->is_over);
	say_command(l, l->client, COMMAND_STAT, "");
	assert_int_equal(hear(l->server, got, sizeof(got)), FRAME_HEAD + 10);
}

static void what_ends_it(void **state)
{
	static const struct {
		char head[FRAME_HEAD + 4];
		bool by_server;
	} rows[] = {
		{ "\0\1\0\1\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0",
		  false },                                                 /* too long a command */
		{ "\0\0\0\x10\0\0\0\7\0\0\0\0\0\0\0\0\x80\0\0\0", false }, /* in shared memory */
		{ "\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0", false },     /* nothing */
		{ "\0\0\0\4\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0Lxxx", false },
		{ "\0\0\0\4\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0xxxx", true }, /* what was recorded */
		{ "\0\x20\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0", true },
	};
	char got[64];

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct line *l;

		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		l = *state;
		say(l, rows[i].by_server ? l->server : l->client, rows[i].head, FRAME_HEAD + 4);
		if (!l->is_over)
			fail_msg("row %zu: it goes on", i);
		assert_int_equal(hear(rows[i].by_server ? l->client : l->server, got, sizeof(got)),
				 0);
	}
}

static void either_side_ends(void **state)
{
	struct line *l = *state;

	close_fd(&l->client);
	go(l);
	assert_true(l->is_over);
	assert_int_equal(teardown(state), 0);
	assert_int_equal(setup(state), 0);
	l = *state;
	close_fd(&l->server);
	go(l);
	assert_true(l->is_over);
}

/* Memory for the server to map, say. */
static void no_descriptor_passes(void **state)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space = { 0 };
	auto_buf struct buf sent = BUF_INIT(PACKET_MAX);
	char got[256];
	struct line *l = *state;
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = space.bytes,
			      .msg_controllen = sizeof(space.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	put_samples(&sent, OWN_CHANNEL, 10, 'o');
	iov = (struct iovec){ .iov_base = sent.data, .iov_len = sent.len };
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(c), &(int){ STDERR_FILENO }, sizeof(int));
	assert_int_equal(sendmsg(l->client, &msg, 0), sent.len);
	go(l);
	iov = (struct iovec){ .iov_base = got, .iov_len = sizeof(got) };
	msg.msg_controllen = sizeof(space.bytes);
	assert_int_equal(recvmsg(l->server, &msg, MSG_DONTWAIT), sent.len);
	assert_int_equal(msg.msg_controllen, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(samples_of_ones_own),
		TEST(samples_for_others),
		TEST(byte_by_byte),
		TEST(a_server_that_is_slow),
		TEST(a_client_that_does_not_listen),
		TEST(refused_and_goes_on),
		TEST(what_ends_it),
		TEST(either_side_ends),
		TEST(no_descriptor_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
