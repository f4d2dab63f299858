/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"

#define ASIDE_STACK ((size_t)512 << 10)

struct aside {
	int (*main)(void *data);
	void *data;
	int result;
};

static int aside_main(void *data)
{
	struct aside *w = data;

	w->result = w->main(w->data);
	_exit(0);
}

int proc_aside(int (*main)(void *data), void *data)
{
	struct aside w = { .main = main, .data = data, .result = -ECHILD };
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	sigset_t all, before;
	char *stack = mmap(NULL, ASIDE_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid;
	int code;

	if (stack == MAP_FAILED)
		return -errno;
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = clone(aside_main, stack + ASIDE_STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD,
		    &w);
	code = errno;
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	/* It belongs to the memory, and other credentials have changed it. */
	if (dumpable == 1)
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	(void)munmap(stack, ASIDE_STACK);
	return pid < 0 ? -code : w.result;
}
