/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words after the command's name:
 *
 *   *                 any arguments, also none: it says nothing, since others may stand anywhere
 *   delete, *.prod    an argument that the glob matches as a whole; such words match in their order
 *   --force           an option, before or after any word: --force, --force=x, or cut short (--forc)
 *   -rf               letters, given as -rf, -fr, -r -f or, where the table below has one, by a long name
 *
 * Whether a word after an option is the option's value is known to the command alone, so a word is looked
 * for among all arguments: a rule rather refuses one call too many. Nothing here knows what "--"
 * means to a command, for the same reason.
 */
#include "spec/rules.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/path.h"

#define SHORT_MAX 4 /* letters; find's -delete is one option */

/* Letters and long names of one option. */
static const struct {
	const char *name;
	char letter;
	const char *option;
} same[] = {
	{ "rm", 'r', "--recursive" },
	{ "rm", 'R', "--recursive" },
	{ "rm", 'f', "--force" },
	{ "chmod", 'R', "--recursive" },
	{ "chown", 'R', "--recursive" },
	{ "git", 'f', "--force" },
	{ "git", 'd', "--delete" },
	{ "git", 'n', "--no-verify" },
	{ "curl", 'T', "--upload-file" },
	{ "curl", 'd', "--data" },
	{ "curl", 'F', "--form" },
	{ "docker", 'f', "--force" },
	{ "npm", 'g', "--global" },
	{ "npm", 'f', "--force" },
	{ "kubectl", 'A', "--all-namespaces" },
	{ "kubectl", 'f', "--filename" },
	{ "systemctl", 'H', "--host" },
};

/* One argument; the block's NUL is not part of it. */
struct argument {
	const char *text;
	size_t len;
};

/* --- reading rules ------------------------------------------------------------------------- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "-rf": a few letters, none twice. */
static bool is_short(const char *word)
{
	size_t n = strlen(word + 1);

	if (word[1] == '-' || n == 0 || n > SHORT_MAX)
		return false;
	for (const char *p = word + 1; *p; p++)
		if (!is_letter(*p) || strchr(p + 1, *p))
			return false;
	return true;
}

static enum rule_word_kind kind_of(const char *word)
{
	if (word[0] != '-' || word[1] == '\0' || strcmp(word, "--") == 0)
		return RULE_WORD;
	return is_short(word) ? RULE_SHORT : RULE_LONG;
}

static int refuse(const char *text, const char *why, struct err *e)
{
	auto_buf struct buf shown = BUF_INIT(ERR_MSG_MAX / 2);

	buf_visible(&shown, text);
	return err_set(e, EINVAL, "blocked_commands: '%s': %s", buf_text(&shown), why);
}

/* Only stars and question marks: any command at all. */
static bool names_all(const char *name)
{
	return name[strspn(name, "*?")] == '\0';
}

static int read_name(const char *text, const char *word, struct rule *rule, struct err *e)
{
	const char *slash = strrchr(word, '/');

	rule->name = slash ? slash + 1 : word;
	if (rule->name[0] == '\0')
		return refuse(text, "the name of a command is missing after the last slash", e);
	if (names_all(rule->name))
		return refuse(
			text,
			"a rule for whatever command there is cannot be held, because only the "
			"files of named commands are guarded; begin it with the name of a "
			"command (one rule for each) or with a name such as 'az*'",
			e);
	return 0;
}

static int add_word(const char *text, const char *word, struct arena *a, struct rule *rule,
		    struct err *e)
{
	if (word[strspn(word, "*")] == '\0')
		return 0;
	if (rule->n_words == RULE_WORDS_MAX)
		return refuse(text, "it has more than 32 words", e);
	rule->words = arena_grow(a, rule->words, rule->n_words, sizeof(*rule->words));
	rule->words[rule->n_words++] = (struct rule_word){ kind_of(word), word };
	return 0;
}

static int read_rule(const char *text, struct arena *a, struct rule *ret, struct err *e)
{
	static const char blanks[] = " \t\n\r";
	struct rule rule = { .text = text };
	const char *at = text + strspn(text, blanks);
	int r = 0;

	if (strlen(text) > RULE_TEXT_MAX)
		return refuse(text, "it is longer than 1024 bytes", e);
	if (!*at)
		return refuse(text, "it has no word; begin with the name of a command", e);
	while (*at && r == 0) {
		size_t len = strcspn(at, blanks);
		const char *word = arena_strndup(a, at, len);

		if (len > RULE_WORD_MAX)
			return refuse(text, "one of its words is longer than 128 bytes", e);
		r = rule.name ? add_word(text, word, a, &rule, e) : read_name(text, word, &rule, e);
		at += len;
		at += strspn(at, blanks);
	}
	if (r == 0)
		*ret = rule;
	return r;
}

