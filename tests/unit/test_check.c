/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define HOME "/home/ann"
#define APP HOME "/app"

static const struct facts ann = { .home = HOME };
static const struct config plain = { .network = NETWORK_HOST };
static const struct mount project = {
	.kind = MOUNT_RW, .src = APP, .dst = APP, .share = "project", .why = "the project"
};

/* What spec_check() says of the project and @more, in this order. */
static int check(struct mount first, struct mount second, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct mount mounts[] = { first, second };
	struct spec s = { .config = &plain,
			  .project = APP,
			  .mounts = mounts,
			  .n_mounts = N_ELEMENTS(mounts),
			  .command = STRV_INIT(&a) };

	*e = (struct err){ 0 };
	s.seccomp.rules = seccomp_base;
	strv_add(&s.command, "true");
	return spec_check(&s, &ann, e);
}

static void a_usual_spec_is_in_order(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(check((struct mount){ MOUNT_RO, .src = "/usr", .dst = "/usr", .why = "x" },
			       project, &e),
			 0);
}

static void what_breaks_a_promise_is_refused(void **state)
{
	static const struct {
		struct mount mount;
		const char *says;
	} rows[] = {
		{ { MOUNT_RW, .src = "/data", .dst = "/data", .why = "x" }, "not on the list" },
		{ { MOUNT_RW, .src = "/data", .dst = "/data", .share = "identity", .why = "x" },
		  "not on the list" },
		{ { MOUNT_RO, .src = "/", .dst = "/host", .why = "x" }, "the whole root" },
		{ { MOUNT_RO, .src = HOME, .dst = "/h", .share = "state", .why = "x" },
		  "the whole home" },
		{ { MOUNT_RO, .src = "/home", .dst = "/h", .share = "state", .why = "x" },
		  "the whole home" },
		{ { MOUNT_RO, .src = "/usr/../etc", .dst = "/usr", .why = "x" }, "clean source" },
		{ { MOUNT_RO, .src = "/usr", .dst = "/usr" }, "has no reason" },
		{ { MOUNT_TMPFS, .dst = "/", .why = "x" }, "clean path" },
		{ { MOUNT_TMPFS, .dst = "/a/../b", .why = "x" }, "clean path" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct err e;

		assert_int_equal(check(rows[i].mount, project, &e), -EINVAL);
		assert_non_null(strstr(e.msg, rows[i].says));
		assert_non_null(strstr(e.msg, "nothing was started"));
	}
}

/* CVE-2026-87766: what is a directory today may be a link by the next start. */
static void no_mount_point_where_a_sandbox_can_write(void **state)
{
	const struct mount below = { MOUNT_RO, .src = "/data", .dst = APP "/data",
				     .share = "extra_ro_binds", .why = "x" };
	struct err e;

	(void)state;
	assert_int_equal(check(project, below, &e), -EPERM);
	assert_non_null(strstr(e.msg, "astray"));
}

/* Landlock adds up along a path. */
static void no_right_to_write_reaches_a_guarded_project(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct landlock_rule rule = { HOME, LANDLOCK_GUARDED };
	struct mount guarded = project;
	struct spec s = { .config = &plain,
			  .project = APP,
			  .mounts = &guarded,
			  .n_mounts = 1,
			  .landlock = { .rules = &rule, .n_rules = 1 },
			  .command = STRV_INIT(&a) };
	struct err e = { 0 };

	(void)state;
	s.seccomp.rules = seccomp_base;
	strv_add(&s.command, "true");
	guarded.is_guarded = true;
	assert_int_equal(spec_check(&s, &ann, &e), 0);
	rule.grant = LANDLOCK_WRITE;
	assert_int_equal(spec_check(&s, &ann, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "can be written by a rule of Landlock"));
	rule.path = HOME "/.cache";
	assert_int_equal(spec_check(&s, &ann, &e), 0);
}

static void a_parent_does_not_come_after_its_child(void **state)
{
	const struct mount parent = { MOUNT_TMPFS, .dst = HOME, .why = "x" };
	struct err e;

	(void)state;
	assert_int_equal(check(parent, project, &e), 0);
	assert_int_equal(check(project, parent, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "would hide it"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_spec_is_in_order),
		cmocka_unit_test(what_breaks_a_promise_is_refused),
		cmocka_unit_test(no_mount_point_where_a_sandbox_can_write),
		cmocka_unit_test(no_right_to_write_reaches_a_guarded_project),
		cmocka_unit_test(a_parent_does_not_come_after_its_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
