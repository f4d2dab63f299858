/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a sandbox, as every backend makes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strv.h"
#include "spec/net_rules.h"

/* What waits inside for somebody to connect; egress serves it outside. */
enum net_listen_kind {
	NET_LISTEN_DNS, /* UDP */
	NET_LISTEN_DNS_TCP,
	NET_LISTEN_REDIRECT, /* what the namespace redirects: any address of .routes, any port */
	NET_LISTEN_HTTP,     /* HTTP proxy and CONNECT */
	NET_LISTEN_SOCKS,    /* SOCKS5 */
	NET_LISTEN_LOCAL,    /* stands for a service on the host: .target */
};

struct net_listen {
	enum net_listen_kind kind;
	struct net_addr addr;
	uint16_t port;
	const char *
		target; /* NET_LISTEN_LOCAL: the address on the host, to be dialled with the same port */
};

/* IPv4 addresses that are reached through the redirect: a local route inside. */
struct net_route {
	struct net_addr addr;
	unsigned bits; /* 1 to 32, of the IPv4 address */
};

/* A port inside that the host may connect to. */
struct net_publish {
	struct net_addr addr; /* on the host */
	uint16_t port;        /* there */
	uint16_t inside;
};

struct config;
struct facts;
struct spec;

struct spec_net {
	unsigned mode;                  /* enum network */
	struct strv lists[N_NET_LISTS]; /* the rules as text, to be parsed again by egress */
	struct strv agent_hosts;
	struct net_rules rules;     /* the same, read */
	struct net_listen *listens; /* of NETWORK_FILTERED */
	size_t n_listens;
	struct net_route *routes;
	size_t n_routes;
	struct net_publish *publish;
	size_t n_publish;
	/* NETWORK_NAT: what may be reached besides the public internet, IPv4 and IPv6. */
	struct net_hole {
		struct net_addr addr;
		unsigned bits;        /* of 128 */
		uint16_t first, last; /* ports */
	} * holes;
	size_t n_holes;
	bool asks;
	unsigned ask_s;           /* how long a connection waits for an answer */
	uint64_t budget_mib;      /* bytes out in all; 0: no limit */
	uint64_t budget_host_mib; /* to each host */
	const char *
		upstream; /* "HOST:PORT [USER:PASSWORD]" of the HTTP proxy that this host needs; NULL: none */
	struct strv direct; /* globs of names that are dialled without it */
	const char *dir;    /* on the host, never inside: log and project's own rules */
};

/* The proxy of the caller's environment, into s->net (net_proxy.c). */
void net_proxy_add(const struct facts *f, struct arena *a, struct spec *s);

/* Where the rules are kept that the user gave a project with "claude-sandbox net": a config of its own. */
const char *net_rules_path(const struct facts *f, struct arena *a);

/* Whether the namespace is made ready from outside. */
bool net_wants_ready(const struct spec_net *net);

/*
 * What @c asks of the network, into s->net, with the mounts, variables and services that belong to it. After
 * spec_add_mounts(). Messages name the rule that cannot be read.
 */
int spec_add_net(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		 struct err *e);

/* Inside, on loopback; above the ports that the kernel gives to whoever asks for any. */
#define NET_REDIRECT_PORT 61443
#define NET_HTTP_PORT 3128
#define NET_SOCKS_PORT 1080
#define NET_DNS_ADDR "127.0.0.53"
#define NET_HOST_ALIAS "host.sandbox.internal" /* the host's loopback, for ports of allow_local */
#define NET_LISTENS_MAX 64
#define NET_LOG_NAME "log.jsonl" /* in spec_net.dir, with the one before */
#define NET_LOG_OLD_NAME "log.1.jsonl"
#define NET_ASK_S 60

#define NET_POOL_ADDR "198.18.0.0" /* RFC 2544, never on the internet: stands for names inside */
#define NET_POOL_BITS 15

/*
 * NETWORK_NAT: what resolv.conf must name inside, in place of the host's resolvers. What is asked there goes to
 * the first of those, even one on the host's loopback.
 */
#define NET_NAT_DNS "169.254.1.53"
