/* SPDX-License-Identifier: Apache-2.0 */
#include "run/cookie.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

/* Family, address, number, name and key, as xauth(1) writes them. */
#define LOCAL "\x01\x00"
#define MAGIC "\x00\x12MIT-MAGIC-COOKIE-1"

static const char laptop_0[] = LOCAL "\0\6laptop\0\1"
				     "0" MAGIC "\0\4key0";
static const char laptop_17[] = LOCAL "\0\6laptop\0\2"
				      "17" MAGIC "\0\5key17";
static const char any_number[] = LOCAL "\0\6laptop\0\0" MAGIC "\0\3any";
static const char other_name[] = LOCAL "\0\6laptop\0\2"
				       "17\0\11XDM-AUTH-\0\3xdm";

/* A file with @n bytes of @text; its path is good as long as *ret_fd is open. */
static const char *file_of(const void *text, size_t n, char path[static 64], int *ret_fd)
{
	*ret_fd = memfd_create("cookies", MFD_CLOEXEC);
	assert_int_equal(write(*ret_fd, text, n), n);
	(void)snprintf(path, 64, "/proc/self/fd/%d", *ret_fd);
	return path;
}

static size_t opened(const char *path, const char *number, char ret[static 256])
{
	auto_fd int fd = -1;
	struct err e = { 0 };
	ssize_t n;

	assert_int_equal(cookie_open(path, number, &fd, &e), 0);
	n = read(fd, ret, 256);
	assert_true(n >= 0);
	return (size_t)n;
}

static void a_new_one_is_for_any_host_and_like_no_other(void **state)
{
	static const char head[] = "\xff\xff\0\0\0\3"
				   "100" MAGIC "\0\20";
	char one[256];
	char other[256];

	(void)state;
	assert_int_equal(opened(NULL, "100", one), sizeof(head) - 1 + 16);
	assert_memory_equal(one, head, sizeof(head) - 1);
	assert_int_equal(opened(NULL, "100", other), sizeof(head) - 1 + 16);
	assert_memory_not_equal(one, other, sizeof(head) - 1 + 16);
}

static void of_a_file_the_keys_of_that_screen_are_taken(void **state)
{
	static const char expected[] = "\xff\xff\0\0\0\2"
				       "17" MAGIC "\0\5key17"
				       "\xff\xff\0\0\0\2"
				       "17" MAGIC "\0\3any";
	char text[512];
	char path[64];
	char got[256];
	auto_fd int fd = -1;
	size_t n = 0;

	(void)state;
#define PUT(entry) (memcpy(text + n, (entry), sizeof(entry) - 1), n += sizeof(entry) - 1)
	PUT(laptop_0);
	PUT(other_name);
	PUT(laptop_17);
	PUT(any_number);
	assert_int_equal(opened(file_of(text, n, path, &fd), "17", got), sizeof(expected) - 1);
	assert_memory_equal(got, expected, sizeof(expected) - 1);
}

static void a_screen_without_a_key_gives_an_empty_file(void **state)
{
	char path[64];
	char got[256];
	auto_fd int fd = -1;

	(void)state;
	assert_int_equal(opened(file_of(laptop_0, sizeof(laptop_0) - 1, path, &fd), "1", got), 0);
}

static void a_torn_file_is_refused_wherever_it_ends(void **state)
{
	(void)state;
	for (size_t n = 1; n < sizeof(laptop_17) - 1; n++) {
		auto_fd int fd = -1;
		struct err e = { 0 };
		char path[64];
		int got = -1;

		assert_int_equal(cookie_open(file_of(laptop_17, n, path, &fd), "17", &got, &e),
				 -EBADMSG);
		assert_non_null(strstr(e.msg, "xauth"));
		assert_int_equal(got, -1);
	}
}

static void no_file_is_an_error(void **state)
{
	struct err e = { 0 };
	int got = -1;

	(void)state;
	assert_int_equal(cookie_open("/nowhere/at/all", "0", &got, &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_is_for_any_host_and_like_no_other),
		cmocka_unit_test(of_a_file_the_keys_of_that_screen_are_taken),
		cmocka_unit_test(a_screen_without_a_key_gives_an_empty_file),
		cmocka_unit_test(a_torn_file_is_refused_wherever_it_ends),
		cmocka_unit_test(no_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
