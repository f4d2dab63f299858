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

#include "base/auto.h"
#include "netns_child.h"
#include "spec/config.h"
#include "spec/net_sockaddr.h"

#define V4(a, b, c, d)                                      \
	{                                                   \
		.octets = { [10] = 0xff, 0xff, a, b, c, d } \
	}
#define V6_LOOPBACK                    \
	{                              \
		.octets = { [15] = 1 } \
	}
#define PATIENCE_MS 5000

static struct net_listen listens[] = {
	{ .kind = NET_LISTEN_DNS, .addr = V4(127, 0, 0, 1), .port = 53 },
	{ .kind = NET_LISTEN_DNS_TCP, .addr = V4(127, 0, 0, 1), .port = 53 },
	{ .kind = NET_LISTEN_REDIRECT, .addr = V4(127, 0, 0, 1), .port = 3129 },
	{ .kind = NET_LISTEN_HTTP, .addr = V6_LOOPBACK, .port = 3128 },
	{ .kind = NET_LISTEN_DNS, .addr = V6_LOOPBACK, .port = 53 },
};

enum { ON_DNS, ON_DNS_TCP, ON_REDIRECT, ON_HTTP6, ON_DNS6, N_LISTENS };

static struct net_route routes[] = {
	{ .addr = V4(198, 18, 0, 0), .bits = NET_POOL_BITS },
	{ .addr = V4(203, 0, 113, 7), .bits = 32 },
};

static const struct spec_net filtered = { .mode = NETWORK_FILTERED,
					  .listens = listens,
					  .n_listens = N_ELEMENTS(listens),
					  .routes = routes,
					  .n_routes = N_ELEMENTS(routes) };

struct peer {
	struct net_addr addr;
	uint16_t port;
	int type;
};

/* 0, or the errno. A stream that was accepted, or that waits to be, is connected. */
static int reach(void *arg)
{
	const struct peer *peer = arg;
	const struct net_sockaddr a = net_sockaddr_make(&peer->addr, peer->port);
	auto_fd int fd = socket(a.any.sa_family, peer->type | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &a.any, a.len) < 0)
		return errno;
	/* A datagram's refusal comes with the next call. */
	for (int i = 0; i < 2 && peer->type == SOCK_DGRAM; i++)
		if (send(fd, "q", 1, 0) < 0)
			return errno;
	return 0;
}

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

struct bench {
	struct netns_child inside;
	int fds[NETNS_MAX_LISTENS];
	size_t n_fds;
	struct err e;
};

static void start(struct bench *b, int up_after_ms)
{
	*b = (struct bench){ 0 };
	if (netns_child_start(&b->inside, up_after_ms))
		return;
	netns_child_end(&b->inside);
	print_message("[  SKIP  ] this host makes no user or network namespaces\n");
	skip();
}

static void end(struct bench *b)
{
	for (size_t i = 0; i < b->n_fds; i++)
		close_fd(&b->fds[i]);
	netns_child_end(&b->inside);
}

static void open_filtered(struct bench *b)
{
	int r;

	start(b, 0);
	r = netns_open(b->inside.pidfd, b->inside.pid, &filtered, b->fds, &b->e);
	if (r < 0)
		print_error("%s\n", b->e.msg);
	assert_int_equal(r, 0);
	b->n_fds = N_LISTENS;
}

static int run(const struct bench *b, struct peer *peer)
{
	return netns_child_run(&b->inside, reach, peer);
}

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
	struct bench b;

	(void)state;
	open_filtered(&b);
	assert_int_equal(run(&b, &named), 0);
	accept_for(b.fds[ON_REDIRECT], "198.18.0.5", 443);
	assert_int_equal(run(&b, &pool_end), 0);
	accept_for(b.fds[ON_REDIRECT], "198.19.255.254", 22);
	assert_int_equal(run(&b, &single), 0);
	accept_for(b.fds[ON_REDIRECT], "203.0.113.7", 80);
	end(&b);
}

static void nothing_else_has_a_way(void **state)
{
	struct bench b;

	(void)state;
	open_filtered(&b);
	assert_int_equal(run(&b, &public), ENETUNREACH);
	assert_int_equal(run(&b, &private), ENETUNREACH);
	assert_int_equal(run(&b, &metadata), ENETUNREACH);
	assert_int_equal(run(&b, &beside), ENETUNREACH);
	assert_int_equal(run(&b, &quic), ECONNREFUSED);
	assert_int_equal(run(&b, &own), ECONNREFUSED);
	end(&b);
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
	struct bench b;

	(void)state;
	open_filtered(&b);
	for (size_t i = 0; i < b.n_fds; i++) {
		if (b.fds[i] < 0)
			continue;
		assert_int_equal(fcntl(b.fds[i], F_GETFD), FD_CLOEXEC);
		assert_true(fcntl(b.fds[i], F_GETFL) & O_NONBLOCK);
	}
	assert_int_equal(run(&b, &dns), 0);
	receives(b.fds[ON_DNS]);
	assert_int_equal(run(&b, &dns_tcp), 0);
	if (b.fds[ON_DNS6] >= 0) {
		assert_int_equal(run(&b, &dns6), 0);
		receives(b.fds[ON_DNS6]);
		assert_int_equal(run(&b, &http6), 0);
	}
	end(&b);
}

