/* SPDX-License-Identifier: Apache-2.0 */
/* Config and facts in, limits out: who decides the number, what holds it, what is refused. */
#include "spec/limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/spec.h"

#define ALL (1U << LIMIT_MEMORY | 1U << LIMIT_PIDS | 1U << LIMIT_CPU)

struct bench {
	struct arena a;
	struct facts f;
	struct spec s;
	struct config_result result;
	struct mount mounts[6];
	struct err e;
};

/* A machine of 10000 MiB and 4 processors. */
static int build(struct bench *b, enum limit_way way, unsigned controllers, uid_t uid,
		 const char *options, const char *project_file)
{
	const struct mount mounts[] = {
		{ .kind = MOUNT_TMPFS, .dst = "/dev/shm" },
		{ .kind = MOUNT_TMPFS, .dst = "/home/u" },
		{ .kind = MOUNT_TMPFS, .dst = "/run" },
		{ .kind = MOUNT_TMPFS, .dst = "/tmp" },
		{ .kind = MOUNT_RO, .dst = "/usr" },
		{ .kind = MOUNT_TMPFS, .dst = "/x" },
	};
	struct config_layer layers[2] = { { .origin = "project", .tighten_only = true },
					  { .origin = "option" } };
	const char *const texts[] = { project_file ? project_file : "{}",
				      options ? options : "{}" };

	*b = (struct bench){ .f = { .uid = uid,
				    .limits = { .way = way,
						.controllers = controllers,
						.memory_mib = 10000,
						.cpus = 4,
						.why_not = way ? NULL : "there is nothing" } } };
	b->s = (struct spec){ .home = "/home/u",
			      .mounts = b->mounts,
			      .n_mounts = N_ELEMENTS(mounts),
			      .notes = STRV_INIT(&b->a),
			      .details = STRV_INIT(&b->a) };
	memcpy(b->mounts, mounts, sizeof(mounts));
	for (size_t i = 0; i < 2; i++) {
		config_init(&layers[i].values, &b->a);
		if (field_parse_json(config_fields, &layers[i].values, &layers[i].set,
				     layers[i].origin, texts[i], strlen(texts[i]), &b->a,
				     &b->e) < 0)
			fail_msg("%s", b->e.msg);
	}
	if (config_merge(layers, 2, &b->a, &b->result, &b->e) < 0)
		fail_msg("%s", b->e.msg);
	return spec_add_limits(&b->result, &b->f, &b->a, &b->s, &b->e);
}

static const struct limit_row *row_of(const struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->s.limits.n_rows; i++)
		if (strcmp(b->s.limits.rows[i].name, name) == 0)
			return &b->s.limits.rows[i];
	return NULL;
}

static bool has_rlimit(const struct bench *b, int resource, uint64_t max)
{
	for (size_t i = 0; i < b->s.limits.n_rlimits; i++)
		if ((int)b->s.limits.rlimits[i].resource == resource)
			return b->s.limits.rlimits[i].soft == max &&
			       b->s.limits.rlimits[i].hard == max;
	return false;
}

static void a_level_gives_parts_of_the_machine(void **state)
{
	static const struct {
		const char *options;
		uint64_t memory, pids, percent, weight;
	} rows[] = {
		{ "{}", 7500, 4096, 0, 50 },
		{ "{\"level\": \"strict\"}", 5000, 1024, 300, 25 },
		{ "{\"level\": \"compat\"}", 0, 0, 0, 0 },
		{ "{\"memory_mib\": \"1G\", \"pids\": 99, \"cpus\": 2}", 1024, 99, 200, 50 },
		{ "{\"memory_mib\": \"99G\"}", 101376, 4096, 0, 50 }, /* the user may */
		{ "{\"level\": \"compat\", \"cpus\": 1}", 0, 0, 100, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct bench b;

		assert_int_equal(build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, rows[i].options, NULL), 0);
		assert_int_equal(b.s.limits.memory_mib, rows[i].memory);
		assert_int_equal(b.s.limits.swap_mib, 0);
		assert_int_equal(b.s.limits.pids, rows[i].pids);
		assert_int_equal(b.s.limits.cpu_percent, rows[i].percent);
		assert_int_equal(b.s.limits.cpu_weight, rows[i].weight);
		assert_true(has_rlimit(&b, RLIMIT_CORE, 0));
		arena_done(&b.a);
	}
}

