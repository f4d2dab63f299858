/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wall of NETWORK_NAT. pasta makes an ordinary connection of the host out of each that somebody inside
 * makes, so whatever the host can reach they would reach: its local network, its provider's metadata service,
 * its own other addresses. Here all of these are refused, where nobody inside can change it.
 *
 * The ranges are those that spec/net_addr.c calls special, as far as a rule has to name them: of IPv6 all is
 * refused that is not in 2000::/3, where the public internet is, or a translated address (NAT64).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#include "base/auto.h"
#include "run/nft.h"

#define LOOPBACK_INDEX 1U
#define DNS_PORT 53
#define NAT64_BITS 96

static const char output[] = "wall";
static const char refuse[] = "refuse";

/* clang-format off */
#define V4(a, b, c, d) { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } }
#define V6(...) { { __VA_ARGS__ } }

static const struct net_prefix v4_refused[] = {
	{ V4(0, 0, 0, 0), 8 },
	{ V4(10, 0, 0, 0), 8 },
	{ V4(100, 64, 0, 0), 10 },
	{ V4(127, 0, 0, 0), 8 },
	{ V4(168, 63, 129, 16), 32 }, /* Azure's wire server */
	{ V4(169, 254, 0, 0), 16 },   /* with the metadata services of all others */
	{ V4(172, 16, 0, 0), 12 },
	{ V4(192, 0, 0, 0), 24 },
	{ V4(192, 0, 2, 0), 24 },
	{ V4(192, 31, 196, 0), 24 },
	{ V4(192, 52, 193, 0), 24 },
	{ V4(192, 88, 99, 0), 24 },
	{ V4(192, 168, 0, 0), 16 },
	{ V4(192, 175, 48, 0), 24 },
	{ V4(198, 18, 0, 0), 15 },
	{ V4(198, 51, 100, 0), 24 },
	{ V4(203, 0, 113, 0), 24 },
	{ V4(224, 0, 0, 0), 3 },      /* multicast and reserved */
};

/* Within 2000::/3. */
static const struct net_prefix v6_refused[] = {
	{ V6(0x20, 0x01), 23 },                   /* among others Teredo */
	{ V6(0x20, 0x01, 0x0d, 0xb8), 32 },
	{ V6(0x20, 0x02), 16 },                   /* 6to4 */
	{ V6(0x26, 0x20, 0x00, 0x4f, 0x80), 48 },
	{ V6(0x3f, 0xff), 20 },
};

static const struct net_prefix v6_public = { V6(0x20), 3 };
static const struct net_prefix nat64 = { V6(0, 0x64, 0xff, 0x9b), NAT64_BITS };
/* clang-format on */

static void match(struct nft *n, const struct net_prefix *p)
{
	nft_match_daddr(n, &p->addr, p->bits);
}

static void add_refusal(struct nft *n, const struct net_prefix *p)
{
	nft_rule(n, output);
	match(n, p);
	nft_verdict(n, NFT_GOTO, refuse);
	nft_rule_end(n);
}

/* An IPv4 prefix, and how it looks where the network translates. */
static void add_refusal_v4(struct nft *n, const struct net_prefix *p)
{
	struct net_prefix translated = { nat64.addr, NAT64_BITS + p->bits };

	for (size_t i = 12; i < sizeof(p->addr.octets); i++)
		translated.addr.octets[i] = p->addr.octets[i];
	add_refusal(n, p);
	add_refusal(n, &translated);
}

static void add_acceptance(struct nft *n, const struct net_prefix *p)
{
	nft_rule(n, output);
	match(n, p);
	nft_verdict(n, NF_ACCEPT, NULL);
	nft_rule_end(n);
}

/* TCP and UDP. */
static void add_ports(struct nft *n, const struct net_prefix *p, uint16_t first, uint16_t last)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (size_t i = 0; i < N_ELEMENTS(protocols); i++) {
		nft_rule(n, output);
		match(n, p);
		nft_match_meta(n, NFT_META_L4PROTO, &protocols[i], sizeof(protocols[i]));
		nft_match_dports(n, first, last);
		nft_verdict(n, NF_ACCEPT, NULL);
		nft_rule_end(n);
	}
}

/* At once: a program inside is to hear "no" and not to wait until it gives up. */
static void add_refuse_chain(struct nft *n)
{
	const uint8_t tcp = IPPROTO_TCP;

	nft_chain(n, refuse);
	nft_rule(n, refuse);
	nft_match_meta(n, NFT_META_L4PROTO, &tcp, sizeof(tcp));
	nft_reject(n, NFT_REJECT_TCP_RST, 0);
	nft_rule_end(n);
	nft_rule(n, refuse);
	nft_reject(n, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	nft_rule_end(n);
}

static void add_inside(struct nft *n)
{
	const uint32_t lo = LOOPBACK_INDEX;

	nft_rule(n, output);
	nft_match_meta(n, NFT_META_OIF, &lo, sizeof(lo));
	nft_verdict(n, NF_ACCEPT, NULL);
	nft_rule_end(n);
	/* Who is where on the link: pasta answers these itself, and without them there is no IPv6. */
	nft_rule(n, output);
	nft_match_icmp_types(n, ND_ROUTER_SOLICIT, ND_NEIGHBOR_ADVERT);
	nft_verdict(n, NF_ACCEPT, NULL);
	nft_rule_end(n);
}

static void add_holes(struct nft *n, const struct spec_net *net)
{
	struct net_prefix dns = { .bits = 32 };

	(void)net_addr_parse(NET_NAT_DNS, sizeof(NET_NAT_DNS) - 1, &dns.addr);
	add_ports(n, &dns, DNS_PORT, DNS_PORT);
	for (size_t i = 0; i < net->n_holes; i++) {
		const struct net_hole *h = &net->holes[i];
		unsigned before = net_addr_is_v4(&h->addr) ? 96 : 0;
		const struct net_prefix p = { h->addr, h->bits > before ? h->bits - before : 0 };

		add_ports(n, &p, h->first, h->last);
	}
}

static void add_rest(struct nft *n, const struct net_prefix *own, size_t n_own)
{
	const uint8_t v6 = NFPROTO_IPV6;

	for (size_t i = 0; i < N_ELEMENTS(v4_refused); i++)
		add_refusal_v4(n, &v4_refused[i]);
	for (size_t i = 0; i < N_ELEMENTS(v6_refused); i++)
		add_refusal(n, &v6_refused[i]);
	for (size_t i = 0; i < n_own; i++)
		if (net_addr_is_v4(&own[i].addr))
			add_refusal_v4(n, &own[i]);
		else
			add_refusal(n, &own[i]);
	add_acceptance(n, &nat64);
	add_acceptance(n, &v6_public);
	nft_rule(n, output);
	nft_match_meta(n, NFT_META_NFPROTO, &v6, sizeof(v6));
	nft_verdict(n, NFT_GOTO, refuse);
	nft_rule_end(n);
}

int nft_wall(const struct spec_net *net, const struct net_prefix *own, size_t n_own)
{
	auto_nft struct nft n;

	nft_init(&n, NFPROTO_INET);
	add_refuse_chain(&n);
	nft_output_chain(&n, output, "filter", 0);
	add_inside(&n);
	add_holes(&n, net);
	add_rest(&n, own, n_own);
	return nft_commit(&n);
}
