/* SPDX-License-Identifier: Apache-2.0 */
/* S-10, S-11, K: families of sockets, services of the host, and variables that lead to them. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/probe.h"

#define CONNECT_MS 2000

/*
 * A family that this kernel lacks is "done" too: the kernel looked for it, and would have loaded its
 * module. What only root may open is EPERM outside as well, for others.
 */
static struct verdict family(const struct attempt *at)
{
	return reached(socket((int)at->attack->value, SOCK_RAW, 0));
}

static struct verdict raw_inet(const struct attempt *at)
{
	return by_result(socket((int)at->attack->value, SOCK_RAW, IPPROTO_ICMP));
}

/* Every family but UNIX, INET, INET6 and NETLINK. */
static struct verdict families(const struct attempt *at)
{
	(void)at;
	for (int number = 1; number < 256; number++) {
		struct verdict v;

		if (number == AF_UNIX || number == AF_INET || number == AF_INET6 ||
		    number == AF_NETLINK)
			continue;
		v = reached(socket(number, SOCK_STREAM, 0));
		if (v.kind == VERDICT_DONE || v.error != EPERM)
			return v;
	}
	return refused(EPERM);
}

static struct verdict high_family(const struct attempt *at)
{
	(void)at;
	/* The kernel looks at 32 bits of it; a filter that compares 64 sees another number. */
	return by_result(syscall(SYS_socket, 0x100000000L | AF_VSOCK, SOCK_STREAM, 0));
}

static struct verdict pair(const struct attempt *at)
{
	int ends[2];

	return reached(socketpair((int)at->attack->value, SOCK_STREAM, 0, ends));
}

/* Non-blocking, since what drops packets gives no answer; a service that answers is "done". */
static struct verdict connect_to(int fd, const void *address, socklen_t size)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (fd < 0)
		return refused(errno);
	if (connect(fd, address, size) < 0) {
		if (errno != EINPROGRESS)
			return refused(errno);
		if (poll(&wait, 1, CONNECT_MS) != 1)
			return refused(ETIMEDOUT);
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
			return refused(error ? error : errno);
	}
	return done();
}

/* args: the path of a unix socket, or the name of an abstract one. */
static struct verdict to_unix(const struct attempt *at)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t skip = at->attack->value ? 1 : 0;
	size_t len = strlen(at->args[0]);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (len + skip >= sizeof(address.sun_path))
		return cannot("the path is too long");
	__builtin_memcpy(address.sun_path + skip, at->args[0], len);
	return connect_to(fd, &address,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + skip + len));
}

/* Connecting a datagram socket sends nothing, so it must send, and wait for a word that nobody listens. */
static struct verdict finish(int fd, const void *address, socklen_t size, int type)
{
	struct verdict v = connect_to(fd, address, size);

	if (v.kind == VERDICT_DONE && type == SOCK_DGRAM)
		v = by_result(send(fd, "x", 1, MSG_NOSIGNAL));
	return v;
}

/* args: address, port. */
static struct verdict to_inet(const struct attempt *at)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	int type = (int)at->attack->value;
	int flags = type | SOCK_CLOEXEC | SOCK_NONBLOCK;
	in_port_t port = htons((in_port_t)number_of(at->args[1]));

	if (inet_pton(AF_INET, at->args[0], &v4.sin_addr) == 1) {
		v4.sin_port = port;
		return finish(socket(AF_INET, flags, 0), &v4, sizeof(v4), type);
	}
	if (inet_pton(AF_INET6, at->args[0], &v6.sin6_addr) != 1)
		return cannot("no address");
	v6.sin6_port = port;
	return finish(socket(AF_INET6, flags, 0), &v6, sizeof(v6), type);
}

/* args: names of variables. */
static struct verdict variables(const struct attempt *at)
{
	for (size_t i = 0; at->args[i]; i++)
		if (getenv(at->args[i]))
			return done();
	return refused_why("not set");
}

