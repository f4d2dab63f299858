/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, and which of them belong to nobody in particular on the internet. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_ADDR_SIZE 46 /* INET6_ADDRSTRLEN */
#define NET_ADDR_BITS 128
#define NET_ADDR_V4_BITS 96 /* of the prefix that all IPv4 addresses share */
#define NET_ADDR_CARRIED_MAX 4

/* IPv4 as ::ffff:a.b.c.d, so that each address has one form. */
struct net_addr {
	uint8_t octets[16];
};

extern const struct net_addr net_addr_loopback;  /* 127.0.0.1 */
extern const struct net_addr net_addr_loopback6; /* ::1 */

/* "1.2.3.4" (four decimal numbers without leading zeros) or IPv6 without brackets and zone. -EINVAL. */
int net_addr_parse(const char *text, size_t len, struct net_addr *ret);
void net_addr_print(const struct net_addr *addr, char ret[static NET_ADDR_SIZE]);
bool net_addr_is_v4(const struct net_addr *addr);

/* 127.0.0.0/8 and ::1: this machine and nobody else. */
bool net_addr_is_loopback(const struct net_addr *addr);

/*
 * Whether it lies in the network of the first @bits bits of @net: those of IPv4 have 96 and more, and
 * no network of IPv6 holds an address of IPv4.
 */
bool net_addr_is_in(const struct net_addr *addr, const struct net_addr *net, unsigned bits);

/* Bits after the first @bits become 0. */
void net_addr_mask(struct net_addr *addr, unsigned bits);

/*
 * The IPv4 addresses that an IPv6 address carries, and to which somebody on the way may hand a packet on:
 * compatible, translated, NAT64, 6to4, Teredo (server and client), ISATAP. Returns how many.
 */
size_t net_addr_carried(const struct net_addr *addr,
			struct net_addr ret[static NET_ADDR_CARRIED_MAX]);

/*
 * NULL if it is an address of the public internet, else what it is, for a sentence: "loopback", "private",
 * "link-local", "a metadata service", "multicast", "reserved". From the registries of special-purpose addresses
 * (RFC 6890 and what IANA has added since), and of the addresses that an IPv6 address carries.
 */
const char *net_addr_special(const struct net_addr *addr);

/* A service that gives its machine's credentials to whoever asks, also if the address only carries that one. */
bool net_addr_is_metadata(const struct net_addr *addr);
