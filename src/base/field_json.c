/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows from a JSON object; the only file that knows jansson.
 *
 * jansson keeps no positions for what it has parsed. A message about a key or a value
 * therefore finds its place again: members are visited in the order of the text (jansson 2.8
 * keeps it, and duplicates are refused), so that a spot is a path of indices, and locate()
 * walks the text, known to be valid by then, along that path. Nothing here recurses.
 */
#include "base/field.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/auto.h"

#define DEPTH_MAX 16 /* our tables need 3 */
#define SPOT_MAX 3   /* row, key of a map, item of a list */
#define SHOWN_MAX 40 /* bytes of the file that a message repeats */
#define ACCEPTS_MAX 512

struct reader {
	const char *file;
	const char *text;
	size_t len;
	const struct field *rows;
	const struct field *row; /* being read, NULL at the top */
	void *values;
	struct field_mask set;
	struct arena *arena;
};

/* A value, or the key in front of it, by the index at each level. */
struct spot {
	size_t index[SPOT_MAX];
	size_t n;
	bool is_key;
};

static void json_done(json_t **root)
{
	json_decref(*root);
}

#define auto_json __attribute__((cleanup(json_done)))

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Puts FILE:LINE:COLUMN in front; both count from 1, columns in characters. */
static int __attribute__((format(printf, 4, 5)))
fail_at(struct err *e, const struct reader *rd, size_t at, const char *fmt, ...)
{
	char msg[ERR_MSG_MAX];
	size_t line = 1;
	size_t column = 1;
	va_list ap;

	for (size_t i = 0; i < at && i < rd->len; i++) {
		column = rd->text[i] == '\n' ? 1 : column + !is_continuation(rd->text[i]);
		line += rd->text[i] == '\n';
	}
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return err_set(e, EINVAL, "%s:%zu:%zu: %s", rd->file, line, column, msg);
}

/* The beginning of @len bytes, so that no file can write to the terminal or flood it. */
static const char *shown(const char *text, size_t len, struct arena *a)
{
	auto_buf struct buf b = BUF_INIT((size_t)8 * SHOWN_MAX);
	size_t n = len;

	if (n > SHOWN_MAX)
		for (n = SHOWN_MAX; n > 0 && is_continuation(text[n]); n--)
			;
	buf_visible(&b, arena_strndup(a, text, n));
	buf_puts(&b, n < len ? "..." : "");
	return arena_strdup(a, buf_text(&b));
}

/* What stands at @at is one of @set; nothing stands past the end. */
static bool is_at(const struct reader *rd, size_t at, const char *set)
{
	return at < rd->len && strchr(set, rd->text[at]) != NULL;
}

static size_t skip_space(const struct reader *rd, size_t at)
{
	while (is_at(rd, at, " \t\r\n"))
		at++;
	return at;
}

static size_t skip_string(const struct reader *rd, size_t at)
{
	for (at++; at < rd->len && rd->text[at] != '"'; at++)
		at += rd->text[at] == '\\';
	return at + 1;
}

static size_t skip_value(const struct reader *rd, size_t at)
{
	size_t depth = 0;

	do {
		if (is_at(rd, at, "\"")) {
			at = skip_string(rd, at);
			continue;
		}
		if (is_at(rd, at, "{["))
			depth++;
		else if (is_at(rd, at, "]}"))
			depth--;
		else
			while (at + 1 < rd->len && !is_at(rd, at + 1, "{[\",]} \t\r\n"))
				at++;
		at++;
	} while (depth > 0 && at < rd->len);
	return at < rd->len ? at : rd->len;
}

/* From a member's key to its value. */
static size_t skip_key(const struct reader *rd, size_t at)
{
	at = skip_space(rd, skip_string(rd, at));
	return skip_space(rd, at + 1);
}

static size_t locate(const struct reader *rd, const struct spot *spot)
{
	size_t at = skip_space(rd, 0);

	for (size_t i = 0; i < spot->n; i++) {
		bool has_keys = is_at(rd, at, "{");

		at = skip_space(rd, at + 1);
		for (size_t k = 0; k < spot->index[i]; k++) {
			at = skip_value(rd, has_keys ? skip_key(rd, at) : at);
			at = skip_space(rd, skip_space(rd, at) + 1);
		}
		if (has_keys && !(spot->is_key && i + 1 == spot->n))
			at = skip_key(rd, at);
	}
	return at;
}

