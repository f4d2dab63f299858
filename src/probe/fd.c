/* SPDX-License-Identifier: Apache-2.0 */
/* F-12, F-14: descriptors that came along, and taking them and memory from helpers. */
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "probe/probe.h"

#define MAX_FD 1024

/* The probe's own pipe is a descriptor too. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || S_ISFIFO(st.st_mode);
}

/* args: a path below the directory that one of the descriptors is open on. */
static struct verdict inherited_open(const struct attempt *at)
{
	for (int fd = 3; fd < MAX_FD; fd++)
		if (openat(fd, at->args[0], O_RDONLY | O_CLOEXEC) >= 0)
			return done();
	return refused(EBADF);
}

static struct verdict inherited_chdir(const struct attempt *at)
{
	for (int fd = 3; fd < MAX_FD; fd++)
		if (fchdir(fd) == 0 && access(at->args[0], F_OK) == 0)
			return done();
	return refused(EBADF);
}

/* The caller gave a directory as standard input. */
static struct verdict stdin_open(const struct attempt *at)
{
	return by_result(openat(STDIN_FILENO, at->args[0], O_RDONLY | O_CLOEXEC));
}

/* The caller gave a file to read; its magic link opens the file itself, past every mount. */
static struct verdict stdin_reopen(const struct attempt *at)
{
	int fd = open("/proc/self/fd/0", O_WRONLY | O_APPEND | O_CLOEXEC);

	(void)at;
	return fd < 0 ? refused(errno) : by_result(write(fd, "attacked", 8));
}

static struct verdict inherited_socket(const struct attempt *at)
{
	(void)at;
	for (int fd = 3; fd < MAX_FD; fd++)
		if (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
			return done();
	return refused(EBADF);
}

static struct verdict inherited_any(const struct attempt *at)
{
	(void)at;
	for (int fd = 3; fd < MAX_FD; fd++)
		if (!is_ours(fd))
			return done();
	return refused(EBADF);
}

/* From here on args[0] is the process: outside a victim of the same user, inside init. */
static pid_t target(const struct attempt *at)
{
	return at->attack->value ? at->caller : (pid_t)number_of(at->args[0]);
}

static struct verdict pidfd_take(const struct attempt *at)
{
	long pidfd = syscall(SYS_pidfd_open, target(at), 0);

	if (pidfd < 0)
		return refused(errno);
	return by_result(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
}

static struct verdict pidfd_take_own(const struct attempt *at)
{
	long pidfd = syscall(SYS_pidfd_open, getppid(), 0);

	(void)at;
	if (pidfd < 0)
		return cannot("pidfd_open");
	return by_result(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
}

static struct verdict trace(const struct attempt *at)
{
	pid_t pid = target(at);

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return refused(errno);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return done();
}

static struct verdict memory_read(const struct attempt *at)
{
	char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { NULL, 1 };

	/* That address is EFAULT, but only after the check. */
	return reached(process_vm_readv(target(at), &here, 1, &there, 1, 0));
}

static struct verdict memory_write(const struct attempt *at)
{
	char byte = 0;
	struct iovec here = { &byte, 1 };
	struct iovec there = { NULL, 1 };

	return reached(process_vm_writev(target(at), &here, 1, &there, 1, 0));
}

static struct verdict memory_advise(const struct attempt *at)
{
	long pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	struct iovec none = { NULL, 0 };

	(void)at;
	if (pidfd < 0)
		return cannot("pidfd_open");
	return reached(syscall(SYS_process_madvise, pidfd, &none, 1, 20 /* MADV_COLD */, 0));
}

static struct verdict compare(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILES, 0, 0));
}

/* clang-format off */
const struct attack fd_attacks[] = {
	{ "F-12a", "inherited-open", "opens a file by a descriptor that the caller left open", inherited_open, 0, 1, true },
	{ "F-12b", "inherited-chdir", "goes to a directory by such a descriptor (CVE-2024-21626)", inherited_chdir, 0, 1, true },
	{ "F-12c", "inherited-socket", "writes to a socket that the caller left open", inherited_socket, 0, 0, false },
	{ "F-12d", "inherited-any", "finds any descriptor besides the standard ones", inherited_any, 0, 0, true },
	{ "F-12e", "stdin-directory", "opens a file by a directory that is its standard input", stdin_open, 0, 1, true },
	{ "F-12f", "stdin-reopen", "writes to the file that it was given to read", stdin_reopen, 0, 0, false },
	{ "F-14a", "pidfd-getfd", "takes a descriptor out of init", pidfd_take, 0, 1, true },
	{ "F-14b", "ptrace-init", "traces init", trace, 0, 1, true },
	{ "F-14c", "vm-read-init", "reads init's memory", memory_read, 0, 1, true },
	{ "F-14d", "vm-write-init", "writes init's memory", memory_write, 0, 1, true },
	{ "F-14e", "ptrace-leader", "traces the leader of its terminal", trace, 1, 0, true },
	{ "F-14f", "vm-read-leader", "reads the leader's memory", memory_read, 1, 0, true },
	{ "F-14g", "pidfd-getfd-leader", "takes a descriptor out of the leader", pidfd_take, 1, 0, true },
	{ "S-05a", "pidfd-getfd-own", "pidfd_getfd, even on its own parent", pidfd_take_own, 0, 0, true },
	{ "S-05b", "process-madvise", "process_madvise, even on itself", memory_advise, 0, 0, true },
	{ "S-05c", "kcmp", "kcmp, even on itself", compare, 0, 0, true },
	{ .name = NULL },
};
/* clang-format on */
