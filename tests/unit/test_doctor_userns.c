/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says about bubblewrap and user namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor_bench.h"

static void sysctls(void **state)
{
	struct tree *t = *state;

	assert_null(sysctl_read(t->root, "user/max_user_namespaces", &t->arena));
	put_file(t, "proc/sys/user/max_user_namespaces", "123\n", 0644);
	assert_string_equal(sysctl_read(t->root, "user/max_user_namespaces", &t->arena), "123");
}

static void why_no_userns(void **state)
{
	static const struct {
		const char *file, *bad, *good, *check;
		bool binds_root;
	} cases[] = {
		{ "proc/sys/user/max_user_namespaces", "0\n", "99\n", "user.max_user_namespaces",
		  true },
		{ "proc/sys/kernel/unprivileged_userns_clone", "0\n", "1\n",
		  "kernel.unprivileged_userns_clone", false },
		{ "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "0\n",
		  "kernel.apparmor_restrict_unprivileged_userns", false },
	};
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	b.f.bwrap = "/usr/bin/bwrap";
	b.d.userns_error = "bwrap: no";
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		is(check(&b, cases[i].check), FINDING_PASS, "no such setting", NULL);
		put_file(t, cases[i].file, cases[i].bad, 0644);
		is(check(&b, "user namespaces"), FINDING_FAIL, cases[i].check, "sudo");
		is(check(&b, cases[i].check), FINDING_FAIL, cases[i].check, "sudo");
		b.f.uid = 0;
		is(check(&b, "user namespaces"), FINDING_FAIL,
		   cases[i].binds_root ? cases[i].check : "do not work here (bwrap: no)", "");
		b.f.uid = 1000;
		b.d.userns_error = NULL;
		is(check(&b, "user namespaces"), FINDING_PASS, "", NULL);
		is(check(&b, cases[i].check), FINDING_PASS, "does not bind", NULL);
		b.d.userns_error = "bwrap: no";
		put_file(t, cases[i].file, cases[i].good, 0644);
		is(check(&b, cases[i].check), FINDING_PASS, "", NULL);
	}
	is(check(&b, "user namespaces"), FINDING_FAIL, "do not work here (bwrap: no)", "container");
	is(check(&b, "isolation"), FINDING_WARN, "user namespaces do not work", "first");
}

static void userns_tried(void **state)
{
	struct tree *t = *state;

	assert_null(userns_try(NULL, &t->arena));
	assert_null(userns_try(put_program(t, "works", "", 0), &t->arena));
	assert_string_equal(
		userns_try(put_program(t, "fails", "bwrap: no permission", 1), &t->arena),
		"bwrap: no permission");
	assert_string_equal(userns_try(put_program(t, "mute", "", 3), &t->arena), "exit status 3");
	assert_non_null(strstr(userns_try(at(t, "absent"), &t->arena), "No such file"));
}

static void versions(void **state)
{
	static const struct {
		const char *says;
		enum finding_result result;
		const char *detail, *remedy;
	} cases[] = {
		{ "bubblewrap 0.4.1", FINDING_FAIL, "0.4.1 is too old", "newer" },
		{ "bubblewrap 0.8.0", FINDING_PASS, "CVE-2026-87766", NULL },
		{ "bubblewrap 0.10.0", FINDING_PASS, "CVE-2026-87766", NULL },
		{ "bubblewrap 0.12.0", FINDING_PASS, "0.12.0", NULL },
		{ "something else", FINDING_FAIL, "does not tell its version: something else",
		  "reinstall" },
	};
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	is(check(&b, "bubblewrap version"), FINDING_WARN, "not tried", "apt install bubblewrap");
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		b.f.bwrap = put_program(t, "bwrap", cases[i].says, 0);
		is(check(&b, "bubblewrap version"), cases[i].result, cases[i].detail,
		   cases[i].remedy);
	}
	assert_null(strstr(check(&b, "bubblewrap version").detail, "CVE"));
	is(check(&b, "bubblewrap mode"), FINDING_PASS, "not setuid", NULL);
	assert_int_equal(chmod(b.f.bwrap, 04755), 0);
	is(check(&b, "bubblewrap mode"), FINDING_WARN, "CVE-2026-41163", "chmod ug-s");
	is(check(&b, "bubblewrap"), FINDING_PASS, b.f.bwrap, NULL);
}

static void isolation(void **state)
{
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	b.f.bwrap = put_program(t, "bwrap", "bwrap: Unknown option --disable-userns", 1);
	is(check(&b, "isolation"), FINDING_FAIL, "Unknown option --disable-userns", "0.8.0");
	b.f.bwrap = put_program(t, "bwrap", "", 0);
	is(check(&b, "isolation"), FINDING_PASS, "", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sysctls),  TEST(why_no_userns), TEST(userns_tried),
		TEST(versions), TEST(isolation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
