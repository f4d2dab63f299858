/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/parse.h"
#include "spec/agent.h"
#include "spec/identity.h"
#include "spec/net_publish.h"
#include "spec/net_sockaddr.h"
#include "spec/spec.h"

/* What the parts of this file work on. */
struct scope {
	const struct config *c;
	const struct facts *f;
	struct arena *a;
	struct spec *s;
};

/* A host and its port, as in "localhost:5432" and in the address of a service. */
struct place {
	const char *host; /* without brackets */
	const char *text; /* as a rule has it */
	uint16_t port;
};

static void add_listen(const struct scope *x, struct net_listen l)
{
	struct spec_net *n = &x->s->net;

	n->listens = arena_grow(x->a, n->listens, n->n_listens, sizeof(l));
	n->listens[n->n_listens++] = l;
}

static void add_route(const struct scope *x, struct net_addr addr, unsigned bits)
{
	struct spec_net *n = &x->s->net;

	n->routes = arena_grow(x->a, n->routes, n->n_routes, sizeof(struct net_route));
	n->routes[n->n_routes++] = (struct net_route){ .addr = addr, .bits = bits };
}

/* "HOST:PORT" with one port; false if it is another form of a rule. */
static bool place_parse(const char *rule, struct arena *a, struct place *ret)
{
	const char *colon = strrchr(rule, ':');
	size_t len = colon ? (size_t)(colon - rule) : 0;
	bool in_brackets = len > 2 && rule[0] == '[' && rule[len - 1] == ']';
	uint64_t port;
	struct err ignored;

	if (!colon || parse_uint(colon + 1, 1, 65535, &port, &ignored) < 0)
		return false;
	*ret = (struct place){ .host = arena_strndup(a, rule + in_brackets,
						     len - 2 * (size_t)in_brackets),
			       .text = rule,
			       .port = (uint16_t)port };
	return true;
}

/*
 * A service on the host's loopback is found inside where programs look for it: at the same port of the
 * sandbox's own.
 */
static void add_local(const struct scope *x, const char *rule)
{
	struct net_addr addr;
	struct place p;
	bool by_name;

	if (!place_parse(rule, x->a, &p))
		return;
	by_name = strcmp(p.host, "localhost") == 0;
	if (!by_name &&
	    (net_addr_parse(p.host, strlen(p.host), &addr) < 0 || !net_addr_is_loopback(&addr)))
		return;
	if (by_name || net_addr_is_v4(&addr))
		add_listen(x, (struct net_listen){ .kind = NET_LISTEN_LOCAL,
						   .addr = by_name ? net_addr_loopback : addr,
						   .port = p.port,
						   .target = by_name ? "localhost" : p.host });
	if (by_name || !net_addr_is_v4(&addr))
		add_listen(x, (struct net_listen){ .kind = NET_LISTEN_LOCAL,
						   .addr = net_addr_loopback6,
						   .port = p.port,
						   .target = by_name ? "localhost" : p.host });
}

static void add_hole(const struct scope *x, const struct net_host *host, struct net_range ports)
{
	struct spec_net *n = &x->s->net;

	n->holes = arena_grow(x->a, n->holes, n->n_holes, sizeof(*n->holes));
	n->holes[n->n_holes++] = (struct net_hole){
		.addr = host->addr, .bits = host->bits, .first = ports.first, .last = ports.last
	};
}

/* Addresses of the local network are dialled inside as they are: redirected, or let through the wall of nat. */
static void add_holes(const struct scope *x)
{
	struct spec_net *n = &x->s->net;

	for (size_t i = 0; i < n->rules.n[NET_LOCAL]; i++) {
		const struct net_rule *rule = &n->rules.rules[NET_LOCAL][i];
		const struct net_host *host = &rule->host;

		if (host->kind != NET_HOST_NETWORK || net_addr_is_loopback(&host->addr))
			continue;
		for (size_t p = 0; p < rule->ports.n; p++)
			add_hole(x, host, rule->ports.ranges[p]);
		if (net_addr_is_v4(&host->addr) && n->mode == NETWORK_FILTERED)
			add_route(x, host->addr, host->bits - NET_ADDR_V4_BITS);
	}
}

/* "https://host[:port][/...]" as a rule; NULL if it is nothing of that kind. */
static const char *url_rule(const char *url, struct arena *a)
{
	bool is_tls = strncmp(url, "https://", strlen("https://")) == 0;
	const char *host = is_tls ? url + strlen("https://") : url + strlen("http://");
	size_t len;
	const char *end;

	if (!is_tls && strncmp(url, "http://", strlen("http://")) != 0)
		return NULL;
	len = strcspn(host, "/?#");
	if (len == 0 || memchr(host, '@', len))
		return NULL;
	end = memchr(host, ']', len);
	end = memchr(end ? end : host, ':', end ? len - (size_t)(end - host) : len);
	return end ? arena_strndup(a, host, len)
		   : arena_printf(a, "%.*s:%d", (int)len, host, is_tls ? 443 : 80);
}

