/* SPDX-License-Identifier: Apache-2.0 */
#include "base/field.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/parse.h"

#define ACCEPTS_MAX 512
#define WORD_MAX 64 /* longer words are not compared */

size_t field_count(const struct field *rows)
{
	size_t n = 0;

	while (rows[n].name)
		n++;
	return n;
}

const struct field *field_find(const struct field *rows, const char *name)
{
	for (const struct field *row = rows; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

size_t field_index(const struct field *rows, const struct field *row)
{
	return (size_t)(row - rows);
}

const char *field_option(const struct field *row, struct arena *a)
{
	char *name = arena_strdup(a, row->option ? row->option : row->name);

	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

static void add_joined(struct buf *b, const char *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i > 0 ? ", " : "");
		buf_puts(b, items[i]);
	}
}

static size_t n_names(const struct field *row)
{
	size_t n = 0;

	while (row->names[n])
		n++;
	return n;
}

void field_accepts(const struct field *row, struct buf *b)
{
	switch (row->type) {
	case FIELD_BOOL:
		buf_puts(b, "true or false");
		break;
	case FIELD_UINT:
		if (row->flags & FIELD_SIZE)
			buf_addf(b,
				 "a size from %" PRIu64 "M to %" PRIu64
				 "M (a number of MiB, or text such as 512M, 4G or 1T)",
				 row->min, row->max);
		else
			buf_addf(b, "a whole number from %" PRIu64 " to %" PRIu64, row->min,
				 row->max);
		break;
	case FIELD_STR:
		buf_puts(b, "a string");
		break;
	case FIELD_ENUM:
		buf_puts(b, "one of ");
		add_joined(b, row->names, n_names(row));
		break;
	case FIELD_LIST:
		buf_puts(b, "a list of strings");
		break;
	case FIELD_MAP:
		buf_puts(b, "an object of lists of strings");
		break;
	}
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, drop, change or swap until @a is @b; both at most WORD_MAX long. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1]; /* of the matrix: this one and the two above, in turn */
	size_t na = strlen(a);
	size_t nb = strlen(b);

	for (size_t k = 0; k <= nb; k++)
		rows[0][k] = k;
	for (size_t i = 1; i <= na; i++) {
		const size_t *above = rows[(i - 1) % 3];
		size_t *row = rows[i % 3];

		row[0] = i;
		for (size_t k = 1; k <= nb; k++) {
			row[k] = smaller(smaller(above[k], row[k - 1]) + 1,
					 above[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = smaller(row[k], rows[(i - 2) % 3][k - 2] + 1);
		}
	}
	return rows[na % 3][nb];
}

const char *field_guess(const struct field *rows, const char *word, struct arena *a)
{
	/* One slip in a short word, two in a longer one. */
	size_t best = strlen(word) < 4 ? 2 : 3;
	const char *meant = NULL;

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (const struct field *row = rows; row->name; row++) {
		const char *names[] = { row->name, row->alias, field_option(row, a) };

		for (size_t i = 0; i < N_ELEMENTS(names); i++) {
			if (row->flags & FIELD_NO_KEY || !names[i] || strlen(names[i]) > WORD_MAX ||
			    distance(word, names[i]) >= best)
				continue;
			best = distance(word, names[i]);
			meant = row->name;
		}
	}
	return meant;
}

static int set_bool(bool *ret_value, const char *text, struct err *e)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "true", true },   { "1", true },  { "yes", true },
		{ "false", false }, { "0", false }, { "no", false },
	};

	for (size_t i = 0; i < N_ELEMENTS(words); i++) {
		if (strcmp(text, words[i].word) != 0)
			continue;
		*ret_value = words[i].value;
		return 0;
	}
	return err_set(e, EINVAL, "must be true, false, 1, 0, yes or no, not '%s'", text);
}

static int set_enum(const struct field *row, unsigned *ret_value, const char *text, struct err *e)
{
	auto_buf struct buf accepts = BUF_INIT(ACCEPTS_MAX);

	for (unsigned i = 0; row->names[i]; i++) {
		if (strcmp(text, row->names[i]) != 0)
			continue;
		*ret_value = i;
		return 0;
	}
	field_accepts(row, &accepts);
	return err_set(e, EINVAL, "must be %s, not '%s'", buf_text(&accepts), text);
}

static int set_uint(const struct field *row, uint64_t *ret_value, const char *text, struct err *e)
{
	if (row->flags & FIELD_SIZE)
		return parse_size_mib(text, row->min, row->max, ret_value, e);
	return parse_uint(text, row->min, row->max, ret_value, e);
}

static int add_item(struct strv *sv, const char *text, struct arena *a)
{
	if (!sv->arena)
		sv->arena = a;
	strv_add(sv, arena_strdup(a, text));
	return 0;
}

int field_set(const struct field *row, void *values, const char *text, struct arena *a,
	      struct err *e)
{
	void *at = field_at(row, values);

