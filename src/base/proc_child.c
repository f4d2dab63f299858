/* SPDX-License-Identifier: Apache-2.0 */
/* Between fork and exec. */
#include "base/auto.h"
#include "base/proc.h"
#include "base/proc_parts.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[] = {
	[STEP_PARENT] = "tie its life to its parent",
	[STEP_IDENTITY] = "become another user",
	[STEP_ADMIT] = "wait to be let go",
	[STEP_CLOSE] = "close inherited descriptors",
	[STEP_NULL] = "open /dev/null",
	[STEP_COPY] = "copy its descriptors",
	[STEP_MOVE] = "place its descriptors",
	[STEP_NAMESPACE] = "make namespaces for a layer over its files",
	[STEP_OVERLAY] = "mount a layer over its files",
	[STEP_EXEC] = "execute",
};

const char *proc_step_name(enum step step)
{
	return step < N_ELEMENTS(names) && names[step] ? names[step] : "start";
}

/* From here to child_main(): async-signal-safe calls only. */
static _Noreturn void child_fail(const struct start *s, enum step step)
{
	struct report report = { .step = step, .code = errno };

	/* If the parent is gone, nobody is left to tell. */
	(void)!write(s->report_fd, &report, sizeof(report));
	_exit(127);
}

static void child_tie(const struct start *s)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		child_fail(s, STEP_PARENT);
	/* It may have died before the line above; then no signal will come. */
	if (getppid() != s->parent) {
		errno = ESRCH;
		child_fail(s, STEP_PARENT);
	}
}

int proc_become(const struct proc_as *as)
{
	/* Whoever comes from outside has no id 0 there, so that capabilities stay. */
	if (as->userns >= 0 &&
	    (setns(as->userns, CLONE_NEWUSER) < 0 || syscall(SYS_setgroups, 0, NULL) < 0 ||
	     syscall(SYS_setresgid, as->gid, as->gid, as->gid) < 0 ||
	     syscall(SYS_setresuid, as->uid, as->uid, as->uid) < 0))
		return -errno;
	return 0;
}

/* End of file instead of a byte: the parent is gone, or does not want us any more. */
static void child_gate(const struct start *s)
{
	ssize_t n;
	char go;

	(void)close(s->gate_in); /* or there would be no end of file */
	do
		n = read(s->gate_out, &go, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return;
	errno = n < 0 ? errno : ECANCELED;
	child_fail(s, STEP_ADMIT);
}

/* Failure is no reason not to start: nothing but the kernel's order of victims depends on it. */
static void child_volunteer(int adjustment)
{
	char text[16] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
		(void)dprintf(fd, "%ld", strtol(text, NULL, 10) + adjustment);
	if (fd >= 0)
		(void)close(fd);
}

void proc_child_signals(void)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* SIGKILL, SIGSTOP and the two that glibc keeps for itself refuse, and need no reset. */
	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &action, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* fails on a wrong first argument only */
}

static void child_descriptors(struct start *s)
{
	int report_fd;

	/* Asked before a copy can take the number of a descriptor that does not exist. */
	for (size_t i = 0; i < s->n_fds; i++)
		if (s->fds[i].from >= 0 && fcntl(s->fds[i].from, F_GETFD) < 0)
			child_fail(s, STEP_COPY);
	if (close_range(0, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		child_fail(s, STEP_CLOSE);
	report_fd = fcntl(s->report_fd, F_DUPFD_CLOEXEC, s->floor);
	if (report_fd < 0)
		child_fail(s, STEP_COPY);
	s->report_fd = report_fd;
	for (size_t i = 0; i < s->n_fds; i++) {
		int from = s->fds[i].from;

		if (from < 0)
			from = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (from < 0)
			child_fail(s, STEP_NULL);
		s->fds[i].from = fcntl(from, F_DUPFD_CLOEXEC, s->floor);
		if (s->fds[i].from < 0)
			child_fail(s, STEP_COPY);
	}
	/* dup2() clears close-on-exec on the copy that it makes. */
	for (size_t i = 0; i < s->n_fds; i++)
		if (dup2(s->fds[i].from, s->fds[i].to) < 0)
			child_fail(s, STEP_MOVE);
}

_Noreturn void proc_child(struct start *s)
{
	const struct cmd *cmd = s->cmd;

	/* First: the kernel forgets the tie when credentials change. */
	if (cmd->as && proc_become(cmd->as) < 0)
		child_fail(s, STEP_IDENTITY);
	if (cmd->die_with_parent)
		child_tie(s);
	if (cmd->own_session)
		(void)setsid(); /* cannot fail: a fresh child leads no group */
	if (cmd->oom_score_adj)
		child_volunteer(cmd->oom_score_adj);
	if (s->gate_out >= 0)
		child_gate(s);
	if (cmd->overlay) {
		if (overlay_namespace() < 0)
			child_fail(s, STEP_NAMESPACE);
		if (overlay_mount(cmd->overlay) < 0)
			child_fail(s, STEP_OVERLAY);
	}
	child_descriptors(s);
	proc_child_signals();
	/* execve() takes pointers to non-const for history's sake only. */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the one way to cast const away */
	(void)execve(cmd->argv[0], (char **)(uintptr_t)cmd->argv, (char **)(uintptr_t)cmd->envp);
	child_fail(s, STEP_EXEC);
}
