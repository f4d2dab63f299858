/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a name to a connection: its addresses are looked up once, those that it may not have are left out, and what was
 * checked is what is dialled.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/clock.h"
#include "egress/conn.h"
#include "egress/proxy.h"
#include "spec/net_sockaddr.h"

/*
 * An address of this very host, public as it may look, leads to services that listen for their neighbours:
 * whoever is connected to himself has the same address at both ends. UDP asks without sending a packet.
 */
static bool is_own(const struct net_addr *addr)
{
	const struct net_sockaddr to = net_sockaddr_make(addr, 9);
	struct net_sockaddr from = { .len = sizeof(from.v6) };
	struct net_addr source;
	auto_fd int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return true; /* who knows? */
	if (connect(fd, &to.any, to.len) < 0 || getsockname(fd, &from.any, &from.len) < 0)
		return false; /* then nothing else connects to it either */
	return net_sockaddr_addr(&from.any, &source) && memcmp(&source, addr, sizeof(source)) == 0;
}

static const char denied[] = "denied by a rule about its number";

/* A local rule names what it wants, this host's addresses included. */
static bool may_dial(const struct conn *c, const struct net_addr *addr, const char **ret_what)
{
	const struct net_rules *rules = &c->egress->net.rules;
	const struct net_rules local = { .rules = { [NET_ALLOW] = rules->rules[NET_LOCAL] },
					 .n = { [NET_ALLOW] = rules->n[NET_LOCAL] } };
	struct net_target by_number = { .addr = *addr, .port = c->target.port };
	const char *ignored;

	*ret_what = net_addr_special(addr);
	if (!net_rules_may_dial(rules, &c->target, addr)) {
		*ret_what = *ret_what ? *ret_what : denied;
		return false;
	}
	if (*ret_what || !is_own(addr))
		return true;
	*ret_what = "this host's own";
	return net_rules_judge(&local, &c->target, &ignored) == NET_ALLOWED ||
	       net_rules_judge(&local, &by_number, &ignored) == NET_ALLOWED;
}

static void refuse_addr(struct conn *c, const struct net_addr *addr, const char *what)
{
	auto_buf struct buf b = BUF_INIT((size_t)1024);
	char text[NET_ADDR_SIZE];

	net_addr_print(addr, text);
	buf_addf(&b, "its address %s is %s", text, what);
	if (what != denied) { /* what no rule outweighs */
		buf_puts(&b, "; if you want it: claude-sandbox net allow --local ");
		conn_what(c, &b);
	}
	refuse(c, conn_reason(c, &b));
}

static void connect_next(struct conn *c);

static void choose(struct conn *c, const struct net_addr *addrs, size_t n)
{
	const struct net_addr *refused = NULL;
	const char *what = NULL;
	const char *this;

	for (size_t i = 0; i < n; i++) {
		if (may_dial(c, &addrs[i], &this))
			c->addrs[c->n_addrs++] = addrs[i];
		else if (!refused) {
			refused = &addrs[i];
			what = this;
		}
	}
	if (c->n_addrs > 0)
		connect_next(c);
	else if (refused)
		refuse_addr(c, refused, what);
	else
		refuse_failed(c, 502, "it has no address");
}

static void looked_up(struct lookup *l, int status)
{
	struct conn *c = (struct conn *)(void *)((char *)l - offsetof(struct conn, lookup));

	if (status == ENOENT)
		refuse_failed(c, 502, "there is no such host");
	else if (status != 0)
		refuse_failed(c, 504, "its address could not be found out");
	else
		choose(c, c->host->addrs, c->host->n_addrs);
}

/* RFC 6761: nobody is asked for these. */
static void dial_localhost(struct conn *c)
{
	const struct net_addr addrs[] = { net_addr_loopback, net_addr_loopback6 };

	choose(c, addrs, N_ELEMENTS(addrs));
}

void dial_start(struct conn *c)
{
	c->stage = STAGE_LOOKUP;
	conn_deadline(c, LOOKUP_MS);
	if (proxy_is_needed(c)) {
		proxy_dial(c);
		return;
	}
	if (!c->target.name)
		choose(c, &c->target.addr, 1);
	else if (net_name_is_localhost(c->target.name))
		dial_localhost(c);
	else {
		c->lookup.done = looked_up;
		resolver_lookup(c->egress->resolver, c->host, &c->lookup);
	}
}

/* No byte of a connection waits for the next: what passes is often an answer that is waited for. */
static void set_options(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

static bool connect_to(struct conn *c, const struct net_addr *addr, uint16_t port)
{
	const struct net_sockaddr sa = net_sockaddr_make(addr, port);

	loop_close(&c->server);
	c->server.fd = socket(sa.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->server.fd < 0)
		return false;
	set_options(c->server.fd);
	c->to_client.is_readable = c->to_server.is_writable = false;
	if (connect(c->server.fd, &sa.any, sa.len) < 0 && errno != EINPROGRESS)
		return false;
	return loop_add(&c->egress->loop, &c->server) == 0;
}

static void connect_next(struct conn *c)
{
	c->stage = STAGE_CONNECT;
	while (c->next_addr < c->n_addrs) {
		uint16_t port = c->proxy ? c->egress->proxy.port : c->target.port;

		if (connect_to(c, &c->addrs[c->next_addr++], port)) {
			conn_deadline(c, CONNECT_MS);
			return;
		}
	}
	refuse_failed(c, 502, "it does not answer");
}

void dial_addrs(struct conn *c, const struct net_addr *addrs, size_t n)
{
	for (size_t i = 0; i < n && i < NAMES_ADDRS; i++)
		c->addrs[c->n_addrs++] = addrs[i];
	connect_next(c);
}

void dial_step(struct conn *c)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (c->stage == STAGE_PROXY) {
		proxy_step(c);
		return;
	}
	if (!c->to_server.is_writable) {
		if (clock_ms() >= c->deadline_ms)
			connect_next(c);
		return;
	}
	if (getsockopt(c->server.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
		connect_next(c);
		return;
	}
	if (c->proxy)
		proxy_start(c);
	else
		open_start(c);
}
