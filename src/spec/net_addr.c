/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables follow the "IANA IPv4 Special-Purpose Address Registry", its sibling for IPv6, and the list of
 * multicast addresses. Also those ranges count as special that the registries call globally reachable
 * (192.0.0.9 and .10, 192.31.196.0/24, 192.52.193.0/24, 192.175.48.0/24, 2001:1::1 to ::3, 2001:3::/32,
 * 2001:4:112::/48, 2001:20::/28, 2001:30::/28, 2620:4f:8000::/48): they are anycast or name no host, so that
 * whoever is nearest answers, which may be the router at home.
 *
 * A network may translate IPv6 to IPv4 with a prefix of its own (RFC 6052, RFC 5969): no table can know it.
 */
#include "spec/net_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/auto.h"

enum kind { PUBLIC, METADATA, LOOPBACK, LINK_LOCAL, PRIVATE, MULTICAST, RESERVED };

static const char *const words[] = {
	[PUBLIC] = NULL,         [METADATA] = "a metadata service",
	[LOOPBACK] = "loopback", [LINK_LOCAL] = "link-local",
	[PRIVATE] = "private",   [MULTICAST] = "multicast",
	[RESERVED] = "reserved",
};

struct range {
	struct net_addr addr;
	unsigned bits; /* of the family's address */
	enum kind kind;
};

/* clang-format off */
#define V4(a, b, c, d) { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } }
#define V6(...) { { __VA_ARGS__ } } /* octets; the others are 0 */

/* The first that holds the address counts. */
static const struct range v4_ranges[] = {
	{ V4(169, 254, 169, 254), 32, METADATA }, /* AWS, Azure, Google, Oracle, DigitalOcean, OpenStack, ... */
	{ V4(169, 254, 169, 250), 32, METADATA }, /* Rancher */
	{ V4(169, 254, 170, 2), 32, METADATA },   /* AWS ECS, credentials of a task */
	{ V4(169, 254, 170, 23), 32, METADATA },  /* AWS EKS, credentials of a pod */
	{ V4(169, 254, 42, 42), 32, METADATA },   /* Scaleway */
	{ V4(169, 254, 0, 23), 32, METADATA },    /* Tencent */
	{ V4(100, 100, 100, 200), 32, METADATA }, /* Alibaba */
	{ V4(100, 96, 0, 96), 32, METADATA },     /* Volcengine */
	{ V4(192, 0, 0, 192), 32, METADATA },     /* Oracle */
	{ V4(168, 63, 129, 16), 32, METADATA },   /* Azure's wire server: a public number that never leaves the host */
	{ V4(0, 0, 0, 0), 32, LOOPBACK },         /* RFC 1122 "this host": Linux connects to itself */
	{ V4(0, 0, 0, 0), 8, RESERVED },          /* RFC 791, RFC 1122: this network */
	{ V4(10, 0, 0, 0), 8, PRIVATE },          /* RFC 1918 */
	{ V4(100, 64, 0, 0), 10, PRIVATE },       /* RFC 6598: shared, behind a provider's NAT */
	{ V4(127, 0, 0, 0), 8, LOOPBACK },        /* RFC 1122 */
	{ V4(169, 254, 0, 0), 16, LINK_LOCAL },   /* RFC 3927 */
	{ V4(172, 16, 0, 0), 12, PRIVATE },       /* RFC 1918 */
	{ V4(192, 0, 0, 0), 24, RESERVED },       /* RFC 6890; RFC 7335, 7600, 7723, 8155, 8880, 7050 in it */
	{ V4(192, 0, 2, 0), 24, RESERVED },       /* RFC 5737: documentation */
	{ V4(192, 31, 196, 0), 24, RESERVED },    /* RFC 7535: AS112 */
	{ V4(192, 52, 193, 0), 24, RESERVED },    /* RFC 7450: AMT */
	{ V4(192, 88, 99, 0), 24, RESERVED },     /* RFC 7526: relays of 6to4; RFC 6751 in it */
	{ V4(192, 168, 0, 0), 16, PRIVATE },      /* RFC 1918 */
	{ V4(192, 175, 48, 0), 24, RESERVED },    /* RFC 7534: AS112 */
	{ V4(198, 18, 0, 0), 15, RESERVED },      /* RFC 2544: benchmarks; NET_POOL_ADDR of spec/net.h */
	{ V4(198, 51, 100, 0), 24, RESERVED },    /* RFC 5737: documentation */
	{ V4(203, 0, 113, 0), 24, RESERVED },     /* RFC 5737: documentation */
	{ V4(224, 0, 0, 0), 4, MULTICAST },       /* RFC 5771 */
	{ V4(240, 0, 0, 0), 4, RESERVED },        /* RFC 1112; RFC 919 and 8190: 255.255.255.255 */
};

