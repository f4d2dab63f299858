/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One poll(2) for all. What is waited for follows anew from the state of each connection, so no list of
 * interests can be out of step with it. A direction has one buffer: it is filled when it is empty and
 * emptied before it is filled again, and whoever is slow slows the other side down by that.
 *
 * Each direction ends by itself, as TCP has it: at the end of one side's bytes the other side is told
 * (shutdown), and may go on. A reset is passed on as a reset.
 *
 * A descriptor of which nothing is wanted is not polled, as its POLLHUP would keep the loop running. The one
 * exception is a side that has said all and waits for an answer: there it can only mean that it has gone.
 */
#include "run/carry.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "spec/net_sockaddr.h"

#define CHUNK ((size_t)32 << 10)
#define RETRY_MS 1000

/* Bytes on their way from one side to the other. */
struct stream {
	uint8_t bytes[CHUNK];
	size_t at, end;
	bool has_ended; /* no more will come */
	bool is_told;   /* and the other side knows */
};

enum { OUTSIDE, INSIDE, N_SIDES };

struct link {
	int fds[N_SIDES];
	struct stream streams[N_SIDES]; /* by the side that they come from */
	uint16_t port;
	bool is_connected; /* to the inside */
	bool is_v6;        /* 127.0.0.1 was tried before */
};

struct carrier {
	const struct carry_port *ports;
	size_t n_ports;
	struct link *links[CARRY_MAX];
	size_t n_links;
	bool is_short; /* of descriptors or memory: nobody is accepted for now */
};

static void link_free(struct link *l)
{
	for (int side = 0; side < N_SIDES; side++)
		close_fd(&l->fds[side]);
	free(l);
}

