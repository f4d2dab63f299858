/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of tcp_load: "tcp_peer ADDRESS PORT" serves any number of connections until it is ended. The first
 * nine bytes of each say what it is for, a letter and a number of 64 bits in the machine's order:
 *
 *     D n   n bytes are sent
 *     U n   n bytes are received, then one is sent
 *     E -   whatever comes is sent back
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/parse.h"

#define HEAD_SIZE 9
#define BLOCK ((size_t)256 << 10)
#define EVENTS 64

struct conn {
	int fd;
	uint8_t head[HEAD_SIZE];
	size_t n_head;
	uint64_t left;
};

static uint8_t block[BLOCK];

static int listen_on(const char *address, const char *port)
{
	struct sockaddr_in where = { .sin_family = AF_INET };
	struct err e = { 0 };
	uint64_t number;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	if (inet_pton(AF_INET, address, &where.sin_addr) != 1)
		errx(1, "'%s' is not an IPv4 address", address);
	if (parse_uint(port, 1, 65535, &number, &e) < 0)
		errx(1, "port '%s' is none from 1 to 65535", port);
	where.sin_port = htons((uint16_t)number);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
	    bind(fd, (const struct sockaddr *)&where, sizeof(where)) < 0 || listen(fd, 4096) < 0)
		err(1, "cannot listen on %s:%s", address, port);
	return fd;
}

static void watch(int epoll, int op, int fd, uint32_t events, void *data)
{
	struct epoll_event event = { .events = events, .data.ptr = data };

	if (epoll_ctl(epoll, op, fd, &event) < 0)
		err(1, "epoll_ctl");
}

static void accept_one(int epoll, int listener)
{
	struct conn *c;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	c = calloc(1, sizeof(*c));
	if (!c)
		err(1, "calloc");
	c->fd = fd;
	watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, c);
}

/* Each step: true if the connection goes on. A call that would have to wait leaves errno EAGAIN. */

static bool goes_on(ssize_t n)
{
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static bool read_head(struct conn *c, int epoll)
{
	ssize_t n = recv(c->fd, c->head + c->n_head, HEAD_SIZE - c->n_head, 0);

	if (n > 0)
		c->n_head += (size_t)n;
	if (c->n_head == HEAD_SIZE) {
		memcpy(&c->left, c->head + 1, sizeof(c->left));
		if (c->head[0] == 'D')
			watch(epoll, EPOLL_CTL_MOD, c->fd, EPOLLOUT, c);
	}
	return goes_on(n);
}

static bool send_some(struct conn *c)
{
	ssize_t n = send(c->fd, block, c->left < BLOCK ? c->left : BLOCK, MSG_NOSIGNAL);

	if (n > 0)
		c->left -= (uint64_t)n;
	return goes_on(n) && c->left > 0;
}

static bool receive_some(struct conn *c)
{
	ssize_t n = recv(c->fd, block, BLOCK, 0);

	if (n > 0)
		c->left -= (uint64_t)n < c->left ? (uint64_t)n : c->left;
	if (n > 0 && c->left == 0)
		(void)send(c->fd, "!", 1, MSG_NOSIGNAL);
	return goes_on(n);
}

/* For small messages: what does not fit into the socket is not kept. */
static bool echo_some(const struct conn *c)
{
	ssize_t n = recv(c->fd, block, BLOCK, 0);

	if (n > 0)
		return send(c->fd, block, (size_t)n, MSG_NOSIGNAL) == n;
	return goes_on(n);
}

static bool serve(struct conn *c, int epoll)
{
	if (c->n_head < HEAD_SIZE)
		return read_head(c, epoll);
	switch (c->head[0]) {
	case 'D':
		return send_some(c);
	case 'U':
		return receive_some(c);
	case 'E':
		return echo_some(c);
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int listener, epoll = epoll_create1(EPOLL_CLOEXEC);

	if (argc != 3)
		errx(2, "usage: tcp_peer ADDRESS PORT");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	listener = listen_on(argv[1], argv[2]);
	watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (!c) {
				accept_one(epoll, listener);
			} else if (!serve(c, epoll)) {
				(void)close(c->fd);
				free(c);
			}
		}
	}
}
