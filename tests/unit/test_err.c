/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void set_fills_code_and_text(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, EINVAL, "level '%s' is unknown", "x"), -EINVAL);
	assert_int_equal(e.code, -EINVAL);
	assert_string_equal(e.msg, "level 'x' is unknown");
}

static void sys_appends_the_text_of_errno(void **state)
{
	struct err e = { 0 };

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_sys(&e, "cannot open %s", "/x"), -ENOENT);
	assert_int_equal(e.code, -ENOENT);
	assert_string_equal(e.msg, "cannot open /x: No such file or directory");
}

static void wrap_prefixes_and_keeps_the_code(void **state)
{
	struct err e = { 0 };

	(void)state;
	(void)err_set(&e, EFBIG, "too large");
	assert_int_equal(err_wrap(&e, "file %d", 7), -EFBIG);
	assert_int_equal(err_wrap(&e, "config"), -EFBIG);
	assert_string_equal(e.msg, "config: file 7: too large");
}

static void long_texts_are_cut(void **state)
{
	char text[2 * ERR_MSG_MAX];
	struct err e = { 0 };

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(err_set(&e, EINVAL, "%s", text), -EINVAL);
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
	assert_int_equal(err_wrap(&e, "inner"), -EINVAL);
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
	assert_memory_equal(e.msg, "inner: aaa", 10);
	errno = EPERM;
	assert_int_equal(err_sys(&e, "%s", text), -EPERM);
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
	assert_int_equal(err_wrap(&e, "%s", text), -EPERM);
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_code_and_text),
		cmocka_unit_test(sys_appends_the_text_of_errno),
		cmocka_unit_test(wrap_prefixes_and_keeps_the_code),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
