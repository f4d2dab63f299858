/* SPDX-License-Identifier: Apache-2.0 */
#include "base/flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

#define LOTS ((size_t)3 << 20)

/* client <-> from -> to <-> server: what the client sends, the server gets; and back. */
struct world {
	int client, from, to, server;
	struct pipes pipes;
	struct flow flow, back;
};

static void tcp_pair(int ret[static 2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(listener, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&addr, &size), 0);
	ret[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(ret[0], (const struct sockaddr *)&addr, sizeof(addr)), 0);
	ret[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(ret[1] >= 0);
	(void)close(listener);
}

static int setup(void **state)
{
	struct world *w = *state = calloc(1, sizeof(*w));
	int pair[2];

	if (!w)
		return -1;
	tcp_pair(pair);
	w->client = pair[0];
	w->from = pair[1];
	tcp_pair(pair);
	w->server = pair[0];
	w->to = pair[1];
	w->flow = w->back = FLOW_INIT;
	w->flow.is_writable = w->back.is_writable = true;
	(void)signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	flow_done(&w->flow, &w->pipes);
	flow_done(&w->back, &w->pipes);
	pipes_done(&w->pipes);
	(void)close(w->client);
	(void)close(w->from);
	(void)close(w->to);
	(void)close(w->server);
	free(w);
	return 0;
}

/* As much as goes without waiting; what was sent is bytes 0, 1, 2, ... from @at. */
static size_t push(int fd, size_t at, size_t most)
{
	unsigned char bytes[4096];
	size_t sent = 0;

	while (sent < most) {
		size_t len = most - sent < sizeof(bytes) ? most - sent : sizeof(bytes);
		ssize_t n;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (unsigned char)((at + sent + i) * 7 >> 3);
		n = send(fd, bytes, len, MSG_DONTWAIT);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	return sent;
}

static size_t pull(int fd, size_t at, size_t most)
{
	unsigned char bytes[65536];
	size_t got = 0;

	while (got < most) {
		size_t len = most - got < sizeof(bytes) ? most - got : sizeof(bytes);
		ssize_t n = recv(fd, bytes, len, MSG_DONTWAIT);

		if (n <= 0)
			break;
		for (size_t i = 0; i < (size_t)n; i++)
			assert_int_equal(bytes[i], (unsigned char)((at + got + i) * 7 >> 3));
		got += (size_t)n;
	}
	return got;
}

/* As after an event of both sockets. */
static int move_there(struct world *w)
{
	w->flow.is_readable = w->flow.is_writable = true;
	return flow_move(&w->flow, &w->pipes, w->from, w->to, (size_t)1 << 20);
}

static int move_back(struct world *w)
{
	w->back.is_readable = w->back.is_writable = true;
	return flow_move(&w->back, &w->pipes, w->to, w->from, (size_t)1 << 20);
}

/* Both ends try whenever they can, as after events of epoll. */
static void pass_lots(struct world *w)
{
	size_t sent = 0;
	size_t got = 0;

	while (got < LOTS) {
		sent += push(w->client, sent, LOTS - sent);
		assert_true(move_there(w) >= 0);
		got += pull(w->server, got, LOTS);
	}
	assert_int_equal(got, LOTS);
	assert_int_equal(w->flow.bytes, LOTS);
	assert_int_equal(w->flow.held, 0);
	assert_int_equal(w->flow.pipe[0], -1); /* an idle flow holds none */
}

static void bytes_arrive_through_a_pipe(void **state)
{
	struct world *w = *state;

	pass_lots(w);
	assert_int_equal(w->pipes.n, 1);
	assert_int_equal(w->pipes.n_made, 1);
}

static void without_a_pipe_they_arrive_as_well(void **state)
{
	struct world *w = *state;

	w->pipes.n_made = PIPES_MAX; /* others have all of them */
	pass_lots(w);
	assert_int_equal(w->pipes.n, 0);
	w->pipes.n_made = 0;
}

static void whoever_reads_nothing_holds_no_memory_of_ours(void **state)
{
	struct world *w = *state;

	w->pipes.n_made = PIPES_MAX;
	for (int i = 0; i < 200; i++) {
		(void)push(w->client, 0, LOTS);
		w->flow.is_readable = true;
		assert_true(flow_move(&w->flow, &w->pipes, w->from, w->to, (size_t)1 << 20) >= 0);
	}
	assert_false(w->flow.is_writable);
	assert_int_equal(w->flow.held, 0);
	w->pipes.n_made = 0;
}

static void no_more_than_was_asked_for(void **state)
{
	struct world *w = *state;

	for (size_t made = 0; made <= PIPES_MAX; made += PIPES_MAX) {
		w->pipes.n_made = made;
		w->flow.bytes = 0;
		assert_int_equal(push(w->client, 0, 5000), 5000);
		usleep(20000);
		w->flow.is_readable = w->flow.is_writable = true;
		assert_int_equal(flow_move(&w->flow, &w->pipes, w->from, w->to, 1000), 1);
		assert_int_equal(w->flow.bytes, 1000);
		assert_true(flow_move(&w->flow, &w->pipes, w->from, w->to, LOTS) >= 0);
		assert_int_equal(w->flow.bytes, 5000);
		usleep(20000);
		assert_int_equal(pull(w->server, 0, LOTS), 5000);
		pipes_done(&w->pipes); /* for the second round */
	}
	w->pipes.n_made = 0;
}

/* One side has said all and the other goes on; each end is told after all that came before it. */
static void pass_the_end(struct world *w, size_t n_made)
{
	char byte;

	w->pipes.n_made = n_made;
	assert_int_equal(push(w->client, 0, 3), 3);
	(void)shutdown(w->client, SHUT_WR);
	usleep(20000);
	assert_int_equal(move_there(w), 0);
	assert_true(w->flow.is_shut);
	usleep(20000);
	assert_int_equal(pull(w->server, 0, LOTS), 3);
	assert_int_equal(recv(w->server, &byte, 1, MSG_DONTWAIT), 0);

	assert_int_equal(push(w->server, 0, 5), 5);
	usleep(20000);
	assert_int_equal(move_back(w), 0);
	assert_false(w->back.is_shut);
	(void)shutdown(w->server, SHUT_WR);
	usleep(20000);
	assert_int_equal(move_back(w), 0);
	assert_true(w->back.is_shut);
	usleep(20000);
	assert_int_equal(pull(w->client, 0, LOTS), 5);
	assert_int_equal(recv(w->client, &byte, 1, MSG_DONTWAIT), 0);
	w->pipes.n_made = w->pipes.n;
}

static void the_end_is_passed_on_once_all_has_been(void **state)
{
	pass_the_end(*state, 0);
}

static void also_without_a_pipe(void **state)
{
	pass_the_end(*state, PIPES_MAX);
}

/* One way is slow, the other is not any slower for that; all arrives on both. */
static void pass_both_ways(struct world *w, size_t n_made)
{
	size_t sent = 0;
	size_t got = 0;
	size_t sent_back = 0;
	size_t got_back = 0;
	size_t got_meanwhile = 0;
	bool has_waited = false;
	const int little = 16384;

	(void)setsockopt(w->server, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	(void)setsockopt(w->to, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	w->pipes.n_made = n_made;
	while (got < LOTS || got_back < LOTS) {
		sent += push(w->client, sent, LOTS - sent);
		sent_back += push(w->server, sent_back, LOTS - sent_back);
		assert_true(move_there(w) >= 0);
		assert_true(move_back(w) >= 0);
		assert_true(w->flow.held <= PIPE_LARGE);
		has_waited |= !w->flow.is_writable;
		got += pull(w->server, got, got_back < LOTS ? 512 : LOTS);
		got_back += pull(w->client, got_back, LOTS);
		if (got_back < LOTS)
			got_meanwhile = got;
	}
	assert_true(has_waited);
	assert_true(got_meanwhile < LOTS / 2);
	assert_int_equal(w->flow.bytes, LOTS);
	assert_int_equal(w->back.bytes, LOTS);
	assert_int_equal(w->flow.held + w->back.held, 0);
	w->pipes.n_made = w->pipes.n;
}

static void a_slow_reader_slows_its_own_direction(void **state)
{
	pass_both_ways(*state, 0);
}

static void so_it_does_without_a_pipe(void **state)
{
	pass_both_ways(*state, PIPES_MAX);
}

/* pipe(2) itself fails, as it does for a user who has too many. */
static void without_descriptors_they_arrive_as_well(void **state)
{
	struct rlimit before, none;
	int next = dup(STDIN_FILENO);

	(void)close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	pass_lots(*state);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(((struct world *)*state)->pipes.n_made, 0);
}

static void reset(int *fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	assert_int_equal(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	close_fd(fd);
	usleep(20000);
}

static void a_reset_of_who_sends_is_an_error(void **state)
{
	struct world *w = *state;

	reset(&w->client);
	assert_int_equal(move_there(w), -ECONNRESET);
	assert_false(w->flow.is_shut); /* this is no end */
	assert_int_equal(w->pipes.n, w->pipes.n_made);
}

static void it_is_without_a_pipe(void **state)
{
	struct world *w = *state;

	w->pipes.n_made = PIPES_MAX;
	reset(&w->client);
	assert_int_equal(move_there(w), -ECONNRESET);
	assert_false(w->flow.is_shut);
	w->pipes.n_made = 0;
}

/* Nobody reads, until bytes have to wait on the way. */
static void fill_up(struct world *w)
{
	size_t sent = 0;

	for (int i = 0; i < 200; i++) {
		sent += push(w->client, sent, 8 * LOTS);
		w->flow.is_readable = true;
		assert_true(flow_move(&w->flow, &w->pipes, w->from, w->to, (size_t)1 << 20) >= 0);
		usleep(100);
	}
	assert_false(w->flow.is_writable);
}

/* What is left in the pipe must not reach whoever borrows it next: it is closed. */
static void a_reset_of_who_reads_is_an_error(void **state)
{
	struct world *w = *state;

	fill_up(w);
	assert_true(w->flow.held > 0);
	reset(&w->server);
	assert_int_equal(move_there(w), -ECONNRESET);
	flow_done(&w->flow, &w->pipes);
	flow_done(&w->flow, &w->pipes);
	assert_int_equal(w->flow.pipe[0], -1);
	assert_int_equal(w->flow.pipe[1], -1);
	assert_int_equal(w->pipes.n, 0);
	assert_int_equal(w->pipes.n_made, 0);
}

static void so_it_is_without_a_pipe(void **state)
{
	struct world *w = *state;

	w->pipes.n_made = PIPES_MAX;
	fill_up(w);
	reset(&w->server);
	assert_int_equal(move_there(w), -ECONNRESET);
	assert_int_equal(move_there(w), -EPIPE);
	w->pipes.n_made = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bytes_arrive_through_a_pipe, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_pipe_they_arrive_as_well, setup,
						teardown),
		cmocka_unit_test_setup_teardown(whoever_reads_nothing_holds_no_memory_of_ours,
						setup, teardown),
		cmocka_unit_test_setup_teardown(no_more_than_was_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_is_passed_on_once_all_has_been, setup,
						teardown),
		cmocka_unit_test_setup_teardown(also_without_a_pipe, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slow_reader_slows_its_own_direction, setup,
						teardown),
		cmocka_unit_test_setup_teardown(so_it_does_without_a_pipe, setup, teardown),
		cmocka_unit_test_setup_teardown(without_descriptors_they_arrive_as_well, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_reset_of_who_sends_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(it_is_without_a_pipe, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reset_of_who_reads_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(so_it_is_without_a_pipe, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
