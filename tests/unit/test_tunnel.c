/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/tunnel.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

#define LOTS ((size_t)3 << 20)

/* client <-> from -> to <-> server: what the client sends, the server gets. */
struct world {
	int client, from, to, server;
	struct pipes pipes;
	struct flow flow;
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
	w->flow = FLOW_INIT;
	w->flow.is_writable = true;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	flow_done(&w->flow, &w->pipes);
	pipes_done(&w->pipes);
	(void)close(w->client);
	(void)close(w->from);
	(void)close(w->to);
	(void)close(w->server);
	free(w);
	return 0;
}

/* As much as goes without waiting; what was sent is bytes 0, 1, 2, ... from @at. */
static size_t push(const struct world *w, size_t at, size_t most)
{
	unsigned char bytes[4096];
	size_t sent = 0;

	while (sent < most) {
		size_t len = most - sent < sizeof(bytes) ? most - sent : sizeof(bytes);
		ssize_t n;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (unsigned char)((at + sent + i) * 7 >> 3);
		n = send(w->client, bytes, len, MSG_DONTWAIT);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	return sent;
}

static size_t pull(const struct world *w, size_t at)
{
	unsigned char bytes[65536];
	size_t got = 0;
	ssize_t n;

	while ((n = recv(w->server, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		for (size_t i = 0; i < (size_t)n; i++)
			assert_int_equal(bytes[i], (unsigned char)((at + got + i) * 7 >> 3));
		got += (size_t)n;
	}
	return got;
}

/* Both ends try whenever they can, as after events of epoll. */
static void pass_lots(struct world *w)
{
	size_t sent = 0;
	size_t got = 0;

	while (got < LOTS) {
		sent += push(w, sent, LOTS - sent);
		w->flow.is_readable = w->flow.is_writable = true;
		assert_true(flow_move(&w->flow, &w->pipes, w->from, w->to, (size_t)1 << 20) >= 0);
		got += pull(w, got);
	}
	assert_int_equal(got, LOTS);
	assert_int_equal(w->flow.bytes, LOTS);
	assert_int_equal(w->flow.held, 0);
	assert_int_equal(w->flow.pipe[0], -1); /* an idle tunnel holds none */
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
		(void)push(w, 0, LOTS);
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
		assert_int_equal(push(w, 0, 5000), 5000);
		usleep(20000);
		w->flow.is_readable = w->flow.is_writable = true;
		assert_int_equal(flow_move(&w->flow, &w->pipes, w->from, w->to, 1000), 1);
		assert_int_equal(w->flow.bytes, 1000);
		assert_true(flow_move(&w->flow, &w->pipes, w->from, w->to, LOTS) >= 0);
		assert_int_equal(w->flow.bytes, 5000);
		usleep(20000);
		assert_int_equal(pull(w, 0), 5000);
		while (w->pipes.n > 0) { /* for the second round */
			w->pipes.n--;
			(void)close(w->pipes.free[w->pipes.n][0]);
			(void)close(w->pipes.free[w->pipes.n][1]);
		}
	}
	w->pipes.n_made = 0;
}

static void pass_the_end(struct world *w, size_t n_made)
{
	char byte;

	assert_int_equal(push(w, 0, 3), 3);
	(void)shutdown(w->client, SHUT_WR);
	usleep(20000);
	w->flow.is_readable = w->flow.is_writable = true;
	w->pipes.n_made = n_made;
	assert_int_equal(flow_move(&w->flow, &w->pipes, w->from, w->to, LOTS), 0);
	assert_true(w->flow.is_shut);
	usleep(20000);
	assert_int_equal(pull(w, 0), 3);
	assert_int_equal(recv(w->server, &byte, 1, MSG_DONTWAIT), 0);
}

static void the_end_is_passed_on_once_all_has_been(void **state)
{
	pass_the_end(*state, 0);
}

static void also_without_a_pipe(void **state)
{
	pass_the_end(*state, PIPES_MAX);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
