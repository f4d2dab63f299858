/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "output.h"

static void a_failed_start_is_told(void **state)
{
	static const struct proc_fd bad[] = { { .from = 999, .to = 3 } };
	static const struct proc_fd high[] = { { .from = 0, .to = 100000000 } };
	static const struct {
		const char *program;
		const struct proc_fd *fds;
		size_t n_fds;
		int want;
		const char *msg;
	} rows[] = {
		{ "/no/such/program", NULL, 0, -ENOENT,
		  "/no/such/program: cannot execute: No such file or directory" },
		{ "/etc/passwd", NULL, 0, -EACCES,
		  "/etc/passwd: cannot execute: Permission denied" },
		{ "/bin/true", bad, 1, -EBADF,
		  "/bin/true: cannot copy its descriptors: Bad file descriptor" },
		{ "/bin/true", high, 1, -EINVAL,
		  "/bin/true: cannot copy its descriptors: Invalid argument" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const char *const argv[] = { rows[i].program, NULL };
		const struct cmd cmd = {
			.argv = argv, .envp = env, .fds = rows[i].fds, .n_fds = rows[i].n_fds
		};
		struct child child = CHILD_NONE;
		struct err e = { 0 };

		assert_int_equal(proc_spawn(&cmd, &child, &e), rows[i].want);
		assert_string_equal(e.msg, rows[i].msg);
		assert_int_equal(child.pid, 0);
		assert_int_equal(child.pidfd, -1);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
	}
}

static int memfd_of(const char *text)
{
	struct err e = { 0 };
	int fd = -1;

	assert_int_equal(io_memfd("test", text, strlen(text), &fd, &e), 0);
	return fd;
}

/* Puts a memfd of @text at number @fd. */
static void memfd_at(int fd, const char *text)
{
	auto_fd int from = memfd_of(text);

	assert_int_equal(dup3(from, fd, O_CLOEXEC), fd);
}

static void descriptors_trade_places(void **state)
{
	static const struct proc_fd fds[] = {
		{ .from = 50, .to = 51 }, { .from = 51, .to = 52 }, { .from = 52, .to = 50 },
		{ .from = 53, .to = 53 }, /* stays, and loses its close-on-exec */
		{ .from = 54, .to = 9 },  { .from = 54, .to = 8 }, /* twice */
	};
	auto_free char *text = NULL;
	int status = -1;

	(void)state;
	memfd_at(50, "A");
	memfd_at(51, "B");
	memfd_at(52, "C");
	memfd_at(53, "D");
	memfd_at(54, "E");
	text = output_of("cat <&50; cat <&51; cat <&52; cat <&53; cat <&9; cat <&8", fds,
			 N_ELEMENTS(fds), &status);
	assert_string_equal(text, "CABDE"); /* 8 shares the offset with 9 */
	assert_int_equal(close_range(50, 54, 0), 0);
}

/* The list itself needs one descriptor, the lowest free one: 3, and 4 where 3 is promised. */
static void nothing_else_is_inherited(void **state)
{
	static const struct proc_fd seven[] = { { .from = 50, .to = 7 } };
	auto_free char *none = NULL;
	auto_free char *one = NULL;
	int status = -1;

	(void)state;
	memfd_at(50, "A");
	assert_int_equal(dup2(50, 51), 51); /* not close-on-exec */
	none = output_of("exec ls /proc/self/fd", NULL, 0, &status);
	assert_string_equal(none, "0\n1\n2\n3\n");
	one = output_of("exec ls /proc/self/fd", seven, 1, &status);
	assert_string_equal(one, "0\n1\n2\n3\n7\n");
	assert_int_equal(close_range(50, 51, 0), 0);
}

static void unlisted_stdio_is_dev_null(void **state)
{
	static const char *const argv[] = { "/bin/bash", "-c", "readlink /proc/$$/fd/{0,1,2} >&5",
					    NULL };
	auto_child struct child child = CHILD_NONE;
	auto_fd int out = -1;
	char text[100] = { 0 };
	struct err e = { 0 };
	int pipe_fds[2];
	int status = -1;

	(void)state;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	out = pipe_fds[0];
	const struct proc_fd fds[] = { { .from = pipe_fds[1], .to = 5 } };
	const struct cmd cmd = { .argv = argv, .envp = env, .fds = fds, .n_fds = 1 };

	assert_int_equal(proc_spawn(&cmd, &child, &e), 0);
	assert_int_equal(close(pipe_fds[1]), 0);
	assert_int_equal(proc_wait(&child, &status, &e), 0);
	assert_int_equal(status, 0);
	assert_true(read(out, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "/dev/null\n/dev/null\n/dev/null\n");
}

static void on_signal(int sig)
{
	(void)sig;
}

static void signals_are_as_new(void **state)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction handle = { .sa_handler = on_signal };
	struct sigaction old_pipe, old_usr;
	sigset_t some, before, after;
	auto_free char *text = NULL;
	int status = -1;

	(void)state;
	sigemptyset(&some);
	sigaddset(&some, SIGTERM);
	sigaddset(&some, SIGRTMIN + 3);
	assert_int_equal(sigprocmask(SIG_BLOCK, &some, &before), 0);
	assert_int_equal(sigaction(SIGPIPE, &ignore, &old_pipe), 0);
	assert_int_equal(sigaction(SIGUSR1, &handle, &old_usr), 0);
	text = output_of("exec grep -E '^Sig(Blk|Ign)' /proc/self/status", NULL, 0, &status);
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &after), 0);
	assert_true(sigismember(&after, SIGTERM));
	assert_false(sigismember(&after, SIGHUP)); /* the parent's mask came back */
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_int_equal(sigaction(SIGPIPE, &old_pipe, NULL), 0);
	assert_int_equal(sigaction(SIGUSR1, &old_usr, NULL), 0);
	assert_string_equal(text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

static void end_kills_and_reaps(void **state)
{
	static const char *const argv[] = { "/bin/sleep", "1000", NULL };
	const struct cmd cmd = { .argv = argv, .envp = env };
	struct child child = CHILD_NONE;
	struct err e = { 0 };
	pid_t pid;

	(void)state;
	proc_end(&child); /* the empty value */
	assert_int_equal(proc_spawn(&cmd, &child, &e), 0);
	pid = child.pid;
	assert_true(pid > 0);
	assert_int_equal(fcntl(child.pidfd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	proc_end(&child);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.pidfd, -1);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void a_session_of_its_own(void **state)
{
	static const char *const argv[] = {
		"/bin/bash", "-c", "read -r _ _ _ _ _ sid _ </proc/$$/stat; test $sid = $$", NULL
	};

	(void)state;
	for (int own = 0; own <= 1; own++) {
		const struct cmd cmd = { .argv = argv, .envp = env, .own_session = own == 1 };
		auto_free char *text = NULL;
		struct err e = { 0 };
		int status = -1;

		assert_int_equal(proc_output(&cmd, 99, PATIENCE_MS, &text, &status, &e), 0);
		assert_int_equal(status, own ? 0 : 1);
	}
}

static void the_pidfd_tells_the_end(void **state)
{
	static const char *const argv[] = { "/bin/bash", "-c", "exit 300", NULL };
	const struct cmd cmd = { .argv = argv, .envp = env };
	auto_child struct child child = CHILD_NONE;
	struct err e = { 0 };
	int status = -1;

	(void)state;
	assert_int_equal(proc_spawn(&cmd, &child, &e), 0);
	struct pollfd p = { .fd = child.pidfd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(proc_wait(&child, &status, &e), 0);
	assert_int_equal(status, 300 & 0xff);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.pidfd, -1);
}

/*
 * A parent in between starts a child on a pipe and exits: the pipe ends when the child is dead,
 * long before its time.
 */
static void a_child_dies_with_its_parent(void **state)
{
	static const char *const argv[] = { "/bin/sleep", "1000", NULL };
	struct pollfd p = { .events = POLLIN };
	int pipe_fds[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct proc_fd fds[] = { { .from = pipe_fds[1], .to = 1 } };
		const struct cmd cmd = {
			.argv = argv, .envp = env, .fds = fds, .n_fds = 1, .die_with_parent = true
		};
		struct child child = CHILD_NONE;
		struct err e = { 0 };

		_exit(proc_spawn(&cmd, &child, &e) == 0 ? 0 : 1);
	}
	assert_int_equal(close(pipe_fds[1]), 0);
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	p.fd = pipe_fds[0];
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(read(pipe_fds[0], &c, 1), 0);
	assert_int_equal(close(pipe_fds[0]), 0);
}

static void it_works_without_stdio_of_its_own(void **state)
{
	static const char *const argv[] = { "/bin/bash", "-c", "echo ok", NULL };
	const struct cmd cmd = { .argv = argv, .envp = env };
	int status = -1;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char *text = NULL;
		struct err e = { 0 };
		int code = 0;

		(void)close_range(0, ~0U, 0); /* so that the pipes get the numbers 0 to 2 */
		if (proc_output(&cmd, 99, PATIENCE_MS, &text, &code, &e) < 0)
			_exit(1);
		_exit(strcmp(text, "ok\n") == 0 && code == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_start_is_told),
		cmocka_unit_test(descriptors_trade_places),
		cmocka_unit_test(nothing_else_is_inherited),
		cmocka_unit_test(unlisted_stdio_is_dev_null),
		cmocka_unit_test(signals_are_as_new),
		cmocka_unit_test(end_kills_and_reaps),
		cmocka_unit_test(a_session_of_its_own),
		cmocka_unit_test(the_pidfd_tells_the_end),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(it_works_without_stdio_of_its_own),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
