/* SPDX-License-Identifier: Apache-2.0 */
/* A sandbox's worth of network for a test: a process in namespaces of its own that holds still. */
#pragma once

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct netns_child {
	pid_t pid; /* 0: none */
	int pidfd;
	int orders; /* what it is to run comes here */
	int answers;
};

typedef int netns_child_fn(void *arg);

struct netns_order {
	netns_child_fn *fn;
	void *arg; /* of before the fork, or static */
};

static inline int netns_child_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		(void)close(fd);
	return n < 0 ? -1 : 0;
}

static inline int netns_child_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);

	(void)close(fd);
	return r;
}

/* Like bubblewrap: a second user namespace inside the one that owns the network. */
static inline int netns_child_enter(void)
{
	char users[32];
	char groups[32];

	(void)snprintf(users, sizeof(users), "0 %u 1", getuid());
	(void)snprintf(groups, sizeof(groups), "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return -1;
	(void)netns_child_write("/proc/self/setgroups", "deny");
	if (netns_child_write("/proc/self/uid_map", users) < 0 ||
	    netns_child_write("/proc/self/gid_map", groups) < 0)
		return -1;
	return 0;
}

static inline _Noreturn void netns_child_main(int orders, int answers, int up_after_ms)
{
	struct netns_order order;
	int r = netns_child_enter();

	if (r < 0 || write(answers, &r, sizeof(r)) < 0)
		_exit(1);
	if (up_after_ms > 0)
		(void)usleep((useconds_t)up_after_ms * 1000);
	if (up_after_ms >= 0 && netns_child_up() < 0)
		_exit(2);
	/* Whatever it does now it does as the payload would: without any capability over its network. */
	if (unshare(CLONE_NEWUSER) < 0)
		_exit(3);
	(void)netns_child_write("/proc/self/setgroups", "deny");
	(void)netns_child_write("/proc/self/uid_map", "1000 0 1");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(orders, &order, sizeof(order)) == (ssize_t)sizeof(order)) {
		r = order.fn(order.arg);
		(void)!write(answers, &r, sizeof(r));
	}
	_exit(0);
}

/* @up_after_ms < 0: its loopback never comes up. False: the host does not let us make one. */
static inline bool netns_child_start(struct netns_child *c, int up_after_ms)
{
	int orders[2];
	int answers[2];
	int r = -1;

	*c = (struct netns_child){ .pidfd = -1, .orders = -1, .answers = -1 };
	if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
		return false;
	c->pid = fork();
	if (c->pid == 0) {
		(void)close(orders[1]);
		(void)close(answers[0]);
		netns_child_main(orders[0], answers[1], up_after_ms);
	}
	(void)close(orders[0]);
	(void)close(answers[1]);
	c->orders = orders[1];
	c->answers = answers[0];
	if (c->pid > 0)
		c->pidfd = pidfd_open(c->pid, 0);
	return read(c->answers, &r, sizeof(r)) == (ssize_t)sizeof(r) && r == 0;
}

/* @fn(@arg) inside; what it returned, or -1. */
static inline int netns_child_run(const struct netns_child *c, netns_child_fn *fn, void *arg)
{
	const struct netns_order order = { .fn = fn, .arg = arg };
	int r = -1;

	if (write(c->orders, &order, sizeof(order)) < 0 || read(c->answers, &r, sizeof(r)) < 0)
		return -1;
	return r;
}

static inline void netns_child_end(struct netns_child *c)
{
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
	}
	(void)close(c->pidfd);
	(void)close(c->orders);
	(void)close(c->answers);
}

/* As netns_child_start(), for a test, which is skipped where it cannot be made. After <cmocka.h>. */
static inline void netns_child_need(struct netns_child *c, int up_after_ms)
{
	if (netns_child_start(c, up_after_ms))
		return;
	netns_child_end(c);
	print_message("[  SKIP  ] this host makes no user or network namespaces\n");
	skip();
}
