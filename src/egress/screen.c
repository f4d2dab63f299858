/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open tunnel. The server's bytes pass as they come, the client's when first.c has found out what they are:
 *
 *   TLS    the name in the ClientHello must be the one that was allowed; then all passes
 *   HTTP   Host must be it, and the method is judged; one request passes, rewritten, with "Connection: close",
 *          so that nobody sends a second one, to whomever, behind its back
 *   other  passes: there is nothing in it that names a host
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "egress/budget.h"
#include "egress/conn.h"

/* What passes for one connection before others get their turn. */
#define TURN ((size_t)4 << 20)
#define CHUNK ((size_t)16384)
#define READS 64 /* of bytes that nobody wants, likewise */
static const char switching[] = "HTTP/1.1 101";

void screen_pass(struct conn *c, enum screen next)
{
	if (queue_left(&c->in) > 0)
		queue_add(&c->up, queue_first(&c->in), queue_left(&c->in));
	conn_drop(c, queue_left(&c->in));
	c->screen = next;
	conn_deadline(c, 0);
}

/* False if it is closed. */
static bool pass_body(struct conn *c)
{
	bool done = false;
	ssize_t n = queue_left(&c->in) == 0
			    ? 0
			    : http_body_feed(&c->body, (const char *)queue_first(&c->in),
					     queue_left(&c->in), &done);

	if (n < 0) {
		conn_reset(c);
		return false;
	}
	if (n > 0)
		queue_add(&c->up, queue_first(&c->in), (size_t)n);
	conn_drop(c, (size_t)n);
	if (!done)
		return true;
	conn_drop(c, queue_left(&c->in)); /* a second request, or nothing that has a meaning */
	c->screen = SCREEN_DROP;
	return true;
}

bool screen_request(struct conn *c, const struct http_head *head, size_t size)
{
	auto_buf struct buf b = BUF_INIT((size_t)2 * HTTP_HEAD_MAX);
	bool has_body = head->is_chunked || head->length > 0;
	const char *host = c->target.name;
	char addr[NET_ADDR_SIZE];

	if (!host) {
		net_addr_print(&c->target.addr, addr);
		host = addr;
	}
	http_head_write(head, host, c->target.port, &b);
	http_body_init(&c->body, head);
	queue_add(&c->up, buf_text(&b), b.len);
	conn_drop(c, size);
	if (head->wants_upgrade)
		c->screen = SCREEN_UPGRADE;
	else
		c->screen = has_body ? SCREEN_BODY : SCREEN_DROP;
	if (c->screen == SCREEN_BODY)
		return pass_body(c);
	if (c->screen == SCREEN_DROP)
		conn_drop(c, queue_left(&c->in));
	return true;
}

static void read_body(struct conn *c)
{
	while (c->screen == SCREEN_BODY && queue_left(&c->up) == 0 && c->to_server.is_readable &&
	       conn_read(c, CHUNK))
		if (!pass_body(c))
			return;
	if (c->client.fd >= 0 && c->screen == SCREEN_BODY && c->client_ended)
		conn_reset(c); /* it broke off: no server shall take half for the whole */
}

