/* SPDX-License-Identifier: Apache-2.0 */
/* How pasta ends, whatever ends it, and what is said when it does not begin. */
#include "run/pasta.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "pasta_bench.h"
#include "spec/config.h"

#define PATIENCE_MS 10000

static const struct spec nat = { .net = { .mode = NETWORK_NAT } };

/* By its user namespace. */
static bool is_pasta_of(const char *pid, ino_t user)
{
	char path[300];
	char line[1024] = "";
	auto_fd int fd = -1;
	struct stat st;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, line, sizeof(line));
	if (len <= 0 || !memmem(line, (size_t)len, "--netns-only", strlen("--netns-only")))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%s/ns/user", pid);
	return stat(path, &st) == 0 && st.st_ino == user;
}

/* How many of them are in the user namespace that owns the network of @b; the last one in *ret_pid. */
static int count_pasta(const struct pasta_bench *b, pid_t *ret_pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	char path[64];
	auto_fd int net = -1;
	auto_fd int user = -1;
	struct stat st;
	int n = 0;

	assert_non_null(dir);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", b->inside.pid);
	net = open(path, O_RDONLY | O_CLOEXEC);
	user = ioctl(net, NS_GET_USERNS);
	assert_int_equal(fstat(user, &st), 0);
	while ((d = readdir(dir))) {
		if (!is_pasta_of(d->d_name, st.st_ino))
			continue;
		n++;
		*ret_pid = (pid_t)strtol(d->d_name, NULL, 10);
	}
	(void)closedir(dir);
	return n;
}

static void pasta_is_gone(const struct pasta_bench *b)
{
	pid_t pid;

	for (int i = 0; i < PATIENCE_MS / 10 && count_pasta(b, &pid) > 0; i++)
		(void)usleep(10000);
	assert_int_equal(count_pasta(b, &pid), 0);
}

static pid_t child_of(pid_t pid)
{
	char path[64];
	char text[32] = "";
	auto_fd int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	return (pid_t)strtol(text, NULL, 10);
}

/* In a process of its own, which is killed: what the keeper started must not outlive it. */
static void it_ends_with_its_starter(void **state)
{
	struct pasta_bench b;
	pid_t starter, pid;
	int pair[2];
	int r = -1;

	(void)state;
	pasta_bench_make(&b);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	starter = fork();
	assert_true(starter >= 0);
	if (starter == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		r = pasta_start(pasta_bench_program(), b.inside.pidfd, b.inside.pid, &nat, &b.pasta,
				&b.e);
		(void)!write(pair[1], &r, sizeof(r));
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pair[0], &r, sizeof(r)), sizeof(r));
	assert_int_equal(r, 0);
	assert_int_equal(count_pasta(&b, &pid), 1);
	(void)kill(starter, SIGKILL);
	(void)waitpid(starter, NULL, 0);
	pasta_is_gone(&b);
	(void)close(pair[0]);
	(void)close(pair[1]);
	pasta_bench_end(&b);
}

enum { KILL_HOLDER, KILL_INIT, KILL_PASTA, N_KILLS };

/* Whichever of its processes is killed: all go, and whoever holds it hears of it. */
static void it_ends_with_each_of_its_processes(void **state)
{
	(void)state;
	for (int which = 0; which < N_KILLS; which++) {
		struct pasta_bench b;
		struct pollfd p;
		pid_t pids[N_KILLS];

		pasta_bench_start(&b, &nat);
		pids[KILL_HOLDER] = b.pasta.pid;
		pids[KILL_INIT] = child_of(b.pasta.pid);
		assert_int_equal(count_pasta(&b, &pids[KILL_PASTA]), 1);
		assert_int_equal(kill(pids[which], SIGKILL), 0);
		p = (struct pollfd){ .fd = b.pasta.pidfd, .events = POLLIN };
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		pasta_is_gone(&b);
		pasta_bench_end(&b);
	}
}

static void proc_end_ends_it(void **state)
{
	struct pasta_bench b;
	pid_t pid;

	(void)state;
	pasta_bench_start(&b, &nat);
	assert_int_equal(count_pasta(&b, &pid), 1);
	proc_end(&b.pasta);
	pasta_is_gone(&b);
	pasta_bench_end(&b);
}

static void what_pasta_says_is_told(void **state)
{
	struct pasta_bench b;
	pid_t pid;

	(void)state;
	pasta_bench_make(&b);
	assert_int_equal(
		pasta_start("/bin/false", b.inside.pidfd, b.inside.pid, &nat, &b.pasta, &b.e),
		-EIO);
	assert_string_equal(b.e.msg,
			    "/bin/false gives the sandbox no network: it does not say why; connect "
			    "this machine to a network, or start with --network none or --network "
			    "host");
	assert_int_equal(b.pasta.pid, 0);
	assert_int_equal(count_pasta(&b, &pid), 0);
	pasta_bench_end(&b);
	pasta_bench_make(&b);
	assert_int_equal(pasta_start("/nonexistent/pasta", b.inside.pidfd, b.inside.pid, &nat,
				     &b.pasta, &b.e),
			 -ENOENT);
	assert_string_equal(b.e.msg,
			    "cannot start pasta for --network nat: /nonexistent/pasta: cannot "
			    "execute: No such file or directory; start with --network none or "
			    "--network host");
	pasta_bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_with_its_starter),
		cmocka_unit_test(it_ends_with_each_of_its_processes),
		cmocka_unit_test(proc_end_ends_it),
		cmocka_unit_test(what_pasta_says_is_told),
	};

	return cmocka_run_group_tests(tests, pasta_bench_setup, pasta_bench_teardown);
}
