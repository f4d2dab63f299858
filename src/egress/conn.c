/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/clock.h"

static struct conn *of_client(struct watch *w)
{
	return (struct conn *)(void *)((char *)w - offsetof(struct conn, client));
}

static struct conn *of_server(struct watch *w)
{
	return (struct conn *)(void *)((char *)w - offsetof(struct conn, server));
}

static void work(struct task *t)
{
	conn_step((struct conn *)(void *)t);
}

static void note(struct flow *in, struct flow *out, uint32_t events)
{
	const uint32_t ends = EPOLLHUP | EPOLLERR;

	in->is_readable |= (events & (EPOLLIN | EPOLLRDHUP | ends)) != 0;
	out->is_writable |= (events & (EPOLLOUT | ends)) != 0;
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct conn *c = of_client(w);

	note(&c->to_server, &c->to_client, events);
	c->is_half |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	/* Nobody is left who could be answered. */
	if (c->stage != STAGE_OPEN && events & (EPOLLHUP | EPOLLERR))
		conn_close(c);
	else if (c->stage == STAGE_OPEN && c->screen != SCREEN_RAW && events & EPOLLERR)
		conn_reset(c);
	else
		conn_step(c);
}

static void server_ready(struct watch *w, uint32_t events)
{
	struct conn *c = of_server(w);

	note(&c->to_client, &c->to_server, events);
	c->is_half |= c->stage == STAGE_OPEN && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	conn_step(c);
}

const char *conn_via(enum via via)
{
	static const char *const names[] = {
		[VIA_REDIRECT] = "tcp", [VIA_HTTP] = "http",   [VIA_CONNECT] = "connect",
		[VIA_SOCKS] = "socks",  [VIA_LOCAL] = "local",
	};

	return names[via];
}

struct conn *conn_new(struct egress *g, int fd, enum via via)
{
	struct conn *c = g->n_conns < g->max_conns ? calloc(1, sizeof(*c)) : NULL;

	if (!c) {
		(void)close(fd);
		return NULL;
	}
	c->work.run = work;
	c->egress = g;
	c->via = via;
	c->client = (struct watch){ .fd = fd, .ready = client_ready };
	c->server = (struct watch){ .fd = -1, .ready = server_ready };
	c->to_server = c->to_client = FLOW_INIT;
	c->since_ms = clock_ms();
	c->next = g->conns;
	if (g->conns)
		g->conns->prev = c;
	g->conns = c;
	g->n_conns++;
	if (loop_add(&g->loop, &c->client) == 0)
		return c;
	conn_close(c);
	return NULL;
}

void conn_log(struct conn *c, const char *event, const char *reason)
{
	const struct journal_line line = {
		.event = event,
		.via = conn_via(c->via),
		.target = &c->target,
		.rule = c->rule,
		.reason = reason,
		.addr = c->next_addr > 0 ? &c->addrs[c->next_addr - 1] : NULL,
		.bytes_out = c->sent + c->to_server.bytes,
		.bytes_in = c->to_client.bytes,
		.ms = (uint64_t)(clock_ms() - c->since_ms),
	};

	journal_add(&c->egress->journal, &line);
}

const char *conn_reason(struct conn *c, const struct buf *b)
{
	free(c->reason);
	c->reason = strdup(buf_text(b));
	if (!c->reason)
		abort();
	return c->reason;
}

void conn_set_method(struct conn *c, const struct http_head *head)
{
	/* The parser takes none that is longer. */
	(void)snprintf(c->method, sizeof(c->method), "%.*s", (int)head->method.len,
		       head->method.at);
	c->target.method = c->method;
}

static void unlink_conn(struct conn *c)
{
	struct egress *g = c->egress;

	if (c->prev)
		c->prev->next = c->next;
	else
		g->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	g->n_conns--;
}

static void conn_free(struct task *t)
{
	free(t);
}

/* Freed when the round is over: epoll may have told something of it already. */
void conn_close(struct conn *c)
{
	struct egress *g = c->egress;

	if (c->work.run == conn_free)
		return;
	if (c->is_logged)
		conn_log(c, "end", NULL);
	resolver_cancel(&c->lookup);
	if (c->host)
		c->host->n_users--;
	if (c->proxy)
		c->proxy->n_users--;
	flow_done(&c->to_server, &g->pipes);
	flow_done(&c->to_client, &g->pipes);
	loop_close(&c->client);
	loop_close(&c->server);
	queue_done(&c->in);
	queue_done(&c->up);
	queue_done(&c->down);
	queue_done(&c->ask);
	queue_done(&c->answer);
	conn_count(c);
	free(take_ptr(c->reason));
	unlink_conn(c);
	c->work.run = conn_free;
	loop_later(&g->loop, &c->work);
}

static void reset_at_close(const struct watch *w)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (w->fd >= 0)
		(void)setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void conn_cut(struct conn *c)
{
	resolver_cancel(&c->lookup);
	reset_at_close(&c->server);
	loop_close(&c->server);
}

