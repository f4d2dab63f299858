/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader follows git's own config.c byte for byte (CRLF, BOM, escapes, continuation lines,
 * comments, the old [a.b] form), because a difference would be a way past the list. The writer
 * quotes every value, so that nothing in it can be read as syntax again.
 */
#include "spec/gitconfig.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"

#define TEXT_MAX ((size_t)1 << 20)
#define FULL_NAME_MAX ((size_t)4096) /* section, subsection and key together */
#define DROPPED_MAX 64

/*
 * Keys that cannot make git run a program, show a secret or talk to another server.
 * "section.key" has no subsection, "section..key" has any; '*' as the key is any key.
 */
/* clang-format off */
static const char *const allowed[] = {
	"user.name", "user.email", "user.useconfigonly", "author.name", "author.email", "committer.name",
	"committer.email", "init.defaultbranch", "clone.defaultremotename", "remote.pushdefault", "core.autocrlf",
	"core.eol", "core.safecrlf", "core.whitespace", "core.quotepath", "core.abbrev", "core.commentchar",
	"core.ignorecase", "core.filemode", "core.symlinks", "core.untrackedcache", "core.preloadindex",
	"core.excludesfile", "color.*", "color..*", "column.*", "advice.*", "status.*", "pretty.*", "diff.algorithm",
	"diff.renames", "diff.renamelimit", "diff.mnemonicprefix", "diff.noprefix", "diff.context", "diff.colormoved",
	"diff.colormovedws", "diff.submodule", "diff.ignoresubmodules", "diff.indentheuristic",
	"diff.wserrorhighlight", "diff.wordregex", "merge.conflictstyle", "merge.ff", "merge.log", "merge.renames",
	"merge.renamelimit", "merge.stat", "merge.autostash", "merge.directoryrenames", "merge.defaulttoupstream",
	"pull.rebase", "pull.ff", "rebase.autosquash", "rebase.autostash", "rebase.updaterefs", "rebase.stat",
	"rebase.abbreviatecommands", "rebase.missingcommitscheck", "rebase.forkpoint", "rebase.rebasemerges",
	"push.default", "push.autosetupremote", "push.followtags", "push.useforceifincludes", "push.recursesubmodules",
	"fetch.prune", "fetch.prunetags", "fetch.parallel", "fetch.fsckobjects", "fetch.recursesubmodules",
	"transfer.fsckobjects", "transfer.credentialsinurl", "protocol.version", "branch.autosetupmerge",
	"branch.autosetuprebase", "branch.sort", "tag.sort", "checkout.defaultremote", "checkout.guess",
	"submodule.recurse", "submodule.fetchjobs", "commit.verbose", "commit.cleanup", "commit.status", "log.date",
	"log.decorate", "log.abbrevcommit", "log.mailmap", "format.pretty", "format.signoff", "blame.coloring",
	"apply.whitespace", "apply.ignorewhitespace", "grep.linenumber", "grep.patterntype", "grep.extendedregexp",
	"rerere.enabled", "rerere.autoupdate", "help.autocorrect", "interactive.singlekey", "i18n.commitencoding",
	"i18n.logoutputencoding", "feature.manyfiles", "gc.auto", "safe.directory",
	"alias.*", /* but for shell commands: alias_is_command() */
};
/* clang-format on */

struct reader {
	const char *file;
	const char *text;
	size_t len, pos;
	size_t line;
	bool at_end; /* the last '\n' stood for the end of the text */
};

/* One setting. The name is "section.key" or "section.subsection.key", as git has it. */
struct entry {
	struct buf name;
	size_t section_len; /* of the part before the key's dot */
	struct buf value;
	bool has_value; /* "key" alone means true */
};

struct writer {
	struct arena *arena;
	struct buf *out;
	struct strv *dropped;
	const char *header; /* what the last "[...]" line was for, with its dot */
};

static void entry_done(struct entry *entry)
{
	buf_done(&entry->name);
	buf_done(&entry->value);
}

