/* SPDX-License-Identifier: Apache-2.0 */
#include "run/netns_join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "run/netlink.h"

#define LOOPBACK_INDEX 1 /* in every namespace */
#define LOOPBACK_MS 2000

/* -errno, or the namespace as a descriptor. */
static int open_namespace(int pidfd, pid_t pid)
{
	char path[sizeof("/proc//ns/net") + 11];
	auto_fd int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* Of a zombie the directory is there, and in it no such file. */
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	/* It still runs, so the number was its own when we looked. */
	if (pidfd_send_signal(pidfd, 0, NULL, 0) < 0)
		return -errno;
	return take_fd(&fd);
}

/*
 * The network is asked whose it is. The process itself is in a second user namespace sooner or later
 * (bubblewrap makes one for --dev and --disable-userns), which does not own it; which one
 * /proc/PID/ns/user shows depends on the moment.
 *
 * If the process has no network of its own, this fails: nobody enters the user namespace that he is in.
 */
static int join_owner(int net)
{
	auto_fd int user = ioctl(net, NS_GET_USERNS);

	return user < 0 || setns(user, CLONE_NEWUSER) < 0 ? -errno : 0;
}

int netns_join_owner(int pidfd, pid_t pid)
{
	auto_fd int net = open_namespace(pidfd, pid);
	int r = net < 0 ? net : join_owner(net);

	return r < 0 ? r : take_fd(&net);
}

int netns_join(int pidfd, pid_t pid)
{
	auto_fd int net = open_namespace(pidfd, pid);
	int r = net < 0 ? net : join_owner(net);

	if (r < 0)
		return r;
	return setns(net, CLONE_NEWNET) < 0 ? -errno : 0;
}

/* 1, 0, or -errno. */
static int is_up(void)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	return (request.ifr_flags & IFF_UP) != 0;
}

static int wait_up(int news, int pidfd)
{
	int64_t deadline = clock_ms() + LOOPBACK_MS;
	struct pollfd p[] = { { .fd = news, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
	char message[4096];

	for (;;) {
		int r = is_up();
		int64_t left = deadline - clock_ms();

		if (r != 0)
			return r < 0 ? r : 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(p, N_ELEMENTS(p), (int)left) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents)
			return -ESRCH;
		(void)!recv(news, message, sizeof(message), MSG_DONTWAIT);
	}
}

/*
 * The flag is seen before its addresses are there. Both are made under one lock of the kernel, which a
 * change that changes nothing waits for.
 */
static int settle(void)
{
	const struct ifinfomsg lo = { .ifi_index = LOOPBACK_INDEX };
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWLINK, NLM_F_ACK, &lo, sizeof(lo));
	return netlink_send(&nl, NETLINK_ROUTE);
}

/*
 * Bringing it up ourselves would be quicker, and a race: the kernel then adds the address that bubblewrap is
 * about to add, and bubblewrap dies of that ("loopback: Failed RTM_NEWADDR").
 */
int netns_await_loopback(int pidfd)
{
	const struct sockaddr_nl links = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	auto_fd int news = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int r;

	/* It listens before it looks. */
	if (news < 0 || bind(news, (const struct sockaddr *)&links, sizeof(links)) < 0)
		return -errno;
	r = wait_up(news, pidfd);
	return r < 0 ? r : settle();
}

int netns_drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &head, none) < 0)
		return -errno;
	return 0;
}
