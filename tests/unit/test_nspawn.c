/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

static struct mount every_kind[] = {
	{ .kind = MOUNT_RO, .src = "/usr", .dst = "/usr" },
	{ .kind = MOUNT_SYMLINK, .src = "usr/bin", .dst = "/bin" },
	{ .kind = MOUNT_PROC, .dst = "/proc" },
	{ .kind = MOUNT_MASK, .dst = "/proc/keys" },
	{ .kind = MOUNT_DEV, .dst = "/dev" },
	{ .kind = MOUNT_TMPFS, .dst = "/dev/shm", .mode = 01777, .size_mib = 5 },
	{ .kind = MOUNT_TMPFS, .dst = "/run", .size_mib = 3 },
	{ .kind = MOUNT_DIR, .dst = "/srv" },
	{ .kind = MOUNT_TEXT, .dst = "/etc/passwd", .text = "u\n" },
	{ .kind = MOUNT_COPY, .src = "/etc/hosts", .dst = "/h" },
	{ .kind = MOUNT_STUB, .src = "/libexec/stub", .dst = "/usr/bin/rm" },
	{ .kind = MOUNT_MASK, .dst = "/home/u/.netrc" },
	{ .kind = MOUNT_RW, .src = "/merged", .dst = "/p:q" },
};

struct fixture {
	struct arena arena;
	struct config config;
	struct spec spec;
	struct facts facts;
	struct plan plan;
	struct err e;
};

static void setup(struct fixture *x)
{
	*x = (struct fixture){ .config.backend = BACKEND_CONTAINER };
	x->facts = (struct facts){ .uid = 1000,
				   .user = "ann",
				   .nspawn = "/usr/bin/systemd-nspawn",
				   .sudo = "/usr/bin/sudo",
				   .container = "/opt/libexec/container",
				   .container_is_root = true,
				   .init = "/opt/libexec/init" };
	x->spec = (struct spec){ .config = &x->config,
				 .uid = 1000,
				 .gid = 100,
				 .cwd = "/p:q",
				 .project = "/p:q",
				 .hostname = "h",
				 .net.mode = NETWORK_NONE,
				 .mounts = every_kind,
				 .n_mounts = N_ELEMENTS(every_kind),
				 .review = { .dir = "/state/review", .merged = "/merged" },
				 .command = STRV_INIT(&x->arena) };
	strv_add(&x->spec.command, "claude");
}

static int render(struct fixture *x)
{
	return plan_render(&x->spec, &x->facts, &x->arena, &x->plan, &x->e);
}

static const struct blueprint_row *row_at(const struct plan *p, const char *dst)
{
	for (size_t i = 0; i < p->blueprint.n_rows; i++)
		if (strcmp(p->blueprint.rows[i].dst, dst) == 0)
			return &p->blueprint.rows[i];
	return NULL;
}

static const struct plan_fd *handed(const struct plan *p, uint32_t place)
{
	for (size_t i = 0; i < p->n_fds; i++)
		if (p->fds[i].number == PLAN_FIRST_DATA_FD + (int)place)
			return &p->fds[i];
	fail();
	return NULL;
}

static void every_mount_has_its_row(void **state)
{
	struct fixture x;
	const struct blueprint_row *row;

	(void)state;
	setup(&x);
	assert_int_equal(render(&x), 0);
	assert_null(row_at(&x.plan, "/proc"));
	assert_null(row_at(&x.plan, "/proc/keys"));
	assert_null(row_at(&x.plan, "/dev"));
	assert_null(row_at(&x.plan, "/dev/shm"));
	row = row_at(&x.plan, "/usr");
	assert_int_equal(row->op, BLUEPRINT_BIND);
	assert_string_equal(handed(&x.plan, row->source)->path, "/usr");
	assert_false(handed(&x.plan, row->source)->is_writable);
	row = row_at(&x.plan, "/bin");
	assert_string_equal(row->target, "usr/bin");
	row = row_at(&x.plan, "/run");
	assert_int_equal(row->op, BLUEPRINT_TMPFS);
	assert_int_equal(row->mode, 0755);
	assert_int_equal(row->size, 3 << 20);
	row = row_at(&x.plan, "/etc/passwd");
	assert_int_equal(row->op, BLUEPRINT_FILE);
	assert_int_equal(row->mode, 0444);
	assert_string_equal(handed(&x.plan, row->file)->text, "u\n");
	row = row_at(&x.plan, "/usr/bin/rm");
	assert_int_equal(row->op, BLUEPRINT_PROGRAM);
	assert_int_equal(row->mode, 0111);
	assert_int_equal(row_at(&x.plan, "/home/u/.netrc")->op, BLUEPRINT_MASK);
	assert_string_equal(handed(&x.plan, row_at(&x.plan, PLAN_INIT_PATH)->source)->path,
			    "/opt/libexec/init");
	arena_done(&x.arena);
}

