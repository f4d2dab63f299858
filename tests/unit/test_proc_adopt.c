/* SPDX-License-Identifier: Apache-2.0 */
/* Children of a parent that was killed are ours, and end by name. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/proc.h"

/* A child called @name that waits without end; @up gets a byte once it is called so. */
static pid_t put_child(const char *name, int up)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_NAME, name);
	(void)!write(up, "x", 1);
	for (;;)
		pause();
}

/* A parent with two such children. */
static pid_t put_family(int up)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)put_child("stuck", up);
	(void)put_child("other", up);
	for (;;)
		pause();
}

static void orphans_end_by_name(void **state)
{
	auto_fd int down = -1, up = -1;
	int fds[2], n = 0;
	char byte;
	pid_t pid;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(pipe(fds), 0);
	down = fds[0];
	up = fds[1];
	assert_int_equal(proc_adopt(&e), 0);
	pid = put_family(up);
	assert_true(pid > 0);
	while (n < 2 && read(down, &byte, 1) == 1)
		n++;
	proc_end_children("stuck"); /* they are not ours yet */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	proc_end_children("nobody");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	close_fd(&up);
	proc_end_children("stuck");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* the other one runs on */
	proc_end_children(NULL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(read(down, &byte, 1), 0); /* both are gone */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orphans_end_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
