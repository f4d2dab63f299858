/* SPDX-License-Identifier: Apache-2.0 */
/* Whose network is entered, and what is waited for before. */
#include "run/netns.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "netns_bench.h"

static struct peer named = { V4(198, 18, 0, 5), 443, SOCK_STREAM };

/* bubblewrap does it when it comes to it. */
static void it_waits_for_the_loopback(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_start(&b, 200);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e), 0);
	b.n_fds = N_LISTENS;
	netns_bench_end(&b);
}

static void a_loopback_that_stays_down_is_told(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_start(&b, -1);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e),
			 -ETIMEDOUT);
	assert_string_equal(b.e.msg,
			    "cannot ready the sandbox's network: cannot wait for its loopback "
			    "interface: Connection timed out; start with --network none or "
			    "--network host");
	netns_bench_end(&b);
}

static int leave(void *arg)
{
	(void)arg;
	_exit(0);
}

static void an_end_meanwhile_is_not_waited_out(void **state)
{
	struct netns_bench b;

	(void)state;
	netns_bench_start(&b, -1);
	(void)netns_child_run(&b.inside, leave, NULL);
	assert_int_equal(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e), -ESRCH);
	assert_string_equal(b.e.msg, "the sandbox ended before its network was ready: try again");
	netns_bench_end(&b);
}

/* The number belongs to somebody else by now: his network is left alone. */
static void only_that_very_process_is_entered(void **state)
{
	struct netns_bench b;
	struct netns_bench gone;

	(void)state;
	netns_bench_start(&b, 0);
	netns_bench_start(&gone, 0);
	(void)kill(gone.inside.pid, SIGKILL);
	(void)waitpid(gone.inside.pid, NULL, 0);
	gone.inside.pid = 0;
	assert_int_equal(netns_open(gone.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e),
			 -ESRCH);
	assert_string_equal(b.e.msg, "the sandbox ended before its network was ready: try again");
	assert_int_equal(netns_bench_run(&b, &named), ENETUNREACH);
	netns_bench_end(&b);
	netns_bench_end(&gone);
}

/* With the host's network: a process that has none of its own must never have ours changed for it. */
static void the_hosts_network_is_refused(void **state)
{
	struct netns_bench b = { .inside = { .pid = fork() } };

	(void)state;
	assert_true(b.inside.pid >= 0);
	if (b.inside.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pause();
		_exit(0);
	}
	b.inside.pidfd = pidfd_open(b.inside.pid, 0);
	b.inside.orders = b.inside.answers = -1;
	assert_true(netns_open(b.inside.pidfd, b.inside.pid, &filtered, b.fds, &b.e) < 0);
	assert_non_null(strstr(b.e.msg, "cannot enter its network namespace"));
	netns_bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_waits_for_the_loopback),
		cmocka_unit_test(a_loopback_that_stays_down_is_told),
		cmocka_unit_test(an_end_meanwhile_is_not_waited_out),
		cmocka_unit_test(only_that_very_process_is_entered),
		cmocka_unit_test(the_hosts_network_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
