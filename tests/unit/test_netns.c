/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of a sandbox, readied from outside and looked at from inside by somebody without capabilities
 * over it. Skipped where no namespaces can be made.
 */
#include "run/netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "netns_bench.h"

#define PATIENCE_MS 5000

static struct peer named = { V4(198, 18, 0, 5), 443, SOCK_STREAM };
static struct peer pool_end = { V4(198, 19, 255, 254), 22, SOCK_STREAM };
static struct peer single = { V4(203, 0, 113, 7), 80, SOCK_STREAM };
static struct peer beside = { V4(203, 0, 113, 8), 80, SOCK_STREAM };
static struct peer public = { V4(1, 1, 1, 1), 443, SOCK_STREAM };
static struct peer private = { V4(10, 0, 0, 1), 443, SOCK_STREAM };
static struct peer metadata = { V4(169, 254, 169, 254), 80, SOCK_STREAM };
static struct peer quic = { V4(198, 18, 0, 5), 443, SOCK_DGRAM };
static struct peer own = { V4(127, 0, 0, 1), 80, SOCK_STREAM };
static struct peer dns = { V4(127, 0, 0, 1), 53, SOCK_DGRAM };
static struct peer dns_tcp = { V4(127, 0, 0, 1), 53, SOCK_STREAM };
static struct peer dns6 = { V6_LOOPBACK, 53, SOCK_DGRAM };
static struct peer http6 = { V6_LOOPBACK, 3128, SOCK_STREAM };

/* Where who waits on @fd wanted to go. */
static void accept_for(int fd, const char *want, uint16_t want_port)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct sockaddr_in to = { 0 };
	socklen_t len = sizeof(to);
	char text[INET_ADDRSTRLEN];
	auto_fd int got = -1;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	got = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(got >= 0);
	assert_int_equal(getsockopt(got, SOL_IP, SO_ORIGINAL_DST, &to, &len), 0);
	assert_string_equal(inet_ntop(AF_INET, &to.sin_addr, text, sizeof(text)), want);
	assert_int_equal(ntohs(to.sin_port), want_port);
}

static void a_connection_tells_where_it_wanted_to_go(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_open(&b);
	assert_int_equal(netns_bench_run(&b, &named), 0);
	accept_for(b.fds[ON_REDIRECT], "198.18.0.5", 443);
	assert_int_equal(netns_bench_run(&b, &pool_end), 0);
	accept_for(b.fds[ON_REDIRECT], "198.19.255.254", 22);
	assert_int_equal(netns_bench_run(&b, &single), 0);
	accept_for(b.fds[ON_REDIRECT], "203.0.113.7", 80);
	netns_bench_end(&b);
}

static void nothing_else_has_a_way(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_open(&b);
	assert_int_equal(netns_bench_run(&b, &public), ENETUNREACH);
	assert_int_equal(netns_bench_run(&b, &private), ENETUNREACH);
	assert_int_equal(netns_bench_run(&b, &metadata), ENETUNREACH);
	assert_int_equal(netns_bench_run(&b, &beside), ENETUNREACH);
	assert_int_equal(netns_bench_run(&b, &quic), ECONNREFUSED);
	assert_int_equal(netns_bench_run(&b, &own), ECONNREFUSED);
	netns_bench_end(&b);
}

static void receives(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte = 0;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	assert_int_equal(byte, 'q');
}

static void all_sockets_are_the_ones_asked_for(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_open(&b);
	for (size_t i = 0; i < b.n_fds; i++) {
		if (b.fds[i] < 0)
			continue;
		assert_int_equal(fcntl(b.fds[i], F_GETFD), FD_CLOEXEC);
		assert_true(fcntl(b.fds[i], F_GETFL) & O_NONBLOCK);
	}
	assert_int_equal(netns_bench_run(&b, &dns), 0);
	receives(b.fds[ON_DNS]);
	assert_int_equal(netns_bench_run(&b, &dns_tcp), 0);
	if (b.fds[ON_DNS6] >= 0) {
		assert_int_equal(netns_bench_run(&b, &dns6), 0);
		receives(b.fds[ON_DNS6]);
		assert_int_equal(netns_bench_run(&b, &http6), 0);
	}
	netns_bench_end(&b);
}

