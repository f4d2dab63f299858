/* SPDX-License-Identifier: Apache-2.0 */
#include "run/listener.h"

#include <errno.h>
#include <unistd.h>

#include "base/auto.h"
#include "spec/net_sockaddr.h"

#define BACKLOG 1024

int listener_open(const struct net_addr *addr, uint16_t port, int type)
{
	const struct net_sockaddr a = net_sockaddr_make(addr, port);
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
