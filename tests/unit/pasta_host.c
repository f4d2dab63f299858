/* SPDX-License-Identifier: Apache-2.0 */
#include "pasta_host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "netns_child.h"
#include "run/listener.h"
#include "run/netlink.h"
#include "spec/net_sockaddr.h"

static int canary4 = -1, canary6 = -1, canary_dns = -1;

struct net_addr pasta_host_addr(const char *text)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(text, strlen(text), &addr), 0);
	return addr;
}

static size_t family_size(const struct net_addr *addr)
{
	return net_addr_is_v4(addr) ? 4 : 16;
}

static const uint8_t *family_octets(const struct net_addr *addr)
{
	return addr->octets + 16 - family_size(addr);
}

static uint8_t family(const struct net_addr *addr)
{
	return net_addr_is_v4(addr) ? AF_INET : AF_INET6;
}

/* Of the kind that pasta makes, as that is there in any case. Its other end is held, and read by nobody. */
static int add_link(int tun)
{
	struct ifreq request = { .ifr_name = "host0", .ifr_flags = IFF_TAP | IFF_NO_PI };
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(tun, TUNSETIFF, &request) < 0)
		return -errno;
	request.ifr_flags = IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static int add_addr(const char *interface, const char *text, uint8_t bits)
{
	const struct net_addr addr = pasta_host_addr(text);
	const struct ifaddrmsg head = { .ifa_family = family(&addr),
					.ifa_prefixlen = bits,
					.ifa_flags = IFA_F_NODAD,
					.ifa_index = if_nametoindex(interface) };
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &head, sizeof(head));
	netlink_attr(&nl, IFA_LOCAL, family_octets(&addr), family_size(&addr));
	netlink_attr(&nl, IFA_ADDRESS, family_octets(&addr), family_size(&addr));
	return netlink_send(&nl, NETLINK_ROUTE);
}

static int add_gateway(const char *text)
{
	const struct net_addr addr = pasta_host_addr(text);
	const struct rtmsg head = { .rtm_family = family(&addr),
				    .rtm_table = RT_TABLE_MAIN,
				    .rtm_protocol = RTPROT_STATIC,
				    .rtm_scope = RT_SCOPE_UNIVERSE,
				    .rtm_type = RTN_UNICAST };
	const uint32_t index = if_nametoindex("host0");
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &head, sizeof(head));
	netlink_attr(&nl, RTA_GATEWAY, family_octets(&addr), family_size(&addr));
	netlink_attr(&nl, RTA_OIF, &index, sizeof(index));
	return netlink_send(&nl, NETLINK_ROUTE);
}

/* Addresses that lead to the canaries, though they are none of the host's. */
static int add_local(const char *text, uint8_t bits)
{
	const struct net_addr addr = pasta_host_addr(text);
	const struct rtmsg head = { .rtm_family = family(&addr),
				    .rtm_dst_len = bits,
				    .rtm_table = RT_TABLE_LOCAL,
				    .rtm_protocol = RTPROT_STATIC,
				    .rtm_scope = RT_SCOPE_HOST,
				    .rtm_type = RTN_LOCAL };
	const uint32_t lo = 1;
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &head, sizeof(head));
	netlink_attr(&nl, RTA_DST, family_octets(&addr), family_size(&addr));
	netlink_attr(&nl, RTA_OIF, &lo, sizeof(lo));
	return netlink_send(&nl, NETLINK_ROUTE);
}

const char *pasta_host_enter(void)
{
	const struct net_addr any4 = { .octets = { [10] = 0xff, [11] = 0xff } };
	const struct net_addr any6 = { 0 };
	int tun;

	if (netns_child_enter() < 0 || netns_child_up() < 0)
		return "this host makes no user or network namespaces";
	tun = open("/dev/net/tun",
		   O_RDWR | O_CLOEXEC); /* it belongs to the network that it is opened in */
	if (tun < 0)
		return "/dev/net/tun cannot be opened";
	if (add_link(tun) < 0)
		return "this kernel makes no tap interface";
	/* Halves: one route to all would be taken for the way to the internet. */
	if (add_addr("host0", PASTA_HOST_ADDR, 24) < 0 || add_gateway(PASTA_HOST_GATEWAY) < 0 ||
	    add_addr("lo", PASTA_HOST_V4, 32) < 0 || add_addr("host0", "fd77::2", 64) < 0 ||
	    add_gateway("fd77::1") < 0 || add_addr("lo", PASTA_HOST_V6, 128) < 0 ||
	    add_local("0.0.0.0", 1) < 0 || add_local("128.0.0.0", 1) < 0 ||
	    add_local("::", 1) < 0 || add_local("8000::", 1) < 0 ||
	    add_local(PASTA_HOST_GATEWAY, 32) < 0)
		return "this kernel does not take the addresses of the host that is played";
	canary4 = listener_open(&any4, PASTA_HOST_PORT, SOCK_STREAM);
	canary6 = listener_open(&any6, PASTA_HOST_PORT, SOCK_STREAM);
	canary_dns = listener_open(&any4, PASTA_HOST_DNS_PORT, SOCK_DGRAM);
	return canary4 < 0 || canary6 < 0 || canary_dns < 0 ? "no canary" : NULL;
}

void pasta_host_saw(char ret[static NET_ADDR_SIZE])
{
	struct pollfd p[] = { { .fd = canary4, .events = POLLIN },
			      { .fd = canary6, .events = POLLIN } };
	struct net_sockaddr at = { .len = sizeof(at.v6) };
	auto_fd int got = -1;

	(void)snprintf(ret, NET_ADDR_SIZE, "nobody");
	(void)poll(p, N_ELEMENTS(p), 0);
	for (size_t i = 0; i < N_ELEMENTS(p) && got < 0; i++)
		if (p[i].revents)
			got = accept4(p[i].fd, NULL, NULL, SOCK_CLOEXEC);
	if (got < 0 || getsockname(got, &at.any, &at.len) < 0)
		return;
	if (at.any.sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &at.v4.sin_addr, ret, NET_ADDR_SIZE);
	else
		(void)inet_ntop(AF_INET6, &at.v6.sin6_addr, ret, NET_ADDR_SIZE);
}

int pasta_host_dns(void)
{
	return canary_dns;
}
