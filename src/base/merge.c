/* SPDX-License-Identifier: Apache-2.0 */
#include "base/merge.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/path.h"

/* Deeper, two objects are compared as a whole. Ours comes from a sandbox, and recursion has an end. */
#define DEPTH_MAX 16

static json_t *load(const struct merge_text *t)
{
	json_t *value = t->text ? json_loadb(t->text, t->len, 0, NULL) : NULL;

	if (value && !json_is_object(value)) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static void keep(json_t *object, const struct merge_filter *filter)
{
	json_t *table = object ? json_object_get(object, filter->member) : NULL;
	const char *key;
	json_t *value;
	void *next;

	if (!json_is_object(table))
		return;
	json_object_foreach_safe(table, next, key, value) if (!path_below(key, filter->path) &&
							      !path_below(filter->path, key))(void)
		json_object_del(table, key); /* it is there */
}

static bool is_same(const json_t *x, const json_t *y)
{
	return x == y || (x && y && json_equal(x, y));
}

/* NOLINTBEGIN(misc-no-recursion): objects lie in objects, and DEPTH_MAX ends it */
static json_t *merge_objects(const json_t *base, json_t *ours, json_t *theirs, unsigned depth);

/* A new reference, or NULL for "removed". */
static json_t *merge_values(const json_t *base, json_t *ours, json_t *theirs, unsigned depth)
{
	if (is_same(theirs, base))
		return json_incref(ours);
	if (!is_same(ours, base) && json_is_object(ours) && json_is_object(theirs) &&
	    depth < DEPTH_MAX)
		return merge_objects(base, ours, theirs, depth + 1);
	return json_incref(theirs);
}

static void put(json_t *to, const char *key, json_t *value)
{
	if (value && json_object_set_new(to, key, value) < 0)
		abort(); /* out of memory, or our own mistake: every key came from an object */
}

/* jansson's objects know no const for what they hand out. */
static json_t *member(const json_t *object, const char *key)
{
	return json_is_object(object) ? json_object_get(object, key) : NULL;
}

static json_t *merge_objects(const json_t *base, json_t *ours, json_t *theirs, unsigned depth)
{
	json_t *merged = json_object();
	const char *key;
	json_t *value;

	if (!merged)
		abort();
	json_object_foreach(ours, key, value) put(
		merged, key, merge_values(member(base, key), value, member(theirs, key), depth));
	json_object_foreach(theirs, key, value) if (!member(ours, key))
		put(merged, key, merge_values(member(base, key), NULL, value, depth));
	return merged;
}

/* NOLINTEND(misc-no-recursion) */

static int print(const json_t *value, struct buf *ret)
{
	char *text = json_dumps(value, JSON_INDENT(2));

	if (!text)
		abort();
	buf_puts(ret, text);
	free(text);
	return buf_full(ret) ? -EFBIG : 0;
}

int merge_json(const struct merge_text *base, const struct merge_text *ours,
	       const struct merge_text *theirs, const struct merge_filter *filter, struct buf *ret)
{
	json_t *t = load(theirs);
	json_t *b = load(base);
	json_t *o = load(ours);
	json_t *merged;
	int r;

	keep(t, filter);
	keep(b, filter);
	if (!t)
		merged = NULL;
	else if (!o)
		merged = json_incref(t);
	else
		merged = merge_objects(b, o, t, 0);
	r = merged ? print(merged, ret) : -EBADMSG;
	json_decref(merged);
	json_decref(o);
	json_decref(b);
	json_decref(t);
	return r;
}