/* As git has it, whatever the locale. */
static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_alpha(int c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_key_char(int c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') || c == '-';
}

/* The next byte; CRLF and the end of the text are one '\n'. */
static int next(struct reader *r)
{
	int c;

	if (r->pos == r->len) {
		r->at_end = true;
		return '\n';
	}
	c = (unsigned char)r->text[r->pos++];
	if (c == '\r' && r->pos < r->len && r->text[r->pos] == '\n') {
		r->pos++;
		c = '\n';
	}
	if (c == '\n')
		r->line++;
	return c;
}

static void put(struct buf *b, int c)
{
	const char byte = (char)c;

	buf_add(b, &byte, 1);
}

static void cut(struct buf *b, size_t len)
{
	b->len = len;
	if (b->data)
		b->data[len] = '\0';
}

static void skip_line(struct reader *r)
{
	while (next(r) != '\n')
		;
}

/* The rest of [section "subsection"], after the space. */
static int read_subsection(struct reader *r, int c, struct entry *entry)
{
	while (is_space(c)) {
		if (c == '\n')
			return -EINVAL;
		c = next(r);
	}
	if (c != '"')
		return -EINVAL;
	put(&entry->name, '.');
	for (;;) {
		c = next(r);
		if (c == '"')
			break;
		if (c == '\\')
			c = next(r);
		if (c == '\n')
			return -EINVAL;
		put(&entry->name, c);
	}
	return next(r) == ']' ? 0 : -EINVAL;
}

/* After '[': the name up to and without the dot before the key. */
static int read_section(struct reader *r, struct entry *entry)
{
	int rc = 0;
	int c;

	cut(&entry->name, 0);
	for (c = next(r); c != ']'; c = next(r)) {
		if (r->at_end)
			return -EINVAL;
		if (is_space(c)) {
			rc = read_subsection(r, c, entry);
			break;
		}
		if (!is_key_char(c) && c != '.')
			return -EINVAL;
		put(&entry->name, lower(c));
	}
	entry->section_len = entry->name.len;
	return rc;
}

/* After a backslash; false if git refuses it. */
static bool read_escape(struct reader *r, struct buf *value)
{
	static const char names[] = "tbn\\\"", bytes[] = "\t\b\n\\\"";
	int c = next(r);
	const char *at;

	if (c == '\n') /* the value goes on in the next line */
		return true;
	at = strchr(names, c);
	if (at)
		put(value, bytes[at - names]);
	return at != NULL;
}

/* After '='. White space at both ends is dropped, and white space before a comment. */
static int read_value(struct reader *r, struct buf *value)
{
	bool is_quoted = false;
	size_t keep = 0; /* length without the white space at the end */

	for (int c = next(r); c != '\n'; c = next(r)) {
		if ((c == ';' || c == '#') && !is_quoted) {
			skip_line(r);
			break;
		}
		if (is_space(c) && !is_quoted) {
			if (value->len > 0)
				put(value, c);
			continue;
		}
		if (c == '"')
			is_quoted = !is_quoted;
		else if (c != '\\')
			put(value, c);
		else if (!read_escape(r, value))
			return -EINVAL;
		keep = value->len;
	}
	cut(value, keep);
	return is_quoted ? -EINVAL : 0;
}

/* @c is the first letter of a key. */
static int read_entry(struct reader *r, int c, struct entry *entry)
{
	cut(&entry->name, entry->section_len);
	cut(&entry->value, 0);
	put(&entry->name, '.');
	for (; is_key_char(c); c = next(r))
		put(&entry->name, lower(c));
	while (c == ' ' || c == '\t')
		c = next(r);
	entry->has_value = c != '\n';
	if (!entry->has_value)
		return 0;
	return c == '=' ? read_value(r, &entry->value) : -EINVAL;
}

/* @name between its dots: "a.b.c.key" has the section "a" and the subsection "b.c". */
struct parts {
	const char *section, *sub, *key;
	size_t section_len, sub_len;
};

static struct parts split(const char *name)
{
	const char *first = strchr(name, '.');
	const char *last = strrchr(name, '.');
	struct parts p = { .section = name,
			   .key = last + 1,
			   .section_len = (size_t)(first - name) };

	if (first != last) {
		p.sub = first + 1;
		p.sub_len = (size_t)(last - p.sub);
	}
	return p;
}

static bool is_allowed(const struct parts *p)
{
	for (size_t i = 0; i < N_ELEMENTS(allowed); i++) {
		const char *key = allowed[i] + p->section_len + 1;

		if (strncmp(allowed[i], p->section, p->section_len) != 0 ||
		    allowed[i][p->section_len] != '.' || (*key == '.') != (p->sub != NULL))
			continue;
		key += *key == '.';
		if (strcmp(key, "*") == 0 || strcmp(key, p->key) == 0)
			return true;
	}
	return false;
}

/* An alias that is a line for the shell, or none at all. */
static bool alias_is_command(const struct parts *p, const struct entry *entry)
{
	return strncmp(p->section, "alias.", 6) == 0 &&
	       (!entry->has_value || buf_text(&entry->value)[0] == '!');
}

/* In quotes. In a section header (@is_header) only '"' and '\' are escaped: a tab is a tab. */
static void put_quoted(struct buf *out, const char *text, size_t len, bool is_header)
{
	static const char bytes[] = "\"\\\t\b\n", names[] = "\"\\tbn";

	buf_puts(out, "\"");
	for (size_t i = 0; i < len; i++) {
		const char *at = strchr(bytes, text[i]);

		if (at && (!is_header || at < bytes + 2))
			buf_addf(out, "\\%c", names[at - bytes]);
		else
			put(out, text[i]);
	}
	buf_puts(out, "\"");
}

static void put_header(struct buf *out, const struct parts *p)
{
	buf_puts(out, "[");
	buf_add(out, p->section, p->section_len);
	if (p->sub) {
		buf_puts(out, " ");
		put_quoted(out, p->sub, p->sub_len, true);
	}
	buf_puts(out, "]\n");
}

/* Without the subsection: that of url.<address>.insteadOf may hold a password. */
static void drop(struct writer *w, const struct parts *p)
{
	auto_buf struct buf name = BUF_INIT(FULL_NAME_MAX);

	buf_add(&name, p->section, p->section_len);
	buf_addf(&name, "%s.%s", p->sub ? ".*" : "", p->key);
	if (w->dropped->n <= DROPPED_MAX && !strv_has(w->dropped, buf_text(&name)))
		strv_add(w->dropped, w->dropped->n < DROPPED_MAX
					     ? arena_strdup(w->arena, buf_text(&name))
					     : "and more");
}

static void write_entry(struct writer *w, const struct entry *entry)
{
	const char *name = buf_text(&entry->name);
	struct parts p = split(name);

	if (!is_allowed(&p) || alias_is_command(&p, entry)) {
		drop(w, &p);
		return;
	}
	if (!w->header || strncmp(w->header, name, entry->section_len + 1) != 0 ||
	    w->header[entry->section_len + 1] != '\0') {
		w->header = arena_strndup(w->arena, name, entry->section_len + 1);
		put_header(w->out, &p);
	}
	buf_addf(w->out, "\t%s", p.key);
	if (entry->has_value) {
		buf_puts(w->out, " = ");
		put_quoted(w->out, buf_text(&entry->value), entry->value.len, false);
	}
	buf_puts(w->out, "\n");
}

static int read_all(struct reader *r, struct entry *entry, struct writer *w, struct err *e)
{
	for (;;) {
		const char *bad = NULL;
		size_t line = r->line;
		int c = next(r);

		if (r->at_end)
			return 0;
		if (c == '#' || c == ';')
			skip_line(r);
		else if (c == '[')
			bad = read_section(r, entry) < 0 ? "bad section header" : NULL;
		else if (is_alpha(c) && read_entry(r, c, entry) == 0 && !entry->name.full)
			write_entry(w, entry);
		else if (!is_space(c))
			bad = "bad key or value";
		if (entry->name.full)
			bad = "name too long";
		if (bad)
			return err_set(e, EINVAL,
				       "%s:%zu: %s; correct this line of git's configuration",
				       r->file, line, bad);
	}
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters, but for one text in and two out */
int gitconfig_clean(const char *file, const char *text, size_t len, struct arena *a,
		    struct buf *out, struct strv *dropped, struct err *e)
{
	__attribute__((cleanup(entry_done))) struct entry entry = { .name = BUF_INIT(FULL_NAME_MAX),
								    .value = BUF_INIT(TEXT_MAX) };
	struct reader r = { .file = file, .text = text, .len = len, .line = 1 };
	struct writer w = { .arena = a, .out = out, .dropped = dropped };
	int rc;

	if (len > TEXT_MAX)
		return err_set(e, EFBIG,
			       "%s: the file has %zu bytes, more than the %zu that are read", file,
			       len, TEXT_MAX);
	if (memchr(text, '\0', len))
		return err_set(e, EINVAL,
			       "%s: the file holds a NUL byte, which is no text; correct it", file);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.pos = 3;
	rc = read_all(&r, &entry, &w, e);
	if (rc == 0 && out->full)
		return err_set(e, EFBIG,
			       "%s: what is kept of it has more than %zu bytes; shorten it", file,
			       out->max);
	return rc;
}