/* clang-format off */
#define FAMILY(letter, name, number) { "S-11" letter, "socket-" name, "a socket of the family " name, family, number, 0, true }
#define SERVICE(id, name, text) { id, name, "connects to " text, to_unix, 0, 1, false }
const struct attack socket_attacks[] = {
	{ "S-10a", "socket-vsock", "a socket to the hypervisor", family, AF_VSOCK, 0, true },
	FAMILY("a", "packet", AF_PACKET), FAMILY("b", "alg", AF_ALG), FAMILY("c", "xdp", AF_XDP),
	FAMILY("d", "tipc", AF_TIPC), FAMILY("e", "bluetooth", AF_BLUETOOTH), FAMILY("f", "can", AF_CAN),
	FAMILY("g", "rds", AF_RDS), FAMILY("h", "qipcrtr", AF_QIPCRTR), FAMILY("i", "key", AF_KEY),
	FAMILY("j", "ax25", AF_AX25),
	{ "S-11k", "families", "a socket of any family but four", families, 0, 0, true },
	{ "S-11l", "family-high", "a family with garbage in the upper half of the argument", high_family, 0, 0, true },
	{ "S-11m", "raw-icmp", "a raw socket", raw_inet, AF_INET, 0, true },
	{ "S-11n", "pair-inet", "a socket pair that is not of UNIX", pair, AF_INET, 0, true },
	{ "S-11o", "pair-tipc", "a socket pair of TIPC", pair, AF_TIPC, 0, true },
	SERVICE("K-01a", "docker", "docker's socket in /run"),
	SERVICE("K-01b", "docker-var-run", "the same by /var/run"),
	SERVICE("K-01c", "podman", "podman's socket of the user"),
	SERVICE("K-01d", "docker-home", "docker's socket in the home"),
	SERVICE("K-01e", "lxd", "lxd's socket in /var/lib"),
	SERVICE("K-02a", "session-bus", "the session bus"),
	SERVICE("K-02b", "systemd-user", "the user's systemd"),
	{ "K-03a", "abstract", "connects to an abstract socket of the host", to_unix, 1, 1, true },
	{ "K-03b", "abstract-x11", "connects to X11's abstract socket", to_unix, 1, 1, false },
	SERVICE("K-04a", "socket-shown", "a socket in a directory that is shown read-only"),
	SERVICE("K-07a", "system-bus", "the system bus"),
	SERVICE("K-08a", "ssh-agent", "the ssh agent"),
	SERVICE("K-09a", "gpg-agent", "gpg's agent in the home"),
	SERVICE("K-09b", "gpg-agent-run", "gpg's agent in the runtime directory"),
	SERVICE("K-10a", "nix-daemon", "the Nix daemon"),
	{ "K-11a", "tmux", "connects to a tmux server in /tmp", to_unix, 0, 1, true },
	SERVICE("K-11b", "editor", "an editor's socket in the runtime directory"),
	SERVICE("K-12a", "pulse", "the sound server"),
	SERVICE("K-12b", "pipewire", "PipeWire"),
	SERVICE("K-12c", "x11", "X11's socket in /tmp"),
	SERVICE("K-12d", "cups", "the print server"),
	{ "K-11c", "env-sockets", "finds variables that name sockets of the host", variables, 0, 1, true },
	{ "K-11d", "env-loader", "finds variables that load code", variables, 0, 1, true },
	{ "K-11e", "env-secrets", "finds variables that hold secrets", variables, 0, 1, true },
	{ "K-13a", "loopback", "connects to a service of the host's loopback", to_inet, SOCK_STREAM, 2, true },
	{ "K-13b", "loopback-6", "the same over IPv6", to_inet, SOCK_STREAM, 2, true },
	{ "K-13c", "lan", "connects to the host's own address", to_inet, SOCK_STREAM, 2, false },
	{ "K-13d", "metadata", "connects to the cloud's metadata service", to_inet, SOCK_STREAM, 2, false },
	{ "K-13e", "udp", "sends a datagram to a service of the host", to_inet, SOCK_DGRAM, 2, false },
	{ .name = NULL },
};
/* clang-format on */
