/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real groups, in whatever way this host has, with small limits. Skipped where there is none, which is
 * the rule for an ordinary user without a manager of his own.
 */
#include "run/cgroup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/proc.h"
#include "host/probe_parts.h"

#define PATIENCE_MS 20000

static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };

struct bench {
	struct arena a;
	struct facts f;
	struct limits limits;
	char id[32];
	struct cgroup g;
	struct child child;
	struct err e;
};

static int enter(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	static int n;

	if (!b)
		return -1;
	*state = b;
	b->f = (struct facts){ .uid = getuid(), .env = STRV_INIT(&b->a) };
	if (getenv("XDG_RUNTIME_DIR"))
		env_set(&b->f.env, "XDG_RUNTIME_DIR", getenv("XDG_RUNTIME_DIR"));
	probe_limits(&b->f, "/", &b->a);
	b->limits = (struct limits){ .way = b->f.limits.way, .memory_mib = 64, .pids = 12 };
	(void)snprintf(b->id, sizeof(b->id), "unit-%d-%d", getpid(), n++);
	b->child = CHILD_NONE;
	b->g = CGROUP_NONE;
	return 0;
}

static int leave(void **state)
{
	struct bench *b = *state;

	cgroup_done(&b->g);
	proc_end(&b->child);
	arena_done(&b->a);
	free(b);
	return 0;
}

/* Starts bash with @script in a group. */
static void start(struct bench *b, const char *script)
{
	const char *const argv[] = { "/bin/bash", "-c", script, NULL };
	struct cmd cmd = { .argv = argv, .envp = env, .die_with_parent = true };

	if (b->f.limits.way == LIMIT_WAY_NONE)
		skip();
	if (cgroup_make(&b->limits, &b->f.limits, b->id, &b->g, &b->e) < 0)
		fail_msg("%s", b->e.msg);
	cgroup_cmd(&b->g, &cmd);
	if (proc_spawn(&cmd, &b->child, &b->e) < 0)
		fail_msg("%s", b->e.msg);
}

/* Until a limit has struck, by events only. */
static void await_strike(struct bench *b, const char *want)
{
	auto_buf struct buf text = BUF_INIT(4096);
	struct pollfd polls[CGROUP_POLLS + 1];
	unsigned n_struck = 0;

	while (n_struck == 0) {
		size_t n = cgroup_polls(&b->g, polls);

		assert_int_equal(n, 2);
		/* Since Linux 6.11 version 1 does not tell of the pids controller's events. */
		if (poll(polls, n, b->g.way == LIMIT_WAY_CGROUP1 ? 500 : PATIENCE_MS) <= 0)
			assert_int_equal(b->g.way, LIMIT_WAY_CGROUP1);
		n_struck = cgroup_struck(&b->g, &text);
	}
	if (!strstr(buf_text(&text), want))
		fail_msg("got \"%s\", want \"%s\"", buf_text(&text), want);
	/* It wakes nobody up again. */
	assert_int_equal(cgroup_polls(&b->g, polls), 1);
}

static void memory_strikes(void **state)
{
	struct bench *b = *state;
	int status;

	start(b, "head -c 200M /dev/zero | tail -c 199M | wc -c");
	await_strike(b, "the memory limit of 64 MiB was reached");
	assert_int_equal(proc_wait(&b->child, &status, &b->e), 0);
}

static void processes_strike(void **state)
{
	struct bench *b = *state;

	start(b, "for i in {1..20}; do sleep 100 & done 2>/dev/null; sleep 100");
	await_strike(b, "the limit of 12 processes and threads was reached");
}

static void usage_is_told(void **state)
{
	struct bench *b = *state;
	struct cgroup_usage u = { 0 };

	start(b, "x=$(head -c 4M /dev/zero | tr '\\0' x); kill -STOP $$");
	assert_int_equal(waitpid(b->child.pid, NULL, WUNTRACED), b->child.pid);
	assert_true(cgroup_usage(&b->g, &u));
	assert_true(u.pids == 1);
	assert_true(u.memory_bytes > (4U << 20) && u.memory_bytes < (64U << 20));
	assert_true(u.cpu_usec > 0);
}

/* A path of the group; where the manager made it, the kernel knows. */
static const char *group_path(struct bench *b)
{
	char path[4096];
	char link[64];
	ssize_t n;

	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++) {
		if (b->g.parts[i].dir < 0)
			continue;
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", b->g.parts[i].dir);
		n = readlink(link, path, sizeof(path));
		return n > 0 ? arena_strndup(&b->a, path, (size_t)n) : NULL;
	}
	return NULL;
}