/* The namespace is not his, though he is root of the user namespace that he is in. */
static int change_a_link(void *arg)
{
	(void)arg;
	return netns_child_up() < 0 ? errno : 0;
}

static void nobody_inside_changes_it(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_open(&b);
	assert_int_equal(netns_child_run(&b.inside, change_a_link, NULL), EPERM);
	netns_bench_end(&b);
}

static void nothing_is_done_without_need(void **state)
{
	const struct spec_net none = { .mode = NETWORK_NONE };
	struct err e;

	(void)state;
	assert_int_equal(netns_open(-1, 0, &none, NULL, &e), 0);
}

static void too_many_listeners_are_refused(void **state)
{
	const struct spec_net many = { .listens = listens, .n_listens = NETNS_MAX_LISTENS + 1 };
	struct err e;

	(void)state;
	assert_int_equal(netns_open(-1, 0, &many, NULL, &e), -E2BIG);
	assert_string_equal(e.msg,
			    "the sandbox's network has 65 places to listen at, and 64 is the "
			    "most: name fewer services of the host");
}

static void as_many_as_allowed_come_out(void **state)
{
	static struct net_listen many[NETNS_MAX_LISTENS];
	const struct spec_net net = { .listens = many, .n_listens = N_ELEMENTS(many) };
	struct netns_bench b;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(many); i++)
		many[i] = (struct net_listen){ .kind = NET_LISTEN_LOCAL,
					       .addr = V4(127, 0, 0, 1),
					       .port = (uint16_t)(5000 + i) };
	netns_bench_start(&b, 0);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &net, b.fds, &b.e), 0);
	b.n_fds = N_ELEMENTS(many);
	for (size_t i = 0; i < b.n_fds; i++) {
		struct sockaddr_in at = { 0 };
		socklen_t len = sizeof(at);

		assert_int_equal(getsockname(b.fds[i], (struct sockaddr *)&at, &len), 0);
		assert_int_equal(ntohs(at.sin_port), 5000 + i);
	}
	netns_bench_end(&b);
}

/* A second listener at one place cannot be: the message names it, and no descriptor is left over. */
static void a_place_that_is_taken_is_named(void **state)
{
	struct net_listen twice[] = { listens[ON_DNS_TCP], listens[ON_DNS_TCP] };
	const struct spec_net net = { .listens = twice, .n_listens = N_ELEMENTS(twice) };
	int fds[N_ELEMENTS(twice)] = { -7, -7 };
	struct netns_bench b;
	int before, after;

	(void)state;
	netns_bench_start(&b, 0);
	before = dup(STDOUT_FILENO);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &net, fds, &b.e), -EADDRINUSE);
	after = dup(STDOUT_FILENO);
	assert_int_equal(after, before + 1);
	assert_int_equal(fds[0], -7);
	assert_string_equal(
		b.e.msg,
		"cannot ready the sandbox's network: cannot listen on 127.0.0.1:53 inside: "
		"Address already in use; start with --network none or --network host");
	(void)close(before);
	(void)close(after);
	netns_bench_end(&b);
}

static void it_is_quick(void **state)
{
	int64_t best_us = INT64_MAX;

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct timespec from, to;
		struct netns_bench b;
		int64_t us;

		netns_bench_start(&b, 0);
		(void)netns_bench_run(&b, &public); /* it is up */
		(void)clock_gettime(CLOCK_MONOTONIC, &from);
		assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e),
				 0);
		(void)clock_gettime(CLOCK_MONOTONIC, &to);
		b.n_fds = N_LISTENS;
		netns_bench_end(&b);
		us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
		best_us = us < best_us ? us : best_us;
	}
	print_message("netns_open: %ld us at best\n", (long)best_us);
	assert_true(best_us < 20000); /* a tenth of it is usual; a loaded machine is no failure */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_tells_where_it_wanted_to_go),
		cmocka_unit_test(nothing_else_has_a_way),
		cmocka_unit_test(all_sockets_are_the_ones_asked_for),
		cmocka_unit_test(nobody_inside_changes_it),
		cmocka_unit_test(nothing_is_done_without_need),
		cmocka_unit_test(too_many_listeners_are_refused),
		cmocka_unit_test(as_many_as_allowed_come_out),
		cmocka_unit_test(a_place_that_is_taken_is_named),
		cmocka_unit_test(it_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
