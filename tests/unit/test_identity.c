/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/hash.h"
#include "base/path.h"

static struct facts facts_of(struct arena *a, uid_t uid, gid_t gid, const char *user)
{
	struct facts f = { .uid = uid,
			   .gid = gid,
			   .user = user,
			   .group = user,
			   .home = "/home/ann",
			   .project = "/home/ann/my proj",
			   .state_root = "/home/ann/.local/state/claude-sandbox",
			   .machine_id = "0123456789abcdef0123456789abcdef" };

	facts_add_path(&f, a, (struct path_fact){ .path = "/bin/bash", .kind = PATH_FILE });
	return f;
}

static void passwd_and_group(void **state)
{
	static const char nobody[] = "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
	static const char root[] = "root:x:0:0:root:/root:/bin/sh\n";
	static const struct {
		uid_t uid;
		gid_t gid;
		const char *user, *before, *line, *after, *group;
	} rows[] = {
		{ 1000, 100, "ann", root, "ann:x:1000:100::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\nann:x:100:\nnogroup:x:65534:\n" },
		{ 0, 0, "root", "", "root:x:0:0::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\nnogroup:x:65534:\n" },
		{ 65534, 65534, "nobody", root, "nobody:x:65534:65534::/home/ann:/bin/bash\n", "",
		  "root:x:0:\nnobody:x:65534:\n" },
		/* A name that is somebody else's, none, and hostile ones. */
		{ 1000, 100, "root", root, "user:x:1000:100::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\nuser:x:100:\nnogroup:x:65534:\n" },
		{ 1000, 100, NULL, root, "user:x:1000:100::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\nuser:x:100:\nnogroup:x:65534:\n" },
		{ 1000, 100, "", root, "user:x:1000:100::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\nuser:x:100:\nnogroup:x:65534:\n" },
		{ 1000, 100, "a:0:0\nb", root, "a_0_0_b:x:1000:100::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\na_0_0_b:x:100:\nnogroup:x:65534:\n" },
		{ 1000, 100, "-x/y z", root, "_x_y_z:x:1000:100::/home/ann:/bin/bash\n", nobody,
		  "root:x:0:\n_x_y_z:x:100:\nnogroup:x:65534:\n" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct facts f = facts_of(&a, rows[i].uid, rows[i].gid, rows[i].user);

		assert_string_equal(
			identity_passwd(&f, &a),
			arena_printf(&a, "%s%s%s", rows[i].before, rows[i].line, rows[i].after));
		assert_string_equal(identity_group(&f, &a), rows[i].group);
	}
}

static void a_hostile_home_stays_one_field(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct facts f = facts_of(&a, 1000, 100, "ann");

	(void)state;
	f.home = "/home/x:y\nroot2::0:0::/:/bin/sh";
	assert_string_equal(identity_passwd(&f, &a),
			    "root:x:0:0:root:/root:/bin/sh\n"
			    "ann:x:1000:100::/home/x_y_root2__0_0__/_/bin/sh:/bin/bash\n"
			    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
}

static void without_bash_the_shell_is_sh(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct facts f = facts_of(&a, 1000, 100, "ann");

	(void)state;
	f.n_paths = 0;
	assert_non_null(strstr(identity_passwd(&f, &a), "ann:x:1000:100::/home/ann:/bin/sh\n"));
}

static void machine_id(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct facts f = facts_of(&a, 1000, 100, "ann");
	const char *id = identity_machine_id(&f, &a);

	(void)state;
	assert_int_equal(strlen(id), 33);
	assert_int_equal(strspn(id, "0123456789abcdef"), 32);
	assert_int_equal(id[32], '\n');
	assert_int_equal(id[12], '4'); /* as a random UUID has it */
	assert_string_equal(identity_machine_id(&f, &a), id);
	assert_null(strstr(id, f.machine_id));

	f.project = "/home/ann/other";
	assert_string_not_equal(identity_machine_id(&f, &a), id);
	f.project = "/home/ann/my proj";
	f.machine_id = "f123456789abcdef0123456789abcdef";
	assert_string_not_equal(identity_machine_id(&f, &a), id);
	f.machine_id = NULL;
	assert_int_equal(strlen(identity_machine_id(&f, &a)), 33);
}

/* The digests are what "echo PATH | sha256sum" prints. */
static void state_dir(void **state)
{
	static const struct {
		const char *project, *want;
	} rows[] = {
		{ "/home/ann/my proj", "my-proj-ac5521d7fb6f" },
		{ "/a/b.c_d-e", "b.c_d-e-f4093ab3e1e8" },
		{ "/a/\xc3\xa4\n:", "-----f1071bb03ffa" },
		{ "/", "--f465c3739385" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct facts f = facts_of(&a, 1000, 100, "ann");

		f.project = rows[i].project;
		assert_string_equal(identity_state_dir(&f, &a),
				    arena_printf(&a, "%s/projects/%s", f.state_root, rows[i].want));
	}
}

static void a_long_name_still_fits_a_directory(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct facts f = facts_of(&a, 1000, 100, "ann");
	char *project = arena_alloc(&a, 257);

	(void)state;
	memset(project, 'x', 256);
	project[0] = '/';
	f.project = project;
	assert_int_equal(strlen(path_base(identity_state_dir(&f, &a))), 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwd_and_group),
		cmocka_unit_test(a_hostile_home_stays_one_field),
		cmocka_unit_test(without_bash_the_shell_is_sh),
		cmocka_unit_test(machine_id),
		cmocka_unit_test(state_dir),
		cmocka_unit_test(a_long_name_still_fits_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
