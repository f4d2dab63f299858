/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel runs a rule as a list of expressions: load something into a register, compare it, act. The batch
 * is applied at its end and as a whole, so no moment has half of the rules.
 */
#include "run/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define TABLE "claude_sandbox"
#define V4_DADDR 16 /* where it stands in the header */
#define V6_DADDR 24
#define TH_DPORT 2 /* the same in TCP and UDP */

static void add(struct nft *n, unsigned type, unsigned flags)
{
	const struct nfgenmsg head = { .nfgen_family = n->family, .version = NFNETLINK_V0 };

	netlink_add(&n->nl, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), (uint16_t)flags, &head,
		    sizeof(head));
}

static void add_edge(struct nft *n, uint16_t type)
{
	const struct nfgenmsg head = { .version = NFNETLINK_V0,
				       .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	netlink_add(&n->nl, type, 0, &head, sizeof(head));
}

/* The last change asks for an answer; one that fails has an answer in any case. */
void nft_init(struct nft *n, uint8_t family)
{
	*n = (struct nft){ .nl = NETLINK_INIT, .family = family };
	add_edge(n, NFNL_MSG_BATCH_BEGIN);
	add(n, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	netlink_attr_text(&n->nl, NFTA_TABLE_NAME, TABLE);
}

void nft_done(struct nft *n)
{
	netlink_done(&n->nl);
}

void nft_chain(struct nft *n, const char *chain)
{
	add(n, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
	netlink_attr_text(&n->nl, NFTA_CHAIN_TABLE, TABLE);
	netlink_attr_text(&n->nl, NFTA_CHAIN_NAME, chain);
}

void nft_output_chain(struct nft *n, const char *chain, const char *type, int priority)
{
	size_t hook;

	nft_chain(n, chain);
	hook = netlink_enter(&n->nl, NFTA_CHAIN_HOOK);
	netlink_attr_be32(&n->nl, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
	netlink_attr_be32(&n->nl, NFTA_HOOK_PRIORITY, (uint32_t)priority);
	netlink_leave(&n->nl, hook);
	netlink_attr_text(&n->nl, NFTA_CHAIN_TYPE, type);
}

void nft_rule(struct nft *n, const char *chain)
{
	add(n, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	netlink_attr_text(&n->nl, NFTA_RULE_TABLE, TABLE);
	netlink_attr_text(&n->nl, NFTA_RULE_CHAIN, chain);
	n->rule = netlink_enter(&n->nl, NFTA_RULE_EXPRESSIONS);
}

void nft_rule_end(struct nft *n)
{
	netlink_leave(&n->nl, n->rule);
}

static size_t expr(struct nft *n, const char *name)
{
	n->list = netlink_enter(&n->nl, NFTA_LIST_ELEM);
	netlink_attr_text(&n->nl, NFTA_EXPR_NAME, name);
	return netlink_enter(&n->nl, NFTA_EXPR_DATA);
}

static void expr_end(struct nft *n, size_t data)
{
	netlink_leave(&n->nl, data);
	netlink_leave(&n->nl, n->list);
}

static void value(struct nft *n, uint16_t type, const void *bytes, size_t size)
{
	size_t at = netlink_enter(&n->nl, type);

	netlink_attr(&n->nl, NFTA_DATA_VALUE, bytes, size);
	netlink_leave(&n->nl, at);
}

static void compare(struct nft *n, uint32_t how, const void *bytes, size_t size)
{
	size_t data = expr(n, "cmp");

	netlink_attr_be32(&n->nl, NFTA_CMP_SREG, NFT_REG_1);
	netlink_attr_be32(&n->nl, NFTA_CMP_OP, how);
	value(n, NFTA_CMP_DATA, bytes, size);
	expr_end(n, data);
}

static void load_payload(struct nft *n, uint32_t base, uint32_t offset, size_t size)
{
	size_t data = expr(n, "payload");

	netlink_attr_be32(&n->nl, NFTA_PAYLOAD_DREG, NFT_REG_1);
	netlink_attr_be32(&n->nl, NFTA_PAYLOAD_BASE, base);
	netlink_attr_be32(&n->nl, NFTA_PAYLOAD_OFFSET, offset);
	netlink_attr_be32(&n->nl, NFTA_PAYLOAD_LEN, (uint32_t)size);
	expr_end(n, data);
}

static void mask_register(struct nft *n, const uint8_t *mask, size_t size)
{
	static const uint8_t zeros[16];
	size_t data = expr(n, "bitwise");

	netlink_attr_be32(&n->nl, NFTA_BITWISE_SREG, NFT_REG_1);
	netlink_attr_be32(&n->nl, NFTA_BITWISE_DREG, NFT_REG_1);
	netlink_attr_be32(&n->nl, NFTA_BITWISE_LEN, (uint32_t)size);
	value(n, NFTA_BITWISE_MASK, mask, size);
	value(n, NFTA_BITWISE_XOR, zeros, size);
	expr_end(n, data);
}

void nft_match_meta(struct nft *n, uint32_t key, const void *bytes, size_t size)
{
	size_t data = expr(n, "meta");

	netlink_attr_be32(&n->nl, NFTA_META_DREG, NFT_REG_1);
	netlink_attr_be32(&n->nl, NFTA_META_KEY, key);
	expr_end(n, data);
	compare(n, NFT_CMP_EQ, bytes, size);
}

void nft_match_daddr(struct nft *n, const struct net_addr *addr, unsigned bits)
{
	bool v4 = net_addr_is_v4(addr);
	size_t size = v4 ? 4 : 16;
	uint8_t family = v4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	uint8_t mask[16] = { 0 };
	uint8_t prefix[16];

	for (unsigned i = 0; i < bits && i < 8 * size; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	for (size_t i = 0; i < size; i++)
		prefix[i] = addr->octets[sizeof(addr->octets) - size + i] & mask[i];
	if (n->family == NFPROTO_INET)
		nft_match_meta(n, NFT_META_NFPROTO, &family, sizeof(family));
	load_payload(n, NFT_PAYLOAD_NETWORK_HEADER, v4 ? V4_DADDR : V6_DADDR, size);
	mask_register(n, mask, size);
	compare(n, NFT_CMP_EQ, prefix, size);
}

void nft_match_dports(struct nft *n, uint16_t first, uint16_t last)
{
	uint16_t low = htons(first);
	uint16_t high = htons(last);

	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, TH_DPORT, sizeof(low));
	compare(n, NFT_CMP_GTE, &low, sizeof(low));
	compare(n, NFT_CMP_LTE, &high, sizeof(high));
}

void nft_match_icmp_types(struct nft *n, uint8_t first, uint8_t last)
{
	const uint8_t protocol = IPPROTO_ICMPV6;

	nft_match_meta(n, NFT_META_L4PROTO, &protocol, sizeof(protocol));
	load_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof(first));
	compare(n, NFT_CMP_GTE, &first, sizeof(first));
	compare(n, NFT_CMP_LTE, &last, sizeof(last));
}

void nft_verdict(struct nft *n, int code, const char *chain)
{
	size_t data = expr(n, "immediate");
	size_t outer, inner;

	netlink_attr_be32(&n->nl, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	outer = netlink_enter(&n->nl, NFTA_IMMEDIATE_DATA);
	inner = netlink_enter(&n->nl, NFTA_DATA_VERDICT);
	netlink_attr_be32(&n->nl, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		netlink_attr_text(&n->nl, NFTA_VERDICT_CHAIN, chain);
	netlink_leave(&n->nl, inner);
	netlink_leave(&n->nl, outer);
	expr_end(n, data);
}

void nft_redirect_to(struct nft *n, uint16_t port)
{
	uint16_t wire = htons(port);
	size_t data = expr(n, "immediate");

	netlink_attr_be32(&n->nl, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	value(n, NFTA_IMMEDIATE_DATA, &wire, sizeof(wire));
	expr_end(n, data);
	data = expr(n, "redir");
	netlink_attr_be32(&n->nl, NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
	expr_end(n, data);
}

void nft_reject(struct nft *n, uint32_t type, uint8_t code)
{
	size_t data = expr(n, "reject");

	netlink_attr_be32(&n->nl, NFTA_REJECT_TYPE, type);
	netlink_attr(&n->nl, NFTA_REJECT_ICMP_CODE, &code, sizeof(code));
	expr_end(n, data);
}

int nft_commit(struct nft *n)
{
	netlink_ask(&n->nl);
	add_edge(n, NFNL_MSG_BATCH_END);
	return netlink_send(&n->nl, NETLINK_NETFILTER);
}

static uint16_t redirect_port(const struct spec_net *net)
{
	for (size_t i = 0; i < net->n_listens; i++)
		if (net->listens[i].kind == NET_LISTEN_REDIRECT)
			return net->listens[i].port;
	return 0;
}

int nft_redirect(const struct spec_net *net)
{
	static const char output[] = "redirect";
	const uint8_t tcp = IPPROTO_TCP;
	uint16_t port = redirect_port(net);
	auto_nft struct nft n;

	nft_init(&n, NFPROTO_IPV4);
	nft_output_chain(&n, output, "nat", -100);
	for (size_t i = 0; i < net->n_routes; i++) {
		nft_rule(&n, output);
		nft_match_daddr(&n, &net->routes[i].addr, net->routes[i].bits);
		nft_match_meta(&n, NFT_META_L4PROTO, &tcp, sizeof(tcp));
		nft_redirect_to(&n, port);
		nft_rule_end(&n);
	}
	return port ? nft_commit(&n) : -EINVAL;
}
