/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a child comes to be:
 *
 * The parent blocks all signals, so that none of its handlers runs in the child, and forks. Where
 * nothing is to be done between fork and exec, the child borrows its memory meanwhile: fork_light(). The
 * child walks through the steps below with async-signal-safe calls only. Each descriptor that was
 * promised is first copied above all promised numbers and then moved down to its own: so none is
 * overwritten before it is moved, even if two of them trade places. All others were marked
 * close-on-exec before that; so was the error pipe. If a step fails, (step, errno) goes through
 * that pipe; if exec succeeds, the pipe closes and the parent reads nothing.
 */
#include "base/proc.h"

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

#include "base/auto.h"
#include "base/proc_parts.h"

#define CHILD_STACK ((size_t)64 << 10)

static bool is_promised(const struct start *s, int to)
{
	for (size_t i = 0; i < s->n_fds; i++)
		if (s->fds[i].to == to)
			return true;
	return false;
}

/* Lists the descriptors; the caller frees s->fds. */
static void start_prepare(struct start *s, const struct cmd *cmd)
{
	s->cmd = cmd;
	s->parent = getpid();
	s->floor = STDERR_FILENO + 1;
	s->fds = calloc(cmd->n_fds + 3, sizeof(*s->fds));
	if (!s->fds)
		abort();
	for (size_t i = 0; i < cmd->n_fds; i++) {
		assert(cmd->fds[i].from >= 0 && cmd->fds[i].to >= 0);
		assert(!is_promised(s, cmd->fds[i].to));
		s->fds[s->n_fds++] = cmd->fds[i];
		if (cmd->fds[i].to >= s->floor)
			s->floor = cmd->fds[i].to + 1;
	}
	for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++)
		if (!is_promised(s, to))
			s->fds[s->n_fds++] = (struct proc_fd){ .from = -1, .to = to };
}

/*
 * fork() into a control group (Linux 5.7). glibc knows nothing of such a child, which is good enough
 * for one that makes system calls only.
 */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .flags = CLONE_INTO_CGROUP,
				   .cgroup = (unsigned)cgroup };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int child_entry(void *start)
{
	proc_child(start);
}

/*
 * A child that shares our memory until it executes its program, while we stand still: nothing is
 * copied for it. It has a stack of its own, as in posix_spawn(3).
 */
static pid_t fork_light(struct start *s)
{
	void *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid;
	int code;

	if (stack == MAP_FAILED)
		return -1;
	pid = clone(child_entry, (char *)stack + CHILD_STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, s);
	code = errno;
	(void)munmap(stack, CHILD_STACK);
	errno = code;
	return pid;
}

/* Forks with all signals blocked; returns as fork() does, errno included. */
static pid_t fork_child(struct start *s)
{
	sigset_t all, before;
	pid_t pid;
	int code;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	if (s->cmd->into_cgroup > 0)
		pid = fork_into(s->cmd->into_cgroup);
	else if (s->gate_out >= 0 || s->cmd->overlay)
		pid = fork(); /* a namespace is made with memory of one's own */
	else
		pid = fork_light(s);
	if (pid == 0)
		proc_child(s);
	code = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	errno = code;
	return pid;
}

/* Waits until the child has executed its program (0) or has told why it cannot. */
static int await_exec(int fd, const char *program, struct err *e)
{
	struct report report = { 0 };
	ssize_t n;

	do
		n = read(fd, &report, sizeof(report));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "%s: cannot read how its start went", program);
	if (n != (ssize_t)sizeof(report)) /* so 0: small writes to a pipe are atomic */
		return 0;
	return err_set(e, report.code, "%s: cannot %s: %s", program, proc_step_name(report.step),
		       strerrordesc_np(report.code));
}

/* The child is there and blocked; it is let go once cmd->admit() has agreed. */
static int admit(const struct cmd *cmd, pid_t pid, int gate, struct err *e)
{
	ssize_t n;
	int r = cmd->admit(cmd->admit_arg, pid, e);

	if (r < 0)
		return r;
	do
		n = write(gate, "", 1);
	while (n < 0 && errno == EINTR);
	/* A child that is gone has told why, or is found ended. */
	return n < 0 && errno != EPIPE ? err_sys(e, "%s: cannot let it go", cmd->argv[0]) : 0;
}

static int pipe_make(int *ret_out, int *ret_in, const struct cmd *cmd, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, "%s: cannot make a pipe", cmd->argv[0]);
	*ret_out = fds[0];
	*ret_in = fds[1];
	return 0;
}

int proc_spawn(const struct cmd *cmd, struct child *ret_child, struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	auto_free struct proc_fd *fds = NULL;
	auto_fd int report_in = -1;
	auto_fd int report_out = -1;
	auto_fd int gate_in = -1;
	auto_fd int gate_out = -1;
	struct start start = { 0 };
	pid_t pid;
	int r;

	assert(cmd->argv[0] && cmd->argv[0][0] == '/');
	r = pipe_make(&report_in, &report_out, cmd, e);
	if (r == 0 && cmd->admit)
		r = pipe_make(&gate_out, &gate_in, cmd, e);
	if (r < 0)
		return r;
	start_prepare(&start, cmd);
	fds = start.fds;
	start.report_fd = report_out;
	start.gate_out = gate_out;
	start.gate_in = gate_in;

	pid = fork_child(&start);
	if (pid < 0)
		return err_sys(e, "%s: cannot fork", cmd->argv[0]);
	child.pid = pid;
	child.pidfd = pidfd_open(pid, 0); /* close-on-exec by definition */
	if (child.pidfd < 0)
		return err_sys(e, "%s: cannot open a pidfd", cmd->argv[0]);
	(void)close(take_fd(&report_out)); /* else the read below would never end */
	r = cmd->admit ? admit(cmd, pid, gate_in, e) : 0;
	if (r == 0)
		r = await_exec(report_in, cmd->argv[0], e);
	if (r < 0)
		return r;
	*ret_child = child;
	child = CHILD_NONE; /* given away; from here nothing fails */
	return 0;
}

/* Waits for the end of the child and forgets it: after this its number may belong to another. */
static int reap(struct child *child, int *ret_status)
{
	pid_t pid;
	int code;

	do
		pid = waitpid(child->pid, ret_status, 0);
	while (pid < 0 && errno == EINTR);
	code = pid < 0 ? errno : 0;
	auto_fd_done(&child->pidfd);
	*child = CHILD_NONE;
	return -code;
}

int proc_wait(struct child *child, int *ret_status, struct err *e)
{
	pid_t pid = child->pid;
	int status = 0;
	int r;

	assert(pid > 0);
	r = reap(child, &status);
	if (r < 0)
		return err_set(e, -r, "cannot wait for process %d: %s", pid, strerrordesc_np(-r));
	*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}

void proc_end(struct child *child)
{
	int status;

	if (child->pid <= 0)
		return;
	/* It fails only on a child that has ended already, which needs no signal. */
	if (child->pidfd >= 0)
		(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
	else
		(void)kill(child->pid, SIGKILL);
	(void)reap(child, &status);
}
