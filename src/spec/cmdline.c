/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the words after the options mean. The first is the directory, unless a "--" stands before
 * it. A "--" that follows the options or the directory at once is ours; once an argument of the
 * agent has been seen, "--" and all that follows is the agent's.
 */
#include <errno.h>
#include <string.h>

#include "spec/spec.h"

/* What is left of the words. */
struct words {
	char *const *items;
	int n;
	bool after_dashes;
};

static struct words words_drop(struct words w, int n)
{
	return (struct words){ w.items + n, w.n - n, w.after_dashes };
}

static void add_all(struct strv *to, struct words from)
{
	for (int i = 0; i < from.n; i++)
		strv_add(to, from.items[i]);
}

static int take_command(struct words w, struct cmdline *ret, struct err *e)
{
	if (w.items[0][0] == '\0')
		return err_set(
			e, EINVAL,
			"the command is an empty word; give the name of a program after '--'");
	add_all(&ret->command, w);
	return 0;
}

static int take_project(struct words *w, struct cmdline *ret, struct err *e)
{
	ret->project = ".";
	if (w->after_dashes || w->n == 0)
		return 0;
	if (w->items[0][0] == '\0')
		return err_set(e, EINVAL,
			       "the project directory is an empty word; give its path, or '.' for "
			       "the current directory");
	ret->project = w->items[0];
	*w = words_drop(*w, 1);
	if (w->n > 0 && strcmp(w->items[0], "--") == 0) {
		*w = words_drop(*w, 1);
		w->after_dashes = true;
	}
	return 0;
}

static int check_words(const struct config *c, struct words w, struct err *e)
{
	if (c->exec && w.n == 0)
		return err_set(e, EINVAL,
			       "--exec needs a command: claude-sandbox --exec DIR COMMAND..., or "
			       "--exec -- COMMAND... for the current directory");
	if (w.after_dashes && w.n == 0)
		return err_set(e, EINVAL,
			       "there is nothing after '--'; give a command or arguments of the "
			       "agent, or leave it out");
	if (c->shell && w.n > 0)
		return err_set(e, EINVAL,
			       "--shell takes no words after the directory, but there is '%s'; for "
			       "a command leave out --shell and write -- COMMAND...",
			       w.items[0]);
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters; they are one line of words */
int cmdline_split(const struct config *c, char *const words[], int n, bool dashes, struct arena *a,
		  struct cmdline *ret, struct err *e)
{
	struct words w = { words, n, dashes };
	struct cmdline l = { .agent_args = STRV_INIT(a), .command = STRV_INIT(a) };
	int r = take_project(&w, &l, e);

	if (r == 0)
		r = check_words(c, w, e);
	if (r < 0)
		return r;
	if (c->exec || (!c->args && w.after_dashes && w.items[0][0] != '-')) {
		r = take_command(w, &l, e);
		if (r < 0)
			return r;
	} else {
		add_all(&l.agent_args, w);
	}
	*ret = l;
	return 0;
}
