/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock alone, without mounts, namespaces and filter around it: what init/landlock.c raises, in
 * the kernel that runs this test. Each probe is made in a child of its own, first without, where
 * it must succeed.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/landlock.h"
#include "init/init.h"
#include "spec/landlock.h"
#include "spec/spec.h"

/* in/ may be written, out/ not; both are read. Working directory of every child. */
static char dir[] = "/tmp/test_landlock_XXXXXX";
static char inside[sizeof(dir) + 4];
static int abi;
static int listener = -1; /* an abstract socket of this process */

static int result(long r)
{
	return r < 0 ? errno : 0;
}

/* What a spec with one writable directory would say. */
static int raise_all(void)
{
	auto_arena struct arena a = ARENA_INIT;
	const struct facts f = { .landlock_abi = abi };
	const struct mount mounts[] = { { .kind = MOUNT_DEV, .dst = "/dev" },
					{ .kind = MOUNT_PROC, .dst = "/proc" },
					{ .kind = MOUNT_RW, .dst = inside } };
	struct wire_landlock w = { 0 };
	struct landlock l;
	int r;

	landlock_build(&f, mounts, N_ELEMENTS(mounts), &a, &l);
	w.fs = l.fs;
	w.scoped = l.scoped;
	w.flags = l.flags;
	w.rules = arena_alloc(&a, l.n_rules * sizeof(*w.rules));
	for (; w.n_rules < l.n_rules; w.n_rules++)
		w.rules[w.n_rules] =
			(struct wire_rule){ .access = landlock_rights(&l, l.rules[w.n_rules].grant),
					    .path = l.rules[w.n_rules].path,
					    .fd = -1 };
	r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : landlock_prepare(&w);
	return r < 0 ? r : landlock_raise(&w);
}

struct probe {
	const char *what;
	int (*fn)(void);
	int want; /* with Landlock */
	int abi;  /* the first that holds it */
};

static int open_for(const char *path, int flags)
{
	auto_fd int fd = open(path, flags | O_CLOEXEC, 0600);

	return result(fd);
}

static int write_out(void)
{
	return open_for("out/file", O_WRONLY);
}

static int make_out(void)
{
	return open_for("out/new", O_WRONLY | O_CREAT);
}

static int truncate_out(void)
{
	return result(truncate("out/file", 0));
}

static int remove_out(void)
{
	return result(unlink("out/file"));
}

static int make_dir_out(void)
{
	return result(mkdir("out/dir", 0700));
}

static int link_into(void)
{
	return result(link("out/file", "in/link"));
}

static int rename_out(void)
{
	return result(rename("in/file", "out/moved"));
}

static int socket_out(void)
{
	return result(mknod("out/socket", S_IFSOCK | 0600, 0));
}

/* As a descriptor that was left open would be used: its tree is not beneath anything granted. */
static int write_by_descriptor(void)
{
	auto_fd int fd = openat(100, "file", O_WRONLY | O_CLOEXEC);

	return result(fd);
}

static int reopen_stdin_for_writing(void)
{
	return open_for("/proc/self/fd/0", O_WRONLY);
}

static int device_command(void)
{
	auto_fd int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	unsigned number;

	return fd < 0 ? 254 : result(ioctl(fd, TIOCGPTN, &number));
}

/* A device that the rules do not name. */
static int other_device(void)
{
	auto_fd int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	return result(fd);
}

static int connect_abstract(void)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	socklen_t len = sizeof(address);

	if (fd < 0 || getsockname(listener, (struct sockaddr *)&address, &len) < 0)
		return 254;
	return result(connect(fd, (struct sockaddr *)&address, len));
}

static int trace_outside(void)
{
	long r = ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);

	if (r == 0)
		(void)ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
	return result(r);
}

