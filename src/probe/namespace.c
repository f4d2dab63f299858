/* SPDX-License-Identifier: Apache-2.0 */
/* N-07, N-08: new namespaces, and the host's. */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/probe.h"

static const unsigned long bits[] = { CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
				      CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET, CLONE_NEWTIME };
#define N_BITS (sizeof(bits) / sizeof(bits[0]))

/* A child does it, because a process cannot take it back. */
static int unshare_in_child(unsigned long flags)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(syscall(SYS_unshare, flags) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return ECHILD;
	return WEXITSTATUS(status);
}

static int clone_child(unsigned long flags)
{
	/* Without CLONE_VM and a stack: as fork() does it. */
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0);
	int status;

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	(void)waitpid((pid_t)pid, &status, 0);
	return 0;
}

static int clone3_child(unsigned long flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	int status;

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	(void)waitpid((pid_t)pid, &status, 0);
	return 0;
}

static struct verdict by_error(int error)
{
	return error ? refused(error) : done();
}

static struct verdict by_unshare(const struct attempt *at)
{
	return by_error(unshare_in_child((unsigned long)at->attack->value));
}

static struct verdict by_clone(const struct attempt *at)
{
	return by_error(clone_child((unsigned long)at->attack->value));
}

static struct verdict by_clone3(const struct attempt *at)
{
	return by_error(clone3_child((unsigned long)at->attack->value));
}

/* All combinations. The first that works, or that is refused with another errno, is the answer. */
static struct verdict combine(int (*try_flags)(unsigned long), size_t n_bits)
{
	int first = 0;

	for (unsigned set = 1; set < 1U << n_bits; set++) {
		unsigned long flags = 0;
		int error;

		for (size_t i = 0; i < n_bits; i++)
			if (set >> i & 1)
				flags |= bits[i];
		error = try_flags(flags);
		first = first ? first : error;
		if (error == 0 || error != first)
			return by_error(error);
	}
	return refused(first);
}

static struct verdict sweep_unshare(const struct attempt *at)
{
	(void)at;
	return combine(unshare_in_child, N_BITS);
}

/* The bit of CLONE_NEWTIME is part of the exit signal in clone(2). */
static struct verdict sweep_clone(const struct attempt *at)
{
	(void)at;
	return combine(clone_child, N_BITS - 1);
}

static struct verdict sweep_clone3(const struct attempt *at)
{
	(void)at;
	return combine(clone3_child, N_BITS);
}

static struct verdict enter_own(const struct attempt *at)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	(void)at;
	return fd < 0 ? refused(errno) : by_result(setns(fd, 0));
}

/* args: a process; setns on a pidfd enters its namespaces without any file of /proc. */
static struct verdict enter_pidfd(const struct attempt *at)
{
	long fd = syscall(SYS_pidfd_open, number_of(at->args[0]), 0);

	return fd < 0 ? refused(errno) : by_result(setns((int)fd, CLONE_NEWUTS));
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		(void)close(fd);
	return n < 0 ? -1 : 0;
}

int namespace_map_root(unsigned uid, unsigned gid)
{
	char uid_map[64], gid_map[64];

	(void)snprintf(uid_map, sizeof(uid_map), "0 %u 1", uid);
	(void)snprintf(gid_map, sizeof(gid_map), "0 %u 1", gid);
	if (write_file("/proc/self/setgroups", "deny") < 0 ||
	    write_file("/proc/self/uid_map", uid_map) < 0 ||
	    write_file("/proc/self/gid_map", gid_map) < 0)
		return -1;
	return 0;
}

/* Root, for what only root may try: of these namespaces and of nothing else. */
int namespace_enter(void)
{
	const unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
		    CLONE_NEWCGROUP) < 0)
		return -1;
	return namespace_map_root(uid, gid);
}

/* clang-format off */
#define UNSHARE(letter, name, flag) { "N-07" letter, "unshare-" name, "unshare: a new " name " namespace", by_unshare, flag, 0, true }
#define CLONE(letter, name, flag) { "N-07" letter, "clone-" name, "clone: a child in a new " name " namespace", by_clone, flag, 0, true }
const struct attack namespace_attacks[] = {
	UNSHARE("a", "user", CLONE_NEWUSER), UNSHARE("b", "mount", CLONE_NEWNS), UNSHARE("c", "pid", CLONE_NEWPID),
	UNSHARE("d", "net", CLONE_NEWNET), UNSHARE("e", "ipc", CLONE_NEWIPC), UNSHARE("f", "uts", CLONE_NEWUTS),
	UNSHARE("g", "cgroup", CLONE_NEWCGROUP), UNSHARE("h", "time", CLONE_NEWTIME),
	CLONE("i", "user", CLONE_NEWUSER), CLONE("j", "mount", CLONE_NEWNS), CLONE("k", "pid", CLONE_NEWPID),
	CLONE("l", "net", CLONE_NEWNET), CLONE("m", "ipc", CLONE_NEWIPC), CLONE("n", "uts", CLONE_NEWUTS),
	CLONE("o", "cgroup", CLONE_NEWCGROUP),
	{ "N-07p", "clone3-user", "clone3: flags behind a pointer", by_clone3, CLONE_NEWUSER, 0, true },
	{ "N-07q", "sweep-unshare", "unshare with every combination of namespaces", sweep_unshare, 0, 0, true },
	{ "N-07r", "sweep-clone", "clone with every combination", sweep_clone, 0, 0, true },
	{ "N-07s", "sweep-clone3", "clone3 with every combination", sweep_clone3, 0, 0, true },
	{ "N-08a", "setns-own", "setns, even into its own namespace", enter_own, 0, 0, true },
	{ "N-08b", "setns-pidfd", "enters a process's namespace by pidfd", enter_pidfd, 0, 1, true },
	{ .name = NULL },
};
/* clang-format on */