/* Whatever the client says now means nothing; that it has gone does. */
static void read_nothing(struct conn *c)
{
	char bytes[16384];
	ssize_t n = 1;

	for (int i = 0; i < READS && c->to_server.is_readable && n > 0; i++)
		n = recv(c->client.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		conn_reset(c);
	else if (n == 0 || (n < 0 && errno == EAGAIN))
		c->to_server.is_readable = false; /* at its end it still listens */
	else if (c->to_server.is_readable)
		loop_later(&c->egress->loop, &c->work);
}

/* The server's word on the upgrade is looked at, and left where it is. */
static void await_upgrade(struct conn *c)
{
	char bytes[sizeof(switching) - 1];
	ssize_t n = recv(c->server.fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

	if (c->deadline_ms == 0)
		conn_deadline(c, HALF_MS); /* its client is not listened to: it may have gone */
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && memcmp(bytes, switching, (size_t)n) == 0) {
		if ((size_t)n == sizeof(bytes))
			screen_pass(c, SCREEN_RAW);
		return;
	}
	conn_drop(c, queue_left(&c->in));
	c->screen = SCREEN_DROP;
}

static void read_client(struct conn *c)
{
	switch (c->screen) {
	case SCREEN_FIRST:
		first_read(c);
		break;
	case SCREEN_LINE:
		first_read_line(c);
		break;
	case SCREEN_BODY:
		read_body(c);
		break;
	case SCREEN_UPGRADE:
		await_upgrade(c);
		break;
	case SCREEN_DROP:
		read_nothing(c);
		break;
	case SCREEN_RAW:
		break; /* passes unread */
	}
}

static bool is_open(const struct conn *c)
{
	return c->client.fd >= 0 && c->stage == STAGE_OPEN;
}

static int move_down(struct conn *c)
{
	if (c->screen == SCREEN_UPGRADE)
		return 0;
	return flow_move(&c->to_client, &c->egress->pipes, c->server.fd, c->client.fd, TURN);
}

/* A server that takes no more may have said why (413, 401): that is passed on first, though epoll has not told of it. */
static void break_off(struct conn *c)
{
	c->to_client.is_readable = true;
	while (move_down(c) > 0)
		;
	if (c->to_client.is_shut)
		close_start(
			c); /* it has said all: a reset could overtake it while the client still sends */
	else
		conn_reset(c);
}

/* What was judged, from our memory. */
static bool send_up(struct conn *c)
{
	size_t had = queue_left(&c->up);
	ssize_t n;

	if (had == 0)
		return true;
	if (had > budget_left(c)) {
		refuse(c, budget_reason);
		return false;
	}
	n = queue_send(&c->up, c->server.fd);
	if (n > 0) {
		c->sent += (uint64_t)n;
		budget_take(c, (uint64_t)n);
	}
	if (n == -EAGAIN)
		c->to_server.is_writable = false;
	else if (n < 0 && n != -EINTR) {
		break_off(c);
		return false;
	}
	return true;
}

/* 1: more can be done at once; < 0: it is closed. */
static int move_up(struct conn *c)
{
	size_t left = budget_left(c);
	uint64_t before = c->to_server.bytes;
	int r;

	if (c->screen != SCREEN_RAW || queue_left(&c->up) > 0)
		return queue_left(&c->up) == 0 && c->to_server.is_readable &&
		       (c->screen == SCREEN_BODY || c->screen == SCREEN_LINE);
	if (left == 0 &&
	    (c->to_server.held > 0 || (c->to_server.is_readable && !c->to_server.is_at_end))) {
		refuse(c, budget_reason);
		return -EDQUOT;
	}
	r = flow_move(&c->to_server, &c->egress->pipes, c->client.fd, c->server.fd,
		      left < TURN ? left : TURN);
	budget_take(c, c->to_server.bytes - before);
	return r;
}

/* Both have said all; or the server has, to a client whose one request it has answered. */
static bool is_finished(const struct conn *c)
{
	return c->to_client.is_shut && (c->to_server.is_shut || c->screen != SCREEN_RAW);
}

static void move(struct conn *c)
{
	int up = move_up(c);
	int down;

	if (!is_open(c))
		return;
	down = up < 0 ? up : move_down(c);
	if (down < 0) {
		break_off(c);
		return;
	}
	if (is_finished(c)) {
		/* A client that is still speaking would lose the end of the answer to a reset. */
		close_start(c);
		return;
	}
	if ((c->is_half || c->to_client.is_shut || c->to_server.is_shut) && c->deadline_ms == 0)
		conn_deadline(c, HALF_MS);
	if (up > 0 || down > 0)
		loop_later(&c->egress->loop, &c->work);
}

void open_step(struct conn *c)
{
	if (queue_left(&c->down) > 0) {
		ssize_t n = queue_send(&c->down, c->client.fd);

		if (n < 0 && n != -EAGAIN && n != -EINTR)
			conn_reset(c);
		if (n < 0 || queue_left(&c->down) > 0)
			return;
	}
	read_client(c);
	if (is_open(c) && send_up(c))
		move(c);
}

void open_start(struct conn *c)
{
	static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";

	c->stage = STAGE_OPEN;
	conn_deadline(c, 0);
	if (c->via == VIA_LOCAL)
		c->screen = SCREEN_RAW;
	if (c->via == VIA_CONNECT)
		queue_add(&c->down, established, strlen(established));
	if (c->via == VIA_SOCKS)
		hello_answer(c, SOCKS_OK);
	open_step(c);
}
