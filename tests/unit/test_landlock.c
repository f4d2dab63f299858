/* SPDX-License-Identifier: Apache-2.0 */
/* The rules as data: what each kernel holds, and what each mount is worth. */
#include "spec/landlock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/landlock.h"
#include "spec/spec.h"

static const struct mount mounts[] = {
	{ .kind = MOUNT_DEV, .dst = "/dev" },
	{ .kind = MOUNT_TMPFS, .dst = "/dev/shm" },
	{ .kind = MOUNT_DIR, .dst = "/etc" },
	{ .kind = MOUNT_TEXT, .dst = "/etc/passwd" },
	{ .kind = MOUNT_TMPFS, .dst = "/home/u" },
	{ .kind = MOUNT_COPY, .dst = "/home/u/.claude.json" },
	{ .kind = MOUNT_RO, .dst = "/home/u/.ssh" },
	{ .kind = MOUNT_SYMLINK, .dst = "/lib" },
	{ .kind = MOUNT_PROC, .dst = "/proc" },
	{ .kind = MOUNT_MASK, .dst = "/proc/keys" },
	{ .kind = MOUNT_TMPFS, .dst = "/run" },
	{ .kind = MOUNT_DIR, .dst = "/run/claude-sandbox/bin" },
	{ .kind = MOUNT_DIR, .dst = "/run/user/1000" },
	{ .kind = MOUNT_RW, .dst = "/srv/p" },
	{ .kind = MOUNT_RO, .dst = "/usr" },
};

static void build(int abi, struct arena *a, struct landlock *ret)
{
	const struct facts f = { .landlock_abi = abi };

	landlock_build(&f, mounts, N_ELEMENTS(mounts), a, ret);
}

static void each_kernel_is_asked_for_what_it_knows(void **state)
{
	static const struct {
		int kernel, used;
		uint64_t fs, scoped;
		uint32_t flags;
		size_t n_lacks;
	} rows[] = {
		{ 0, 0, 0, 0, 0, 5 },      { 1, 0, 0, 0, 0, 5 },      { 2, 2, 0x3fff, 0, 0, 4 },
		{ 3, 3, 0x7fff, 0, 0, 3 }, { 4, 3, 0x7fff, 0, 0, 3 }, { 5, 5, 0xffff, 0, 0, 2 },
		{ 6, 6, 0xffff, 1, 0, 1 }, { 7, 7, 0xffff, 1, 4, 0 }, { 10, 7, 0xffff, 1, 4, 0 },
	};
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct strv holds = STRV_INIT(&a);
		struct strv lacks = STRV_INIT(&a);
		struct landlock l;

		build(rows[i].kernel, &a, &l);
		assert_int_equal(l.abi, rows[i].used);
		assert_int_equal(l.fs, rows[i].fs);
		assert_int_equal(l.scoped, rows[i].scoped);
		assert_int_equal(l.flags, rows[i].flags);
		assert_int_equal(l.n_rules > 0, rows[i].used > 0);
		landlock_describe(&l, &holds, &lacks);
		assert_int_equal(lacks.n, rows[i].n_lacks);
		assert_int_equal(holds.n, 5 - rows[i].n_lacks);
		for (unsigned g = 0; g < N_LANDLOCK_GRANTS; g++)
			assert_int_equal(landlock_rights(&l, g) & ~l.fs, 0);
	}
}

static void each_mount_gives_what_it_is(void **state)
{
	static const struct landlock_rule want[] = {
		{ "/", LANDLOCK_READ },
		{ "/dev/null", LANDLOCK_DEVICE },
		{ "/dev/zero", LANDLOCK_DEVICE },
		{ "/dev/full", LANDLOCK_DEVICE },
		{ "/dev/random", LANDLOCK_DEVICE },
		{ "/dev/urandom", LANDLOCK_DEVICE },
		{ "/dev/tty", LANDLOCK_DEVICE },
		{ "/dev/ptmx", LANDLOCK_DEVICE },
		{ "/dev/pts", LANDLOCK_DEVICE },
		{ "/dev/shm", LANDLOCK_WRITE },
		{ "/home/u", LANDLOCK_WRITE },
		{ "/proc", LANDLOCK_PROCESS },
		{ "/run/user/1000", LANDLOCK_WRITE },
		{ "/srv/p", LANDLOCK_WRITE },
	};
	auto_arena struct arena a = ARENA_INIT;
	struct landlock l;

	(void)state;
	build(7, &a, &l);
	for (size_t i = 0; i < l.n_rules && i < N_ELEMENTS(want); i++) {
		assert_string_equal(l.rules[i].path, want[i].path);
		assert_int_equal(l.rules[i].grant, want[i].grant);
	}
	assert_int_equal(l.n_rules, N_ELEMENTS(want));
}

static void no_grant_makes_a_device(void **state)
{
	const uint64_t nodes = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
	const uint64_t writes = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
	auto_arena struct arena a = ARENA_INIT;
	struct landlock l;

	(void)state;
	build(7, &a, &l);
	assert_int_equal(l.fs & nodes, nodes);
	for (unsigned g = 0; g < N_LANDLOCK_GRANTS; g++)
		assert_int_equal(landlock_rights(&l, g) & nodes, 0);
	assert_int_equal(landlock_rights(&l, LANDLOCK_READ) & writes, 0);
	assert_int_equal(landlock_rights(&l, LANDLOCK_WRITE) & LANDLOCK_ACCESS_FS_IOCTL_DEV, 0);
	assert_int_equal(landlock_rights(&l, LANDLOCK_PROCESS) & LANDLOCK_ACCESS_FS_MAKE_REG, 0);
	/* Without it every rename into another directory is EXDEV. */
	assert_true(landlock_rights(&l, LANDLOCK_WRITE) & LANDLOCK_ACCESS_FS_REFER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kernel_is_asked_for_what_it_knows),
		cmocka_unit_test(each_mount_gives_what_it_is),
		cmocka_unit_test(no_grant_makes_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
