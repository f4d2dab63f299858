/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of spec/net_addr.h as the kernel has them. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "spec/net_addr.h"

#define NET_SOCKADDR_SIZE 56 /* "[" address "]:" port */

struct net_sockaddr {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

struct net_sockaddr net_sockaddr_make(const struct net_addr *addr, uint16_t port);

/* The address in @sa, which may be NULL. False: it is of another family. */
bool net_sockaddr_addr(const struct sockaddr *sa, struct net_addr *ret);

/* "1.2.3.4:80", "[::1]:80" */
void net_sockaddr_print(const struct net_addr *addr, uint16_t port,
			char ret[static NET_SOCKADDR_SIZE]);
