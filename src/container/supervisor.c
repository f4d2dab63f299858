/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd-nspawn in the container's user namespace. It passes on what sd_listen_fds(3) names, and closes everything else: so
 * init finds its channel at 3 and what it greets on at 4. Its own filter of system calls takes most of its start (libseccomp
 * builds it for three architectures) and would come before what init does; ours is init's work.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"

#define FIRST 3

static int place_descriptors(const struct handover *h)
{
	int channel = fcntl(h->first[HANDOVER_CHANNEL], F_DUPFD_CLOEXEC, FIRST + 2);
	int greeting = fcntl(h->first[HANDOVER_GREETING], F_DUPFD_CLOEXEC, FIRST + 2);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (channel < 0 || greeting < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(channel, FIRST) < 0 ||
	    dup2(greeting, FIRST + 1) < 0 || close_range(FIRST + 2, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

int supervisor_run(const struct handover *h, const struct blueprint *bp, struct err *e)
{
	const char *const *argv = strv_argv(&bp->argv);
	char pid[32];
	const char *const env[] = { "LISTEN_FDS=2",
				    pid,
				    "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
				    "SYSTEMD_SECCOMP=0",
				    "SYSTEMD_NSPAWN_LOCK=0",
				    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1",
				    NULL };

	(void)snprintf(pid, sizeof(pid), "LISTEN_PID=%d", getpid());
	if (chdir("/") < 0 || place_descriptors(h) < 0)
		return err_sys(e, "cannot place the container's descriptors");
	/* execve() takes pointers to non-const for history's sake only. */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the one way to cast const away */
	(void)execve(argv[0], (char **)(uintptr_t)argv, (char **)(uintptr_t)env);
	return err_sys(e, "cannot start %s", argv[0]);
}
