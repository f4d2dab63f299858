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

enum mode { PLAIN, EXEC, ARGS, SHELL };

struct row {
	enum mode mode;
	bool dashes; /* a "--" before the words */
	const char *words[6];
	const char *project, *agent_args, *command; /* words in "<>" */
};

static int split(const struct row *row, struct arena *a, struct cmdline *ret, struct err *e)
{
	const struct config c = { .exec = row->mode == EXEC,
				  .args = row->mode == ARGS,
				  .shell = row->mode == SHELL };
	char *words[7] = { NULL };
	int n = 0;

	for (; n < 6 && row->words[n]; n++)
		words[n] = arena_strdup(a, row->words[n]);
	*e = (struct err){ 0 };
	return cmdline_split(&c, words, n, row->dashes, a, ret, e);
}

static const char *shown(const struct strv *sv, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < sv->n; i++)
		text = arena_printf(a, "%s<%s>", text, sv->items[i]);
	return text;
}

static void what_the_words_mean(void **state)
{
	static const struct row rows[] = {
		{ PLAIN, false, { NULL }, ".", "", "" },
		{ PLAIN, false, { "dir" }, "dir", "", "" },
		{ PLAIN, false, { "-x" }, "-x", "", "" },
		{ PLAIN, false, { "a\nb" }, "a\nb", "", "" },
		{ PLAIN, false, { "dir", "-p", "do it" }, "dir", "<-p><do it>", "" },
		{ PLAIN, false, { "dir", "mcp", "list" }, "dir", "<mcp><list>", "" },
		{ PLAIN, false, { "dir", "" }, "dir", "<>", "" },
		{ PLAIN, true, { "make", "-C", "src", "test" }, ".", "", "<make><-C><src><test>" },
		{ PLAIN, true, { "-p", "x" }, ".", "<-p><x>", "" },
		{ PLAIN, true, { "--", "ls" }, ".", "<--><ls>", "" },
		{ PLAIN, false, { "dir", "--", "ls", "-l" }, "dir", "", "<ls><-l>" },
		{ PLAIN, false, { "dir", "--", "ls", "--", "x" }, "dir", "", "<ls><--><x>" },
		{ PLAIN, false, { "dir", "--", "--version" }, "dir", "<--version>", "" },
		/* After an argument of the agent "--" is the agent's. */
		{ PLAIN, false, { "dir", "-p", "--", "ls" }, "dir", "<-p><--><ls>", "" },
		{ PLAIN, false, { "dir", "-p", "--" }, "dir", "<-p><-->", "" },
		{ EXEC, false, { "dir", "ls", "-l" }, "dir", "", "<ls><-l>" },
		{ EXEC, false, { "dir", "--", "ls" }, "dir", "", "<ls>" },
		{ EXEC, false, { "dir", "-odd" }, "dir", "", "<-odd>" },
		{ EXEC, true, { "ls", "-l" }, ".", "", "<ls><-l>" },
		{ EXEC, true, { "-odd" }, ".", "", "<-odd>" },
		{ ARGS, false, { NULL }, ".", "", "" },
		{ ARGS, false, { "dir" }, "dir", "", "" },
		{ ARGS, false, { "dir", "mcp" }, "dir", "<mcp>", "" },
		{ ARGS, false, { "dir", "--", "mcp" }, "dir", "<mcp>", "" },
		{ ARGS, true, { "mcp", "list" }, ".", "<mcp><list>", "" },
		{ SHELL, false, { NULL }, ".", "", "" },
		{ SHELL, false, { "dir" }, "dir", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct cmdline l = { 0 };
		struct err e;

		if (split(&rows[i], &a, &l, &e) != 0)
			fail_msg("row %zu: %s", i, e.msg);
		assert_string_equal(l.project, rows[i].project);
		assert_string_equal(shown(&l.agent_args, &a), rows[i].agent_args);
		assert_string_equal(shown(&l.command, &a), rows[i].command);
	}
}

#define NOTHING                                                                            \
	"there is nothing after '--'; give a command or arguments of the agent, or leave " \
	"it out"
#define NO_COMMAND                                                                               \
	"--exec needs a command: claude-sandbox --exec DIR COMMAND..., or --exec -- COMMAND... " \
	"for the current directory"

static void refusals(void **state)
{
	static const struct {
		struct row row;
		const char *want;
	} rows[] = {
		{ { PLAIN, true, { NULL } }, NOTHING },
		{ { PLAIN, false, { "dir", "--" } }, NOTHING },
		{ { ARGS, false, { "dir", "--" } }, NOTHING },
		{ { SHELL, false, { "dir", "--" } }, NOTHING },
		{ { EXEC, false, { NULL } }, NO_COMMAND },
		{ { EXEC, true, { NULL } }, NO_COMMAND },
		{ { EXEC, false, { "dir" } }, NO_COMMAND },
		{ { EXEC, false, { "dir", "--" } }, NO_COMMAND },
		{ { PLAIN, false, { "" } },
		  "the project directory is an empty word; give its path, or '.' "
		  "for the current directory" },
		{ { EXEC, false, { "", "ls" } },
		  "the project directory is an empty word; give its path, or '.' for the current "
		  "directory" },
		{ { PLAIN, true, { "" } },
		  "the command is an empty word; give the name of a program after '--'" },
		{ { EXEC, false, { "dir", "" } },
		  "the command is an empty word; give the name of a program after '--'" },
		{ { SHELL, false, { "dir", "-c", "ls" } },
		  "--shell takes no words after the directory, but there is '-c'; for a command "
		  "leave out "
		  "--shell and write -- COMMAND..." },
		{ { SHELL, true, { "ls" } },
		  "--shell takes no words after the directory, but there is 'ls'; for a command "
		  "leave out "
		  "--shell and write -- COMMAND..." },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct cmdline l = { .project = "untouched" };
		struct err e;

		assert_int_equal(split(&rows[i].row, &a, &l, &e), -EINVAL);
		assert_string_equal(e.msg, rows[i].want);
		assert_string_equal(l.project, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_words_mean),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
