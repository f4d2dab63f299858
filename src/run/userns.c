/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces(7), "The /proc/sys/user directory": each user namespace has limits of its own, and what
 * is made inside counts against it and against all namespaces above. Whose limits a file there shows
 * depends on who opens it, and writing takes CAP_SYS_RESOURCE in that namespace. Inside nobody
 * has it; but whoever made the namespace has all capabilities in it from outside.
 */
#include "run/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"

#define LEAST 16

/* What a browser's own sandbox is made of, with room for several; whatever it does not need, not at all. */
static const struct {
	const char *path;
	long most;
} nested[] = {
	{ "/proc/sys/user/max_user_namespaces", 128 }, { "/proc/sys/user/max_net_namespaces", 64 },
	{ "/proc/sys/user/max_pid_namespaces", 2048 }, { "/proc/sys/user/max_mnt_namespaces", 0 },
	{ "/proc/sys/user/max_uts_namespaces", 0 },    { "/proc/sys/user/max_ipc_namespaces", 0 },
	{ "/proc/sys/user/max_cgroup_namespaces", 0 }, { "/proc/sys/user/max_time_namespaces", 0 },
};

struct task {
	int pidfd;
	struct userns_limits limits;
};

static const char *const files[] = { "/proc/sys/user/max_inotify_instances",
				     "/proc/sys/user/max_inotify_watches" };

static int read_number(const char *path, long *ret)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	*ret = strtol(text, NULL, 10);
	return 0;
}

static int write_number(const char *path, long number)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || dprintf(fd, "%ld\n", number) < 0 ? -errno : 0;
}

/* Whose files are our own until the sandbox's namespace is joined. */
static int read_halves(long half[N_ELEMENTS(files)])
{
	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		int r = read_number(files[i], &half[i]);

		if (r < 0)
			return r;
		half[i] = half[i] / 2 > LEAST ? half[i] / 2 : LEAST;
	}
	return 0;
}

/* A kernel that has no such namespace has no such file. */
static int limit_nested(void)
{
	for (size_t i = 0; i < N_ELEMENTS(nested); i++) {
		int r = write_number(nested[i].path, nested[i].most);

		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

static int limit(const struct task *t)
{
	long half[N_ELEMENTS(files)] = { 0 };
	int r = t->limits.shares_inotify ? read_halves(half) : -ENOENT;
	bool has_inotify = r == 0; /* the kernel may have none */

	if (r < 0 && r != -ENOENT)
		return r;
	if (setns(t->pidfd, CLONE_NEWUSER) < 0)
		return -errno;
	r = t->limits.nests ? limit_nested() : 0;
	if (t->limits.is_last)
		r = write_number("/proc/sys/user/max_user_namespaces", 0);
	for (size_t i = 0; r == 0 && has_inotify && i < N_ELEMENTS(files); i++)
		r = write_number(files[i], half[i]);
	return r;
}

/* A child of its own: nobody comes back from a user namespace. */
static int child_main(void *task)
{
	return -limit(task);
}

int userns_limit(int pidfd, struct userns_limits limits, struct err *e)
{
	struct task task = { .pidfd = pidfd, .limits = limits };
	struct child child = CHILD_NONE;
	int code = 0;
	int r;

	if (!limits.shares_inotify && !limits.nests && !limits.is_last)
		return 0;
	r = proc_fork(child_main, &task, &pidfd, 1, &child, e);
	if (r == 0)
		r = proc_wait(&child, &code, e);
	if (r < 0 || code == 0)
		return r;
	return err_set(e, code, "cannot set the limits of the sandbox's user namespace: %s",
		       strerrordesc_np(code));
}
