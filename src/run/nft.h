/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet rules (nftables) in the network namespace of the caller, who needs CAP_NET_ADMIN there. Nobody inside
 * a sandbox has it, so nobody there takes a rule away.
 */
#pragma once

#include "run/netlink.h"
#include "run/own_addrs.h"
#include "spec/net.h"

/* One table with its chains and rules, all of them or none: what the kernel calls a batch. */
struct nft {
	struct netlink nl;
	uint8_t family;    /* NFPROTO_ */
	size_t rule, list; /* what is open in the message */
};

#define auto_nft __attribute__((cleanup(nft_done)))

void nft_init(struct nft *n, uint8_t family);
void nft_done(struct nft *n);

/* A chain for what leaves a process of the namespace: @type "nat" or "filter". */
void nft_output_chain(struct nft *n, const char *chain, const char *type, int priority);
/* One that rules lead to. */
void nft_chain(struct nft *n, const char *chain);

/* A rule of @chain: what is matched, in turn, then what is done. */
void nft_rule(struct nft *n, const char *chain);
void nft_rule_end(struct nft *n);
/* @key: NFT_META_ */
void nft_match_meta(struct nft *n, uint32_t key, const void *bytes, size_t size);
/* The destination; in NFPROTO_INET together with its family. @bits of 32 or 128. */
void nft_match_daddr(struct nft *n, const struct net_addr *addr, unsigned bits);
void nft_match_dports(struct nft *n, uint16_t first, uint16_t last);
/* Of ICMPv6. */
void nft_match_icmp_types(struct nft *n, uint8_t first, uint8_t last);
/* @code: NF_ or NFT_; @chain for NFT_GOTO. */
void nft_verdict(struct nft *n, int code, const char *chain);
void nft_redirect_to(struct nft *n, uint16_t port);
/* @type, @code: NFT_REJECT_ */
void nft_reject(struct nft *n, uint32_t type, uint8_t code);

/* Hands all of it to the kernel. -errno. */
int nft_commit(struct nft *n);

/* TCP to any of net->routes goes to the listener of NET_LISTEN_REDIRECT. -errno; -EINVAL without that one. */
int nft_redirect(const struct spec_net *net);

/*
 * Nothing leaves for an address that is not of the public internet, nor for @own, but to net->holes and to
 * NET_NAT_DNS. -errno.
 */
int nft_wall(const struct spec_net *net, const struct net_prefix *own, size_t n_own);