static void many_processors_need_many_threads(void **state)
{
	struct bench b;

	(void)state;
	(void)build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, NULL, NULL);
	b.f.limits.cpus = 256;
	b.s.limits = (struct limits){ 0 };
	assert_int_equal(spec_add_limits(&b.result, &b.f, &b.a, &b.s, &b.e), 0);
	assert_int_equal(b.s.limits.pids, 64 * 256);
	arena_done(&b.a);
}

static void a_level_without_limits_makes_no_group(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(build(&b, LIMIT_WAY_CGROUP1, ALL, 0, "{\"level\": \"compat\"}", NULL), 0);
	assert_int_equal(b.s.limits.way, LIMIT_WAY_NONE);
	assert_int_equal(b.s.limits.n_rlimits, 1);
	assert_int_equal(b.s.limits.oom_score_adj, 0);
	assert_false(b.s.limits.shares_inotify);
	for (size_t i = 0; i < b.s.n_mounts; i++)
		assert_int_equal(b.mounts[i].size_mib, 0);
	arena_done(&b.a);
}

static void a_project_can_lower_and_not_raise(void **state)
{
	struct bench b;

	(void)state;
	(void)build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, NULL,
		    "{\"memory_mib\": \"64G\", \"pids\": 100, \"tmp_mib\": \"64G\"}");
	assert_int_equal(b.s.limits.memory_mib, 7500);
	assert_int_equal(b.s.limits.pids, 100);
	assert_int_equal(b.mounts[3].size_mib, 7500 * 24 / 64);
	arena_done(&b.a);
	/* What the user asks for comes after it. */
	(void)build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, "{\"pids\": 5000}", "{\"pids\": 100}");
	assert_int_equal(b.s.limits.pids, 5000);
	arena_done(&b.a);
}

static void mounts_stay_below_the_memory(void **state)
{
	struct bench b;
	uint64_t sum = 0;

	(void)state;
	(void)build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, NULL, NULL);
	for (size_t i = 0; i < b.s.n_mounts; i++)
		sum += b.mounts[i].size_mib;
	assert_true(sum > 0 && sum < 7500);
	assert_int_equal(b.mounts[3].size_mib, 2812); /* /tmp */
	assert_int_equal(b.mounts[4].size_mib, 0);    /* no tmpfs */
	arena_done(&b.a);
	(void)build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, "{\"tmp_mib\": \"9G\", \"shm_mib\": 64}",
		    NULL);
	assert_int_equal(b.mounts[3].size_mib, 9 * 1024);
	assert_int_equal(b.mounts[0].size_mib, 64);
	arena_done(&b.a);
	/* Mounts are bounded where no group holds the memory, too. */
	(void)build(&b, LIMIT_WAY_NONE, 0, 1000, NULL, NULL);
	assert_int_equal(b.mounts[3].size_mib, 2812);
	arena_done(&b.a);
}

static void processes_are_held_without_a_group(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(build(&b, LIMIT_WAY_NONE, 0, 1000, "{\"pids\": 77}", NULL), 0);
	assert_true(has_rlimit(&b, RLIMIT_NPROC, 77));
	assert_non_null(row_of(&b, "processes and threads")->by);
	arena_done(&b.a);
	/* A group that holds them tells when they strike, so it must be the one that does. */
	assert_int_equal(build(&b, LIMIT_WAY_SYSTEMD, ALL, 1000, "{\"pids\": 77}", NULL), 0);
	assert_false(has_rlimit(&b, RLIMIT_NPROC, 77));
	arena_done(&b.a);
	/* RLIMIT_NPROC does not bind root. */
	assert_int_equal(build(&b, LIMIT_WAY_NONE, 0, 0, "{\"pids\": 77}", NULL), -ENOTSUP);
	arena_done(&b.a);
}

