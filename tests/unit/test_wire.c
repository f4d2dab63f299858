/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

static const struct wire_msg start = { .kind = WIRE_START, .job = 1, .value = JOB_TTY };
static const struct wire_msg failed = { .kind = WIRE_FAILED, .value = STEP_FORK, .value2 = EAGAIN };

struct channel {
	int near;
	int far;
};

static int setup(void **state)
{
	static struct channel c;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	c = (struct channel){ .near = pair[0], .far = pair[1] };
	*state = &c;
	return 0;
}

static int teardown(void **state)
{
	struct channel *c = *state;

	close_fd(&c->near);
	close_fd(&c->far);
	return 0;
}

static int receive(int fd, struct wire_msg *ret, size_t *ret_n_fds)
{
	int fds[WIRE_MAX_FDS];
	int r = wire_recv(fd, ret, fds, ret_n_fds);

	wire_close(fds, *ret_n_fds);
	return r;
}

static void descriptors_travel_and_close_on_exec(void **state)
{
	const struct channel *c = *state;
	const int sent[] = { STDIN_FILENO, c->far, c->near, STDERR_FILENO };
	int fds[WIRE_MAX_FDS];
	struct wire_msg got;
	size_t n = 0;

	assert_int_equal(wire_send(c->near, &start, sent, N_ELEMENTS(sent)), 0);
	assert_int_equal(wire_recv(c->far, &got, fds, &n), 1);
	assert_memory_equal(&got, &start, sizeof(got));
	assert_int_equal(n, N_ELEMENTS(sent));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
	wire_close(fds, n);
}

/* A keeper that refuses the founder has not read the founder's job. */
static void the_last_words_of_a_peer_that_read_nothing_arrive(void **state)
{
	struct channel *c = *state;
	struct wire_msg got = { 0 };
	size_t n;

	assert_int_equal(wire_send(c->near, &start, NULL, 0), 0);
	assert_int_equal(wire_send(c->far, &failed, NULL, 0), 0);
	close_fd(&c->far);
	assert_int_equal(receive(c->near, &got, &n), 1);
	assert_memory_equal(&got, &failed, sizeof(got));
	assert_int_equal(receive(c->near, &got, &n), 0);
	assert_int_equal(receive(c->near, &got, &n), 0);
}

static void what_is_no_message_is_refused_with_its_descriptors(void **state)
{
	const struct channel *c = *state;
	char bytes[sizeof(struct wire_msg) + 1] = { 0 };
	struct wire_msg got;
	size_t n;

	for (size_t len = 1; len <= sizeof(bytes); len++) {
		if (len == sizeof(struct wire_msg))
			continue;
		assert_int_equal(send(c->near, bytes, len, 0), len);
		assert_int_equal(receive(c->far, &got, &n), -EBADMSG);
		assert_int_equal(n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(descriptors_travel_and_close_on_exec, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_last_words_of_a_peer_that_read_nothing_arrive,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_message_is_refused_with_its_descriptors,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
