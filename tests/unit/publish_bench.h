/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of the host that lead into a network namespace: what stands inside, and who dials from outside. After
 * <cmocka.h>.
 */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/auto.h"
#include "netns_child.h"
#include "run/listener.h"
#include "run/publish.h"
#include "spec/net_sockaddr.h"

#define PATIENCE_MS 5000
#define BIG ((size_t)4 << 20)

static const struct net_addr v4_loopback = { .octets = { [10] = 0xff, 0xff, 127, 0, 0, 1 } };

/* What stands inside at a port: sends back what it gets, in capitals, after it has got all of it. */
struct server {
	const struct net_addr *addr;
	uint16_t port;
};

static struct server server4 = { &v4_loopback, 3000 };

/* In a child of its own inside; it goes with its parent. */
static inline void serve(int listener)
{
	static char bytes[BIG];

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		size_t len = 0;
		ssize_t n;

		while ((n = read(fd, bytes + len, sizeof(bytes) - len)) > 0)
			len += (size_t)n;
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(bytes[i] - 'a' + 'A');
		for (size_t at = 0; at < len && n >= 0; at += (size_t)n)
			n = write(fd, bytes + at, len - at);
		(void)close(fd);
	}
}

static inline int start_server(void *arg)
{
	const struct server *s = arg;
	int fd = listener_open(s->addr, s->port, SOCK_STREAM);
	pid_t parent = getpid();

	if (fd < 0)
		return -fd;
	(void)fcntl(fd, F_SETFL, 0);
	if (fork() == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			serve(fd);
		_exit(0);
	}
	(void)close(fd);
	return 0;
}

struct publish_bench {
	struct netns_child inside;
	struct publish publish;
	struct net_publish wants[2];
	struct spec_net net;
	int end[2];
	struct err e;
};

static inline uint16_t port_of(int listener)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);

	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

/* Ports that are free on this host: they were a moment ago. */
static inline uint16_t free_port(void)
{
	int fd = listener_open(&v4_loopback, 0, SOCK_STREAM);
	uint16_t port = port_of(fd);

	(void)close(fd);
	return port;
}

/* Somebody else on this host may take a port between the moment it was seen free and ours: then others are tried. */
static inline void publish_bench_listen(struct publish_bench *b)
{
	int r = -EADDRINUSE;

	b->net = (struct spec_net){ .publish = b->wants, .n_publish = 2 };
	for (int i = 0; i < 10 && r == -EADDRINUSE; i++) {
		b->wants[0] = (struct net_publish){ v4_loopback, free_port(), 3000 };
		b->wants[1] = (struct net_publish){ v4_loopback, free_port(), 3001 };
		r = publish_listen(&b->publish, &b->net, &b->e);
	}
	assert_int_equal(r, 0);
}

static inline void publish_bench_start(struct publish_bench *b)
{
	*b = (struct publish_bench){ .publish = PUBLISH_NONE };
	netns_child_need(&b->inside, 0);
	assert_int_equal(netns_child_run(&b->inside, start_server, &server4), 0);
	assert_int_equal(pipe2(b->end, O_CLOEXEC), 0);
	publish_bench_listen(b);
	assert_int_equal(
		publish_start(&b->publish, b->inside.pidfd, b->inside.pid, b->end[0], &b->e), 0);
}

static inline void publish_bench_end(struct publish_bench *b)
{
	publish_done(&b->publish);
	netns_child_end(&b->inside);
	close_fd(&b->end[0]);
	close_fd(&b->end[1]);
}

static inline int dial(uint16_t port)
{
	const struct net_sockaddr a = net_sockaddr_make(&v4_loopback, port);
	const struct timeval limit = { .tv_sec = PATIENCE_MS / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, &a.any, a.len) == 0)
		return fd;
	(void)close(fd);
	return -errno;
}

static inline void hears(int fd, const char *want)
{
	char text[64] = "";
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	assert_string_equal(text, want);
}

static inline void asks(uint16_t port)
{
	auto_fd int fd = dial(port);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hello", 5), 5);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	hears(fd, "HELLO");
}
