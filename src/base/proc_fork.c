/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/proc_parts.h"

/* The least that is above @above, or -1. */
static int next_kept(const int *keep, size_t n_keep, int above)
{
	int least = -1;

	for (size_t i = 0; i < n_keep; i++)
		if (keep[i] > above && (least < 0 || keep[i] < least))
			least = keep[i];
	return least;
}

static void keep_only(const int *keep, size_t n_keep)
{
	int null = open("/dev/null", O_RDWR | O_NOCTTY);
	unsigned next = STDERR_FILENO + 1;

	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		(void)dup2(null, fd);
	for (int kept = STDERR_FILENO; (kept = next_kept(keep, n_keep, kept)) >= 0;) {
		unsigned fd = (unsigned)kept;

		if (fd > next)
			(void)close_range(next, fd - 1, 0);
		next = fd + 1;
	}
	(void)close_range(next, ~0U, 0);
}

int proc_fork(int (*main)(void *data), void *data, const int *keep, size_t n_keep,
	      struct child *ret_child, struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	sigset_t all, before;
	int code;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	child.pid = fork();
	if (child.pid == 0) {
		(void)setsid();
		proc_child_signals();
		keep_only(keep, n_keep);
		_exit(main(data));
	}
	code = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (child.pid < 0)
		return err_set(e, code, "cannot fork: %s", strerrordesc_np(code));
	child.pidfd = pidfd_open(child.pid, 0);
	if (child.pidfd < 0)
		return err_sys(e, "cannot open a pidfd");
	*ret_child = child;
	child = CHILD_NONE;
	return 0;
}
