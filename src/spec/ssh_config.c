/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader follows OpenSSH's own (readconf.c, argv_split() and strdelim() of misc.c, 9.2): a keyword
 * in any case, white space or one '=' behind it, words in quotes of both kinds, a comment where a word
 * would begin, and no continuation of lines. The writer puts each word so that it is read as it was.
 */
#include "spec/ssh_config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"

#define TEXT_MAX ((size_t)1 << 20)
#define DROPPED_MAX 64
#define SPACE " \t\r\n"

struct line {
	struct ssh_config *config;
	bool *is_dead; /* in a block that is left out */
	char *keyword;
	struct strv words;
};

static bool keep_words(struct line *l);
static bool keep_plain(struct line *l);
static bool keep_strict(struct line *l);
static bool keep_key(struct line *l);
static bool keep_include(struct line *l);
static bool keep_host(struct line *l);
static bool keep_match(struct line *l);

/*
 * Left out with the rest: ProxyCommand, LocalCommand, KnownHostsCommand and XAuthLocation run programs;
 * PKCS11Provider and SecurityKeyProvider load libraries; IdentityAgent, ForwardAgent, AddKeysToAgent
 * and Control* lead past the guard; SetEnv may hold secrets; UserKnownHostsFile and
 * GlobalKnownHostsFile would name files that are not there.
 */
/* clang-format off */
static const struct keyword {
	const char *name;
	bool (*keep)(struct line *l); /* writes the line; false: it is dropped */
} keywords[] = {
	{ "Host", keep_host }, { "Match", keep_match }, { "Include", keep_include },
	{ "IdentityFile", keep_key }, { "ProxyJump", keep_plain }, { "StrictHostKeyChecking", keep_strict },
	{ "AddressFamily", keep_words }, { "BatchMode", keep_words }, { "CASignatureAlgorithms", keep_words },
	{ "CanonicalDomains", keep_words }, { "CanonicalizeFallbackLocal", keep_words },
	{ "CanonicalizeHostname", keep_words }, { "CanonicalizeMaxDots", keep_words },
	{ "CanonicalizePermittedCNAMEs", keep_words }, { "CheckHostIP", keep_words },
	{ "Ciphers", keep_words }, { "Compression", keep_words }, { "ConnectTimeout", keep_words },
	{ "ConnectionAttempts", keep_words }, { "FingerprintHash", keep_words },
	{ "HashKnownHosts", keep_words }, { "HostKeyAlgorithms", keep_words }, { "HostKeyAlias", keep_words },
	{ "HostName", keep_words }, { "IPQoS", keep_words }, { "IdentitiesOnly", keep_words },
	{ "KbdInteractiveAuthentication", keep_words }, { "KexAlgorithms", keep_words },
	{ "LogLevel", keep_words }, { "MACs", keep_words }, { "NumberOfPasswordPrompts", keep_words },
	{ "PasswordAuthentication", keep_words }, { "Port", keep_words },
	{ "PreferredAuthentications", keep_words }, { "PubkeyAcceptedAlgorithms", keep_words },
	{ "PubkeyAcceptedKeyTypes", keep_words }, { "PubkeyAuthentication", keep_words },
	{ "RekeyLimit", keep_words }, { "RequestTTY", keep_words }, { "RequiredRSASize", keep_words },
	{ "ServerAliveCountMax", keep_words }, { "ServerAliveInterval", keep_words },
	{ "TCPKeepAlive", keep_words }, { "User", keep_words }, { "VerifyHostKeyDNS", keep_words },
	{ "VisualHostKey", keep_words },
};
/* clang-format on */

