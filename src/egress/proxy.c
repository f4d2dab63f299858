/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/proxy.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/base64.h"
#include "base/parse.h"

#define ANSWER_MAX ((size_t)8192)

/* "HOST:PORT" or "HOST:PORT USER:PASSWORD" */
int proxy_init(struct egress *g, const char *text, struct err *e)
{
	const char *space = strchrnul(text, ' ');
	char *place = arena_strndup(&g->arena, text, (size_t)(space - text));
	char *colon = strrchr(place, ':');
	uint64_t port;

	if (!colon || parse_uint(colon + 1, 1, 65535, &port, e) < 0)
		return err_set(e, EBADMSG, "the address of this host's proxy is odd");
	*colon = '\0';
	g->proxy.port = (uint16_t)port;
	g->proxy.login = *space ? space + 1 : NULL;
	if (net_addr_parse(place, strlen(place), &g->proxy.addr) == 0)
		g->proxy.by_number = true;
	else if (net_name_canon(place, strlen(place), g->proxy.name) < 0)
		return err_set(e, EBADMSG, "the name of this host's proxy is odd");
	g->proxy.is_set = true;
	return 0;
}

bool proxy_is_needed(const struct conn *c)
{
	const struct egress *g = c->egress;

	if (!g->proxy.is_set || !c->target.name || c->via == VIA_LOCAL)
		return false;
	for (size_t i = 0; i < g->net.direct.n; i++)
		if (fnmatch(g->net.direct.items[i], c->target.name, 0) == 0)
			return false;
	return true;
}

static void found(struct lookup *l, int status)
{
	struct conn *c = (struct conn *)(void *)((char *)l - offsetof(struct conn, lookup));

	if (status != 0)
		refuse_failed(c, 504, "this host's own proxy cannot be found");
	else
		dial_addrs(c, c->proxy->addrs, c->proxy->n_addrs);
}

void proxy_dial(struct conn *c)
{
	struct egress *g = c->egress;
	const char *name = g->proxy.by_number ? "localhost" : g->proxy.name;

	c->proxy = names_get(g->names, name);
	if (!c->proxy) {
		refuse_failed(c, 504, "too many hosts are in use");
		return;
	}
	c->proxy->n_users++;
	if (g->proxy.by_number) {
		dial_addrs(c, &g->proxy.addr, 1);
		return;
	}
	c->lookup.done = found;
	resolver_lookup(g->resolver, c->proxy, &c->lookup);
}

void proxy_start(struct conn *c)
{
	static const char *const padding[] = { "", "==", "=" };
	const struct egress *g = c->egress;
	auto_buf struct buf b = BUF_INIT(ANSWER_MAX);
	auto_buf struct buf what = BUF_INIT(ANSWER_MAX);

	conn_what(c, &what);
	buf_addf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", buf_text(&what), buf_text(&what));
	if (g->proxy.login) {
		buf_puts(&b, "Proxy-Authorization: Basic ");
		base64_add(&b, g->proxy.login, strlen(g->proxy.login));
		buf_puts(&b, padding[strlen(g->proxy.login) % 3]);
		buf_puts(&b, "\r\n");
	}
	buf_puts(&b, "\r\n");
	c->stage = STAGE_PROXY;
	conn_deadline(c, LOOKUP_MS);
	queue_add(&c->ask, buf_text(&b), b.len);
	proxy_step(c);
}

/* Read byte by byte up to the empty line, since what follows is the client's. */
static int read_answer(struct conn *c)
{
	while (c->answer.len < ANSWER_MAX) {
		ssize_t n = queue_recv(&c->answer, c->server.fd, 1);

		if (n == -EAGAIN || n == -EINTR)
			return 0;
		if (n <= 0)
			return -EPIPE;
		if (c->answer.len >= 4 &&
		    memcmp(c->answer.data + c->answer.len - 4, "\r\n\r\n", 4) == 0)
			return 1;
	}
	return -EMSGSIZE;
}

void proxy_step(struct conn *c)
{
	ssize_t n = queue_send(&c->ask, c->server.fd);
	int r;

	if (n < 0 && n != -EAGAIN && n != -EINTR) {
		refuse_failed(c, 502, "this host's own proxy broke off");
		return;
	}
	if (queue_left(&c->ask) > 0)
		return;
	r = read_answer(c);
	if (r == 0)
		return;
	/* "HTTP/1.x 200" */
	if (r < 0 || c->answer.len < 12 || memcmp(c->answer.data, "HTTP/1.", 7) != 0 ||
	    memcmp(c->answer.data + 8, " 2", 2) != 0) {
		refuse_failed(c, 502, "this host's own proxy refuses it");
		return;
	}
	queue_done(&c->answer);
	open_start(c);
}
