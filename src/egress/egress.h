/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of egress share: one of it, which main() owns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/flow.h"
#include "egress/journal.h"
#include "egress/loop.h"
#include "egress/names.h"
#include "egress/resolver.h"
#include "spec/net.h"

/* Bytes of all heads and first bytes that wait in our memory, whoever sends them. */
#define WAITING_MAX ((size_t)16 << 20)

struct conn;
struct control;
struct dns_stream;

struct listener {
	struct watch watch; /* first */
	struct egress *egress;
	const struct net_listen *what;
	bool is_paused; /* no descriptor is left */
};

/* The HTTP proxy that this host needs, proxy.c. */
struct upstream {
	bool is_set, by_number;
	char name[NET_NAME_SIZE];
	struct net_addr addr; /* by number */
	uint16_t port;
	const char *login; /* USER:PASSWORD; NULL: none */
};

struct egress {
	struct arena arena; /* the policy, and rules that came later */
	struct spec_net net;
	const char *project;
	struct loop loop;
	struct names *names;
	struct resolver *resolver;
	struct upstream proxy;
	struct pipes pipes;
	struct journal journal;
	struct listener listeners[NET_LISTENS_MAX];
	struct watch keeper; /* the keeper's channel */
	struct conn *conns;
	size_t n_conns, max_conns;
	size_t waiting; /* bytes, see WAITING_MAX */
	uint64_t bytes_out;
	struct control *controls;
	struct dns_stream *streams;
	size_t n_asked;   /* questions of DNS that wait for an answer */
	struct strv told; /* sentences that the keeper has */
};
