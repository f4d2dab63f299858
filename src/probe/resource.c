/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R: taking more than one's share. Each asks for a stated amount and no more, gives it back by ending,
 * and is "done" if it got all of it. To be run in a bounded cgroup only.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/probe.h"

#define MIB ((size_t)1 << 20)

static long amount(const struct attempt *at)
{
	return number_of(at->args[0]);
}

/* .value: children that stay, or that end and are not waited for. They end with this process. */
static struct verdict forks(const struct attempt *at)
{
	struct verdict v = done();
	long n = amount(at);

	(void)setpgid(0, 0);
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0 && at->attack->value)
			_exit(0);
		if (pid == 0)
			for (;;)
				(void)pause();
		if (pid < 0) {
			v = refused(errno);
			break;
		}
	}
	(void)signal(SIGTERM, SIG_IGN);
	(void)kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return v;
}

static void *sleeper(void *arg)
{
	(void)pause();
	return arg;
}

static struct verdict threads(const struct attempt *at)
{
	pthread_attr_t small;
	long n = amount(at);

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, 16384);
	for (long i = 0; i < n; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, &small, sleeper, NULL);

		if (error)
			return refused(error);
	}
	return done();
}

/* In MiB, each page touched. */
static struct verdict memory(const struct attempt *at)
{
	size_t size = (size_t)amount(at) * MIB;
	char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (block == MAP_FAILED)
		return refused(errno);
	for (size_t i = 0; i < size; i += 4096)
		((volatile char *)block)[i] = 1;
	return done();
}

static struct verdict fill(int fd, long mib)
{
	static char block[MIB];

	memset(block, 'y', sizeof(block));
	for (long i = 0; i < mib; i++)
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return refused(errno ? errno : ENOSPC);
	return done();
}

/* args: how many MiB, the file. */
static struct verdict file_fill(const struct attempt *at)
{
	int fd = open(at->args[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct verdict v;

	if (fd < 0)
		return cannot("making the file");
	errno = 0;
	v = fill(fd, amount(at));
	(void)unlink(at->args[1]);
	return v;
}

static struct verdict memfd_fill(const struct attempt *at)
{
	int fd = memfd_create("probe", MFD_CLOEXEC);

	errno = 0;
	return fd < 0 ? refused(errno) : fill(fd, amount(at));
}

static struct verdict inodes(const struct attempt *at)
{
	long n = amount(at);
	struct verdict v = done();
	char path[4096];
	long made = 0;

	for (; made < n; made++) {
		int fd;

		(void)snprintf(path, sizeof(path), "%s/inode-%ld", at->args[1], made);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0) {
			v = refused(errno);
			break;
		}
		(void)close(fd);
	}
	while (made-- > 0) {
		(void)snprintf(path, sizeof(path), "%s/inode-%ld", at->args[1], made);
		(void)unlink(path);
	}
	return v;
}

static struct verdict descriptors(const struct attempt *at)
{
	long n = amount(at);

	for (long i = 0; i < n; i++)
		if (fcntl(0, F_DUPFD_CLOEXEC, 3) < 0)
			return refused(errno);
	return done();
}

static struct verdict watches(const struct attempt *at)
{
	long n = amount(at);

	for (long i = 0; i < n; i++)
		if (inotify_init1(IN_CLOEXEC) < 0)
			return refused(errno);
	return done();
}

static struct verdict terminals(const struct attempt *at)
{
	long n = amount(at);

	for (long i = 0; i < n; i++)
		if (open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) < 0)
			return refused(errno);
	return done();
}

/* args: MiB of output. */
static struct verdict flood(const struct attempt *at)
{
	errno = 0;
	return fill(STDOUT_FILENO, amount(at));
}

/* clang-format off */
#define TAKES(id, name, text, fn, value, n) { id, name, text, fn, value, n, false }
const struct attack resource_attacks[] = {
	TAKES("R-01a", "fork-bomb", "makes processes without end", forks, 0, 1),
	TAKES("R-02a", "thread-bomb", "makes threads without end", threads, 0, 1),
	TAKES("R-02b", "zombies", "makes processes that end and are not reaped", forks, 1, 1),
	TAKES("R-03a", "memory", "takes memory without end", memory, 0, 1),
	TAKES("R-03b", "fill-tmp", "fills /tmp", file_fill, 0, 2),
	TAKES("R-03c", "fill-shm", "fills /dev/shm", file_fill, 0, 2),
	TAKES("R-03d", "fill-memfd", "fills a memfd", memfd_fill, 0, 1),
	TAKES("R-04a", "fill-disk", "fills the project's disk", file_fill, 0, 2),
	TAKES("R-05a", "inodes", "makes files without end", inodes, 0, 2),
	TAKES("R-06a", "descriptors", "opens descriptors without end", descriptors, 0, 1),
	TAKES("R-06b", "inotify", "makes inotify instances without end", watches, 0, 1),
	TAKES("R-06c", "ptys", "opens terminals without end", terminals, 0, 1),
	TAKES("R-08a", "flood", "floods standard output", flood, 0, 1),
	{ .name = NULL },
};
/* clang-format on */
