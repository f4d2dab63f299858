/* SPDX-License-Identifier: Apache-2.0 */
#include "run/sockaddr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"

#define BACKLOG 1024

struct sockaddr_inet sockaddr_make(const struct net_addr *addr, uint16_t port)
{
	struct sockaddr_inet a = { .len = sizeof(a.v6) };

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

int sockaddr_listen(const struct net_addr *addr, uint16_t port, int type)
{
	const struct sockaddr_inet a = sockaddr_make(addr, port);
	auto_fd int fd = socket(a.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return -errno;
	/* Else a port whose connections of a moment ago are still in TIME_WAIT would seem taken. A datagram
	 * socket has none, and would share its port with whoever asks. */
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	if (a.any.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -errno;
	if (bind(fd, &a.any, a.len) < 0)
		return -errno;
	if (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)
		return -errno;
	return take_fd(&fd);
}

void sockaddr_print(const struct net_addr *addr, uint16_t port, char ret[static SOCKADDR_TEXT])
{
	char text[NET_ADDR_SIZE];

	net_addr_print(addr, text);
	(void)snprintf(ret, SOCKADDR_TEXT, net_addr_is_v4(addr) ? "%s:%u" : "[%s]:%u", text, port);
}
