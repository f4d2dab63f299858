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

enum step {
	STEP_PARENT,
	STEP_ADMIT,
	STEP_CLOSE,
	STEP_NULL,
	STEP_COPY,
	STEP_MOVE,
	STEP_NAMESPACE,
	STEP_OVERLAY,
	STEP_EXEC,
};

static const char *const step_names[] = {
	[STEP_PARENT] = "tie its life to its parent",
	[STEP_ADMIT] = "wait to be let go",
	[STEP_CLOSE] = "close inherited descriptors",
	[STEP_NULL] = "open /dev/null",
	[STEP_COPY] = "copy its descriptors",
	[STEP_MOVE] = "place its descriptors",
	[STEP_NAMESPACE] = "make namespaces for a layer over its files",
	[STEP_OVERLAY] = "mount a layer over its files",
	[STEP_EXEC] = "execute",
};

#define CHILD_STACK ((size_t)64 << 10)

struct report {
	enum step step;
	int code;
};

/* What the child needs, made ready before fork: it may not allocate. */
struct start {
	const struct cmd *cmd;
	struct proc_fd *fds; /* the promised ones, and /dev/null (from -1) for the rest of 0 to 2 */
	size_t n_fds;
	int floor; /* above all promised numbers */
	int report_fd;
	int gate_out; /* -1: no gate; else a byte comes through it once the parent lets us go */
	int gate_in;  /* the parent's end */
	pid_t parent;
};

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

static _Noreturn void child_main(struct start *s)
{
	const struct cmd *cmd = s->cmd;

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
	child_main(start);
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
		child_main(s);
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
	return err_set(e, report.code, "%s: cannot %s: %s", program, step_names[report.step],
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
