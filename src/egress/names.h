/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hosts that somebody inside has named: each has an address of the pool, which stands for the name inside, and
 * the addresses that it has outside, as resolver.c found them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/net_addr.h"

#define NAMES_MAX 8192 /* the one that was used longest ago gives way */
#define NAMES_ADDRS 16
#define NAMES_TTL_S 300 /* of the address inside */

struct lookup;

struct host {
	char *name;
	uint32_t index; /* in the pool, from 1 */
	uint64_t used;  /* the higher the later */
	unsigned n_users;
	uint64_t bytes_out;
	struct net_addr addrs[NAMES_ADDRS];
	size_t n_addrs;
	int status; /* of the last lookup: 0, ENOENT (no such name), EAGAIN (nobody answered) */
	int64_t expires_ms;
	bool is_pending;
	struct lookup *waiting;
	struct host *next; /* of the same hash */
};

/* Somebody who waits for the addresses of a host. */
struct lookup {
	struct host *host;                          /* NULL: does not wait */
	void (*done)(struct lookup *l, int status); /* as host->status */
	struct lookup *next;
};

struct names;

struct names *names_new(void);
void names_free(struct names *n);

/* NULL if all are in use; the host stays while n_users says that it is. @name is canonical. */
struct host *names_get(struct names *n, const char *name);

/* Whose address inside is @addr; NULL: nobody's. */
struct host *names_at(struct names *n, const struct net_addr *addr);
bool names_is_pool(const struct net_addr *addr);

/* The address inside, for a DNS answer. */
void names_fake(const struct host *h, uint8_t ret[static 4]);
