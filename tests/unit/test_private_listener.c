/* SPDX-License-Identifier: Apache-2.0 */
#include "border/private_listener.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n == 2;
}

/* Its file is gone, and still whoever holds it connects, more than once. */
static void connects(void **state)
{
	char dir[] = "/tmp/csb-listener.XXXXXX";
	struct private_listener p = PRIVATE_LISTENER_NONE;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(private_listener_open(dir, &p, &e), 0);
	assert_true(is_empty(dir));
	assert_int_equal(rmdir(dir), 0);
	for (int i = 0; i < 3; i++) {
		auto_fd int here = -1;
		auto_fd int there = -1;
		char byte = 0;

		assert_int_equal(private_listener_connect(&p, &here, &e), 0);
		assert_int_equal(write(here, "x", 1), 1);
		there = accept4(p.fd, NULL, NULL, SOCK_CLOEXEC);
		assert_true(there >= 0);
		assert_int_equal(read(there, &byte, 1), 1);
		assert_int_equal(byte, 'x');
	}
	close_fd(&p.fd);
	close_fd(&p.place);
}

static void no_directory(void **state)
{
	struct private_listener p = PRIVATE_LISTENER_NONE;
	struct err e;

	(void)state;
	assert_true(private_listener_open("/nonexistent", &p, &e) < 0);
	assert_non_null(strstr(e.msg, "/nonexistent"));
	assert_int_equal(p.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects),
		cmocka_unit_test(no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
