/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a child comes to be:
 *
 * The parent blocks all signals, so that none of its handlers runs in the child, and forks. The
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
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"

enum step {
	STEP_PARENT,
	STEP_CLOSE,
	STEP_NULL,
	STEP_COPY,
	STEP_MOVE,
	STEP_EXEC,
};

static const char *const step_names[] = {
	[STEP_PARENT] = "tie its life to its parent",
	[STEP_CLOSE] = "close inherited descriptors",
	[STEP_NULL] = "open /dev/null",
	[STEP_COPY] = "copy its descriptors",
	[STEP_MOVE] = "place its descriptors",
	[STEP_EXEC] = "execute",
};

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

static void child_signals(void)
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
	child_descriptors(s);
	child_signals();
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

/* Forks with all signals blocked; returns as fork() does, errno included. */
static pid_t fork_child(struct start *s)
{
	sigset_t all, before;
	pid_t pid;
	int code;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0 && s->cmd)
		child_main(s);
	if (pid == 0)
		return 0;
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

int proc_spawn(const struct cmd *cmd, struct child *ret_child, struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	auto_free struct proc_fd *fds = NULL;
	auto_fd int report_in = -1;
	auto_fd int report_out = -1;
	struct start start = { 0 };
	int pipe_fds[2];
	pid_t pid;
	int r;

	assert(cmd->argv[0] && cmd->argv[0][0] == '/');
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, "%s: cannot make a pipe", cmd->argv[0]);
	report_in = pipe_fds[0];
	report_out = pipe_fds[1];
	start_prepare(&start, cmd);
	fds = start.fds;
	start.report_fd = report_out;

	pid = fork_child(&start);
	if (pid < 0)
		return err_sys(e, "%s: cannot fork", cmd->argv[0]);
	child.pid = pid;
	child.pidfd = pidfd_open(pid, 0); /* close-on-exec by definition */
	if (child.pidfd < 0)
		return err_sys(e, "%s: cannot open a pidfd", cmd->argv[0]);
	(void)close(take_fd(&report_out)); /* else the read below would never end */
	r = await_exec(report_in, cmd->argv[0], e);
	if (r < 0)
		return r;
	*ret_child = child;
	child = CHILD_NONE; /* given away; from here nothing fails */
	return 0;
}

static void keep_only(const int *keep, size_t n_keep)
{
	int null = open("/dev/null", O_RDWR | O_NOCTTY);
	unsigned next = STDERR_FILENO + 1;

	for (int fd = 0; fd <= STDERR_FILENO && null >= 0; fd++)
		(void)dup2(null, fd);
	for (size_t i = 0; i < n_keep; i++) {
		unsigned fd = (unsigned)keep[i];

		if (fd > next)
			(void)close_range(next, fd - 1, 0);
		next = fd + 1;
	}
	(void)close_range(next, ~0U, 0);
}

int proc_fork(int (*main)(void *data), void *data, const int *keep, size_t n_keep,
	      struct child *ret_child, struct err *e)
{
	struct start none = { 0 };
	pid_t pid = fork_child(&none);
	int pidfd;

	if (pid < 0)
		return err_sys(e, "cannot fork");
	if (pid == 0) {
		(void)setsid();
		child_signals();
		keep_only(keep, n_keep);
		_exit(main(data));
	}
	pidfd = pidfd_open(pid, 0);
	*ret_child = (struct child){ .pid = pid, .pidfd = pidfd };
	return pidfd < 0 ? err_sys(e, "cannot open a pidfd") : 0;
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

static int64_t now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists, so does now */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes a piece of what the pipe holds. 1: some; 0: nothing now, or (then fd is -1) for ever. */
static int take_some(struct pollfd *out, struct buf *text, struct err *e)
{
	char chunk[8192];
	ssize_t n;

	do
		n = read(out->fd, chunk, sizeof(chunk));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : err_sys(e, "cannot read the output");
	if (n == 0)
		out->fd = -1; /* poll() skips it: only the child's end is left to wait for */
	buf_add(text, chunk, (size_t)n);
	return n > 0;
}

/*
 * Collects until the child has ended, not the pipe: a grandchild may hold that open for ever.
 * poll() looks at the pidfd first, so at the pipe when the child's last word is in it.
 */
static int collect(const struct child *child, int out, int timeout_ms, struct buf *text,
		   struct err *e)
{
	struct pollfd polls[] = {
		{ .fd = child->pidfd, .events = POLLIN },
		{ .fd = out, .events = POLLIN },
	};
	int64_t deadline = now_ms() + timeout_ms;

	for (;;) {
		int64_t left = deadline - now_ms();
		int n = poll(polls, N_ELEMENTS(polls), left > 0 ? (int)left : 0);
		bool has_ended;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot poll");
		has_ended = polls[0].revents != 0;
		r = polls[1].revents ? take_some(&polls[1], text, e) : 0;
		if (r < 0)
			return r;
		/* The deadline is asked each time: endless output keeps poll() from running into it. */
		if (has_ended && (r == 0 || left <= 0))
			return 0;
		if (!has_ended && left <= 0)
			return err_set(e, ETIMEDOUT, "no end after %d ms", timeout_ms);
	}
}

/* Spawns @cmd with stdout and stderr on a new pipe, whose other end is *ret_out. */
static int spawn_piped(const struct cmd *cmd, struct child *ret_child, int *ret_out, struct err *e)
{
	auto_free struct proc_fd *fds = calloc(cmd->n_fds + 2, sizeof(*fds));
	struct cmd piped = *cmd;
	auto_fd int out = -1;
	auto_fd int in = -1;
	int pipe_fds[2];
	int r;

	if (!fds)
		abort();
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, "%s: cannot make a pipe", cmd->argv[0]);
	out = pipe_fds[0];
	in = pipe_fds[1];
	/* Our end only: the child's stdout must block as any other. */
	if (fcntl(out, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, "%s: cannot set up a pipe", cmd->argv[0]);
	if (cmd->n_fds)
		memcpy(fds, cmd->fds, cmd->n_fds * sizeof(*fds));
	fds[cmd->n_fds] = (struct proc_fd){ .from = in, .to = STDOUT_FILENO };
	fds[cmd->n_fds + 1] = (struct proc_fd){ .from = in, .to = STDERR_FILENO };
	piped.fds = fds;
	piped.n_fds = cmd->n_fds + 2;
	r = proc_spawn(&piped, ret_child, e);
	if (r < 0)
		return r;
	*ret_out = take_fd(&out);
	return 0;
}

int proc_output(const struct cmd *cmd, size_t max, int timeout_ms, char **ret_text, int *ret_status,
		struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	auto_buf struct buf text = BUF_INIT(max);
	auto_fd int out = -1;
	int status = 0;
	int r = spawn_piped(cmd, &child, &out, e);

	if (r < 0)
		return r;
	if (collect(&child, out, timeout_ms, &text, e) < 0)
		return err_wrap(e, "%s", cmd->argv[0]);
	r = proc_wait(&child, &status, e);
	if (r < 0)
		return r;
	*ret_text = text.data ? take_ptr(text.data) : calloc(1, 1);
	if (!*ret_text)
		abort();
	*ret_status = status;
	return 0;
}
