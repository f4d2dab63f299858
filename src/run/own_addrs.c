/* SPDX-License-Identifier: Apache-2.0 */
#include "run/own_addrs.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>

#include "spec/net_sockaddr.h"

/* A wider one is no network that anybody is part of, but a way of saying "everything is there". */
#define WIDEST_V4 8
#define WIDEST_V6 16

static unsigned count_bits(const struct net_addr *mask, bool v4)
{
	unsigned n = 0;

	for (size_t i = v4 ? 12 : 0; i < sizeof(mask->octets); i++)
		n += (unsigned)__builtin_popcount(mask->octets[i]);
	return n;
}

static int add(struct net_prefix *list, size_t *n, const struct net_addr *addr, unsigned bits)
{
	if (net_addr_special(addr))
		return 0;
	if (*n == OWN_ADDRS_MAX)
		return -E2BIG;
	list[(*n)++] = (struct net_prefix){ *addr, bits };
	return 0;
}

static int add_interface(struct net_prefix *list, size_t *n, const struct ifaddrs *i)
{
	struct net_addr addr, other;
	unsigned bits, whole;
	bool v4;
	int r;

	if (!net_sockaddr_addr(i->ifa_addr, &addr))
		return 0;
	v4 = net_addr_is_v4(&addr);
	whole = v4 ? 32 : 128;
	bits = net_sockaddr_addr(i->ifa_netmask, &other) ? count_bits(&other, v4) : whole;
	if (bits < (v4 ? WIDEST_V4 : WIDEST_V6))
		bits = whole;
	r = add(list, n, &addr, bits);
	if (r == 0 && i->ifa_flags & IFF_POINTOPOINT && net_sockaddr_addr(i->ifa_dstaddr, &other))
		r = add(list, n, &other, whole);
	return r;
}

int own_addrs_read(struct net_prefix ret[static OWN_ADDRS_MAX], size_t *ret_n)
{
	struct ifaddrs *all = NULL;
	size_t n = 0;
	int r = getifaddrs(&all) < 0 ? -errno : 0;

	for (const struct ifaddrs *i = all; i && r == 0; i = i->ifa_next)
		r = add_interface(ret, &n, i);
	if (all)
		freeifaddrs(all);
	if (r == 0)
		*ret_n = n;
	return r;
}
