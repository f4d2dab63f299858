/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/proc.h"

static int pass_on(void *data)
{
	return *(const int *)data;
}

static void what_it_returns(void **state)
{
	static const int values[] = { 0, 7, -ENOENT, 70000 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(values); i++) {
		int value = values[i];

		assert_int_equal(proc_aside(pass_on, &value), values[i]);
	}
}

struct seen {
	pid_t pid;
	int fd;
	char text[8];
};

static int look(void *data)
{
	struct seen *s = data;

	s->pid = (pid_t)syscall(SYS_getpid);
	s->fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	memcpy(s->text, "aside", 6);
	return 0;
}

static void memory_and_descriptors_are_shared(void **state)
{
	struct seen s = { 0 };
	char byte;

	(void)state;
	assert_int_equal(proc_aside(look, &s), 0);
	assert_string_equal(s.text, "aside");
	assert_int_not_equal(s.pid, getpid());
	assert_int_equal(read(s.fd, &byte, 1), 1);
	(void)close(s.fd);
}

static int change(void *data)
{
	(void)data;
	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	/* In a namespace without maps everybody is nobody. */
	return (int)syscall(SYS_getuid) == (int)getuid() ? 1 : 0;
}

static void what_it_becomes_is_its_own(void **state)
{
	uid_t uid = getuid();
	int r;

	(void)state;
	r = proc_aside(change, NULL);
	if (r == -EPERM || r == -ENOSPC)
		skip();
	assert_true(r >= 0);
	assert_int_equal(getuid(), uid);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	assert_int_equal(access("/proc/self/exe", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_returns),
		cmocka_unit_test(memory_and_descriptors_are_shared),
		cmocka_unit_test(what_it_becomes_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