static void a_layer_lies_over_the_project(void **state)
{
	struct fixture x;
	const struct blueprint_row *row;

	(void)state;
	setup(&x);
	assert_int_equal(render(&x), 0);
	row = row_at(&x.plan, "/p:q");
	assert_int_equal(row->op, BLUEPRINT_LAYER);
	assert_string_equal(handed(&x.plan, row->source)->path, "/p:q");
	assert_false(handed(&x.plan, row->source)->is_writable);
	assert_string_equal(handed(&x.plan, row->over)->path, "/state/review");
	assert_true(handed(&x.plan, row->over)->is_writable);
	x.spec.review.merged = NULL;
	assert_int_equal(render(&x), 0);
	row = row_at(&x.plan, "/p:q");
	assert_int_equal(row->op, BLUEPRINT_BIND);
	assert_true(handed(&x.plan, row->source)->is_writable);
	arena_done(&x.arena);
}

static void root_is_asked_for_nothing_by_name(void **state)
{
	static const char *const starter[] = { "/usr/bin/sudo", "-n", "--",
					       "/opt/libexec/container" };
	struct fixture x;

	(void)state;
	setup(&x);
	assert_int_equal(render(&x), 0);
	assert_int_equal(x.plan.starter.n, N_ELEMENTS(starter));
	for (size_t i = 0; i < N_ELEMENTS(starter); i++)
		assert_string_equal(x.plan.starter.items[i], starter[i]);
	assert_string_equal(x.plan.argv.items[0], "/usr/bin/systemd-nspawn");
	assert_true(strv_has(&x.plan.argv, "--tmpfs=/dev/shm:nosuid,nodev,mode=1777,size=5m"));
	assert_true(strv_has(&x.plan.argv, "--contained"));
	for (size_t i = 0; i < x.plan.argv.n; i++)
		assert_null(strstr(x.plan.argv.items[i], "/p:q"));
	assert_true(x.plan.blueprint.own_network);
	x.facts.uid = 0;
	x.spec.net.mode = NETWORK_HOST;
	assert_int_equal(render(&x), 0);
	assert_int_equal(x.plan.starter.n, 1);
	assert_false(x.plan.blueprint.own_network);
	arena_done(&x.arena);
}

static void check_refused(struct fixture *x, int want, const char *part)
{
	assert_int_equal(render(x), want);
	if (!strstr(x->e.msg, part))
		fail_msg("'%s' is not in '%s'", part, x->e.msg);
	arena_done(&x->arena);
	setup(x);
}

static void what_is_missing_is_named(void **state)
{
	struct mount device = { .kind = MOUNT_DEVICE, .src = "/dev/dri", .dst = "/dev/dri" };
	struct fixture x;

	(void)state;
	setup(&x);
	x.facts.nspawn = NULL;
	check_refused(&x, -ENOENT, "systemd-container");
	x.facts.sudo = NULL;
	check_refused(&x, -ENOENT, "sudo");
	x.facts.container = NULL;
	check_refused(&x, -ENOENT, "libexec/claude-sandbox/container is missing");
	x.facts.container_is_root = false;
	check_refused(&x, -EPERM, "others than root can change it");
	x.facts.init = NULL;
	check_refused(&x, -ENOENT, "libexec/claude-sandbox/init");
	x.spec.mounts = &device;
	x.spec.n_mounts = 1;
	check_refused(&x, -ENOTSUP, "/dev/dri");
	arena_done(&x.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mount_has_its_row),
		cmocka_unit_test(a_layer_lies_over_the_project),
		cmocka_unit_test(root_is_asked_for_nothing_by_name),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
