/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of spec/net_addr.h as the kernel wants them. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "spec/net_addr.h"

struct sockaddr_inet {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

struct sockaddr_inet sockaddr_make(const struct net_addr *addr, uint16_t port);

/*
 * A non-blocking socket of @type (SOCK_STREAM listens) at @addr in the caller's network namespace; an IPv6 one
 * takes no IPv4. The descriptor, or -errno.
 */
int sockaddr_listen(const struct net_addr *addr, uint16_t port, int type);

#define SOCKADDR_TEXT 56 /* "[" address "]:" port */
void sockaddr_print(const struct net_addr *addr, uint16_t port, char ret[static SOCKADDR_TEXT]);
