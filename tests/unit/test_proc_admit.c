/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a child between fork and exec, and to one that executes nothing. */
#include "base/proc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

#define PATIENCE_MS 30000

static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };

/* Looks at the child before it is let go: it still is what forked it. */
static int look(void *arg, pid_t child, struct err *e)
{
	char path[64];
	char *seen = arg;
	ssize_t n;

	(void)e;
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", child);
	n = readlink(path, seen, 99);
	seen[n > 0 ? n : 0] = '\0';
	return 0;
}

static void a_child_waits_to_be_let_go(void **state)
{
	const char *const argv[] = { "/bin/bash", "-c", "echo ran", NULL };
	char seen[100] = "";
	const struct cmd cmd = { .argv = argv, .envp = env, .admit = look, .admit_arg = seen };
	auto_free char *text = NULL;
	struct err e = { 0 };
	int status = -1;

	(void)state;
	assert_int_equal(proc_output(&cmd, 100, PATIENCE_MS, &text, &status, &e), 0);
	assert_string_equal(text, "ran\n");
	assert_int_equal(status, 0);
	assert_non_null(strstr(seen, "test_proc"));
}

static int refuse(void *arg, pid_t child, struct err *e)
{
	*(pid_t *)arg = child;
	return err_set(e, EPERM, "not this one");
}

static void a_child_that_is_not_let_go_never_executes(void **state)
{
	char name[] = "/tmp/csb-unit-proc.XXXXXX";
	auto_fd int made = mkstemp(name);
	const char *const argv[] = { "/bin/rm", name, NULL };
	pid_t pid = 0;
	const struct cmd cmd = { .argv = argv, .envp = env, .admit = refuse, .admit_arg = &pid };
	struct child child = CHILD_NONE;
	struct err e = { 0 };

	(void)state;
	assert_true(made >= 0);
	assert_int_equal(proc_spawn(&cmd, &child, &e), -EPERM);
	assert_string_equal(e.msg, "not this one");
	assert_true(pid > 0);
	assert_int_equal(kill(pid, 0), -1); /* ended and reaped */
	assert_int_equal(errno, ESRCH);
	assert_int_equal(unlink(name), 0);
}

static int answer(void *arg)
{
	return *(int *)arg;
}

static int answered(int *code)
{
	struct child child = CHILD_NONE;
	struct err e;
	int status = -1;

	assert_int_equal(proc_fork(answer, code, NULL, 0, &child, &e), 0);
	assert_int_equal(proc_wait(&child, &status, &e), 0);
	return status;
}

static void a_call_in_a_child_gives_its_result(void **state)
{
	(void)state;
	for (int code = 0; code < 130; code += 43)
		assert_int_equal(answered(&code), code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_waits_to_be_let_go),
		cmocka_unit_test(a_child_that_is_not_let_go_never_executes),
		cmocka_unit_test(a_call_in_a_child_gives_its_result),
	};

	return cmocka_run_group_tests_name("proc_admit", tests, NULL, NULL);
}
