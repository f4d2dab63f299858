/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a rule: "443", "80,443", "8000-8100". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define NET_PORTS_MAX ((size_t)64) /* ports and ranges of one rule */

struct net_range {
	uint16_t first, last;
};

struct net_ports {
	struct net_range *ranges; /* in the order they were written, and they may overlap */
	size_t n;                 /* 0: all ports */
};

/* Ports from 1 to 65535 and ranges of them, with commas between. -EINVAL. */
int net_ports_parse(const char *text, struct arena *a, struct net_ports *ret, struct err *e);

bool net_ports_has(const struct net_ports *ports, uint16_t port);
bool net_ports_are_all(const struct net_ports *ports);

/* What is in @x and in @y; false, and *ret is left alone, if that is nothing. */
bool net_ports_both(const struct net_ports *x, const struct net_ports *y, struct arena *a,
		    struct net_ports *ret);
