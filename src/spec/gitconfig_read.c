/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows git's own config.c byte for byte (CRLF, BOM, escapes, continuation lines, comments, the
 * old [a.b] form), because a difference would be a way past a list of keys.
 */
#include "spec/gitconfig_read.h"

#include <errno.h>
#include <string.h>

#define FULL_NAME_MAX ((size_t)4096) /* section, subsection and key together */

void gitconfig_entry_init(struct gitconfig_entry *entry)
{
	*entry = (struct gitconfig_entry){ .name = BUF_INIT(FULL_NAME_MAX),
					   .value = BUF_INIT(GITCONFIG_TEXT_MAX) };
}

void gitconfig_entry_done(struct gitconfig_entry *entry)
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
static int next(struct gitconfig_reader *r)
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

static void skip_line(struct gitconfig_reader *r)
{
	while (next(r) != '\n')
		;
}

/* The rest of [section "subsection"], after the space. */
static int read_subsection(struct gitconfig_reader *r, int c, struct gitconfig_entry *entry)
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
static int read_section(struct gitconfig_reader *r, struct gitconfig_entry *entry)
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
static bool read_escape(struct gitconfig_reader *r, struct buf *value)
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
static int read_value(struct gitconfig_reader *r, struct buf *value)
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
static int read_entry(struct gitconfig_reader *r, int c, struct gitconfig_entry *entry)
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

struct gitconfig_name gitconfig_split(const char *name)
{
	const char *first = strchr(name, '.');
	const char *last = strrchr(name, '.');
	struct gitconfig_name n = { .section = name,
				    .key = last + 1,
				    .section_len = (size_t)(first - name) };

	if (first != last) {
		n.sub = first + 1;
		n.sub_len = (size_t)(last - n.sub);
	}
	return n;
}

bool gitconfig_matches(const struct gitconfig_name *name, const char *row)
{
	const char *key;

	if (strncmp(row, name->section, name->section_len) != 0 || row[name->section_len] != '.')
		return false;
	key = row + name->section_len + 1;
	if ((*key == '.') != (name->sub != NULL))
		return false;
	key += *key == '.';
	return strcmp(key, "*") == 0 || strcmp(key, name->key) == 0;
}

int gitconfig_reader_init(struct gitconfig_reader *r, const char *file, const char *text,
			  size_t len, struct err *e)
{
	*r = (struct gitconfig_reader){ .file = file, .text = text, .len = len, .line = 1 };
	if (len > GITCONFIG_TEXT_MAX)
		return err_set(e, EFBIG,
			       "%s: the file has %zu bytes, more than the %zu that are read", file,
			       len, GITCONFIG_TEXT_MAX);
	if (len > 0 && memchr(text, '\0', len))
		return err_set(e, EINVAL,
			       "%s: the file holds a NUL byte, which is no text; correct it", file);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r->pos = 3;
	return 0;
}

int gitconfig_next(struct gitconfig_reader *r, struct gitconfig_entry *entry, struct err *e)
{
	for (;;) {
		const char *bad = NULL;
		bool is_entry = false;
		int c;

		entry->line = r->line;
		c = next(r);
		if (r->at_end)
			return 0;
		if (c == '#' || c == ';')
			skip_line(r);
		else if (c == '[')
			bad = read_section(r, entry) < 0 ? "bad section header" : NULL;
		else if (is_alpha(c) && read_entry(r, c, entry) == 0)
			is_entry = true;
		else if (!is_space(c))
			bad = "bad key or value";
		if (entry->name.full)
			bad = "name too long";
		if (bad)
			return err_set(e, EINVAL,
				       "%s:%zu: %s; correct this line of git's configuration",
				       r->file, entry->line, bad);
		if (is_entry)
			return 1;
	}
}