/*
 * Whoever has set the address of the agent's API for himself wants the agent to reach it, also at
 * home: it counts as @agent, and, if that may be reached, as a service of the local network.
 */
static void add_agent(const struct scope *x)
{
	const struct agent *agent = agent_find(x->c->agent);
	struct spec_net *n = &x->s->net;
	bool wanted = strv_has(&n->lists[NET_ALLOW], "@agent") ||
		      strv_has(&n->lists[NET_ALLOW], "@public");

	for (size_t i = 0; agent && agent->hosts[i]; i++)
		strv_add(&n->agent_hosts, agent->hosts[i]);
	for (size_t i = 0; agent && agent->host_urls[i]; i++) {
		const char *url = env_get(&x->f->env, agent->host_urls[i]);
		const char *rule = url ? url_rule(url, x->a) : NULL;
		struct net_rules trial = { 0 };
		struct err e;

		if (!rule || net_rules_add(&trial, NET_LOCAL, rule, NULL, x->a, &e) < 0)
			continue;
		strv_add(&n->agent_hosts, rule);
		if (!wanted || strv_has(&n->lists[NET_LOCAL], rule))
			continue;
		strv_add(&n->lists[NET_LOCAL], rule);
		strv_add(&x->s->details,
			 arena_printf(x->a, "network: %s may be reached, because %s names it", rule,
				      agent->host_urls[i]));
	}
}

static int check_list(const struct scope *x, enum net_list list, const char *name, struct err *e)
{
	struct spec_net *n = &x->s->net;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n->lists[list].n; i++)
		r = net_rules_add(&n->rules, list, n->lists[list].items[i], &n->agent_hosts, x->a,
				  e);
	return r < 0 ? err_wrap(e, "%s", name) : 0;
}

static int check_rules(const struct scope *x, struct err *e)
{
	int r = check_list(x, NET_ALLOW, "allow_hosts", e);

	if (r == 0)
		r = check_list(x, NET_DENY, "deny_hosts", e);
	return r < 0 ? r : check_list(x, NET_LOCAL, "allow_local", e);
}

/* Whoever wrote out an address may not know how many it is for. */
static void note_wide(const struct scope *x)
{
	const struct spec_net *n = &x->s->net;
	const char *places = NULL;

	for (size_t i = 0; i < n->n_publish; i++) {
		char place[NET_SOCKADDR_SIZE];

		if (net_addr_is_loopback(&n->publish[i].addr))
			continue;
		net_sockaddr_print(&n->publish[i].addr, n->publish[i].port, place);
		places = arena_printf(x->a, "%s%s%s", places ? places : "", places ? ", " : "",
				      place);
	}
	if (places)
		strv_add(&x->s->notes,
			 arena_printf(
				 x->a,
				 "publish: other machines than this one can connect to %s; without "
				 "an address in --publish only this one can",
				 places));
}

static int add_published(const struct scope *x, struct err *e)
{
	struct spec_net *n = &x->s->net;

	for (size_t i = 0; i < x->c->publish.n; i++) {
		struct net_publish p;
		int r = net_publish_parse(x->c->publish.items[i], &p, e);

		if (r < 0)
			return err_wrap(e, "publish");
		n->publish = arena_grow(x->a, n->publish, n->n_publish, sizeof(p));
		n->publish[n->n_publish++] = p;
	}
	if (n->mode != NETWORK_HOST)
		note_wide(x);
	else if (n->n_publish > 0)
		strv_add(
			&x->s->notes,
			"publish has no effect with the host's network: what listens inside can be "
			"reached already");
	return 0;
}

static void add_text(const struct scope *x, const char *path, const char *text, const char *why)
{
	spec_mount(x->s, x->a,
		   (struct mount){ .kind = MOUNT_TEXT,
				   .dst = path,
				   .text = text,
				   .mode = 0444,
				   .share = "network",
				   .why = why });
}

/*
 * Names of the host's own /etc/hosts are looked up outside. For most of them an address of the host
 * would mean nothing inside, where each has to come through the redirect.
 */
static void add_names(const struct scope *x, const char *server)
{
	add_text(x, "/etc/resolv.conf",
		 arena_printf(x->a, "nameserver %s\noptions timeout:10 attempts:2\n", server),
		 "names are looked up outside, by rule");
	add_text(x, "/etc/hosts",
		 "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
		 "127.0.1.1 " SANDBOX_HOSTNAME "\n",
		 "the sandbox's own names");
}

