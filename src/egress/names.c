/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/names.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/net.h"

#define BUCKETS 4096

struct names {
	struct host *buckets[BUCKETS];
	struct host *hosts[NAMES_MAX + 1]; /* by index */
	size_t n_hosts;
	uint64_t clock; /* of uses */
};

static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	while (*name)
		h = (h ^ (uint8_t)*name++) * 16777619u;
	return h % BUCKETS;
}

struct names *names_new(void)
{
	struct names *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	return n;
}

static void host_unlink(struct names *n, struct host *h)
{
	struct host **at = &n->buckets[hash(h->name)];

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
}

/* Whoever has been sent something comes last: how much that was is to be remembered (budget.c). */
static bool goes_before(const struct host *h, const struct host *other)
{
	if ((h->bytes_out == 0) != (other->bytes_out == 0))
		return h->bytes_out == 0;
	return h->used < other->used;
}

/* The one that was used longest ago and that nobody uses now; its place in the pool. */
static uint32_t evict(struct names *n)
{
	struct host *oldest = NULL;

	for (size_t i = 1; i <= n->n_hosts; i++) {
		struct host *h = n->hosts[i];

		if (h->n_users == 0 && !h->is_pending && (!oldest || goes_before(h, oldest)))
			oldest = h;
	}
	if (!oldest)
		return 0;
	host_unlink(n, oldest);
	free(oldest->name);
	return oldest->index;
}

struct host *names_get(struct names *n, const char *name)
{
	uint32_t bucket = hash(name);
	struct host *h = n->buckets[bucket];
	uint32_t index;

	while (h && strcmp(h->name, name) != 0)
		h = h->next;
	if (h) {
		h->used = ++n->clock;
		return h;
	}
	index = n->n_hosts < NAMES_MAX ? (uint32_t)++n->n_hosts : evict(n);
	if (index == 0)
		return NULL;
	h = n->hosts[index] ? n->hosts[index] : malloc(sizeof(*h));
	if (!h)
		abort();
	*h = (struct host){ .name = strdup(name), .index = index, .next = n->buckets[bucket] };
	if (!h->name)
		abort();
	n->hosts[index] = n->buckets[bucket] = h;
	h->used = ++n->clock;
	return h;
}

static uint32_t pool_base(void)
{
	struct in_addr base;

	(void)inet_pton(AF_INET, NET_POOL_ADDR, &base);
	return ntohl(base.s_addr);
}

static uint32_t pool_index(const struct net_addr *addr)
{
	uint32_t number = (uint32_t)addr->octets[12] << 24 | (uint32_t)addr->octets[13] << 16 |
			  (uint32_t)addr->octets[14] << 8 | addr->octets[15];

	return number - pool_base();
}

bool names_is_pool(const struct net_addr *addr)
{
	return net_addr_is_v4(addr) && pool_index(addr) < UINT32_C(1) << (32 - NET_POOL_BITS);
}

struct host *names_at(struct names *n, const struct net_addr *addr)
{
	uint32_t index = names_is_pool(addr) ? pool_index(addr) : 0;
	struct host *h = index > 0 && index <= n->n_hosts ? n->hosts[index] : NULL;

	if (h)
		h->used = ++n->clock;
	return h;
}

void names_fake(const struct host *h, uint8_t ret[static 4])
{
	uint32_t number = pool_base() + h->index;

	for (int i = 0; i < 4; i++)
		ret[i] = (uint8_t)(number >> (24 - 8 * i));
}

void names_free(struct names *n)
{
	if (!n)
		return;
	for (size_t i = 1; i <= n->n_hosts; i++) {
		free(n->hosts[i]->name);
		free(n->hosts[i]);
	}
	free(n);
}
