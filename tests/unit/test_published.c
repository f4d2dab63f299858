/* SPDX-License-Identifier: Apache-2.0 */
/* Connections from the host into a network namespace. */
#include "run/carry.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "publish_bench.h"

static void a_port_leads_inside(void **state)
{
	struct publish_bench b;

	(void)state;
	publish_bench_start(&b);
	for (int i = 0; i < 3; i++)
		asks(b.wants[0].port);
	publish_bench_end(&b);
}

static const struct net_addr v6_loopback = { .octets = { [15] = 1 } };
static struct server server6 = { &v6_loopback, 3001 };

/* 127.0.0.1 first; who listens on ::1 alone, as some development servers do, is found as well. */
static void ipv6_alone_is_found(void **state)
{
	struct publish_bench b;

	(void)state;
	publish_bench_start(&b);
	if (netns_child_run(&b.inside, start_server, &server6) == 0)
		asks(b.wants[1].port);
	publish_bench_end(&b);
}

static void without_anybody_inside_it_is_reset(void **state)
{
	struct publish_bench b;
	char byte;

	(void)state;
	publish_bench_start(&b);
	for (int i = 0; i < 3; i++) {
		auto_fd int fd = dial(b.wants[1].port);

		assert_true(fd >= 0 || fd == -ECONNRESET);
		if (fd < 0)
			continue;
		assert_int_equal(read(fd, &byte, 1), -1);
		assert_int_equal(errno, ECONNRESET);
	}
	asks(b.wants[0].port);
	publish_bench_end(&b);
}

/* More than all buffers on the way hold, so that each side has to wait for the other. */
static void much_comes_through_whole(void **state)
{
	char *bytes = malloc(BIG);
	size_t got = 0;
	struct publish_bench b;
	ssize_t n = 0;
	int fd;

	(void)state;
	assert_non_null(bytes);
	publish_bench_start(&b);
	fd = dial(b.wants[0].port);
	for (size_t i = 0; i < BIG; i++)
		bytes[i] = (char)('a' + i % 23);
	for (size_t at = 0; at < BIG; at += (size_t)n) {
		n = write(fd, bytes + at, BIG - at);
		assert_true(n > 0);
	}
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	while ((n = read(fd, bytes + got, BIG - got)) > 0)
		got += (size_t)n;
	assert_int_equal(got, BIG);
	for (size_t i = 0; i < BIG; i++)
		if (bytes[i] != (char)('A' + i % 23))
			fail();
	(void)close(fd);
	publish_bench_end(&b);
	free(bytes);
}

/* One that says nothing keeps nobody else waiting, and takes no processor time. */
static void idle_ones_cost_nothing(void **state)
{
	struct timespec before, after;
	clockid_t its_clock;
	struct publish_bench b;
	int idle[20];

	(void)state;
	publish_bench_start(&b);
	for (size_t i = 0; i < N_ELEMENTS(idle); i++)
		idle[i] = dial(b.wants[0].port);
	/* One is reset, one has said all it has to say. */
	(void)setsockopt(idle[3], SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
			 sizeof(struct linger));
	close_fd(&idle[3]);
	(void)shutdown(idle[5], SHUT_WR);
	(void)usleep(50000);
	assert_int_equal(clock_getcpuclockid(b.publish.child.pid, &its_clock), 0);
	assert_int_equal(clock_gettime(its_clock, &before), 0);
	(void)usleep(300000);
	assert_int_equal(clock_gettime(its_clock, &after), 0);
	assert_int_equal(after.tv_sec, before.tv_sec);
	assert_true(after.tv_nsec - before.tv_nsec < 5000000);
	for (size_t i = 0; i < N_ELEMENTS(idle); i++)
		close_fd(&idle[i]);
	asks(b.wants[0].port);
	publish_bench_end(&b);
}

/* All are accepted by the kernel; those above the most wait until one has ended, and none is lost. */
static void more_than_the_most_wait(void **state)
{
	struct publish_bench b;
	int fds[CARRY_MAX + 10];
	struct pollfd late;

	(void)state;
	publish_bench_start(&b);
	for (size_t i = 0; i < N_ELEMENTS(fds); i++) {
		fds[i] = dial(b.wants[0].port);
		assert_true(fds[i] >= 0);
	}
	late = (struct pollfd){ .fd = fds[N_ELEMENTS(fds) - 1], .events = POLLIN };
	assert_int_equal(write(late.fd, "hello", 5), 5);
	assert_int_equal(shutdown(late.fd, SHUT_WR), 0);
	assert_int_equal(poll(&late, 1, 100), 0);
	for (size_t i = 0; i + 1 < N_ELEMENTS(fds); i++)
		close_fd(&fds[i]);
	hears(late.fd, "HELLO");
	(void)close(late.fd);
	publish_bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_leads_inside),
		cmocka_unit_test(ipv6_alone_is_found),
		cmocka_unit_test(without_anybody_inside_it_is_reset),
		cmocka_unit_test(much_comes_through_whole),
		cmocka_unit_test(idle_ones_cost_nothing),
		cmocka_unit_test(more_than_the_most_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
