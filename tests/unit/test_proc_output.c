/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "output.h"

static void output_and_status(void **state)
{
	(void)state;
	check_output("echo out; echo err >&2; echo end", "out\nerr\nend\n", 0);
	check_output("exit 7", "", 7);
	check_output("kill -TERM $$", "", 128 + SIGTERM);
	check_output("cat", "", 0); /* stdin is empty */
	check_output("printf %s \"$A\"", "b c", 0);
}

static void output_past_the_maximum_is_dropped(void **state)
{
	const char *const argv[] = { "/bin/bash", "-c", "printf %200000s x; exit 3", NULL };
	const struct cmd cmd = { .argv = argv, .envp = env };
	auto_free char *text = NULL;
	auto_free char *none = NULL;
	struct err e = { 0 };
	int status = -1;

	(void)state;
	assert_int_equal(proc_output(&cmd, 10, PATIENCE_MS, &text, &status, &e), 0);
	assert_string_equal(text, "          ");
	assert_int_equal(status, 3); /* it was read to its end, and did not die by SIGPIPE */
	assert_int_equal(proc_output(&cmd, 0, PATIENCE_MS, &none, &status, &e), 0);
	assert_string_equal(none, "");
}

static void output_has_a_deadline(void **state)
{
	static const char *const scripts[] = { "exec sleep 1000", "exec yes",
					       "exec >&- 2>&-; exec sleep 1000" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(scripts); i++) {
		const char *const argv[] = { "/bin/bash", "-c", scripts[i], NULL };
		const struct cmd cmd = { .argv = argv, .envp = env };
		char *text = NULL;
		struct err e = { 0 };
		int status = -1;

		assert_int_equal(proc_output(&cmd, 10, 50, &text, &status, &e), -ETIMEDOUT);
		assert_string_equal(e.msg, "/bin/bash: no end after 50 ms");
		assert_null(text);
		assert_int_equal(status, -1);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* killed and reaped */
		assert_int_equal(errno, ECHILD);
	}
}

/* A grandchild in the background holds the pipe; nobody waits for it. */
static void output_ends_with_the_child(void **state)
{
	int status = -1;
	auto_free char *text = output_of("sleep 1000 & echo $!", NULL, 0, &status);
	pid_t pid = (pid_t)strtol(text, NULL, 10);

	(void)state;
	assert_int_equal(status, 0);
	assert_true(pid > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status),
		cmocka_unit_test(output_past_the_maximum_is_dropped),
		cmocka_unit_test(output_has_a_deadline),
		cmocka_unit_test(output_ends_with_the_child),
	};

	return cmocka_run_group_tests_name("proc_output", tests, NULL, NULL);
}