static void what_cannot_be_held_is_told(void **state)
{
	struct bench b;

	(void)state;
	/* The level's: a detail, and a row that says so. */
	assert_int_equal(build(&b, LIMIT_WAY_NONE, 0, 1000, NULL, NULL), 0);
	assert_int_equal(b.s.notes.n, 0);
	assert_int_equal(b.s.details.n, 1);
	assert_non_null(strstr(b.s.details.items[0], "there is nothing"));
	assert_null(row_of(&b, "memory")->by);
	assert_int_equal(b.s.limits.memory_mib, 0);
	assert_false(has_rlimit(&b, RLIMIT_DATA, 7500U << 20));
	arena_done(&b.a);
}

static void what_was_asked_for_and_cannot_be_held_is_refused(void **state)
{
	static const struct {
		enum limit_way way;
		unsigned controllers;
		const char *json, *words;
	} rows[] = {
		{ LIMIT_WAY_NONE, ALL, "{\"memory_mib\": 512}", "--memory (from option)" },
		{ LIMIT_WAY_NONE, ALL, "{\"cpus\": 2}", "there is nothing" },
		{ LIMIT_WAY_SYSTEMD, 1U << LIMIT_PIDS, "{\"memory_mib\": 512}", "a systemd scope" },
		{ LIMIT_WAY_SYSTEMD, 1U << LIMIT_MEMORY, "{\"cpus\": 2}", "--cpus" },
		{ LIMIT_WAY_SYSTEMD, ALL, "{\"disk_mib\": 512}", "takes a quota" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct bench b;

		assert_int_equal(
			build(&b, rows[i].way, rows[i].controllers, 1000, rows[i].json, NULL),
			-ENOTSUP);
		if (!strstr(b.e.msg, rows[i].words) || !strstr(b.e.msg, "--allow-degraded"))
			fail_msg("%s", b.e.msg);
		b.result.config.allow_degraded = true;
		b.s.limits = (struct limits){ 0 };
		assert_int_equal(spec_add_limits(&b.result, &b.f, &b.a, &b.s, &b.e), 0);
		assert_int_equal(b.s.notes.n, 1);
		assert_int_equal(strncmp(b.s.notes.items[0], "degraded: ", 10), 0);
		arena_done(&b.a);
	}
}

static void degraded_memory_and_disk_bind_single_processes(void **state)
{
	struct bench b;

	(void)state;
	(void)build(&b, LIMIT_WAY_NONE, 0, 1000, "{\"memory_mib\": 512, \"disk_mib\": 256}", NULL);
	b.result.config.allow_degraded = true;
	b.s.limits = (struct limits){ 0 };
	assert_int_equal(spec_add_limits(&b.result, &b.f, &b.a, &b.s, &b.e), 0);
	assert_true(has_rlimit(&b, RLIMIT_DATA, 512U << 20));
	assert_true(has_rlimit(&b, RLIMIT_FSIZE, 256U << 20));
	arena_done(&b.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_gives_parts_of_the_machine),
		cmocka_unit_test(many_processors_need_many_threads),
		cmocka_unit_test(a_level_without_limits_makes_no_group),
		cmocka_unit_test(a_project_can_lower_and_not_raise),
		cmocka_unit_test(mounts_stay_below_the_memory),
		cmocka_unit_test(processes_are_held_without_a_group),
		cmocka_unit_test(what_cannot_be_held_is_told),
		cmocka_unit_test(what_was_asked_for_and_cannot_be_held_is_refused),
		cmocka_unit_test(degraded_memory_and_disk_bind_single_processes),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
