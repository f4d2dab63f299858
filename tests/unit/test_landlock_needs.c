/* SPDX-License-Identifier: Apache-2.0 */
/* What work needs still works behind Landlock: the same probe without it and with it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>

#include <cmocka.h>

#include "landlock_child.h"

static int device_command(void)
{
	auto_fd int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	unsigned number;

	return fd < 0 ? 254 : result(ioctl(fd, TIOCGPTN, &number));
}

static int write_in(void)
{
	return open_for("in/file", O_RDWR | O_TRUNC);
}

static int rename_across(void)
{
	return result(rename("in/file", "in/deep/moved"));
}

static int read_out(void)
{
	return open_for("out/file", O_RDONLY);
}

static int list_out(void)
{
	return open_for("out", O_RDONLY | O_DIRECTORY);
}

static int reopen_stdin(void)
{
	return open_for("/proc/self/fd/0", O_RDONLY);
}

static int write_null(void)
{
	return open_for("/dev/null", O_WRONLY | O_TRUNC);
}

static int write_proc(void)
{
	return open_for("/proc/self/comm", O_WRONLY | O_TRUNC);
}

static int run_program(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl("/bin/true", "true", NULL);
		_exit(3);
	}
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 4;
}

/* It was given for writing, although it lies outside: `tee /dev/stderr` is in many scripts. */
static int reopen_stdout(void)
{
	return open_for("/proc/self/fd/1", O_WRONLY | O_TRUNC);
}

static int pipe_again(void)
{
	int ends[2];

	if (pipe(ends) < 0 || dup2(ends[1], 9) < 0)
		return 254;
	return open_for("/proc/self/fd/9", O_WRONLY);
}

static int signal_and_trace_own(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return errno;
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (kill(pid, SIGKILL) < 0)
		return errno;
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? 0 : 5;
}

static int abstract_among_own(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	struct sockaddr_un address;
	socklen_t len = sizeof(address);
	auto_fd int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_fd int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(server, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0 ||
	    listen(server, 1) < 0 || getsockname(server, (struct sockaddr *)&address, &len) < 0)
		return 254;
	return result(connect(client, (struct sockaddr *)&address, len));
}

static void what_work_needs_still_works(void **state)
{
	static const struct probe needs[] = {
		{ "write inside", write_in, 0, 0 },
		{ "move into another directory", rename_across, 0, 0 },
		{ "read outside", read_out, 0, 0 },
		{ "list outside", list_out, 0, 0 },
		{ "open stdin again", reopen_stdin, 0, 0 },
		{ "open stdout again", reopen_stdout, 0, 0 },
		{ "open a pipe again", pipe_again, 0, 0 },
		{ "/dev/null", write_null, 0, 0 },
		{ "a terminal of one's own", device_command, 0, 0 },
		{ "/proc/self", write_proc, 0, 0 },
		{ "run a program", run_program, 0, 0 },
		{ "signal and trace a child", signal_and_trace_own, 0, 0 },
		{ "an abstract socket of one's own", abstract_among_own, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(needs); i++) {
		int without = in_child(needs[i].fn, false);
		int with = in_child(needs[i].fn, true);

		if (without != 0 || with != 0)
			fail_msg("%s: %d without Landlock, %d with it", needs[i].what, without,
				 with);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_work_needs_still_works) };

	return landlock_run(tests);
}