static const struct range v6_ranges[] = {
	{ V6(0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54), 128, METADATA }, /* AWS: fd00:ec2::254 */
	{ V6(0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x23), 128, METADATA }, /* AWS EKS: fd00:ec2::23 */
	{ V6(0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54), 128, METADATA }, /* Google: fd20:ce::254 */
	{ V6(0xfd, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42), 128, METADATA }, /* Scaleway: fd00:42::42 */
	{ V6(0xfd, 0, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9, 0xfe), 128, METADATA }, /* Oracle: fd00:c1::a9fe:a9fe */
	{ V6(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9, 0xfe), 128, METADATA }, /* OpenStack: fe80::a9fe:a9fe */
	{ V6(0), 128, LOOPBACK }, /* RFC 4291 ::, unspecified: Linux connects to itself */
	{ V6(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 128, LOOPBACK }, /* RFC 4291 ::1 */
	{ V6(0x20, 0x01), 23, RESERVED }, /* RFC 2928; RFC 4380, 7723, 8155, 9665, 5180, 7450, 7535, 4843, 7343, 9374 in it */
	{ V6(0x20, 0x01, 0x0d, 0xb8), 32, RESERVED }, /* RFC 3849: documentation */
	{ V6(0x20, 0x02), 16, RESERVED }, /* RFC 3056: 6to4, in disuse since RFC 7526 */
	{ V6(0x26, 0x20, 0x00, 0x4f, 0x80), 48, RESERVED }, /* RFC 7534: AS112 */
	{ V6(0x3f, 0xff), 20, RESERVED }, /* RFC 9637: documentation */
	{ V6(0x20), 3, PUBLIC }, /* RFC 4291: all that is routed */
	{ V6(0, 0x64, 0xff, 0x9b), 96, PUBLIC }, /* RFC 6052: NAT64, as public as what it carries */
	{ V6(0xfc), 7, PRIVATE }, /* RFC 4193 */
	{ V6(0xfe, 0x80), 10, LINK_LOCAL }, /* RFC 4291 */
	{ V6(0xfe, 0xc0), 10, PRIVATE }, /* RFC 3879: site-local, as it once was */
	{ V6(0xff), 8, MULTICAST }, /* RFC 4291 */
	{ V6(0), 0, RESERVED }, /* among others RFC 8215 64:ff9b:1::/48, RFC 6666 100::/64, RFC 9780, RFC 9602 5f00::/16 */
};

/* Where in an IPv6 address the octets of an IPv4 address stand. */
static const struct carrier {
	uint8_t octets[16];
	unsigned from, bits; /* the octets are compared from octet @from on, @bits of them */
	uint8_t at[4];
	uint8_t flip;
} carriers[] = {
	{ { 0 }, 0, 96, { 12, 13, 14, 15 }, 0 }, /* RFC 4291: compatible, ::a.b.c.d */
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 0, 96, { 12, 13, 14, 15 }, 0 }, /* RFC 2765: translated, ::ffff:0:a.b.c.d */
	{ { 0, 0x64, 0xff, 0x9b }, 0, 96, { 12, 13, 14, 15 }, 0 }, /* RFC 6052 */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 0, 48, { 12, 13, 14, 15 }, 0 }, /* RFC 8215, with a prefix of 96 bits */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 0, 48, { 6, 7, 9, 10 }, 0 }, /* RFC 8215, with one of 48 */
	{ { 0x20, 0x02 }, 0, 16, { 2, 3, 4, 5 }, 0 }, /* RFC 3056: 6to4 */
	{ { 0x20, 0x01 }, 0, 32, { 4, 5, 6, 7 }, 0 }, /* RFC 4380: Teredo, its server */
	{ { 0x20, 0x01 }, 0, 32, { 12, 13, 14, 15 }, 0xff }, /* and its client */
	{ { 0, 0, 0x5e, 0xfe }, 8, 32, { 12, 13, 14, 15 }, 0 }, /* RFC 5214: ISATAP, ::5efe:a.b.c.d below any prefix */
	{ { 0x02, 0, 0x5e, 0xfe }, 8, 32, { 12, 13, 14, 15 }, 0 }, /* and with the bit for "unique" */
};
/* clang-format on */

