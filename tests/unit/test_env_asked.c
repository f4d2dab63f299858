/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for by name: variables to pass, and directories on PATH. */
#include "spec/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "env_world.h"

static void names_in_env(void **state)
{
	struct env_world *w = *state;

	caller_has(w, "MY_VAR=1");
	caller_has(w, "EMPTY=");
	caller_has(w, "PYTHONPATH=/x");
	caller_has(w, "LC_ALL=C");
	strv_add(&w->c.env, "MY_VAR", "EMPTY", "PYTHONPATH", "ABSENT", "LC_ALL");
	must_add_env(w);
	assert_string_equal(value(w, "MY_VAR"), "1");
	assert_string_equal(value(w, "EMPTY"), "");
	assert_string_equal(value(w, "PYTHONPATH"), "/x");
	assert_true(var(w, "MY_VAR")->secret);
	assert_true(var(w, "LC_ALL")->secret);
	assert_null(var(w, "ABSENT"));
	assert_int_equal(w->s.details.n, 1);
	assert_string_equal(w->s.details.items[0], "env: ABSENT is not set, so it is not passed");
}

#define LOADS "makes programs load foreign code"
#define SHELLS "changes what every shell does"
#define REPO "makes git work on another repository"
#define RUNS "makes git or ssh run another program"
#define CONFIG "replaces the git configuration that is shown"
#define OURS "is set by the sandbox"
#define AWAY "would lead the agent away from the ~/.claude that is shown"

/* clang-format off */
static const struct {
	const char *name, *why;
} refused[] = {
	{ "LD_PRELOAD", LOADS }, { "LD_LIBRARY_PATH", LOADS }, { "LD_AUDIT", LOADS }, { "NODE_OPTIONS", LOADS },
	{ "PYTHONSTARTUP", LOADS }, { "PERL5OPT", LOADS }, { "RUBYOPT", LOADS },
	{ "BASH_ENV", SHELLS }, { "ENV", SHELLS }, { "PROMPT_COMMAND", SHELLS }, { "BASH_FUNC_ls%%", SHELLS },
	{ "GIT_CONFIG_GLOBAL", CONFIG }, { "GIT_CONFIG_SYSTEM", CONFIG }, { "GIT_CONFIG_COUNT", CONFIG },
	{ "GIT_CONFIG_KEY_0", CONFIG }, { "GIT_CONFIG_VALUE_0", CONFIG }, { "GIT_TEMPLATE_DIR", CONFIG },
	{ "GIT_DIR", REPO }, { "GIT_WORK_TREE", REPO },
	{ "GIT_EXEC_PATH", RUNS }, { "GIT_SSH", RUNS }, { "GIT_SSH_COMMAND", RUNS }, { "GIT_ASKPASS", RUNS },
	{ "GIT_PROXY_COMMAND", RUNS }, { "CLAUDE_CONFIG_DIR", AWAY },
	{ "PATH", OURS }, { "HOME", OURS }, { "CLAUDE_SANDBOX", OURS }, { "CLAUDE_SANDBOX_LEVEL", OURS },
	{ "SANDBOX", OURS }, { "IS_SANDBOX", OURS }, { "SSH_AUTH_SOCK", OURS },
};
/* clang-format on */

static void check_refused(struct env_world *w, const char *name, int code, const char *want)
{
	struct err e;

	w->c.env = STRV_INIT(&w->a);
	w->s.n_env = 0;
	strv_add(&w->c.env, name);
	assert_int_equal(add_env(w, &e), code);
	assert_string_equal(e.msg, want);
	assert_null(var(w, "LANG")); /* nothing is taken over by half */
}

static void names_in_env_that_are_refused(void **state)
{
	static const char *const invalid[] = { "A=1", "", "1A", "A-B", "A\nB", "\xc3\x84", "A*" };
	struct env_world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(refused); i++)
		check_refused(w, refused[i].name, -EPERM,
			      arena_printf(&w->a,
					   "env: %s cannot be passed: it %s; take it out of 'env'",
					   refused[i].name, refused[i].why));
	for (size_t i = 0; i < N_ELEMENTS(invalid); i++)
		check_refused(
			w, invalid[i], -EINVAL,
			arena_printf(&w->a,
				     "env: '%s' is no name of a variable: letters, digits and "
				     "'_', no digit first, and no value",
				     invalid[i]));
}

static void extra_path(void **state)
{
	struct env_world *w = *state;
	struct err e;

	show(w, MOUNT_RO, "/opt/t/bin");
	show(w, MOUNT_RW, "/home/ann/go");
	strv_add(&w->c.extra_path, "~/go/bin", "/opt/t/bin//", "/opt/gone", "/usr/bin");
	caller_has(w, "CLAUDE_SANDBOX_EXTRA_PATH=/usr/games::~/private");
	must_add_env(w);
	assert_string_equal(
		value(w, "PATH"),
		"/home/ann/.local/bin:/usr/games:/home/ann/go/bin:/opt/t/bin:/usr/bin:"
		"/run/claude-sandbox/bin:/usr/local/bin:/bin:/usr/local/sbin:/usr/sbin");
	assert_int_equal(w->s.notes.n, 2);
	assert_string_equal(
		w->s.notes.items[0],
		"CLAUDE_SANDBOX_EXTRA_PATH: /home/ann/private is not on PATH inside: it does not "
		"exist or is not shown (--extra-ro /home/ann/private shows it)");
	assert_string_equal(
		w->s.notes.items[1],
		"extra_path: /opt/gone is not on PATH inside: it does not exist or is not shown "
		"(--extra-ro /opt/gone shows it)");
	strv_add(&w->c.extra_path, "bin");
	assert_int_equal(add_env(w, &e), -EINVAL);
	assert_string_equal(e.msg,
			    "extra_path: 'bin' is not an absolute path; write it from / or from ~");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_in_env),
		TEST(names_in_env_that_are_refused),
		TEST(extra_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
