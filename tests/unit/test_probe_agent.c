/* SPDX-License-Identifier: Apache-2.0 */
/* Where the agent is looked for, and where it is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/probe_parts.h"
#include "tree.h"

#define FETCHED "home/.local/share/claude-sandbox/agents/claude/node_modules"

/* The tree's "home" and "project", and an environment with HOME and what is added. */
static struct facts facts_of(struct tree *t)
{
	struct facts f = { .arch = "x86_64", .env = STRV_INIT(&t->arena) };

	f.home = put_dir(t, "home");
	f.project = put_dir(t, "project");
	env_set(&f.env, "HOME", f.home);
	return f;
}

static void npmrc_table(void **state)
{
	struct tree *t = *state;
	const struct {
		const char *text, *want;
	} cases[] = {
		{ "", NULL },
		{ "prefix=/opt/npm", "/opt/npm" },
		{ "a=b\n  prefix = \"/opt/n m\"  \r\nc=d\n", "/opt/n m" },
		{ "prefix=~/.npm", "/h/.npm" },
		{ "prefix=${HOME}/n", "/h/n" },
		{ "prefix='/q'", "/q" },
		{ "prefix=relative", NULL },
		{ "prefix=", NULL },
		{ "prefix", NULL },
		{ "prefix=\"", NULL },
		{ "prefixes=/x\n#prefix=/y\n;prefix=/z", NULL },
		{ "prefix=/one\nprefix=/two\n", "/two" },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const char *got = npmrc_prefix(cases[i].text, "/h", &t->arena);

		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
	}
}

static struct agent_fact agent_of(struct tree *t, const struct facts *f)
{
	struct agent_fact found = { .name = NULL };

	assert_int_equal(probe_agent(f, "claude", &t->arena, &found, &t->e), 0);
	assert_string_equal(found.name, "claude");
	return found;
}

static void agent_is(struct tree *t, const struct facts *f, const char *program, const char *real)
{
	struct agent_fact found = agent_of(t, f);

	assert_non_null(found.program);
	assert_string_equal(found.program, program);
	assert_string_equal(found.real, real);
}

/* Nothing of the tree was taken; the host itself may have an agent in /usr. */
static void agent_is_not_ours(struct tree *t, const struct facts *f)
{
	struct agent_fact found = agent_of(t, f);

	assert_true(!found.program || strncmp(found.program, "/usr/", 5) == 0);
}

static void agent_unknown(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	struct agent_fact found;

	assert_int_equal(probe_agent(&f, "clod", &t->arena, &found, &t->e), -EINVAL);
	assert_string_equal(t->e.msg, "unknown agent 'clod'; known: claude");
	agent_is_not_ours(t, &f);
}

static void agent_on_path(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *real = put_file(t, "share/versions/1", "", 0755);
	const char *link = put_link(t, "two/claude", "../share/versions/1");

	put_file(t, "one/claude", "", 0644); /* not executable */
	put_dir(t, "zero/claude");
	put_file(t, "home/.local/bin/claude", "", 0755);
	env_set(&f.env, "PATH",
		arena_printf(&t->arena, ":bin::%s:%s:%s", at(t, "zero"), at(t, "one"),
			     at(t, "two")));
	agent_is(t, &f, link, real);
}

static void agent_never_from_the_project(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);

	put_file(t, "project/bin/claude", "", 0755);
	put_link(t, "bin", "project/bin");                    /* a directory that leads into it */
	put_link(t, "links/claude", "../project/bin/claude"); /* a file that does */
	put_file(t, "elsewhere/claude", "", 0755);
	put_link(t, "project/out", "../elsewhere"); /* a name in it that leads out */
	assert_int_equal(chdir(f.project), 0);
	env_set(&f.env, "PATH",
		arena_printf(&t->arena, "bin:./bin:%s:%s:%s:%s", at(t, "project/bin"), at(t, "bin"),
			     at(t, "links"), at(t, "project/out")));
	agent_is_not_ours(t, &f);
	put_file(t, "project/lib/claude", "", 0755);
	put_link(t, "project/swap/claude", "../../elsewhere/claude");
	put_link(t, "swap",
		 "project/swap"); /* what it holds leads out, but the project can turn it */
	env_set(&f.env, "PATH", at(t, "swap"));
	agent_is_not_ours(t, &f);
	assert_int_equal(chdir("/"), 0);
}

