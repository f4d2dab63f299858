/* SPDX-License-Identifier: Apache-2.0 */
/* All walls of a payload in one child: what is asked for is there, and half a wall is an error. */
#include <errno.h>
#include <linux/filter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "init/init.h"
#include "run/walls.h"

static struct rlimit outer[RLIM_NLIMITS]; /* this process's own */

static int in_child(int (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static struct wire_walls with_filter(void)
{
	return (struct wire_walls){ .filter = walls_prebuilt[SECCOMP_TRACE].code,
				    .filter_size = walls_prebuilt[SECCOMP_TRACE].size };
}

static int is_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now;

	return getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_cur == soft &&
	       now.rlim_max == hard;
}

static int everything(void)
{
	struct wire_limit limits[] = { { RLIMIT_NOFILE, 100, 200 },
				       { RLIMIT_STACK, 1 << 20, 1 << 21 } };
	struct wire_walls w = with_filter();

	w.limits = limits;
	w.n_limits = N_ELEMENTS(limits);
	if (walls_raise(&w) != 0)
		return 1;
	if (!is_limit(RLIMIT_CORE, 0, 0) || !is_limit(RLIMIT_NOFILE, 100, 200) ||
	    !is_limit(RLIMIT_STACK, 1 << 20, 1 << 21))
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
		return 4;
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (getuid() == 0 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)
			return 5;
	return syscall(SYS_keyctl, 0, -3) < 0 && errno == EPERM ? 0 : 6;
}

/* More than the caller has is not given. */
static int no_raising(void)
{
	struct wire_limit limits[] = { { RLIMIT_NOFILE, RLIM_INFINITY, RLIM_INFINITY } };
	struct wire_walls w = with_filter();

	w.limits = limits;
	w.n_limits = 1;
	if (walls_raise(&w) != 0)
		return 1;
	return is_limit(RLIMIT_NOFILE, outer[RLIMIT_NOFILE].rlim_max, outer[RLIMIT_NOFILE].rlim_max)
		       ? 0
		       : 2;
}

static int without_filter(void)
{
	struct wire_walls w = with_filter();

	w.filter_size = 0;
	return -walls_raise(&w);
}

static int half_an_instruction(void)
{
	struct wire_walls w = with_filter();

	w.filter_size -= 4;
	return -walls_raise(&w);
}

/* Its length would fit into the kernel's 16 bits again. */
static int far_too_long(void)
{
	struct wire_walls w = with_filter();

	w.filter_size += sizeof(struct sock_filter) << 16;
	return -walls_raise(&w);
}

static int unknown_limit(void)
{
	struct wire_limit limits[] = { { 99, 1, 1 } };
	struct wire_walls w = with_filter();

	w.limits = limits;
	w.n_limits = 1;
	return -walls_raise(&w);
}

static int unknown_right(void)
{
	struct wire_walls w = with_filter();

	w.landlock.fs = UINT64_C(1) << 62;
	return walls_raise(&w) < 0 ? 0 : 1;
}

static void all_stand(void **state)
{
	(void)state;
	assert_int_equal(in_child(everything), 0);
}

static void limits_only_go_down(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		assert_int_equal(getrlimit(i, &outer[i]), 0);
	assert_int_equal(in_child(no_raising), 0);
}

static void half_a_wall_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(in_child(without_filter), EINVAL);
	assert_int_equal(in_child(half_an_instruction), EINVAL);
	assert_int_equal(in_child(far_too_long), EINVAL);
	assert_int_equal(in_child(unknown_limit), EINVAL);
	assert_int_equal(in_child(unknown_right), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_stand),
		cmocka_unit_test(limits_only_go_down),
		cmocka_unit_test(half_a_wall_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
