/* SPDX-License-Identifier: Apache-2.0 */
/* What a client wants, as each kind of listener hears it. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "egress/conn.h"
#include "spec/net_sockaddr.h"

/* linux/netfilter_ipv4.h, which does not go together with netinet/in.h. */
#define SO_ORIGINAL_DST 80

/* False: all hosts are in use, or it is no name. */
static bool aim_at_name(struct conn *c, const char *name, size_t len)
{
	if (net_name_canon(name, len, c->name) < 0)
		return false;
	if (strcmp(c->name, NET_HOST_ALIAS) == 0)
		(void)net_name_canon("localhost", strlen("localhost"), c->name);
	c->target.name = c->name;
	c->host = names_get(c->egress->names, c->name);
	if (c->host)
		c->host->n_users++;
	return c->host != NULL;
}

/* An address of the pool stands for a name, whoever dials it. */
static bool aim_at_addr(struct conn *c, const struct net_addr *addr)
{
	const struct host *h;

	if (names_is_pool(addr)) {
		h = names_at(c->egress->names, addr);
		return h && aim_at_name(c, h->name, strlen(h->name));
	}
	c->target.addr = *addr;
	return true;
}

/* As it stands in a request: a name, or an address by number. */
static bool aim_at_text(struct conn *c, const char *text, size_t len)
{
	struct net_addr addr;

	return net_addr_parse(text, len, &addr) == 0 ? aim_at_addr(c, &addr)
						     : aim_at_name(c, text, len);
}

static bool redirected_to(struct conn *c)
{
	struct net_sockaddr sa = { .len = sizeof(sa.v4) };
	struct net_addr addr;

	if (getsockopt(c->client.fd, SOL_IP, SO_ORIGINAL_DST, &sa.v4, &sa.len) < 0 ||
	    !net_sockaddr_addr(&sa.any, &addr))
		return false;
	c->target.port = ntohs(sa.v4.sin_port);
	/* Whoever connects to our own port was not redirected. */
	return !net_addr_is_loopback(&addr) && aim_at_addr(c, &addr);
}

void hello_start(struct conn *c, const struct net_listen *what)
{
	switch (c->via) {
	case VIA_REDIRECT:
		if (redirected_to(c))
			judge_target(c);
		else
			conn_reset(c);
		break;
	case VIA_LOCAL:
		c->target.port = what->port;
		if (aim_at_text(c, what->target, strlen(what->target)))
			judge_target(c);
		else
			conn_reset(c);
		break;
	case VIA_HTTP:
	case VIA_CONNECT:
	case VIA_SOCKS:
		conn_deadline(c, HELLO_MS);
		hello_step(c);
		break;
	}
}

static void http_hello(struct conn *c)
{
	struct http_head head;
	int status = 400;
	const char *why = "the request is none";
	int r = !conn_has_more(c) ? 0
				  : http_head_parse((const char *)queue_first(&c->in),
						    queue_left(&c->in), &head, &status, &why);

	if (r == 0 && queue_left(&c->in) < HTTP_HEAD_MAX)
		return;
	if (r <= 0) {
		refuse_failed(c, r == 0 ? 431 : status, r == 0 ? "the head is too long" : why);
		return;
	}
	if (head.form != HTTP_AUTHORITY && head.form != HTTP_ABSOLUTE) {
		refuse_failed(c, 400, "this is a proxy, and the request names no host");
		return;
	}
	c->via = head.form == HTTP_AUTHORITY ? VIA_CONNECT : VIA_HTTP;
	c->target.port = head.port ? head.port : 80;
	if (!aim_at_text(c, head.host.at, head.host.len)) {
		refuse_failed(c, 400, "the host's name is none that can be looked up");
		return;
	}
	if (c->via == VIA_CONNECT) {
		conn_drop(c, (size_t)r);
	} else {
		conn_set_method(c, &head);
		if (!screen_request(c, &head, (size_t)r))
			return;
	}
	judge_target(c);
}

void hello_answer(struct conn *c, enum socks_reply reply)
{
	uint8_t answer[SOCKS_ANSWER_SIZE];

	socks_answer(reply, answer);
	queue_add(&c->down, answer, sizeof(answer));
}

static void socks_hello(struct conn *c)
{
	static const uint8_t chosen[] = { 5, 0 };
	static const uint8_t none[] = { 5, 0xff };
	struct socks_request q;
	enum socks_reply reply = SOCKS_FAILED;
	int r;

	if (!c->socks_greeted) {
		r = socks_greeting(queue_first(&c->in), queue_left(&c->in));
		if (r == 0)
			return;
		queue_add(&c->down, r < 0 ? none : chosen, sizeof(chosen));
		(void)queue_send(&c->down, c->client.fd);
		if (r < 0) {
			conn_close(c);
			return;
		}
		c->socks_greeted = true;
		conn_drop(c, (size_t)r);
	}
	r = socks_request(queue_first(&c->in), queue_left(&c->in), &q, &reply);
	if (r == 0)
		return;
	c->target.port = r > 0 ? q.port : 0;
	if (r < 0 || q.port == 0 ||
	    !(q.is_name ? aim_at_text(c, q.name, q.name_len) : aim_at_addr(c, &q.addr))) {
		hello_answer(c, reply);
		close_start(c);
		return;
	}
	conn_drop(c, (size_t)r);
	judge_target(c);
}

void hello_step(struct conn *c)
{
	size_t max = c->via == VIA_SOCKS ? SOCKS_HEAD_MAX : HTTP_HEAD_MAX;

	while (c->stage == STAGE_HELLO && c->to_server.is_readable && conn_read(c, max))
		;
	if (c->client.fd < 0 || c->stage != STAGE_HELLO)
		return;
	if (queue_left(&c->in) > 0 && c->via == VIA_SOCKS)
		socks_hello(c);
	else if (queue_left(&c->in) > 0)
		http_hello(c);
	if (c->client.fd >= 0 && c->stage == STAGE_HELLO && c->client_ended)
		conn_close(c);
}