static struct spot below(const struct spot *spot, size_t index)
{
	struct spot child = *spot;

	assert(child.n < SPOT_MAX);
	child.index[child.n++] = index;
	return child;
}

/* "SUBJECT must be WHAT, not VALUE". */
static int must_be(const struct reader *rd, const struct spot *spot, const char *subject,
		   const char *what, struct err *e)
{
	size_t at = locate(rd, spot);
	const char *found = shown(rd->text + at, skip_value(rd, at) - at, rd->arena);

	if (rd->row && rd->row->flags & FIELD_SECRET)
		return fail_at(e, rd, at, "%s must be %s", subject, what);
	if (is_at(rd, at, "{["))
		found = is_at(rd, at, "{") ? "an object" : "a list";
	return fail_at(e, rd, at, "%s must be %s, not %s", subject, what, found);
}

static int wrong_value(const struct reader *rd, const struct spot *spot, struct err *e)
{
	auto_buf struct buf accepts = BUF_INIT(ACCEPTS_MAX);

	field_accepts(rd->row, &accepts);
	return must_be(rd, spot, arena_printf(rd->arena, "'%s'", rd->row->name), buf_text(&accepts),
		       e);
}

static int unknown_key(const struct reader *rd, const char *key, struct spot spot, struct err *e)
{
	const char *name = shown(key, strlen(key), rd->arena);
	const char *meant = field_guess(rd->rows, key, rd->arena);
	size_t at;

	spot.is_key = true;
	at = locate(rd, &spot);
	if (!meant)
		return fail_at(e, rd, at, "unknown key '%s'", name);
	return fail_at(e, rd, at, "unknown key '%s' (did you mean '%s'?)", name, meant);
}

static const struct field *find_key(const struct field *rows, const char *key)
{
	for (const struct field *row = rows; row->name; row++)
		if (!(row->flags & FIELD_NO_KEY) &&
		    (strcmp(row->name, key) == 0 || (row->alias && strcmp(row->alias, key) == 0)))
			return row;
	return NULL;
}

/* The value as field_set() takes it, NULL if it is of another type. */
static const char *scalar_text(const struct field *row, const json_t *value, struct arena *a)
{
	if (row->type == FIELD_BOOL)
		return json_is_true(value) ? "true" : json_is_false(value) ? "false" : NULL;
	if (row->type == FIELD_UINT && json_is_integer(value))
		return arena_printf(a, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (row->type == FIELD_UINT && !(row->flags & FIELD_SIZE))
		return NULL;
	return json_string_value(value);
}

/* The items of a list, or those of @key in a map. */
static int read_items(struct reader *rd, const json_t *list, const char *key,
		      const struct spot *spot, struct err *e)
{
	const char *prefix = key ? arena_printf(rd->arena, "%s=", key) : "";
	const char *name = rd->row->name;

	if (key)
		name = arena_printf(rd->arena, "%s.%s", name, shown(key, strlen(key), rd->arena));
	if (!json_is_array(list))
		return must_be(rd, spot, arena_printf(rd->arena, "'%s'", name), "a list of strings",
			       e);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *item = json_string_value(json_array_get(list, i));
		struct spot at = below(spot, i);

		if (!item || !*item)
			return must_be(rd, &at, arena_printf(rd->arena, "items of '%s'", name),
				       "non-empty strings", e);
		item = arena_printf(rd->arena, "%s%s", prefix, item);
		if (field_set(rd->row, rd->values, item, rd->arena, e) < 0)
			return wrong_value(rd, &at, e);
	}
	return 0;
}

