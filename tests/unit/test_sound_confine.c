/* SPDX-License-Identifier: Apache-2.0 */
/* What the sound filter can still do once it is confined, and what no longer: each attempt works before. */
#include "sound/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

static int of_socket(int family)
{
	auto_fd int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : 0;
}

static int socket_inet(void)
{
	return of_socket(AF_INET);
}

static int socket_unix(void)
{
	return of_socket(AF_UNIX);
}

static int file_read(void)
{
	auto_fd int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int process_new(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	(void)waitpid(pid, NULL, 0);
	return 0;
}

static int process_signal(void)
{
	return kill(getppid(), 0) < 0 ? -errno : 0;
}

static int memfd(void)
{
	auto_fd int fd = (int)syscall(SYS_memfd_create, "x", MFD_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int descriptors_of_others(void)
{
	char byte[64];
	struct iovec iov = { .iov_base = byte, .iov_len = sizeof(byte) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	return recvmsg(pair[0], &msg, 0) < 0 && errno != EAGAIN ? -errno : 0;
}

static int memory(void)
{
	char *p = malloc((size_t)4 << 20);

	if (!p)
		return -ENOMEM;
	memset(p, 1, (size_t)4 << 20);
	free(p);
	return 0;
}

static const struct {
	const char *name;
	int (*attempt)(void);
	int want; /* confined */
} attempts[] = {
	{ "a file is read", file_read, -EPERM },
	{ "an internet socket", socket_inet, -EPERM },
	{ "a process", process_new, -EPERM },
	{ "a signal", process_signal, -EPERM },
	{ "a memfd", memfd, -EPERM },
	{ "descriptors of others", descriptors_of_others, -EPERM },
	{ "a unix socket", socket_unix, 0 },
	{ "memory", memory, 0 },
};

/* In a child, since there is no way back. What it answers. */
static int try_one(size_t i, int (*before)(void))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int r = before ? before() : 0;

		/* Not _exit(3): AddressSanitizer's asks for a signal stack first. */
		syscall(SYS_exit_group, r == 0 ? -attempts[i].attempt() : 255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void each_attempt(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(attempts); i++) {
		int r = try_one(i, NULL);

		if (r != 0)
			fail_msg("%s: does not work outside either: %s", attempts[i].name,
				 strerror(-r));
		r = try_one(i, sound_confine);
		if (r != attempts[i].want)
			fail_msg("%s: %d, and it should be %d", attempts[i].name, r,
				 attempts[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_attempt) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