static void drop(struct ssh_config *c, const char *name)
{
	if (c->dropped.n <= DROPPED_MAX && !strv_has(&c->dropped, name))
		strv_add(&c->dropped, c->dropped.n < DROPPED_MAX ? name : "and more");
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool has_control(const char *word)
{
	for (; *word; word++)
		if (is_control(*word))
			return true;
	return false;
}

static void put_word(struct buf *out, const char *word)
{
	bool is_plain = word[0] && !strpbrk(word, " \"'\\#=");

	if (is_plain) {
		buf_puts(out, word);
		return;
	}
	buf_puts(out, "\"");
	for (; *word; word++)
		buf_addf(out, "%s%c", *word == '"' || *word == '\\' ? "\\" : "", *word);
	buf_puts(out, "\"");
}

static const char *table_name(const char *keyword)
{
	for (size_t i = 0; i < N_ELEMENTS(keywords); i++)
		if (strcasecmp(keywords[i].name, keyword) == 0)
			return keywords[i].name;
	return keyword;
}

static bool keep_words(struct line *l)
{
	struct buf *out = l->config->out;

	buf_addf(out, "%s", table_name(l->keyword));
	for (size_t i = 0; i < l->words.n; i++) {
		buf_puts(out, " ");
		put_word(out, l->words.items[i]);
	}
	buf_puts(out, "\n");
	return true;
}

/* ssh takes the rest of such a line without looking for quotes. */
static bool keep_plain(struct line *l)
{
	return l->words.n == 1 && l->words.items[0][0] &&
	       !strpbrk(l->words.items[0], " \"'\\#=$`;|&<>()") && keep_words(l);
}

/* A server that nobody checks is no server: "ask" holds instead. */
static bool keep_strict(struct line *l)
{
	const char *value = l->words.items[0];

	return strcasecmp(value, "no") != 0 && strcasecmp(value, "off") != 0 &&
	       strcasecmp(value, "false") != 0 && keep_words(l);
}

static bool keep_host(struct line *l)
{
	*l->is_dead = false;
	return keep_words(l);
}

/* A word of Match: 'host=x' is two of them, and there are no escapes in quotes. */
static bool put_match_word(struct buf *out, const char *word)
{
	if (!word[0] || strpbrk(word, "\"'\\#="))
		return false;
	buf_addf(out, strchr(word, ' ') ? " \"%s\"" : " %s", word);
	return true;
}

static bool is_among(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcasecmp(*names, name) == 0)
			return true;
	return false;
}

static bool match_words(struct line *l, struct buf *out, const char **ret_bad)
{
	static const char *const alone[] = { "all", "canonical", "final", NULL };
	static const char *const with_value[] = { "host", "originalhost", "user", "localuser",
						  NULL };
	struct strv words = STRV_INIT(l->config->arena);

	for (size_t i = 0; i < l->words.n; i++) {
		const char *word = l->words.items[i], *equals = strchr(word, '=');

		if (equals && equals > word && equals[1])
			strv_add(&words, arena_strndup(words.arena, word, (size_t)(equals - word)),
				 equals + 1);
		else
			strv_add(&words, word);
	}
	for (size_t i = 0; i < words.n; i++) {
		const char *name = words.items[i] + (words.items[i][0] == '!');

		*ret_bad = name;
		if (!put_match_word(out, words.items[i]))
			return false;
		if (is_among(alone, name))
			continue;
		if (!is_among(with_value, name) || ++i == words.n ||
		    !put_match_word(out, words.items[i]))
			return false;
	}
	return words.n > 0;
}

/* With a condition that runs a program, or one of a later version, the whole block goes. */
static bool keep_match(struct line *l)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);
	const char *bad = "";

	*l->is_dead = !match_words(l, &text, &bad);
	if (*l->is_dead) {
		drop(l->config, strcasecmp(bad, "exec") == 0 ? "Match exec" : "Match");
		return true;
	}
	buf_addf(l->config->out, "Match%s\n", buf_text(&text));
	return true;
}

/* "~/x" and "%d/x" with the home in its place; NULL for other variables and relative paths. */
static const char *absolute(const struct ssh_config *c, const char *word)
{
	if (strncmp(word, "~/", 2) == 0 || strncmp(word, "%d/", 3) == 0)
		word = arena_printf(c->arena, "%s/%s", c->home, strchr(word, '/') + 1);
	return word[0] == '/' && !strpbrk(word, "%$") ? path_clean(c->arena, word) : NULL;
}

/* The private key stays outside; ssh finds the agent's key by the public one. */
static bool keep_key(struct line *l)
{
	struct ssh_config *c = l->config;
	const char *path = l->words.items[0];
	size_t len = strlen(path);

	if (strcasecmp(path, "none") == 0)
		return keep_words(l);
	path = absolute(c, path);
	if (!path || l->words.n != 1)
		return false;
	if (len < 4 || strcmp(l->words.items[0] + len - 4, ".pub") != 0)
		path = arena_printf(c->arena, "%s.pub", path);
	if (!path_below(path, arena_printf(c->arena, "%s/.ssh", c->home)))
		return false;
	if (!strv_has(&c->named, path))
		strv_add(&c->named, path);
	if (c->keys && !strv_has(c->keys, path))
		return false;
	buf_puts(c->out, "IdentityFile ");
	put_word(c->out, path);
	buf_puts(c->out, "\n");
	return true;
}

/* The pattern below ~/.ssh, where ssh begins to look; NULL: elsewhere. */
static const char *included(const struct ssh_config *c, const char *word)
{
	const char *dir = arena_printf(c->arena, "%s/.ssh", c->home);
	const char *path = absolute(c, word[0] == '/' || word[0] == '~' || !word[0]
					       ? word
					       : arena_printf(c->arena, "%s/%s", dir, word));

	if (!path || !path_below(path, dir) || strcmp(path, dir) == 0)
		return NULL;
	path += strlen(dir) + 1;
	return path[0] == '~' ? NULL : path; /* that would be another place */
}

