/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock alone, without mounts, namespaces and filter around it: what init/landlock.c raises, in
 * the kernel that runs this test. Each probe is made in a child of its own, first without, where
 * it must succeed.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>

#include <cmocka.h>

#include "landlock_child.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_granted_is_refused),
		cmocka_unit_test(a_place_is_what_was_there_first),
		cmocka_unit_test(it_fails_closed),
	};

	return landlock_run(tests);
}
