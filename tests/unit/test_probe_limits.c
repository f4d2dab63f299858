/* SPDX-License-Identifier: Apache-2.0 */
/* Each way to hold limits, found in trees that look like hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/sysinfo.h>

#include <cmocka.h>

#include "host/probe_parts.h"
#include "tree.h"

#define V2 "sys/fs/cgroup/"
#define MANAGER V2 "user.slice/user-7.slice/user@7.service/"

static struct limit_facts probe(struct tree *t, uid_t uid, const char *runtime)
{
	struct facts f = { .uid = uid, .env = STRV_INIT(&t->arena) };

	if (runtime)
		env_set(&f.env, "XDG_RUNTIME_DIR", at(t, runtime));
	probe_limits(&f, arena_printf(&t->arena, "%s/", t->root), &t->arena);
	return f.limits;
}

static void a_user_manager_with_controllers(void **state)
{
	struct tree *t = *state;
	struct limit_facts l;

	put_file(t, V2 "cgroup.controllers", "cpu io memory pids\n", 0644);
	put_file(t, MANAGER "cgroup.controllers", "memory pids\n", 0644);
	put_file(t, "run/user/7/systemd/private", "", 0600);
	l = probe(t, 7, "run/user/7");
	assert_int_equal(l.way, LIMIT_WAY_SYSTEMD);
	assert_int_equal(l.controllers, 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS);
	assert_string_equal(l.socket, at(t, "run/user/7/systemd/private"));
	assert_null(l.why_not);
	/* Without the variable it is where systemd puts it. */
	assert_int_equal(probe(t, 7, NULL).way, LIMIT_WAY_SYSTEMD);
	assert_int_equal(probe(t, 8, NULL).way, LIMIT_WAY_NONE);
	assert_int_equal(probe(t, 7, "run/elsewhere").way, LIMIT_WAY_NONE);
}

static void a_user_manager_without_controllers_is_none(void **state)
{
	struct tree *t = *state;
	struct limit_facts l;

	put_file(t, V2 "cgroup.controllers", "cpu io memory pids\n", 0644);
	put_file(t, MANAGER "cgroup.controllers", "\n", 0644);
	put_file(t, "run/user/7/systemd/private", "", 0600);
	l = probe(t, 7, "run/user/7");
	assert_int_equal(l.way, LIMIT_WAY_NONE);
	assert_int_equal(l.controllers, 0);
	assert_non_null(strstr(l.why_not, "has not been delegated"));
}

static void the_manager_of_the_machine_is_roots(void **state)
{
	struct tree *t = *state;

	put_file(t, V2 "cgroup.controllers", "cpu io memory pids\n", 0644);
	put_file(t, "run/systemd/private", "", 0600);
	assert_int_equal(probe(t, 0, NULL).way, LIMIT_WAY_SYSTEMD);
	assert_int_equal(probe(t, 0, NULL).controllers,
			 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS | 1U << LIMIT_CPU);
	assert_int_equal(probe(t, 7, NULL).way, LIMIT_WAY_NONE);
}

static void a_delegated_group_or_the_one_above(void **state)
{
	struct tree *t = *state;
	struct limit_facts l;

	put_file(t, V2 "cgroup.controllers", "cpu io memory pids\n", 0644);
	put_file(t, "proc/self/cgroup", "0::/a/own\n", 0644);
	put_file(t, V2 "a/own/cgroup.subtree_control", "\n", 0644);
	put_file(t, V2 "a/own/cgroup.procs", "", 0644);
	put_file(t, V2 "a/cgroup.procs", "", 0644);
	put_file(t, V2 "a/cgroup.subtree_control", "\n", 0644);
	assert_int_equal(probe(t, 7, NULL).way, LIMIT_WAY_NONE);

	put_file(t, V2 "a/cgroup.subtree_control", "memory pids\n", 0644);
	l = probe(t, 7, NULL);
	assert_int_equal(l.way, LIMIT_WAY_CGROUP2);
	assert_string_equal(l.dirs[0], at(t, V2 "a"));
	assert_int_equal(l.controllers, 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS);

	put_file(t, V2 "a/own/cgroup.subtree_control", "memory pids cpu\n", 0644);
	l = probe(t, 7, NULL);
	assert_string_equal(l.dirs[0], at(t, V2 "a/own"));
	assert_int_equal(l.controllers, 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS | 1U << LIMIT_CPU);

	/* Nobody may move processes into it. */
	(void)unlink(at(t, V2 "a/own/cgroup.procs"));
	assert_string_equal(probe(t, 7, NULL).dirs[0], at(t, V2 "a"));
}