int rules_parse(const struct strv *patterns, struct arena *a, struct rules *ret, struct err *e)
{
	struct rules rules = { 0 };

	if (patterns->n > RULES_MAX)
		return err_set(e, EINVAL, "blocked_commands: more than %zu rules; leave some out",
			       RULES_MAX);
	rules.items = arena_alloc(a, (patterns->n + 1) * sizeof(*rules.items));
	for (; rules.n < patterns->n; rules.n++) {
		int r = read_rule(patterns->items[rules.n], a, &rules.items[rules.n], e);

		if (r < 0)
			return r;
	}
	*ret = rules;
	return 0;
}

bool rule_names(const struct rule *rule, const char *name)
{
	return rule_glob(rule->name, name, strlen(name));
}

bool rule_is_literal(const struct rule *rule)
{
	return rule->name[strcspn(rule->name, "*?[\\")] == '\0';
}

/* --- judging a call ------------------------------------------------------------------------ */

bool rule_call_is_whole(const struct rule_call *call)
{
	return call->len > 0 && call->block[call->len - 1] == '\0';
}

const char *rule_call_name(const struct rule_call *call)
{
	const char *slash = strrchr(call->block, '/');
	const char *name = slash ? slash + 1 : call->block;

	return name + (name[0] == '-');
}

/* The argument after @last (none: the first after argv[0]); false at the end. */
static bool next_argument(const struct rule_call *call, struct argument *last)
{
	const char *at =
		last->text ? last->text + last->len + 1 : call->block + strlen(call->block) + 1;

	if (at >= call->block + call->len)
		return false;
	*last = (struct argument){ at, strlen(at) };
	return true;
}

/* --force, --force=x, --forc: a command's own parser may take a name that is cut short. */
static bool is_option(const struct argument *arg, const char *option)
{
	const char *equals = memchr(arg->text, '=', arg->len);
	size_t len = equals ? (size_t)(equals - arg->text) : arg->len;

	if (arg->len < 2 || arg->text[0] != '-')
		return false;
	if (rule_glob(option, arg->text, len) || rule_glob(option, arg->text, arg->len))
		return true;
	return len > 2 && option[1] == '-' && !strchr(option, '=') && len < strlen(option) &&
	       memcmp(option, arg->text, len) == 0;
}

static bool has_option(const struct rule_call *call, const char *option)
{
	struct argument arg = { 0 };

	while (next_argument(call, &arg))
		if (is_option(&arg, option))
			return true;
	return false;
}

/* Among the letters of an argument such as -rf; what follows them may be a value. */
static bool has_letter(const struct argument *arg, char letter)
{
	if (arg->len < 2 || arg->text[0] != '-')
		return false;
	for (size_t i = 1; i < arg->len && is_letter(arg->text[i]); i++)
		if (arg->text[i] == letter)
			return true;
	return false;
}

static bool has_letter_anywhere(const struct rule_call *call, char letter)
{
	struct argument arg = { 0 };

	while (next_argument(call, &arg))
		if (has_letter(&arg, letter))
			return true;
	return false;
}

static bool has_long(const struct rule *rule, const struct rule_call *call, const char *option)
{
	if (has_option(call, option))
		return true;
	for (size_t i = 0; i < N_ELEMENTS(same); i++)
		if (rule_names(rule, same[i].name) && strcmp(same[i].option, option) == 0 &&
		    has_letter_anywhere(call, same[i].letter))
			return true;
	return false;
}

static bool has_short(const struct rule *rule, const struct rule_call *call, char letter)
{
	if (has_letter_anywhere(call, letter))
		return true;
	for (size_t i = 0; i < N_ELEMENTS(same); i++)
		if (rule_names(rule, same[i].name) && same[i].letter == letter &&
		    has_option(call, same[i].option))
			return true;
	return false;
}

static bool has_letters(const struct rule *rule, const struct rule_call *call, const char *letters)
{
	for (; *letters; letters++)
		if (!has_short(rule, call, *letters))
			return false;
	return true;
}

/* The words that are no options, in their order: taking the first argument that fits is enough. */
static bool has_words(const struct rule *rule, const struct rule_call *call)
{
	struct argument arg = { 0 };

	for (size_t i = 0; i < rule->n_words; i++) {
		if (rule->words[i].kind != RULE_WORD)
			continue;
		do
			if (!next_argument(call, &arg))
				return false;
		while (!rule_glob(rule->words[i].text, arg.text, arg.len));
	}
	return true;
}

bool rule_refuses(const struct rule *rule, const struct rule_call *call)
{
	for (size_t i = 0; i < rule->n_words; i++) {
		const struct rule_word *word = &rule->words[i];

		if (word->kind == RULE_LONG && !has_long(rule, call, word->text))
			return false;
		if (word->kind == RULE_SHORT && !has_letters(rule, call, word->text + 1))
			return false;
	}
	return has_words(rule, call);
}

const struct rule *rules_judge(const struct rules *rules, const struct strv *names,
			       const struct rule_call *call)
{
	for (size_t i = 0; i < rules->n; i++)
		for (size_t j = 0; j < names->n; j++)
			if (rule_names(&rules->items[i], names->items[j]) &&
			    rule_refuses(&rules->items[i], call))
				return &rules->items[i];
	return NULL;
}
