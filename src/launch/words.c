/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that stand where a project directory could: "claude-sandbox promote". A directory of such a
 * name is written ./promote.
 */
#include <string.h>

#include "launch/launch.h"

struct word {
	const char *name;
	const char *arguments;
	const char *help;
	/* @words: those after the name. The host has been probed, no config is read. */
	int (*run)(struct launch *l, int n, char *const words[]);
};

static const struct word words[] = {
	{ "check", "[DIR] [restore PATH...]",
	  "show which files in DIR tools on this host run by themselves, and which were put away",
	  check_word },
	{ "promote", "[discard] [DIR] [NAME] [yes]",
	  "what was changed of ~/.claude inside; with NAME: show it, and copy it to the host",
	  promote_run },
	{ "review", "[accept | discard] [DIR [PATH...]]",
	  "show what a sandbox with --review changed; accept or discard all of it, or PATHs",
	  word_review },
	{ "accept", "[--yes | --revoke] [DIR]",
	  "let DIR's own .claude-sandbox.json have what it asks for, as it is now; or no longer",
	  word_accept },
	{ "net", "allow | deny | forget RULE [DIR], rules | log | ask [DIR], why HOST[:PORT] [DIR]",
	  "what DIR's sandbox may reach: change it, also while it runs, show it, and see what it "
	  "wanted",
	  word_net },
	{ "bind", "DIR HOST-PATH [PATH]",
	  "show HOST-PATH, read-only, in DIR's sandbox while it runs, at PATH or under the same "
	  "name",
	  word_bind },
	{ .name = NULL },
};

static const struct word *find(const struct launch *l)
{
	for (const struct word *w = words; w->name && l->n_words > 0 && !l->dashes; w++)
		if (strcmp(l->words[0], w->name) == 0)
			return w;
	return NULL;
}

bool word_is_given(const struct launch *l)
{
	return find(l) != NULL;
}

int word_run(struct launch *l)
{
	return find(l)->run(l, l->n_words - 1, l->words + 1);
}

void words_help(struct buf *b)
{
	if (words[0].name)
		buf_puts(b, "\nInstead of a directory\n");
	for (const struct word *w = words; w->name; w++)
		buf_addf(b, "  %s %s\n      %s\n", w->name, w->arguments, w->help);
}