void conn_reset(struct conn *c)
{
	conn_cut(c);
	reset_at_close(&c->client);
	conn_close(c);
}

void conn_deadline(struct conn *c, int64_t ms)
{
	c->deadline_ms = ms > 0 ? clock_ms() + ms : 0;
	if (ms > 0)
		loop_want_tick(&c->egress->loop);
}

void conn_count(struct conn *c)
{
	size_t now = c->in.cap + c->up.cap + c->down.cap + c->ask.cap + c->answer.cap;

	c->egress->waiting += now - c->counted;
	c->counted = now;
}

void conn_drop(struct conn *c, size_t size)
{
	queue_drop(&c->in, size);
	c->looked = 0;
	conn_count(c);
}

bool conn_has_more(struct conn *c)
{
	static const size_t little = 1024;
	size_t had = c->looked;
	size_t has = queue_left(&c->in);

	c->looked = has;
	return has <= little || has >= HTTP_HEAD_MAX || c->client_ended ||
	       (has > had && memchr(queue_first(&c->in) + had, '\n', has - had));
}

bool conn_read(struct conn *c, size_t max)
{
	const struct egress *g = c->egress;
	size_t has = queue_left(&c->in);
	ssize_t n;

	if (has >= max)
		return false;
	n = g->waiting < WAITING_MAX ? queue_recv(&c->in, c->client.fd, max - has) : -ENOMEM;
	conn_count(c);
	if (n == -EAGAIN || n == -EINTR) {
		c->to_server.is_readable = n == -EINTR;
		return false;
	}
	if (n == 0)
		c->client_ended = true;
	if (n < 0)
		conn_close(c);
	return n > 0;
}

void conn_what(const struct conn *c, struct buf *b)
{
	char text[NET_ADDR_SIZE];

	if (c->target.name) {
		buf_puts(b, c->target.name);
	} else {
		bool is_v4 = net_addr_is_v4(&c->target.addr);

		net_addr_print(&c->target.addr, text);
		buf_addf(b, is_v4 ? "%s" : "[%s]", text);
	}
	buf_addf(b, ":%u", c->target.port);
}

static void step(struct conn *c)
{
	switch (c->stage) {
	case STAGE_HELLO:
		hello_step(c);
		break;
	case STAGE_ASK:
	case STAGE_LOOKUP:
		break; /* others wake it */
	case STAGE_CONNECT:
	case STAGE_PROXY:
		dial_step(c);
		break;
	case STAGE_OPEN:
		open_step(c);
		break;
	case STAGE_REFUSE:
		refuse_step(c);
		break;
	case STAGE_CLOSE:
		close_step(c);
		break;
	}
}

void conn_step(struct conn *c)
{
	step(c);
	conn_count(c); /* closed or not, it is there until the round is over */
}

static void expire(struct conn *c)
{
	uint64_t seen = c->to_server.bytes + c->to_client.bytes + c->sent;

	switch (c->stage) {
	case STAGE_ASK:
		refuse(c, "nobody answered whether it may be reached");
		break;
	case STAGE_LOOKUP:
		refuse_failed(c, 504, "no name server answered");
		break;
	case STAGE_CONNECT:
		dial_step(c);
		break;
	case STAGE_PROXY:
		refuse_failed(c, 504, "this host's own proxy did not answer");
		break;
	case STAGE_REFUSE:
		refuse_step(c);
		break;
	case STAGE_OPEN:
		if (c->screen != SCREEN_FIRST && seen != c->seen) {
			c->seen = seen;
			conn_deadline(c, HALF_MS);
			break;
		}
		conn_reset(c);
		break;
	case STAGE_HELLO:
	case STAGE_CLOSE:
		conn_reset(c);
		break;
	}
}

bool conns_tick(struct egress *g)
{
	int64_t now = clock_ms();
	bool any = false;

	for (struct conn *c = g->conns, *next; c; c = next) {
		next = c->next;
		if (c->deadline_ms > 0 && c->deadline_ms <= now)
			expire(c);
		else
			any |= c->deadline_ms > 0;
	}
	return any || g->loop.tick_at_ms > 0;
}

static bool is_sending(const struct conn *c)
{
	switch (c->stage) {
	case STAGE_LOOKUP:
	case STAGE_CONNECT:
	case STAGE_PROXY:
		return true;
	case STAGE_OPEN:
		if (c->screen == SCREEN_DROP || c->screen == SCREEN_UPGRADE)
			return queue_left(&c->up) > 0;
		return !c->to_server.is_shut;
	case STAGE_HELLO:
	case STAGE_ASK:
	case STAGE_REFUSE:
	case STAGE_CLOSE:
		return false;
	}
	return false;
}

bool conns_send(const struct egress *g)
{
	for (const struct conn *c = g->conns; c; c = c->next)
		if (is_sending(c))
			return true;
	return false;
}