/* Closing is a reset then. Best effort: else it is an ordinary end. */
static void link_break(const struct link *l)
{
	const struct linger now = { .l_onoff = 1 };

	for (int side = 0; side < N_SIDES; side++)
		if (l->fds[side] >= 0)
			(void)setsockopt(l->fds[side], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* We send what we read as we read it; waiting for more would only be slow. Best effort. */
static void send_at_once(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Begins a connection to the inside; false if that is refused at once. */
static bool dial(struct link *l)
{
	const struct net_sockaddr a =
		net_sockaddr_make(l->is_v6 ? &net_addr_loopback6 : &net_addr_loopback, l->port);

	close_fd(&l->fds[INSIDE]);
	l->fds[INSIDE] = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fds[INSIDE] < 0)
		return false;
	send_at_once(l->fds[INSIDE]);
	return connect(l->fds[INSIDE], &a.any, a.len) == 0 || errno == EINPROGRESS;
}

/* Whoever listens on one family alone is found on the other. */
static bool dial_next(struct link *l)
{
	if (l->is_v6)
		return false;
	l->is_v6 = true;
	return dial(l);
}

static bool finish_dial(struct link *l)
{
	int code = 0;
	socklen_t len = sizeof(code);

	if (getsockopt(l->fds[INSIDE], SOL_SOCKET, SO_ERROR, &code, &len) < 0 || code != 0)
		return dial_next(l);
	l->is_connected = true;
	return true;
}

static bool fill(struct link *l, int side)
{
	struct stream *s = &l->streams[side];
	ssize_t n;

	if (s->has_ended || s->at < s->end)
		return true;
	n = recv(l->fds[side], s->bytes, sizeof(s->bytes), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	s->has_ended = n == 0;
	s->at = 0;
	s->end = (size_t)n;
	return true;
}

static bool empty(struct link *l, int side)
{
	struct stream *s = &l->streams[side];
	int to = l->fds[!side];

	while (s->at < s->end) {
		ssize_t n = send(to, s->bytes + s->at, s->end - s->at, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		s->at += (size_t)n;
	}
	if (s->has_ended && !s->is_told) {
		s->is_told = true;
		return shutdown(to, SHUT_WR) == 0;
	}
	return true;
}

static short wanted(const struct link *l, int side)
{
	const struct stream *from = &l->streams[side];
	const struct stream *to = &l->streams[!side];
	short events = 0;

	if (!l->is_connected)
		return side == INSIDE ? POLLOUT : 0;
	if (!from->has_ended && from->at == from->end)
		events |= POLLIN;
	if (to->at < to->end)
		events |= POLLOUT;
	return events;
}

/* It has said all and not heard all. */
static bool is_waiting(const struct link *l, int side)
{
	return l->is_connected && l->streams[side].has_ended && !l->streams[!side].is_told;
}

static struct pollfd link_poll(const struct link *l, int side)
{
	short events = wanted(l, side);
	bool is_watched = events || is_waiting(l, side);

	return (struct pollfd){ .fd = is_watched ? l->fds[side] : -1, .events = events };
}

static bool is_done(const struct link *l)
{
	return l->streams[OUTSIDE].is_told && l->streams[INSIDE].is_told;
}

/* False: it is over. @p: both sides. */
static bool link_go(struct link *l, const struct pollfd *p)
{
	if (!l->is_connected)
		return !p[INSIDE].revents || finish_dial(l);
	for (int side = 0; side < N_SIDES; side++) {
		if (p[side].revents & (POLLHUP | POLLERR) && !p[side].events)
			return false;
		if (p[side].revents & (POLLIN | POLLHUP | POLLERR) && !fill(l, side))
			return false;
	}
	for (int side = 0; side < N_SIDES; side++)
		if (!empty(l, side))
			return false;
	return !is_done(l);
}

static struct link *link_new(int fd, uint16_t inside)
{
	struct link *l =
		malloc(sizeof(*l)); /* not cleared: the buffers are touched when they are used */

	if (!l)
		return NULL;
	l->fds[OUTSIDE] = fd;
	l->fds[INSIDE] = -1;
	l->port = inside;
	l->is_connected = l->is_v6 = false;
	for (int side = 0; side < N_SIDES; side++) {
		l->streams[side].at = l->streams[side].end = 0;
		l->streams[side].has_ended = l->streams[side].is_told = false;
	}
	send_at_once(fd);
	return l;
}

/* One that went away before it was accepted is no matter. */
static void take(struct carrier *c, const struct carry_port *port)
{
	int fd = accept4(port->listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct link *l;

	if (fd < 0) {
		c->is_short =
			errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
		return;
	}
	l = link_new(fd, port->inside);
	if (!l) {
		c->is_short = true;
		(void)close(fd);
		return;
	}
	if (dial(l) || dial_next(l)) {
		c->links[c->n_links++] = l;
		return;
	}
	link_break(l);
	link_free(l);
}

static void drop(struct carrier *c, size_t i)
{
	if (!is_done(c->links[i]))
		link_break(c->links[i]);
	link_free(c->links[i]);
	c->links[i] = c->links[--c->n_links];
	c->is_short = false;
}

/* The end, the ports, then two for each connection. */
static size_t set_polls(const struct carrier *c, int end, struct pollfd *p)
{
	bool has_room = c->n_links < CARRY_MAX && !c->is_short;
	size_t n = 0;

	p[n++] = (struct pollfd){ .fd = end, .events = POLLIN };
	for (size_t i = 0; i < c->n_ports; i++)
		p[n++] = (struct pollfd){ .fd = has_room ? c->ports[i].listen : -1,
					  .events = POLLIN };
	for (size_t i = 0; i < c->n_links; i++)
		for (int side = 0; side < N_SIDES; side++)
			p[n++] = link_poll(c->links[i], side);
	return n;
}

/* From the last one on: the place of one that is dropped is taken by one that had its turn. */
static void go(struct carrier *c, const struct pollfd *p)
{
	const struct pollfd *links = p + 1 + c->n_ports;

	for (size_t i = c->n_links; i-- > 0;)
		if (!link_go(c->links[i], links + N_SIDES * i))
			drop(c, i);
	for (size_t i = 0; i < c->n_ports; i++)
		if (p[1 + i].revents && c->n_links < CARRY_MAX)
			take(c, &c->ports[i]);
}

int carry(const struct carry_port *ports, size_t n_ports, int end)
{
	struct pollfd polls[1 + CARRY_MAX_PORTS + N_SIDES * CARRY_MAX];
	struct carrier c = { .ports = ports, .n_ports = n_ports };
	int r = n_ports > CARRY_MAX_PORTS ? -E2BIG : 0;

	while (r == 0) {
		size_t n = set_polls(&c, end, polls);

		/* Nobody tells when there is enough again, unless it was one of ours that took it. */
		if (poll(polls, n, c.is_short ? RETRY_MS : -1) < 0) {
			r = errno == EINTR ? 0 : -errno;
			continue;
		}
		c.is_short = false;
		if (polls[0].revents)
			break;
		go(&c, polls);
	}
	while (c.n_links > 0)
		drop(&c, c.n_links - 1);
	return r;
}
