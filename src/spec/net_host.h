/* SPDX-License-Identifier: Apache-2.0 */
/* The host of a rule: a name, a glob of names, an address or network, or a preset. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "spec/net_addr.h"

enum net_host_kind {
	NET_HOST_NAME,
	NET_HOST_GLOB,    /* '*': any run of bytes, dots included; '?': one byte that is no dot */
	NET_HOST_NETWORK, /* an address is a network of one */
	NET_HOST_PRESET,
};

struct net_host {
	enum net_host_kind kind;
	const char *name;     /* of a name or glob, canonical; of a preset, without '@' */
	struct net_addr addr; /* of a network, its first address */
	unsigned bits;        /* of it, up to NET_ADDR_BITS; IPv4 from NET_ADDR_V4_BITS */
};

/* @text is printable ASCII without spaces. -EINVAL, with a sentence that names a right form. */
int net_host_parse(const char *text, struct arena *a, struct net_host *ret, struct err *e);

/* @name is canonical. False for networks and presets. */
bool net_host_has_name(const struct net_host *host, const char *name);

/* False for names, globs and presets. */
bool net_host_has_addr(const struct net_host *host, const struct net_addr *addr);
