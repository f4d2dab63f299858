/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/planted.h"

static void names(void **state)
{
	static const struct {
		const char *path;
		const char *pattern; /* NULL: nobody's */
	} rows[] = {
		{ ".envrc", ".envrc" },
		{ "a/b/.envrc", ".envrc" },
		{ ".ENVRC", ".envrc" },
		{ ".envrc/x", ".envrc" },
		{ ".envrc2", NULL },
		{ "x.envrc", NULL },
		{ ".vscode", ".vscode" },
		{ ".vscode/tasks.json", ".vscode" },
		{ "sub/.VSCode/a/b", ".vscode" },
		{ ".claude", NULL },
		{ ".claude/settings.json", ".claude/settings*.json" },
		{ ".claude/settings.local.json", ".claude/settings*.json" },
		{ ".claude/worktrees/x/code.c", NULL },
		{ "claude/settings.json", NULL },
		{ "settings.json", NULL },
		{ "p/w.code-workspace", "*.code-workspace" },
		{ "Makefile", "*makefile" },
		{ "GNUmakefile", "*makefile" },
		{ "src/package.json", "package.json" },
		{ "package.jsonx", NULL },
		{ ".github/workflows/ci.yml", ".github/workflows" },
		{ ".github", NULL },
		{ ".config/mise/config.toml", ".config/mise*" },
		{ ".config/other", NULL },
		{ "code.c", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const struct planted_name *row = planted_find(rows[i].path, NULL);

		if (!rows[i].pattern) {
			assert_null(row);
			continue;
		}
		assert_non_null(row);
		assert_string_equal(row->pattern, rows[i].pattern);
	}
}

static void git_places(void **state)
{
	static const struct {
		const char *path;
		const char *rest;
		enum git_place place;
	} rows[] = {
		{ ".git", NULL, GIT_DIR },
		{ "a/.GIT", NULL, GIT_DIR },
		{ ".git/config", NULL, GIT_CONFIG },
		{ "a/b/.git/CONFIG", NULL, GIT_CONFIG },
		{ ".git/config.lock", NULL, GIT_NOTHING },
		{ ".git/config.worktree", NULL, GIT_CONFIG },
		{ ".git/hooks", NULL, GIT_KEPT_DIR },
		{ ".git/hooks/pre-commit", NULL, GIT_REFUSED },
		{ ".git/hooks/pre-commit.sample", NULL, GIT_NOTHING },
		{ ".git/hooks/d/x.sample", NULL, GIT_REFUSED },
		{ ".git/info/attributes", NULL, GIT_REFUSED },
		{ ".git/info/exclude", NULL, GIT_NOTHING },
		{ ".git/info", NULL, GIT_KEPT_DIR },
		{ ".git/worktrees/w/config.worktree", NULL, GIT_CONFIG },
		{ ".git/worktrees/w/commondir", NULL, GIT_NOTHING },
		{ ".git/commondir", NULL, GIT_REFUSED },
		/* Branches of such names. */
		{ ".git/refs/heads/hooks/config", NULL, GIT_NOTHING },
		{ ".git/logs/refs/heads/config", NULL, GIT_NOTHING },
		{ ".git/modules/m/config", "config", GIT_CONFIG },
		{ ".git/modules/m/hooks/post-checkout", "hooks/post-checkout", GIT_REFUSED },
		{ "bare/hooks/x", "hooks/x", GIT_REFUSED },
		{ "bare/config", "config", GIT_CONFIG },
		{ "config", NULL, GIT_NOTHING },
		{ "hooks/x", NULL, GIT_NOTHING },
		{ ".gitignore", NULL, GIT_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		assert_int_equal(planted_git_place(rows[i].path, rows[i].rest, NULL),
				 rows[i].place);
}

static void allowed(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv list = STRV_INIT(&a);

	(void)state;
	strv_add(&list, ".envrc", "tools/.vscode", ".git/hooks");
	assert_null(planted_find("x/.envrc", &list));
	assert_null(planted_find("tools/.vscode/tasks.json", &list));
	assert_non_null(planted_find(".vscode/tasks.json", &list));
	assert_int_equal(planted_git_place(".git/hooks/pre-commit", NULL, &list), GIT_NOTHING);
	assert_int_equal(planted_git_place(".git/config", NULL, &list), GIT_CONFIG);
}

static void prefixes(void **state)
{
	(void)state;
	assert_true(planted_is_prefix(".claude", false));
	assert_true(planted_is_prefix("a/.Yarn", false));
	assert_false(planted_is_prefix("src", false));
	assert_false(planted_is_prefix(".github", false));
	assert_true(planted_is_prefix(".github", true));
	assert_false(planted_is_prefix(".claude/x", false));
}

static void every_row_is_found_by_its_own_pattern(void **state)
{
	(void)state;
	for (const struct planted_name *row = planted_names; row->pattern; row++) {
		assert_non_null(planted_find(row->pattern, NULL));
		assert_true(strlen(row->pattern) < 64);
		assert_true(row->class < N_PLANTED_CLASSES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(git_places),
		cmocka_unit_test(allowed),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(every_row_is_found_by_its_own_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