static void version_1_is_for_root(void **state)
{
	struct tree *t = *state;
	struct limit_facts l;

	put_file(t, "proc/self/cgroup", "4:memory:/box\n3:pids:/\n2:cpu,cpuacct:/gone\n0::/\n",
		 0644);
	put_file(t, V2 "memory/box/cgroup.procs", "", 0644);
	put_file(t, V2 "memory/memory.limit_in_bytes", "9223372036854771712\n", 0644);
	put_file(t, V2 "pids/cgroup.procs", "", 0644);
	put_file(t, V2 "cpu/cgroup.procs", "", 0644);
	l = probe(t, 0, NULL);
	assert_int_equal(l.way, LIMIT_WAY_CGROUP1);
	assert_int_equal(l.controllers, 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS | 1U << LIMIT_CPU);
	assert_string_equal(l.dirs[LIMIT_MEMORY], at(t, V2 "memory/box"));
	assert_string_equal(l.dirs[LIMIT_PIDS], at(t, V2 "pids"));
	assert_string_equal(l.dirs[LIMIT_CPU], at(t, V2 "cpu")); /* its own is not in sight */

	l = probe(t, 7, NULL);
	assert_int_equal(l.way, LIMIT_WAY_NONE);
	assert_non_null(strstr(l.why_not, "which are root's"));
}

static void no_groups_at_all(void **state)
{
	struct tree *t = *state;

	put_dir(t, "sys/fs/cgroup");
	assert_int_equal(probe(t, 0, NULL).way, LIMIT_WAY_NONE);
	assert_non_null(probe(t, 0, NULL).why_not);
	assert_non_null(probe(t, 7, NULL).why_not);
}

static void a_container_has_less_memory(void **state)
{
	struct tree *t = *state;
	struct sysinfo info;

	assert_int_equal(sysinfo(&info), 0);
	put_file(t, V2 "cgroup.controllers", "memory\n", 0644);
	assert_int_equal(probe(t, 7, NULL).memory_mib, info.totalram * info.mem_unit >> 20);
	assert_true(probe(t, 7, NULL).cpus > 0);
	put_file(t, V2 "memory.max", "max\n", 0644);
	assert_int_equal(probe(t, 7, NULL).memory_mib, info.totalram * info.mem_unit >> 20);
	put_file(t, V2 "memory.max", "104857600\n", 0644);
	assert_int_equal(probe(t, 7, NULL).memory_mib, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_user_manager_with_controllers, tree_enter,
						tree_leave),
		cmocka_unit_test_setup_teardown(a_user_manager_without_controllers_is_none,
						tree_enter, tree_leave),
		cmocka_unit_test_setup_teardown(the_manager_of_the_machine_is_roots, tree_enter,
						tree_leave),
		cmocka_unit_test_setup_teardown(a_delegated_group_or_the_one_above, tree_enter,
						tree_leave),
		cmocka_unit_test_setup_teardown(version_1_is_for_root, tree_enter, tree_leave),
		cmocka_unit_test_setup_teardown(no_groups_at_all, tree_enter, tree_leave),
		cmocka_unit_test_setup_teardown(a_container_has_less_memory, tree_enter,
						tree_leave),
	};

	return cmocka_run_group_tests_name("probe_limits", tests, NULL, NULL);
}