static void agent_is_not_ourselves(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);

	f.exe = put_file(t, "opt/bin/claude-sandbox", "", 0755);
	put_link(t, "path/claude", "../opt/bin/claude-sandbox");
	put_file(t, "opt/libexec/claude-sandbox/bin/claude", "", 0755);
	env_set(&f.env, "PATH",
		arena_printf(&t->arena, "%s:%s", at(t, "path"),
			     at(t, "opt/libexec/claude-sandbox/bin")));
	agent_is_not_ours(t, &f);
	put_file(t, "opt/bin/claude", "", 0755); /* another program beside ours is welcome */
	env_set(&f.env, "PATH", at(t, "opt/bin"));
	agent_is(t, &f, at(t, "opt/bin/claude"), at(t, "opt/bin/claude"));
}

static void agent_in_usual_places(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *const places[] = {
		/* weakest first: each one hides those before it */
		FETCHED "/.bin/claude",
		FETCHED "/@anthropic-ai/claude-code-linux-x64/claude",
		"home/.nvm/versions/node/v9.0.0/bin/claude",
		"home/.nvm/versions/node/v20.1.0/bin/claude",
		"home/.npm-global/bin/claude",
		"home/from-npmrc/bin/claude",
		"home/.claude/local/claude",
		"home/.local/bin/claude",
	};

	put_file(t, "home/.npmrc", "prefix = ${HOME}/from-npmrc\n", 0600);
	put_dir(t, "home/.nvm/versions/node/v21.0.0/bin"); /* the newest has none */
	for (size_t i = 0; i < N_ELEMENTS(places); i++) {
		if (access("/usr/bin/claude", X_OK) == 0 ||
		    access("/usr/local/bin/claude", X_OK) == 0)
			i = N_ELEMENTS(places) - 1; /* this host's own comes before the others */
		const char *path = put_file(t, places[i], "", 0755);

		agent_is(t, &f, path, path);
	}
	env_set(&f.env, "NPM_CONFIG_PREFIX", at(t, "prefix"));
	put_file(t, "prefix/bin/claude", "", 0755);
	assert_int_equal(unlink(at(t, "home/.local/bin/claude")), 0);
	(void)unlink(at(t, "home/.claude/local/claude"));
	agent_is(t, &f, at(t, "prefix/bin/claude"), at(t, "prefix/bin/claude"));
}

/* npm's main package may hold a stub: the package with the native program is preferred. */
static void agent_native(void **state)
{
	static const char native[] = "node_modules/@anthropic-ai/claude-code-linux-x64/claude";
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *package = "g/lib/node_modules/@anthropic-ai/claude-code";
	const char *stub = put_file(
		t, "g/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe", "#!", 0755);
	const char *program = put_link(
		t, "g/bin/claude", "../lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe");
	const char *beside;
	const char *inside;

	env_set(&f.env, "PATH", at(t, "g/bin"));
	agent_is(t, &f, program, stub);
	beside = put_file(t, arena_printf(&t->arena, "g/lib/%s", native), "", 0755);
	agent_is(t, &f, program, beside);
	inside = put_file(t, arena_printf(&t->arena, "%s/%s", package, native), "", 0755);
	agent_is(t, &f, program, inside);
	f.arch = "riscv64";
	agent_is(t, &f, program, stub);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_enter, tree_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(npmrc_table),
		TEST(agent_unknown),
		TEST(agent_on_path),
		TEST(agent_never_from_the_project),
		TEST(agent_is_not_ourselves),
		TEST(agent_in_usual_places),
		TEST(agent_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