static int read_map(struct reader *rd, json_t *map, const struct spot *spot, struct err *e)
{
	size_t i = 0;

	if (!json_is_object(map))
		return wrong_value(rd, spot, e);
	for (void *m = json_object_iter(map); m; m = json_object_iter_next(map, m), i++) {
		const char *key = json_object_iter_key(m);
		struct spot at = below(spot, i);
		int r;

		at.is_key = !*key || strchr(key, '=');
		if (at.is_key)
			return fail_at(e, rd, locate(rd, &at),
				       "key '%s' of '%s' must not be empty or contain '='",
				       shown(key, strlen(key), rd->arena), rd->row->name);
		r = read_items(rd, json_object_iter_value(m), key, &at, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_row(struct reader *rd, json_t *value, const struct spot *spot, struct err *e)
{
	const char *text;

	if (rd->row->type == FIELD_LIST)
		return read_items(rd, value, NULL, spot, e);
	if (rd->row->type == FIELD_MAP)
		return read_map(rd, value, spot, e);
	text = scalar_text(rd->row, value, rd->arena);
	if (!text || field_set(rd->row, rd->values, text, rd->arena, e) < 0)
		return wrong_value(rd, spot, e);
	return 0;
}

static int read_members(struct reader *rd, json_t *root, struct err *e)
{
	struct spot top = { 0 };
	size_t i = 0;

	if (!json_is_object(root))
		return must_be(rd, &top, "the file", "one object: { ... }", e);
	for (void *m = json_object_iter(root); m; m = json_object_iter_next(root, m), i++) {
		struct spot at = below(&top, i);
		size_t index;
		int r;

		rd->row = find_key(rd->rows, json_object_iter_key(m));
		if (!rd->row)
			return unknown_key(rd, json_object_iter_key(m), at, e);
		index = field_index(rd->rows, rd->row);
		at.is_key = field_mask_has(&rd->set, index);
		if (at.is_key)
			return fail_at(e, rd, locate(rd, &at),
				       "'%s' and '%s' are the same setting: keep one",
				       rd->row->name, rd->row->alias);
		field_mask_put(&rd->set, index, true);
		r = read_row(rd, json_object_iter_value(m), &at, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Before jansson, which recurses: no NUL bytes, and no deeper than any table needs. */
static int check_bounds(const struct reader *rd, struct err *e)
{
	const char *nul = rd->len ? memchr(rd->text, '\0', rd->len) : NULL;
	size_t depth = 0;

	if (nul)
		return fail_at(e, rd, (size_t)(nul - rd->text), "NUL byte");
	for (size_t at = 0; at < rd->len; at++) {
		if (is_at(rd, at, "\""))
			at = skip_string(rd, at) - 1;
		else if (is_at(rd, at, "]}"))
			depth -= depth > 0;
		else if (is_at(rd, at, "{[") && ++depth > DEPTH_MAX)
			return fail_at(e, rd, at, "nested more than %d levels deep", DEPTH_MAX);
	}
	return 0;
}

/*
 * jansson says where it stopped reading, after the token that it complains about. A string's
 * first quote is the last one before that end with no backslash in front; other tokens are
 * repeated in the message, "... near 'TOKEN'", unless they are longer than 20 bytes.
 */
static int bad_syntax(const struct reader *rd, const json_error_t *error, struct err *e)
{
	size_t at = error->position > 0 ? (size_t)error->position : 0;
	const char *near = strstr(error->text, " near '");
	auto_buf struct buf why = BUF_INIT(ERR_MSG_MAX);
	size_t end = at;
	size_t len;

	if (json_error_code(error) == json_error_duplicate_key) {
		for (at = end - 2; at > 0 && (rd->text[at] != '"' || rd->text[at - 1] == '\\');
		     at--)
			;
		return fail_at(e, rd, at, "key '%s' is given twice",
			       shown(rd->text + at + 1, end - at - 2, rd->arena));
	}
	len = near ? strlen(near) - strlen(" near ''") : 0;
	if (len > 0 && len <= at && memcmp(rd->text + at - len, near + strlen(" near '"), len) == 0)
		at -= len;
	else if (at > 0 && !strstr(error->text, " near "))
		at--;
	buf_visible(&why, error->text);
	return fail_at(e, rd, at, "%s", buf_text(&why));
}

/* Eight parameters, two past the limit, as in field_parse_args(): table, values, text, result. */
/* NOLINTNEXTLINE(readability-function-size) */
int field_parse_json(const struct field *rows, void *values, struct field_mask *set,
		     const char *file, const char *text, size_t len, struct arena *a, struct err *e)
{
	struct reader rd = {
		.file = file,
		.text = text,
		.len = len,
		.rows = rows,
		.values = values,
		.arena = a,
	};
	json_error_t error = { 0 };
	auto_json json_t *root = NULL;
	int r;

	assert(field_count(rows) <= FIELD_MAX);
	r = check_bounds(&rd, e);
	if (r < 0)
		return r;
	root = json_loadb(len ? text : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!root)
		return bad_syntax(&rd, &error, e);
	r = read_members(&rd, root, e);
	for (size_t i = 0; r == 0 && rows[i].name; i++)
		if (field_mask_has(&rd.set, i))
			field_mask_put(set, i, true);
	return r;
}
