/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings are of two kinds. Free ones are on the list and have a value that it takes: they may come,
 * go and change. All others ("bound") are the host's: they may only stay, in their order, since git
 * takes the last of several values and an include counts from where it stands. They may go with the
 * remote, branch or submodule that they belong to, because git removes whole sections; anywhere else
 * what goes may have been a protection (core.hooksPath, an empty credential.helper).
 *
 * The bytes of the new text are kept when it has only forms in which no two readers of this syntax
 * are known to differ, so that a person's comments and layout survive. Else it is written anew from
 * what was read: were our reader ever to differ from git's, git would still see what was judged.
 */
#include "spec/gitmediate.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "spec/gitconfig_read.h"
#include "spec/gitconfig_write.h"
#include "spec/gitmediate_rows.h"
#include "spec/giturl.h"

#define N_SETTINGS_MAX ((size_t)10000)
#define REFUSED_MAX 64
#define REFUSED_TEXT_MAX ((size_t)1024)

struct setting {
	const char *name;
	const char *value; /* NULL: the key alone */
	size_t section_len;
	const char *objection; /* NULL: free */
};

struct settings {
	struct setting *items;
	size_t n;
};

struct texts {
	const char *file;
	struct settings old, new;
	struct strv *refused;
};

static int read_settings(struct gitconfig_reader *r, struct arena *a, struct settings *ret_settings,
			 struct err *e)
{
	auto_gitconfig_entry struct gitconfig_entry entry;
	struct settings s = { 0 };
	int rc;

	gitconfig_entry_init(&entry);
	while ((rc = gitconfig_next(r, &entry, e)) > 0) {
		struct setting *one;

		if (s.n == N_SETTINGS_MAX)
			return err_set(e, EFBIG, "%s: more than %zu settings; remove some", r->file,
				       N_SETTINGS_MAX);
		s.items = arena_grow(a, s.items, s.n, sizeof(*s.items));
		one = &s.items[s.n++];
		*one = (struct setting){
			.name = arena_strdup(a, buf_text(&entry.name)),
			.section_len = entry.section_len,
			.value = entry.has_value ? arena_strdup(a, buf_text(&entry.value)) : NULL,
		};
		one->objection = gitmediate_objection(r->file, one->name, one->value);
	}
	if (rc == 0)
		*ret_settings = s;
	return rc;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same(const struct setting *a, const struct setting *b)
{
	return strcmp(a->name, b->name) == 0 && same_text(a->value, b->value);
}

/* The subsection of an address may hold a password, those of these three are plain names. */
static bool sub_is_shown(const struct gitconfig_name *name)
{
	static const char *const sections[] = { "branch.", "remote.", "submodule." };

	for (size_t i = 0; i < N_ELEMENTS(sections); i++)
		if (strncmp(name->section, sections[i], strlen(sections[i])) == 0)
			return true;
	return false;
}

static void refuse(const struct texts *t, const char *name, const char *reason)
{
	auto_buf struct buf shown = BUF_INIT(REFUSED_TEXT_MAX);
	struct gitconfig_name n = gitconfig_split(name);
	struct strv *refused = t->refused;

	if (n.sub && !sub_is_shown(&n)) {
		buf_add(&shown, n.section, n.section_len);
		buf_addf(&shown, ".*.%s", n.key);
	} else {
		buf_visible(&shown, name);
	}
	buf_puts(&shown, ": ");
	for (size_t i = 0; i < refused->n; i++) /* one reason a setting is enough */
		if (strncmp(refused->items[i], buf_text(&shown), shown.len) == 0)
			return;
	buf_puts(&shown, reason);
	if (refused->n <= REFUSED_MAX)
		strv_add(refused, refused->n < REFUSED_MAX
					  ? arena_strdup(refused->arena, buf_text(&shown))
					  : "and more");
}

static bool has_name(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->items[i].name, name) == 0)
			return true;
	return false;
}

static bool has_bound(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].objection && strcmp(s->items[i].name, name) == 0)
			return true;
	return false;
}

/* A bound setting that is gone: with its section, or a listed key that gets a better value. */
static void judge_removed(const struct texts *t, const struct setting *gone)
{
	struct gitconfig_name n = gitconfig_split(gone->name);
	bool may_go = gitmediate_is_listed(gone->name) || (n.sub && sub_is_shown(&n));

	if (!may_go || has_bound(&t->new, gone->name))
		refuse(t, gone->name, "may not be removed from inside");
}

/* The next setting like @wanted from @from on, or the end. */
static size_t find_bound(const struct settings *s, size_t from, const struct setting *wanted)
{
	while (from < s->n && !(s->items[from].objection && same(&s->items[from], wanted)))
		from++;
	return from;
}

