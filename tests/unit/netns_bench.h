/* SPDX-License-Identifier: Apache-2.0 */
/* A sandbox whose network is readied from outside, and what somebody inside reaches in it. After <cmocka.h>. */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/auto.h"
#include "netns_child.h"
#include "run/netns.h"
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
static inline int reach(void *arg)
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

struct netns_bench {
	struct netns_child inside;
	int fds[NETNS_MAX_LISTENS];
	size_t n_fds;
	struct err e;
};

static inline void netns_bench_start(struct netns_bench *b, int up_after_ms)
{
	*b = (struct netns_bench){ 0 };
	netns_child_need(&b->inside, up_after_ms);
}

static inline void netns_bench_end(struct netns_bench *b)
{
	for (size_t i = 0; i < b->n_fds; i++)
		close_fd(&b->fds[i]);
	netns_child_end(&b->inside);
}

static inline void netns_bench_open(struct netns_bench *b)
{
	int r;

	netns_bench_start(b, 0);
	r = netns_open(b->inside.pidfd, b->inside.pid, &filtered, b->fds, &b->e);
	if (r < 0)
		print_error("%s\n", b->e.msg);
	assert_int_equal(r, 0);
	b->n_fds = N_LISTENS;
}

static inline int netns_bench_run(const struct netns_bench *b, struct peer *peer)
{
	return netns_child_run(&b->inside, reach, peer);
}