/* The namespace is not his, though he is root of the user namespace that he is in. */
static int change_a_link(void *arg)
{
	(void)arg;
	return netns_child_up() < 0 ? errno : 0;
}

static void nobody_inside_changes_it(void **state)
{
	struct bench b;

	(void)state;
	open_filtered(&b);
	assert_int_equal(netns_child_run(&b.inside, change_a_link, NULL), EPERM);
	end(&b);
}

/* bubblewrap does it when it comes to it. */
static void it_waits_for_the_loopback(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 200);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e), 0);
	b.n_fds = N_LISTENS;
	end(&b);
}

static void a_loopback_that_stays_down_is_told(void **state)
{
	struct bench b;

	(void)state;
	start(&b, -1);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e),
			 -ETIMEDOUT);
	assert_string_equal(b.e.msg,
			    "cannot ready the sandbox's network: cannot wait for its loopback "
			    "interface: Connection timed out; start with --network none or "
			    "--network host");
	end(&b);
}

static int leave(void *arg)
{
	(void)arg;
	_exit(0);
}

static void an_end_meanwhile_is_not_waited_out(void **state)
{
	struct bench b;

	(void)state;
	start(&b, -1);
	(void)netns_child_run(&b.inside, leave, NULL);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e), -ESRCH);
	assert_string_equal(b.e.msg, "the sandbox ended before its network was ready: try again");
	end(&b);
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
	struct bench b;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(many); i++)
		many[i] = (struct net_listen){ .kind = NET_LISTEN_LOCAL,
					       .addr = V4(127, 0, 0, 1),
					       .port = (uint16_t)(5000 + i) };
	start(&b, 0);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &net, b.fds, &b.e), 0);
	b.n_fds = N_ELEMENTS(many);
	for (size_t i = 0; i < b.n_fds; i++) {
		struct sockaddr_in at = { 0 };
		socklen_t len = sizeof(at);

		assert_int_equal(getsockname(b.fds[i], (struct sockaddr *)&at, &len), 0);
		assert_int_equal(ntohs(at.sin_port), 5000 + i);
	}
	end(&b);
}

/* A second listener at one place cannot be: the message names it, and no descriptor is left over. */
static void a_place_that_is_taken_is_named(void **state)
{
	struct net_listen twice[] = { listens[ON_DNS_TCP], listens[ON_DNS_TCP] };
	const struct spec_net net = { .listens = twice, .n_listens = N_ELEMENTS(twice) };
	int fds[N_ELEMENTS(twice)] = { -7, -7 };
	struct bench b;
	int before, after;

	(void)state;
	start(&b, 0);
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
	end(&b);
}

/* The number belongs to somebody else by now: his network is left alone. */
static void only_that_very_process_is_entered(void **state)
{
	struct bench b;
	struct bench gone;

	(void)state;
	start(&b, 0);
	start(&gone, 0);
	(void)kill(gone.inside.pid, SIGKILL);
	(void)waitpid(gone.inside.pid, NULL, 0);
	gone.inside.pid = 0;
	assert_int_equal(netns_open(gone.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e),
			 -ESRCH);
	assert_string_equal(b.e.msg, "the sandbox ended before its network was ready: try again");
	assert_int_equal(run(&b, &named), ENETUNREACH);
	end(&b);
	end(&gone);
}

/* With the host's network: a process that has none of its own must never have ours changed for it. */
static void the_hosts_network_is_refused(void **state)
{
	struct bench b = { .inside = { .pid = fork() } };

	(void)state;
	assert_true(b.inside.pid >= 0);
	if (b.inside.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pause();
		_exit(0);
	}
	b.inside.pidfd = pidfd_open(b.inside.pid, 0);
	b.inside.orders = b.inside.answers = -1;
	assert_true(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e) < 0);
	assert_non_null(strstr(b.e.msg, "cannot enter its network namespace"));
	end(&b);
}

static void it_is_quick(void **state)
{
	int64_t best_us = INT64_MAX;

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct timespec from, to;
		struct bench b;
		int64_t us;

		start(&b, 0);
		(void)run(&b, &public); /* it is up */
		(void)clock_gettime(CLOCK_MONOTONIC, &from);
		assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e),
				 0);
		(void)clock_gettime(CLOCK_MONOTONIC, &to);
		b.n_fds = N_LISTENS;
		end(&b);
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
		cmocka_unit_test(it_waits_for_the_loopback),
		cmocka_unit_test(a_loopback_that_stays_down_is_told),
		cmocka_unit_test(an_end_meanwhile_is_not_waited_out),
		cmocka_unit_test(nothing_is_done_without_need),
		cmocka_unit_test(too_many_listeners_are_refused),
		cmocka_unit_test(as_many_as_allowed_come_out),
		cmocka_unit_test(a_place_that_is_taken_is_named),
		cmocka_unit_test(only_that_very_process_is_entered),
		cmocka_unit_test(the_hosts_network_is_refused),
		cmocka_unit_test(it_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
