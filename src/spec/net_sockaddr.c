/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_sockaddr.h"

#include <stdio.h>
#include <string.h>

struct net_sockaddr net_sockaddr_make(const struct net_addr *addr, uint16_t port)
{
	struct net_sockaddr a = { .len = sizeof(a.v6) };

	if (net_addr_is_v4(addr)) {
		a.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
		memcpy(&a.v4.sin_addr, addr->octets + 12, sizeof(a.v4.sin_addr));
		a.len = sizeof(a.v4);
		return a;
	}
	a.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
	memcpy(&a.v6.sin6_addr, addr->octets, sizeof(a.v6.sin6_addr));
	return a;
}

bool net_sockaddr_addr(const struct sockaddr *sa, struct net_addr *ret)
{
	struct net_addr addr = { .octets = { [10] = 0xff, [11] = 0xff } };

	if (sa && sa->sa_family == AF_INET)
		memcpy(addr.octets + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		       4);
	else if (sa && sa->sa_family == AF_INET6)
		memcpy(addr.octets, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		       16);
	else
		return false;
	*ret = addr;
	return true;
}

void net_sockaddr_print(const struct net_addr *addr, uint16_t port,
			char ret[static NET_SOCKADDR_SIZE])
{
	char text[NET_ADDR_SIZE];

	net_addr_print(addr, text);
	(void)snprintf(ret, NET_SOCKADDR_SIZE, net_addr_is_v4(addr) ? "%s:%u" : "[%s]:%u", text,
		       port);
}