static bool keep_include(struct line *l)
{
	struct ssh_config *c = l->config;
	struct strv kept = STRV_INIT(c->arena);
	bool all = true;

	for (size_t i = 0; i < l->words.n; i++) {
		const char *pattern = included(c, l->words.items[i]);

		if (pattern) {
			strv_add(&kept, pattern);
			strv_add(&c->includes,
				 arena_printf(c->arena, "%s/.ssh/%s", c->home, pattern));
		} else {
			all = false;
		}
	}
	if (!all)
		drop(c, "Include");
	l->words = kept;
	return kept.n == 0 || keep_words(l);
}

/* argv_split() with comments. @text is overwritten. false: a quote has no end. */
static bool split_words(char *text, struct strv *ret)
{
	for (;;) {
		char quote = 0;
		char *word, *to;

		text += strspn(text, " \t");
		if (*text == '\0' || *text == '#')
			return true;
		word = to = text;
		for (; *text && (quote || (*text != ' ' && *text != '\t')); text++) {
			if (*text == '\\' && text[1] &&
			    (strchr("'\"\\", text[1]) || (!quote && text[1] == ' ')))
				*to++ = *++text;
			else if (quote ? *text == quote : *text == '"' || *text == '\'')
				quote = quote ? 0 : *text;
			else
				*to++ = *text;
		}
		if (quote)
			return false;
		text += *text != '\0';
		*to = '\0';
		strv_add(ret, word);
	}
}

/* Cuts the keyword off *at; "" for an empty line or a comment, NULL for what ssh would not read. */
static char *take_keyword(char **at)
{
	char *word = *at + strspn(*at, SPACE);
	bool is_quoted = *word == '"';
	size_t len;
	char end;

	word += is_quoted;
	len = is_quoted ? strcspn(word, "\"") : strcspn(word, SPACE "\"=");
	end = word[len];
	if ((is_quoted && !end) || (!is_quoted && end == '"'))
		return NULL;
	*at = word + len + (end != '\0');
	word[len] = '\0';
	*at += strspn(*at, SPACE);
	if (end != '=' && **at == '=')
		*at += 1 + strspn(*at + 1, SPACE);
	return word[0] == '#' ? memset(word, 0, 1) : word;
}

/* The keyword as a message may show it. */
static const char *shown(const struct line *l)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return strspn(l->keyword, letters) == strlen(l->keyword) && strlen(l->keyword) < 64
		       ? table_name(l->keyword)
		       : "a line that is none of ssh's";
}

static void clean_line(struct ssh_config *c, char *text, bool *is_dead)
{
	struct line l = { .config = c, .is_dead = is_dead, .words = STRV_INIT(c->arena) };
	const struct keyword *row = NULL;
	bool is_readable;

	l.keyword = take_keyword(&text);
	if (l.keyword && !l.keyword[0])
		return;
	is_readable = l.keyword && split_words(text, &l.words) && l.words.n > 0;
	for (size_t i = 0; i < l.words.n; i++)
		is_readable &= !has_control(l.words.items[i]);
	for (size_t i = 0; l.keyword && i < N_ELEMENTS(keywords); i++)
		if (strcasecmp(keywords[i].name, l.keyword) == 0)
			row = &keywords[i];
	/* What begins a block and cannot be read takes the block with it. */
	if (!is_readable && row && (row->keep == keep_host || row->keep == keep_match))
		*is_dead = true;
	if (*is_dead &&
	    !(row && is_readable && (row->keep == keep_host || row->keep == keep_match)))
		return;
	if (!is_readable || !row || !row->keep(&l))
		drop(c, l.keyword ? shown(&l) : "a line that is none of ssh's");
}

int ssh_config_clean(struct ssh_config *c, const char *text, size_t len, struct err *e)
{
	bool is_dead = false;

	if (len > TEXT_MAX)
		return err_set(e, EFBIG,
			       "%s: the file has %zu bytes, more than the %zu that are read",
			       c->file, len, TEXT_MAX);
	if (memchr(text, '\0', len))
		return err_set(e, EINVAL,
			       "%s: the file holds a NUL byte, which is no text; correct it",
			       c->file);
	for (const char *end = text + len; text < end;) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = nl ? (size_t)(nl - text) : (size_t)(end - text);
		char *line = arena_strndup(c->arena, text, n);

		text += n + (nl != NULL);
		while (n > 0 && strchr(SPACE "\f", line[n - 1]))
			line[--n] = '\0';
		clean_line(c, line, &is_dead);
	}
	if (buf_full(c->out))
		return err_set(e, EFBIG,
			       "%s: what is kept of it has more than %zu bytes; shorten it",
			       c->file, c->out->max);
	return 0;
}