static void judge_gap(const struct texts *t, size_t from, size_t to)
{
	for (const struct setting *one = t->old.items + from; one < t->old.items + to; one++)
		if (one->objection)
			judge_removed(t, one);
}

/* The bound settings of the new text are those of the old one, in order. */
static void judge_bound(const struct texts *t)
{
	size_t at = 0; /* in the old ones */

	for (size_t i = 0; i < t->new.n && t->refused->n <= REFUSED_MAX; i++) {
		const struct setting *one = &t->new.items[i];
		size_t found;

		if (!one->objection)
			continue;
		found = find_bound(&t->old, at, one);
		if (found == t->old.n) {
			refuse(t, one->name, one->objection);
			continue;
		}
		judge_gap(t, at, found);
		at = found + 1;
	}
	if (t->old.n > 0)
		judge_gap(t, at, t->old.n);
}

/* The remote that this setting names, or NULL: an address and "." need none. */
static const char *named_remote(const struct setting *one, struct arena *a)
{
	static const char *const rows[] = { "branch..remote", "branch..pushremote",
					    "remote.pushdefault", "extensions.partialclone" };
	struct gitconfig_name n = gitconfig_split(one->name);

	if (gitconfig_matches(&n, "remote..promisor"))
		return arena_strndup(a, n.sub, n.sub_len);
	if (!one->value || strcmp(one->value, ".") == 0 || strchr(one->value, ':'))
		return NULL;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (gitconfig_matches(&n, rows[i]))
			return one->value;
	return NULL;
}

static bool has_address(const struct settings *s, const char *remote, struct arena *a)
{
	return has_name(s, arena_printf(a, "remote.%s.url", remote));
}

/*
 * git takes the name of a remote that has no address for a path: "git push" would run the hooks of
 * ./NAME. So a name that has lost its address, or never had one, is refused.
 */
static void judge_names(const struct texts *t, struct arena *a)
{
	for (size_t i = 0; i < t->new.n && t->refused->n <= REFUSED_MAX; i++) {
		const struct setting *one = &t->new.items[i];
		const char *remote = named_remote(one, a);
		bool was_there = false;

		if (!remote || has_address(&t->new, remote, a))
			continue;
		for (size_t k = 0; k < t->old.n && !was_there; k++)
			was_there = same(&t->old.items[k], one);
		if (!was_there || has_address(&t->old, remote, a))
			refuse(t, one->name,
			       "names a remote without an address, which git takes for a path");
	}
}

/* No CR, no byte order mark, no control byte, no line that goes on in the next one. */
static bool is_plain(const char *text, size_t len)
{
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ||
		    (c == '\\' && (i + 1 == len || text[i + 1] == '\n')))
			return false;
	}
	return true;
}

static void write_settings(const struct settings *s, struct arena *a, struct buf *out)
{
	struct gitconfig_writer w = { .arena = a, .out = out };

	for (size_t i = 0; i < s->n; i++)
		gitconfig_write(&w, s->items[i].name, s->items[i].section_len, s->items[i].value);
}

/* NOLINTNEXTLINE(readability-function-size): nine parameters, but for two texts in and two out */
int gitconfig_mediate(const char *file, bool local, const char *old_text, size_t old_len,
		      const char *new_text, size_t new_len, struct arena *a, struct buf *out,
		      struct strv *refused, struct err *e)
{
	struct texts t = { .file = file, .refused = refused };
	struct gitconfig_reader old_reader, new_reader;
	int rc;

	rc = gitconfig_reader_init(&old_reader, file, old_text, old_len, e);
	if (rc == 0)
		rc = gitconfig_reader_init(&new_reader, file, new_text, new_len, e);
	if (rc == 0)
		rc = read_settings(&old_reader, a, &t.old, e);
	if (rc == 0)
		rc = read_settings(&new_reader, a, &t.new, e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; local && i < t.new.n; i++)
		if (t.new.items[i].objection == giturl_local)
			t.new.items[i].objection = NULL;
	judge_bound(&t);
	judge_names(&t, a);
	if (refused->n > 0)
		return err_set(e, EPERM, "%s: %s%s; change this setting outside of the sandbox",
			       file, refused->items[0], refused->n > 1 ? ", and more" : "");
	if (is_plain(new_text, new_len))
		buf_add(out, new_text, new_len);
	else
		write_settings(&t.new, a, out);
	return out->full ? err_set(e, EFBIG, "%s: more than %zu bytes; shorten it", file, out->max)
			 : 0;
}
