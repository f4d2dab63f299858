/* SPDX-License-Identifier: Apache-2.0 */
#include "run/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

/* What stdio_check() says while @path stands at @fd. */
static int check_with(int fd, const char *path, int flags, struct err *e)
{
	auto_fd int saved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	auto_fd int other = open(path, flags | O_CLOEXEC);
	int r;

	assert_true(saved >= 0 && other >= 0 && dup2(other, fd) == fd);
	r = stdio_check(e);
	assert_int_equal(dup2(saved, fd), fd);
	return r;
}

static void files_and_devices_may_go_in(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(check_with(0, "/dev/null", O_RDWR, &e), 0);
	assert_int_equal(check_with(0, "/etc/passwd", O_RDONLY, &e), 0);
}

static void a_directory_may_not_whichever_it_is(void **state)
{
	static const char *const names[] = { "standard input", "standard output",
					     "standard error" };

	(void)state;
	for (int fd = 0; fd < 3; fd++) {
		struct err e = { 0 };

		assert_int_equal(check_with(fd, "/", O_RDONLY | O_DIRECTORY, &e), -EPERM);
		assert_non_null(strstr(e.msg, names[fd]));
		assert_int_equal(check_with(fd, "/", O_PATH | O_DIRECTORY, &e), -EPERM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_devices_may_go_in),
		cmocka_unit_test(a_directory_may_not_whichever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
