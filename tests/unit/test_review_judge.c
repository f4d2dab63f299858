/* SPDX-License-Identifier: Apache-2.0 */
/* What a file of a layer means, and what may reach the project, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/auto.h"
#include "border/review.h"

#define FILE_644                                         \
	{                                                \
		.is_there = true, .mode = S_IFREG | 0644 \
	}
#define DIR_755                                          \
	{                                                \
		.is_there = true, .mode = S_IFDIR | 0755 \
	}
#define LINK_TO(text)                                                    \
	{                                                                \
		.is_there = true, .mode = S_IFLNK | 0777, .link = (text) \
	}
#define WHITEOUT                                                       \
	{                                                              \
		.is_there = true, .mode = S_IFCHR, .is_whiteout = true \
	}
#define NOTHING                   \
	{                         \
		.is_there = false \
	}

static void kinds(void **state)
{
	static const struct {
		struct review_side layer, host;
		enum review_kind want;
	} rows[] = {
		{ FILE_644, NOTHING, REVIEW_ADDED },
		{ FILE_644, FILE_644, REVIEW_MODIFIED },
		{ FILE_644, DIR_755, REVIEW_REPLACED },
		{ DIR_755, FILE_644, REVIEW_REPLACED },
		{ DIR_755, LINK_TO("x"), REVIEW_REPLACED },
		{ DIR_755, DIR_755, REVIEW_SAME },
		{ DIR_755, { .is_there = true, .mode = S_IFDIR | 0700 }, REVIEW_MODE },
		{ LINK_TO("x"), LINK_TO("x"), REVIEW_SAME },
		{ LINK_TO("x"), LINK_TO("y"), REVIEW_MODIFIED },
		{ WHITEOUT, NOTHING, REVIEW_SAME },
		{ WHITEOUT, FILE_644, REVIEW_DELETED },
		{ WHITEOUT, DIR_755, REVIEW_DELETED },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		assert_int_equal(review_compare(&rows[i].layer, &rows[i].host), rows[i].want);
}

static const struct {
	const char *path;
	struct review_side layer, host;
	bool is_conflict;
	enum review_answer want;
} answer_rows[] = {
	{ "a", FILE_644, NOTHING, false, REVIEW_FREE },
	{ "a", FILE_644, FILE_644, true, REVIEW_BY_NAME },
	{ "a", WHITEOUT, FILE_644, true, REVIEW_BY_NAME },
	{ "a", WHITEOUT, FILE_644, false, REVIEW_FREE },
	{ "a", FILE_644, DIR_755, false, REVIEW_BY_NAME },
	{ "a", { .is_there = true, .mode = S_IFREG | 04755 }, NOTHING, false, REVIEW_NEVER },
	{ "a", { .is_there = true, .mode = S_IFREG | 02755 }, FILE_644, false, REVIEW_NEVER },
	{ "a", { .is_there = true, .mode = S_IFBLK | 0600 }, NOTHING, false, REVIEW_NEVER },
	{ "a",
	  { .is_there = true, .mode = S_IFCHR | 0600, .rdev = 1 },
	  NOTHING,
	  false,
	  REVIEW_NEVER },
	{ "a", { .is_there = true, .mode = S_IFIFO | 0600 }, NOTHING, false, REVIEW_SKIPPED },
	{ "a", { .is_there = true, .mode = S_IFSOCK | 0600 }, NOTHING, false, REVIEW_SKIPPED },
	{ "a",
	  { .is_there = true, .mode = S_IFREG | 0600, .has_strange_mark = true },
	  NOTHING,
	  false,
	  REVIEW_NEVER },
	{ "a",
	  { .is_there = true, .mode = S_IFDIR, .is_closed = true },
	  NOTHING,
	  false,
	  REVIEW_NEVER },
	{ "a", LINK_TO("b"), NOTHING, false, REVIEW_FREE },
	{ "a", LINK_TO("/etc/passwd"), NOTHING, false, REVIEW_BY_NAME },
	{ "a", LINK_TO("../x"), NOTHING, false, REVIEW_BY_NAME },
	{ "a/b", LINK_TO("../x"), NOTHING, false, REVIEW_FREE },
	{ "a/b", LINK_TO("../../x"), NOTHING, false, REVIEW_BY_NAME },
	{ "a/b", LINK_TO(".//../x"), NOTHING, false, REVIEW_FREE },
	{ "a/b", LINK_TO("c/../x"), NOTHING, false, REVIEW_BY_NAME },
	{ ".git/hooks/pre-commit", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".git/config", FILE_644, FILE_644, false, REVIEW_BY_NAME },
	{ ".git/config.worktree", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".git/modules/x/hooks/y", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ "deep/er/.GIT/HOOKS/x", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".git/refs/heads/.claude", FILE_644, NOTHING, false, REVIEW_FREE },
	{ ".git/objects/ab/cd", FILE_644, NOTHING, false, REVIEW_FREE },
	{ ".git/objects/info/alternates", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".git", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".git", WHITEOUT, DIR_755, false, REVIEW_BY_NAME },
	{ ".git", DIR_755, NOTHING, false, REVIEW_FREE },
	{ "x/.claude/settings.json", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".Envrc", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".envrc", WHITEOUT, FILE_644, false, REVIEW_FREE },
	{ ".vscode", DIR_755, NOTHING, false, REVIEW_FREE },
	{ ".vscode/tasks.json", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ "bare/HEAD", FILE_644, NOTHING, false, REVIEW_BY_NAME },
	{ ".claude-sandbox.json", FILE_644, NOTHING, false, REVIEW_BY_NAME },
};

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(answer_rows); i++) {
		struct review_row row = { .path = answer_rows[i].path,
					  .layer = answer_rows[i].layer,
					  .host = answer_rows[i].host,
					  .is_conflict = answer_rows[i].is_conflict };

		row.kind = review_compare(&row.layer, &row.host);
		review_judge(&row);
		if (row.answer != answer_rows[i].want || !row.why != (row.answer == REVIEW_FREE))
			fail_msg("row %zu, %s: answer %d, want %d", i, row.path, (int)row.answer,
				 (int)answer_rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