static void the_end_kills_and_removes(void **state)
{
	struct bench *b = *state;
	const char *path;
	struct stat st;

	start(b, "trap '' TERM HUP; (setsid bash -c 'trap \"\" TERM HUP; sleep 100; sleep 100' & "
		 "exit) & "
		 "sleep 100");
	path = group_path(b);
	assert_non_null(path);
	assert_int_equal(stat(path, &st), 0);
	cgroup_done(&b->g);
	proc_end(&b->child);
	/* A scope is removed by its manager, in a moment of its own. */
	for (int i = 0; i < 100 && stat(path, &st) == 0; i++)
		(void)poll(NULL, 0, 20);
	assert_int_equal(stat(path, &st), -1);
	cgroup_done(&b->g); /* does no harm */
}

/* Its owner was killed: the group is there, unlocked, perhaps with processes in it. */
static void the_next_one_removes_what_stayed(void **state)
{
	struct bench *b = *state;
	struct cgroup other = CGROUP_NONE;
	struct stat st;
	const char *path;

	start(b, "sleep 100");
	if (b->f.limits.way == LIMIT_WAY_SYSTEMD)
		skip();
	path = group_path(b);
	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++)
		auto_fd_done(&b->g.parts[i].dir);
	assert_int_equal(cgroup_make(&b->limits, &b->f.limits, "unit-other", &other, &b->e), 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(errno, ENOENT);
	cgroup_done(&other);
	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++)
		b->g.parts[i].dir = -1;
}

static void the_next_one_leaves_what_is_alive(void **state)
{
	struct bench *b = *state;
	struct cgroup other = CGROUP_NONE;
	struct stat st;

	start(b, "sleep 100");
	assert_int_equal(cgroup_make(&b->limits, &b->f.limits, "unit-other", &other, &b->e), 0);
	assert_int_equal(stat(group_path(b), &st), 0);
	assert_int_equal(kill(b->child.pid, 0), 0);
	cgroup_done(&other);
	assert_int_equal(waitpid(b->child.pid, NULL, WNOHANG), 0);
}

static void without_a_group_nothing_is_done(void **state)
{
	struct bench *b = *state;
	struct cgroup_usage u;
	auto_buf struct buf text = BUF_INIT(100);
	struct pollfd polls[CGROUP_POLLS];
	struct cmd cmd = { 0 };

	b->limits.way = LIMIT_WAY_NONE;
	assert_int_equal(cgroup_make(&b->limits, &b->f.limits, b->id, &b->g, &b->e), 0);
	cgroup_cmd(&b->g, &cmd);
	assert_null(cmd.admit);
	assert_int_equal(cmd.into_cgroup, 0);
	assert_int_equal(cgroup_polls(&b->g, polls), 0);
	assert_int_equal(cgroup_struck(&b->g, &text), 0);
	assert_false(cgroup_usage(&b->g, &u));
}

/* A manager that is not there, a place where no group can be made. */
static void what_cannot_be_made_is_an_error_or_told(void **state)
{
	static const enum limit_way ways[] = { LIMIT_WAY_SYSTEMD, LIMIT_WAY_CGROUP1,
					       LIMIT_WAY_CGROUP2 };
	const char *const argv[] = { "/bin/true", NULL };
	struct bench *b = *state;

	for (size_t i = 0; i < 2 * N_ELEMENTS(ways); i++) {
		struct limit_facts facts = {
			.controllers = 1U << LIMIT_PIDS,
			.socket = "/nonexistent/private",
			.dirs = { [0] = "/nonexistent", [LIMIT_PIDS] = "/nonexistent" }
		};
		struct limits limits = { .way = ways[i / 2], .pids = 20, .may_fail = i % 2 };
		struct cmd cmd = { .argv = argv, .envp = env };
		auto_buf struct buf text = BUF_INIT(4096);
		int r = cgroup_make(&limits, &facts, "unit-none", &b->g, &b->e);

		if (r == 0) {
			cgroup_cmd(&b->g, &cmd);
			r = proc_spawn(&cmd, &b->child, &b->e);
		}
		assert_int_equal(r, i % 2 ? 0 : -ENOENT);
		if (r < 0)
			assert_non_null(strstr(b->e.msg, "--allow-degraded"));
		else
			assert_int_equal(cgroup_struck(&b->g, &text), 1);
		assert_true(r < 0 || strstr(buf_text(&text), "degraded: no limits"));
		proc_end(&b->child);
		cgroup_done(&b->g);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_strikes),
		TEST(processes_strike),
		TEST(usage_is_told),
		TEST(the_end_kills_and_removes),
		TEST(the_next_one_removes_what_stayed),
		TEST(the_next_one_leaves_what_is_alive),
		TEST(without_a_group_nothing_is_done),
		TEST(what_cannot_be_made_is_an_error_or_told),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