static void tidy(void)
{
	static const char *const made[] = { "out/new",   "out/dir",    "in/link",
					    "out/moved", "out/socket", "in/deep/moved" };

	for (size_t i = 0; i < N_ELEMENTS(made); i++)
		(void)remove(made[i]);
	(void)close(open("in/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	(void)close(open("out/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* Its standard input and output are files outside, opened for reading and for writing. */
static int in_child(int (*fn)(void), bool walled)
{
	pid_t pid;
	int status = 0;

	tidy();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (dup2(open("out/file", O_RDONLY), 0) < 0 ||
		    dup2(open("out/log", O_WRONLY | O_CREAT, 0600), 1) < 0 ||
		    dup2(open("out", O_RDONLY | O_DIRECTORY), 100) < 0)
			_exit(253);
		_exit(walled && raise_all() < 0 ? 255 : fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}

static void what_is_not_granted_is_refused(void **state)
{
	static const struct probe probes[] = {
		{ "write a file outside", write_out, EACCES, 2 },
		{ "make a file outside", make_out, EACCES, 2 },
		{ "empty a file outside", truncate_out, EACCES, 3 },
		{ "remove a file outside", remove_out, EACCES, 2 },
		{ "make a directory outside", make_dir_out, EACCES, 2 },
		{ "make a socket outside", socket_out, EACCES, 2 },
		{ "link a file of outside", link_into, EXDEV, 2 },
		{ "move a file out", rename_out, EACCES, 2 },
		{ "write below a descriptor that was left open", write_by_descriptor, EACCES, 2 },
		{ "open stdin again for writing", reopen_stdin_for_writing, EACCES, 2 },
		{ "a device that is not named", other_device, EACCES, 2 },
		{ "connect to an abstract socket", connect_abstract, EPERM, 6 },
		{ "trace a process outside", trace_outside, EPERM, 2 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(probes); i++) {
		int without = in_child(probes[i].fn, false);
		int with;

		if (probes[i].abi > abi)
			continue;
		with = in_child(probes[i].fn, true);
		if (with != probes[i].want && without == 0)
			fail_msg("%s: got %d, want %d", probes[i].what, with, probes[i].want);
		/* No such device, or a stricter host: say so. */
		if (without != 0)
			print_message("not tried: %s (without Landlock: %d)\n", probes[i].what,
				      without);
	}
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

/* What the rules name is opened once: what stands there later under the name does not count. */
static int swapped_place(void)
{
	struct wire_rule rule = { .access = LANDLOCK_ACCESS_FS_WRITE_FILE,
				  .path = inside,
				  .fd = -1 };
	const struct wire_landlock w = { .fs = LANDLOCK_ACCESS_FS_WRITE_FILE,
					 .rules = &rule,
					 .n_rules = 1 };
	struct wire_landlock prepared = w;

	if (landlock_prepare(&prepared) < 0 || rename("in", "aside") < 0 ||
	    symlink("out", "in") < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    landlock_raise(&prepared) < 0)
		return 254;
	return open_for("out/file", O_WRONLY) == EACCES ? open_for("aside/file", O_WRONLY) : 7;
}

static void a_place_is_what_was_there_first(void **state)
{
	int got;

	(void)state;
	got = in_child(swapped_place, false);
	(void)unlink("in");
	assert_int_equal(rename("aside", "in"), 0);
	assert_int_equal(got, 0);
}

/* A kernel that knows less than was promised: an error, never a smaller wall. */
static int unknown_right(void)
{
	const struct wire_landlock w = { .fs = UINT64_C(1) << 62 };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? 254 : -landlock_raise(&w);
}

static int no_new_privs_is_missing(void)
{
	const struct wire_landlock w = { .fs = 1 };

	/* Only without CAP_SYS_ADMIN is it needed. */
	return getuid() == 0 ? EPERM : -landlock_raise(&w);
}

static int nothing_asked_for(void)
{
	const struct wire_landlock w = { 0 };

	return landlock_raise(&w) != 0 ? 254 : write_out();
}

static void it_fails_closed(void **state)
{
	(void)state;
	assert_int_equal(in_child(unknown_right, false), EINVAL);
	assert_int_equal(in_child(no_new_privs_is_missing, false), EPERM);
	assert_int_equal(in_child(nothing_asked_for, false), 0);
}

static int setup(void **state)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	(void)state;
	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	print_message("Landlock ABI here: %d\n", abi);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0 ||
	    listen(listener, 8) < 0)
		return -1;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	(void)stpcpy(stpcpy(inside, dir), "/in");
	return mkdir("in", 0700) < 0 || mkdir("in/deep", 0700) < 0 || mkdir("out", 0700) < 0 ? -1
											     : 0;
}

static int teardown(void **state)
{
	static const char *const made[] = {
		"in/file", "in/deep", "in", "out/file", "out/log", "out"
	};

	(void)state;
	tidy();
	for (size_t i = 0; i < N_ELEMENTS(made); i++)
		(void)remove(made[i]);
	return chdir("/") < 0 ? -1 : rmdir(dir);
}

static void needs_landlock(void **state)
{
	(void)state;
	print_message("not tried: this kernel has no Landlock to use\n");
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_granted_is_refused),
		cmocka_unit_test(what_work_needs_still_works),
		cmocka_unit_test(a_place_is_what_was_there_first),
		cmocka_unit_test(it_fails_closed),
	};
	const struct CMUnitTest none[] = { cmocka_unit_test(needs_landlock) };

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 2)
		return cmocka_run_group_tests(none, NULL, NULL);
	return cmocka_run_group_tests(tests, setup, teardown);
}
