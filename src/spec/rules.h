/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that refuse commands: `az * delete *`. A rule is a list of words. The first is a command's
 * name, the others are what must be among its arguments. docs/commands.md has the meaning.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"

#define RULES_MAX ((size_t)256)
#define RULE_TEXT_MAX ((size_t)1024)
#define RULE_WORD_MAX ((size_t)128)
#define RULE_WORDS_MAX ((size_t)32)

enum rule_word_kind {
	RULE_WORD,  /* a glob that one argument matches as a whole, in the rule's order */
	RULE_LONG,  /* --force, -delete: an option, wherever it stands */
	RULE_SHORT, /* -rf: letters that are all given, together or apart */
};

struct rule_word {
	enum rule_word_kind kind;
	const char *text;
};

struct rule {
	const char *text; /* as it was written */
	const char *name; /* glob for the command's name, without a directory */
	struct rule_word *words;
	size_t n_words; /* 0: every call is refused */
};

struct rules {
	struct rule *items;
	size_t n;
};

/* Everything in *ret lives in @a. -EINVAL for a rule that cannot be held; the sentence says why. */
int rules_parse(const struct strv *patterns, struct arena *a, struct rules *ret, struct err *e);

/* Whether @name can be the command of a rule. */
bool rule_names(const struct rule *rule, const char *name);

/* The rule's name without *, ? and [: one that can be looked for without listing directories. */
bool rule_is_literal(const struct rule *rule);

/* The arguments of a call as the kernel lays them out: each ends with NUL, the first is argv[0]. */
struct rule_call {
	const char *block;
	size_t len;
};

/* False for a block without an argument or without its last NUL: it is never judged, but refused. */
bool rule_call_is_whole(const struct rule_call *call);

/* The text after the last slash of argv[0], without a login shell's dash; points into the block. */
const char *rule_call_name(const struct rule_call *call);

/* Whether the call, of a command that the rule names, is refused. @call is whole. Linear in it. */
bool rule_refuses(const struct rule *rule, const struct rule_call *call);

/* The first rule that refuses the call of a command known under @names; NULL: it may run. */
const struct rule *rules_judge(const struct rules *rules, const struct strv *names,
			       const struct rule_call *call);

/* Glob of one word: *, ?, [a-z], [!a-z], \x. No directory and no dot is special. */
bool rule_glob(const char *glob, const char *text, size_t len);