	switch (row->type) {
	case FIELD_BOOL:
		return set_bool(at, text, e);
	case FIELD_UINT:
		return set_uint(row, at, text, e);
	case FIELD_STR:
		*(const char **)at = arena_strdup(a, text);
		return 0;
	case FIELD_ENUM:
		return set_enum(row, at, text, e);
	case FIELD_LIST:
		if (!*text)
			return err_set(e, EINVAL, "must not be empty");
		return add_item(at, text, a);
	case FIELD_MAP:
		if (*text == '=' || !strchr(text, '='))
			return err_set(e, EINVAL, "must be KEY=VALUE");
		return add_item(at, text, a);
	}
	return err_set(e, EINVAL, "has no type");
}

static void merge_items(struct strv *to, const struct strv *from, struct arena *a)
{
	if (!to->arena)
		to->arena = a;
	strv_addn(to, from->items, from->n);
}

static void merge_row(const struct field *row, void *to, const void *from, struct arena *a)
{
	void *t = field_at(row, to);
	const void *f = field_of(row, from);

	switch (row->type) {
	case FIELD_BOOL:
		*(bool *)t = *(const bool *)f;
		break;
	case FIELD_UINT:
		*(uint64_t *)t = *(const uint64_t *)f;
		break;
	case FIELD_STR:
		*(const char **)t = *(const char *const *)f;
		break;
	case FIELD_ENUM:
		*(unsigned *)t = *(const unsigned *)f;
		break;
	case FIELD_LIST:
	case FIELD_MAP:
		merge_items(t, f, a);
		break;
	}
}

void field_merge(const struct field *rows, void *to, const void *from, const struct field_mask *set,
		 struct arena *a)
{
	for (size_t i = 0; rows[i].name && i < FIELD_MAX; i++)
		if (field_mask_has(set, i))
			merge_row(&rows[i], to, from, a);
}

/* An index past the names is our own mistake; it is printed as "?" so that it is seen. */
static const char *enum_name(const struct field *row, const void *at)
{
	unsigned index = *(const unsigned *)at;

	return index < n_names(row) ? row->names[index] : "?";
}

void field_print(const struct field *row, const void *values, struct buf *b)
{
	const void *at = field_of(row, values);
	const struct strv *sv = at;
	const char *text;

	if (row->flags & FIELD_SECRET) {
		buf_puts(b, "(secret)");
		return;
	}
	switch (row->type) {
	case FIELD_BOOL:
		buf_puts(b, *(const bool *)at ? "true" : "false");
		break;
	case FIELD_UINT:
		buf_addf(b, "%" PRIu64 "%s", *(const uint64_t *)at,
			 row->flags & FIELD_SIZE ? "M" : "");
		break;
	case FIELD_STR:
		text = *(const char *const *)at;
		buf_puts(b, text ? text : "");
		break;
	case FIELD_ENUM:
		buf_puts(b, enum_name(row, at));
		break;
	case FIELD_LIST:
	case FIELD_MAP:
		add_joined(b, sv->items, sv->n);
		break;
	}
}

static size_t key_len(const char *item)
{
	return strcspn(item, "=");
}

static bool same_key(const char *a, const char *b)
{
	return key_len(a) == key_len(b) && memcmp(a, b, key_len(a)) == 0;
}

static void list_json(const struct strv *sv, struct buf *b)
{
	buf_puts(b, "[");
	for (size_t i = 0; i < sv->n; i++) {
		buf_puts(b, i > 0 ? ", " : "");
		buf_json(b, sv->items[i]);
	}
	buf_puts(b, "]");
}

/* The key of item @first and all values that have the same key. */
static void entry_json(const struct strv *sv, size_t first, struct buf *b)
{
	auto_buf struct buf key = BUF_INIT(b->max);
	bool more = false;

	buf_add(&key, sv->items[first], key_len(sv->items[first]));
	buf_json(b, buf_text(&key));
	buf_puts(b, ": [");
	for (size_t i = first; i < sv->n; i++) {
		const char *item = sv->items[i];

		if (!same_key(item, sv->items[first]))
			continue;
		buf_puts(b, more ? ", " : "");
		buf_json(b, item + key_len(item) + (item[key_len(item)] == '='));
		more = true;
	}
	buf_puts(b, "]");
}

static void map_json(const struct strv *sv, struct buf *b)
{
	bool more = false;

	buf_puts(b, "{");
	for (size_t i = 0; i < sv->n; i++) {
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = same_key(sv->items[k], sv->items[i]);
		if (seen)
			continue;
		buf_puts(b, more ? ", " : "");
		entry_json(sv, i, b);
		more = true;
	}
	buf_puts(b, "}");
}

void field_print_json(const struct field *row, const void *values, struct buf *b)
{
	const void *at = field_of(row, values);
	const char *text = NULL;

	if (row->flags & FIELD_SECRET) {
		buf_puts(b, "null");
		return;
	}
	switch (row->type) {
	case FIELD_BOOL:
		buf_puts(b, *(const bool *)at ? "true" : "false");
		break;
	case FIELD_UINT:
		buf_addf(b, "%" PRIu64, *(const uint64_t *)at);
		break;
	case FIELD_STR:
		text = *(const char *const *)at;
		if (text)
			buf_json(b, text);
		else
			buf_puts(b, "null");
		break;
	case FIELD_ENUM:
		buf_json(b, enum_name(row, at));
		break;
	case FIELD_LIST:
		list_json(at, b);
		break;
	case FIELD_MAP:
		map_json(at, b);
		break;
	}
}
