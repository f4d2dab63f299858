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
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"

#define LEAST 16

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

/* In a child of its own: nobody comes back from a user namespace. */
static int halve(const int *pidfd)
{
	long half[N_ELEMENTS(files)] = { 0 };
	int r = 0;

	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		r = read_number(files[i], &half[i]);
		if (r < 0)
			return r == -ENOENT ? 0 : r; /* a kernel without inotify */
		half[i] = half[i] / 2 > LEAST ? half[i] / 2 : LEAST;
	}
	if (setns(*pidfd, CLONE_NEWUSER) < 0)
		return -errno;
	for (size_t i = 0; r == 0 && i < N_ELEMENTS(files); i++)
		r = write_number(files[i], half[i]);
	return r;
}

static int child_main(void *pidfd)
{
	return -halve(pidfd);
}

int userns_share_inotify(int pidfd, struct err *e)
{
	struct child child = CHILD_NONE;
	int code = 0;
	int r = proc_fork(child_main, &pidfd, &pidfd, 1, &child, e);

	if (r == 0)
		r = proc_wait(&child, &code, e);
	if (r < 0 || code == 0)
		return r;
	return err_set(e, code, "cannot limit inotify in the sandbox's user namespace: %s",
		       strerrordesc_np(code));
}