static const struct net_addr v4_prefix = V4(0, 0, 0, 0);
const struct net_addr net_addr_loopback = V4(127, 0, 0, 1);
const struct net_addr net_addr_loopback6 = { { [15] = 1 } };

int net_addr_parse(const char *text, size_t len, struct net_addr *ret)
{
	char copy[NET_ADDR_SIZE] = "";
	struct net_addr addr = v4_prefix;

	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(copy, text, len);
	/* Both take no odd forms: no zone, no octal, no hexadecimal, no short one. */
	if (inet_pton(AF_INET, copy, addr.octets + 12) != 1 &&
	    inet_pton(AF_INET6, copy, addr.octets) != 1)
		return -EINVAL;
	*ret = addr;
	return 0;
}

void net_addr_print(const struct net_addr *addr, char ret[static NET_ADDR_SIZE])
{
	bool v4 = net_addr_is_v4(addr);

	/* It fails for want of room alone, and there is enough. */
	(void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr->octets + 12 : addr->octets, ret,
			NET_ADDR_SIZE);
}

static bool same_bits(const uint8_t *x, const uint8_t *y, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(x, y, bits / 8) != 0)
		return false;
	return rest == 0 || ((x[bits / 8] ^ y[bits / 8]) >> (8 - rest)) == 0;
}

bool net_addr_is_v4(const struct net_addr *addr)
{
	return same_bits(addr->octets, v4_prefix.octets, NET_ADDR_V4_BITS);
}

bool net_addr_is_in(const struct net_addr *addr, const struct net_addr *net, unsigned bits)
{
	if (net_addr_is_v4(addr) && bits < NET_ADDR_V4_BITS)
		return false;
	return same_bits(addr->octets, net->octets, bits);
}

bool net_addr_is_loopback(const struct net_addr *addr)
{
	return net_addr_is_in(addr, &net_addr_loopback, NET_ADDR_V4_BITS + 8) ||
	       net_addr_is_in(addr, &net_addr_loopback6, NET_ADDR_BITS);
}

void net_addr_mask(struct net_addr *addr, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(addr->octets); i++) {
		unsigned kept = bits > i * 8 ? bits - i * 8 : 0;

		if (kept < 8)
			addr->octets[i] &= (uint8_t)(0xff00U >> kept);
	}
}

size_t net_addr_carried(const struct net_addr *addr,
			struct net_addr ret[static NET_ADDR_CARRIED_MAX])
{
	size_t n = 0;

	if (net_addr_is_v4(addr))
		return 0;
	for (size_t i = 0; i < N_ELEMENTS(carriers) && n < NET_ADDR_CARRIED_MAX; i++) {
		const struct carrier *c = &carriers[i];

		if (!same_bits(addr->octets + c->from, c->octets, c->bits))
			continue;
		ret[n] = v4_prefix;
		for (size_t k = 0; k < N_ELEMENTS(c->at); k++)
			ret[n].octets[12 + k] = addr->octets[c->at[k]] ^ c->flip;
		n++;
	}
	return n;
}

static enum kind kind_in(const struct range *ranges, size_t n, unsigned before,
			 const struct net_addr *addr)
{
	for (size_t i = 0; i < n; i++)
		if (same_bits(addr->octets, ranges[i].addr.octets, before + ranges[i].bits))
			return ranges[i].kind;
	return PUBLIC;
}

static enum kind kind_itself(const struct net_addr *addr)
{
	if (net_addr_is_v4(addr))
		return kind_in(v4_ranges, N_ELEMENTS(v4_ranges), NET_ADDR_V4_BITS, addr);
	return kind_in(v6_ranges, N_ELEMENTS(v6_ranges), 0, addr);
}

/* What is carried says more than "reserved", and nothing is as bad as a metadata service. */
static enum kind kind_of(const struct net_addr *addr)
{
	struct net_addr carried[NET_ADDR_CARRIED_MAX];
	size_t n = net_addr_carried(addr, carried);
	enum kind kind = kind_itself(addr);

	for (size_t i = 0; i < n; i++) {
		enum kind inner = kind_itself(&carried[i]);

		if (inner == METADATA || ((kind == PUBLIC || kind == RESERVED) && inner != PUBLIC))
			kind = inner;
		if (kind == METADATA)
			break;
	}
	return kind;
}

const char *net_addr_special(const struct net_addr *addr)
{
	return words[kind_of(addr)];
}

bool net_addr_is_metadata(const struct net_addr *addr)
{
	return kind_of(addr) == METADATA;
}
