/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One poll(2) for all. What is waited for follows anew from the state of each connection, so no list of
 * interests can be out of step with it. The bytes are base/flow's matter.
 *
 * A reset is passed on as a reset.
 *
 * A descriptor of which nothing is wanted is not polled, as its POLLHUP would keep the loop running. The one
 * exception is a side that has said all and waits for an answer: there it can only mean that it has gone.
 */
#include "run/carry.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/flow.h"
#include "spec/net_sockaddr.h"

#define TURN ((size_t)1 << 20)
#define RETRY_MS 1000

enum { OUTSIDE, INSIDE, N_SIDES };

struct link {
	int fds[N_SIDES];
	struct flow flows[N_SIDES]; /* by the side that they come from */
	uint16_t port;
	bool is_connected; /* to the inside */
	bool is_v6;        /* 127.0.0.1 was tried before */
};

struct carrier {
	const struct carry_port *ports;
	size_t n_ports;
	struct link *links[CARRY_MAX];
	size_t n_links;
	struct pipes pipes;
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

static short wanted(const struct link *l, int side)
{
	const struct flow *from = &l->flows[side];
	const struct flow *to = &l->flows[!side];
	short events = 0;

	if (!l->is_connected)
		return side == INSIDE ? POLLOUT : 0;
	if (!from->is_at_end && from->is_writable && from->held == 0)
		events |= POLLIN;
	if (!to->is_writable || to->held > 0)
		events |= POLLOUT;
	return events;
}

/* It has said all and not heard all. */
static bool is_waiting(const struct link *l, int side)
{
	return l->is_connected && l->flows[side].is_at_end && !l->flows[!side].is_shut;
}

static struct pollfd link_poll(const struct link *l, int side)
{
	short events = wanted(l, side);
	bool is_watched = events || is_waiting(l, side);

	return (struct pollfd){ .fd = is_watched ? l->fds[side] : -1, .events = events };
}

static bool is_done(const struct link *l)
{
	return l->flows[OUTSIDE].is_shut && l->flows[INSIDE].is_shut;
}

/* False: it has gone while nothing was wanted of it. */
static bool note(struct link *l, int side, const struct pollfd *p)
{
	const short ends = POLLHUP | POLLERR;

	l->flows[side].is_readable |= (p->revents & (POLLIN | ends)) != 0;
	l->flows[!side].is_writable |= (p->revents & (POLLOUT | ends)) != 0;
	return p->events || !(p->revents & ends);
}

/* False: it is over. @p: both sides. */
static bool link_go(struct link *l, struct pipes *pipes, const struct pollfd *p)
{
	if (!l->is_connected)
		return !p[INSIDE].revents || finish_dial(l);
	for (int side = 0; side < N_SIDES; side++)
		if (!note(l, side, &p[side]))
			return false;
	for (int side = 0; side < N_SIDES; side++)
		if (flow_move(&l->flows[side], pipes, l->fds[side], l->fds[!side], TURN) < 0)
			return false;
	return !is_done(l);
}

static struct link *link_new(int fd, uint16_t inside)
{
	struct link *l = malloc(sizeof(*l));

	if (!l)
		return NULL;
	*l = (struct link){ .fds = { [OUTSIDE] = fd, [INSIDE] = -1 }, .port = inside };
	for (int side = 0; side < N_SIDES; side++) {
		l->flows[side] = FLOW_INIT;
		l->flows[side].is_writable = true; /* a new connection is */
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
	for (int side = 0; side < N_SIDES; side++)
		flow_done(&c->links[i]->flows[side], &c->pipes);
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
		if (!link_go(c->links[i], &c->pipes, links + N_SIDES * i))
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

	(void)signal(SIGPIPE, SIG_IGN); /* as flow_move() asks */
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
	pipes_done(&c.pipes);
	return r;
}
