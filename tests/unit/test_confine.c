/* SPDX-License-Identifier: Apache-2.0 */
/* What egress can still do once it is confined, and what no longer: each attempt works before. */
#include "egress/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

/* A directory for the log, and beside it a file that is none of egress's business. */
struct world {
	char dir[64], log[96], secret[96], moved[128];
	int dirfd;
};

static int file_read(const struct world *w)
{
	auto_fd int fd = open(w->secret, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int file_write(const struct world *w)
{
	auto_fd int fd = open(w->secret, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int file_remove(const struct world *w)
{
	if (unlink(w->secret) < 0)
		return -errno;
	return 0;
}

static int directory_read(const struct world *w)
{
	auto_fd int fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int socket_unix(const struct world *w)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)w;
	return fd < 0 ? -errno : 0;
}

static int socket_netlink(const struct world *w)
{
	auto_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);

	(void)w;
	return fd < 0 ? -errno : 0;
}

static int process_new(const struct world *w)
{
	pid_t pid = fork();

	(void)w;
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	(void)waitpid(pid, NULL, 0);
	return 0;
}

static int process_signal(const struct world *w)
{
	(void)w;
	return kill(getppid(), 0) < 0 ? -errno : 0;
}

static int memfd(const struct world *w)
{
	auto_fd int fd = (int)syscall(SYS_memfd_create, "x", MFD_CLOEXEC);

	(void)w;
	return fd < 0 ? -errno : 0;
}

static int namespace(const struct world *w)
{
	(void)w;
	return syscall(SYS_unshare, 0) < 0 ? -errno : 0;
}

/* What it is for. */
static int socket_inet(const struct world *w)
{
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	auto_fd int fd6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)w;
	return fd < 0 || (fd6 < 0 && errno != EAFNOSUPPORT) ? -errno : 0;
}

static int servers_read(const struct world *w)
{
	auto_fd int fd = open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);

	(void)w;
	return fd < 0 && errno != ENOENT ? -errno : 0;
}

static int log_write(const struct world *w)
{
	auto_fd int fd = openat(w->dirfd, "log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1)
		return -errno;
	return renameat(w->dirfd, "log", w->dirfd, "log.1") < 0 ? -errno : 0;
}

static int pipe_new(const struct world *w)
{
	int pair[2];

	(void)w;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return 0;
}

static const struct {
	const char *name;
	int (*attempt)(const struct world *w);
	int want; /* confined */
} attempts[] = {
	{ "a file is read", file_read, -EACCES },
	{ "a file is written", file_write, -EACCES },
	{ "a file is removed", file_remove, -EPERM },
	{ "a directory is listed", directory_read, -EACCES },
	{ "a unix socket", socket_unix, -EPERM },
	{ "a netlink socket", socket_netlink, -EPERM },
	{ "a process", process_new, -EPERM },
	{ "a signal", process_signal, -EPERM },
	{ "a memfd", memfd, -EPERM },
	{ "a namespace", namespace, -EPERM },
	{ "internet sockets", socket_inet, 0 },
	{ "name servers are read", servers_read, 0 },
	{ "the log is written", log_write, 0 },
	{ "a pipe", pipe_new, 0 },
};

/* In a child, since there is no way back. What it answers. */
static int try_one(size_t i, const struct world *w, bool confined)
{
	int pair[2];
	int r = -ECHILD;
	pid_t pid;

	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err e;

		r = confined ? confine(w->dirfd, &e) : 0;
		if (r == 0)
			r = attempts[i].attempt(w);
		(void)!write(pair[1], &r, sizeof(r));
		_exit(0);
	}
	(void)close(pair[1]);
	(void)!read(pair[0], &r, sizeof(r));
	(void)close(pair[0]);
	(void)waitpid(pid, NULL, 0);
	return r;
}

static void make_secret(const struct world *w)
{
	auto_fd int fd = open(w->secret, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
}

/* Without it the other wall is the only one. */
static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void each_attempt(void **state)
{
	const struct world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(attempts); i++) {
		int r;

		make_secret(w);
		r = try_one(i, w, false);
		if (r != 0)
			fail_msg("%s: does not work outside either: %s", attempts[i].name,
				 strerror(-r));
		if (attempts[i].want == -EACCES && !has_landlock())
			continue;
		make_secret(w);
		r = try_one(i, w, true);
		if (r != attempts[i].want)
			fail_msg("%s: %d, and it should be %d", attempts[i].name, r,
				 attempts[i].want);
	}
}

static int setup(void **state)
{
	struct world *w = *state = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/csb-confine.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	(void)snprintf(w->log, sizeof(w->log), "%s/network", w->dir);
	(void)snprintf(w->secret, sizeof(w->secret), "%s/secret", w->dir);
	(void)snprintf(w->moved, sizeof(w->moved), "%s/log.1", w->log);
	if (mkdir(w->log, 0700) < 0)
		return -1;
	w->dirfd = open(w->log, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return w->dirfd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	(void)unlink(w->secret);
	(void)unlink(w->moved);
	(void)rmdir(w->log);
	(void)rmdir(w->dir);
	(void)close(w->dirfd);
	free(w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_attempt, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
