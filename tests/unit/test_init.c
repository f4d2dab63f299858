/* SPDX-License-Identifier: Apache-2.0 */
/* The real program, as an ordinary process, spoken to as the keeper does. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/wire.h"
#include "base/wire_walls.h"

struct bench {
	struct child init;
	int channel;
};

static int setup(void **state)
{
	static const char *const env[] = { NULL };
	const char *path = getenv("CSB_INIT");
	const char *const argv[] = { path, "--channel", "3", NULL };
	struct bench *b = *state = calloc(1, sizeof(*b));
	struct err e;
	int pair[2];
	int r;

	if (!b || !path || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	b->channel = pair[0];
	r = proc_spawn(&(struct cmd){ .argv = argv,
				      .envp = env,
				      .fds = &(struct proc_fd){ .from = pair[1], .to = 3 },
				      .n_fds = 1 },
		       &b->init, &e);
	(void)close(pair[1]);
	return r;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	close_fd(&b->channel);
	proc_end(&b->init);
	free(b);
	return 0;
}

static void send_block(int channel, uint32_t kind, const void *block, size_t size)
{
	const struct wire_msg msg = { .kind = kind, .job = kind == WIRE_START };
	auto_fd int fd = -1;
	struct err e;

	assert_int_equal(io_memfd("block", block, size, &fd, &e), 0);
	/* The three after the job are its standard descriptors. */
	assert_int_equal(
		wire_send(channel, &msg, (const int[]){ fd, 0, 1, 2 }, kind == WIRE_START ? 4 : 1),
		0);
}

static void send_job(int channel)
{
	char name[] = "/bin/true";
	char *argv[] = { name, NULL };
	char *env[] = { NULL };
	size_t size;
	auto_free void *block =
		wire_job_pack(&(struct wire_job){ .argv = argv, .env = env, .cwd = "/" }, &size);

	send_block(channel, WIRE_START, block, size);
}

static void expect(int channel, uint32_t kind, int value, int value2)
{
	int fds[WIRE_MAX_FDS];
	struct wire_msg got;
	size_t n_fds;

	assert_int_equal(wire_recv(channel, &got, fds, &n_fds), 1);
	wire_close(fds, n_fds);
	assert_int_equal(got.kind, kind);
	assert_int_equal(got.value, value);
	assert_int_equal(got.value2, value2);
}

static void nothing_runs_without_walls(void **state)
{
	const struct bench *b = *state;

	send_job(b->channel);
	expect(b->channel, WIRE_FAILED, STEP_WALLS, EPERM);
	expect(b->channel, WIRE_GONE, 0, 0);
}

static void walls_that_cannot_be_read_are_not_taken(void **state)
{
	const struct bench *b = *state;

	send_block(b->channel, WIRE_WALLS, "no walls at all", 15);
	send_job(b->channel);
	expect(b->channel, WIRE_FAILED, STEP_WALLS, EPERM);
}

static void walls_with_an_empty_filter_let_nothing_run(void **state)
{
	static const struct wire_walls empty = { .filter = "" };
	const struct bench *b = *state;
	size_t size;
	auto_free void *block = wire_walls_pack(&empty, &size);

	send_block(b->channel, WIRE_WALLS, block, size);
	send_job(b->channel);
	expect(b->channel, WIRE_FAILED, STEP_WALLS, EINVAL);
}

static void it_leaves_when_the_channel_ends(void **state)
{
	struct bench *b = *state;
	int code = -1;
	struct err e;

	close_fd(&b->channel);
	assert_int_equal(proc_wait(&b->init, &code, &e), 0);
	assert_int_equal(code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_runs_without_walls, setup, teardown),
		cmocka_unit_test_setup_teardown(walls_that_cannot_be_read_are_not_taken, setup,
						teardown),
		cmocka_unit_test_setup_teardown(walls_with_an_empty_filter_let_nothing_run, setup,
						teardown),
		cmocka_unit_test_setup_teardown(it_leaves_when_the_channel_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
