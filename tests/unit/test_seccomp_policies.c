/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy relaxes, in the kernel that runs this test: debuggers, and a browser's namespaces. */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/auto.h"
#include "filter_child.h"

static int do_nothing_traced(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

/* Chromium's zygote: a user namespace with its pids and network, and an empty root. */
static int do_chromium(void)
{
	int status = 0;
	long pid = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | SIGCHLD, NULL,
			   NULL, NULL, 0);

	if (pid == 0)
		_exit(result(chroot("/proc/self")));
	if (pid < 0)
		return errno;
	return waitpid((pid_t)pid, &status, 0) == pid ? WEXITSTATUS(status) : 254;
}

/* Its own mounts would let it show a file under another name. */
static int do_unshare_mounts(void)
{
	return result(unshare(CLONE_NEWUSER | CLONE_NEWNS));
}

/* What it asks for by clone alone. */
static int do_unshare_network(void)
{
	return result(unshare(CLONE_NEWUSER | CLONE_NEWNET));
}

/* In a network of its own, where it may do all that the network's root may. */
static int do_bring_up(void)
{
	struct ifreq ask = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int status = 0;
	long pid = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNET | SIGCHLD, NULL, NULL, NULL, 0);

	if (pid == 0)
		_exit(result(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &ask)));
	if (pid < 0)
		return errno;
	return waitpid((pid_t)pid, &status, 0) == pid ? WEXITSTATUS(status) : 254;
}

static void policies_differ_as_they_say(void **state)
{
	/* clang-format off */
	static const struct {
		unsigned relax;
		int (*fn)(void);
		int want;
	} cases[] = {
		{ 0, do_nothing_traced, EPERM },
		{ SECCOMP_TRACE, do_nothing_traced, 0 },
		{ SECCOMP_BROWSER, do_nothing_traced, EPERM },
		{ SECCOMP_TRACE, do_chromium, EPERM },
		{ SECCOMP_BROWSER, do_chromium, 0 },
		{ SECCOMP_BROWSER, do_unshare_mounts, EPERM },
		{ SECCOMP_BROWSER, do_unshare_network, EPERM },
		{ SECCOMP_BROWSER, do_bring_up, EPERM },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct sock_fprog other;
		int without = fn_in_child(cases[i].fn, NULL);

		/* Where the host itself allows no user namespaces there is nothing to tell. */
		if (without == 254 || (cases[i].want == 0 && without != 0))
			continue;
		assert_int_equal(compile(cases[i].relax, &other), 0);
		assert_int_equal(fn_in_child(cases[i].fn, &other), cases[i].want);
	}
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(policies_differ_as_they_say) };

	return cmocka_run_group_tests(tests, NULL, teardown);
}