static int add_filtered(const struct scope *x, struct err *e)
{
	struct net_addr pool;
	struct net_addr dns;
	const struct net_listen fixed[] = {
		{ .kind = NET_LISTEN_REDIRECT,
		  .addr = net_addr_loopback,
		  .port = NET_REDIRECT_PORT },
		{ .kind = NET_LISTEN_HTTP, .addr = net_addr_loopback, .port = NET_HTTP_PORT },
		{ .kind = NET_LISTEN_SOCKS, .addr = net_addr_loopback, .port = NET_SOCKS_PORT },
	};

	if (net_addr_parse(NET_DNS_ADDR, strlen(NET_DNS_ADDR), &dns) < 0 ||
	    net_addr_parse(NET_POOL_ADDR, strlen(NET_POOL_ADDR), &pool) < 0)
		return err_set(e, EINVAL, "this is a bug in claude-sandbox: no address of its own");
	net_proxy_add(x->f, x->a, x->s);
	add_route(x, pool, NET_POOL_BITS);
	add_listen(x, (struct net_listen){ .kind = NET_LISTEN_DNS, .addr = dns, .port = 53 });
	add_listen(x, (struct net_listen){ .kind = NET_LISTEN_DNS_TCP, .addr = dns, .port = 53 });
	for (size_t i = 0; i < N_ELEMENTS(fixed); i++)
		add_listen(x, fixed[i]);
	add_names(x, NET_DNS_ADDR);
	return 0;
}

static void set(const struct scope *x, const char *name, const char *value, const char *why)
{
	spec_env(x->s, x->a, (struct env_var){ .name = name, .value = value, .why = why });
}

/* System B's marks, and where a program that wants a proxy finds one; no program has to. */
static void set_env(const struct scope *x)
{
	set(x, "CLAUDE_SANDBOX_NETWORK", network_names[x->s->net.mode], "mark of the sandbox");
	if (x->s->net.mode != NETWORK_HOST)
		set(x, "CLAUDE_SANDBOX_NET_NS", "1", "mark of the sandbox");
	if (x->s->net.mode != NETWORK_FILTERED)
		return;
	set(x, "CLAUDE_SANDBOX_EGRESS_FILTER", "1", "mark of the sandbox");
	set(x, "CLAUDE_SANDBOX_PROXY", arena_printf(x->a, "http://127.0.0.1:%d", NET_HTTP_PORT),
	    "for programs that need a proxy; nothing has to use it");
}

static int check_size(const struct spec_net *n, struct err *e)
{
	return n->n_listens <= NET_LISTENS_MAX ? 0
					       : err_set(e, E2BIG,
							 "allow_local names more than %d services "
							 "of this machine; name fewer",
							 NET_LISTENS_MAX / 2);
}

const char *net_rules_path(const struct facts *f, struct arena *a)
{
	return arena_printf(a, "%s/network/rules.json", identity_state_dir(f, a));
}

bool net_wants_ready(const struct spec_net *net)
{
	return net->mode == NETWORK_NAT || net->n_listens > 0 ||
	       (net->n_publish > 0 && net->mode != NETWORK_HOST);
}

int spec_add_net(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		 struct err *e)
{
	const struct scope x = { .c = c, .f = f, .a = a, .s = s };
	struct spec_net *n = &s->net;
	int r;

	*n = (struct spec_net){ .mode = c->network,
				.agent_hosts = STRV_INIT(a),
				.direct = STRV_INIT(a),
				.asks = c->ask_hosts,
				.ask_s = c->ask_seconds ? (unsigned)c->ask_seconds : NET_ASK_S,
				.budget_mib = c->upload_mib,
				.budget_host_mib = c->upload_host_mib,
				.dir = arena_printf(a, "%s/network", s->state) };
	n->lists[NET_ALLOW] = c->allow_hosts;
	n->lists[NET_DENY] = c->deny_hosts;
	n->lists[NET_LOCAL] = STRV_INIT(a);
	strv_addn(&n->lists[NET_LOCAL], c->allow_local.items, c->allow_local.n);
	add_agent(&x);
	r = check_rules(&x, e);
	if (r == 0)
		r = add_published(&x, e);
	if (r == 0 && n->mode == NETWORK_FILTERED)
		r = add_filtered(&x, e);
	if (r < 0)
		return r;
	set_env(&x);
	if (n->mode == NETWORK_NAT)
		add_names(&x, NET_NAT_DNS);
	if (n->mode != NETWORK_FILTERED && n->mode != NETWORK_NAT)
		return 0;
	spec_dir(s, a,
		 (struct host_dir){ .path = n->dir, .why = "what the network was asked for" });
	for (size_t i = 0; i < n->lists[NET_LOCAL].n; i++)
		add_local(&x, n->lists[NET_LOCAL].items[i]);
	add_holes(&x);
	return check_size(n, e);
}
