/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cgroup_text.h"

#include <string.h>

#include "base/path.h"

struct piece {
	const char *at;
	size_t len;
};

/* Cuts the part up to @stop off the front of *rest; the separator is skipped. False at the end. */
static bool piece_next(struct piece *rest, char stop, struct piece *ret)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, stop, rest->len);
	*ret = (struct piece){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
	rest->at += ret->len + (end ? 1 : 0);
	rest->len -= ret->len + (end ? 1 : 0);
	return true;
}

static bool piece_is(const struct piece *p, const char *word)
{
	return p->len == strlen(word) && memcmp(p->at, word, p->len) == 0;
}

/* @list: controllers with commas between them; empty for version 2. */
static bool names(struct piece list, const char *controller)
{
	struct piece one;

	if (!controller)
		return list.len == 0;
	while (piece_next(&list, ',', &one))
		if (piece_is(&one, controller))
			return true;
	return false;
}

/* A line is "ID:CONTROLLERS:PATH"; a path may hold colons. */
const char *cgroup_text_path(const char *text, size_t len, const char *controller, struct arena *a)
{
	struct piece rest = { text, len };
	struct piece line;
	struct piece id;
	struct piece list;

	while (piece_next(&rest, '\n', &line)) {
		const char *path;

		if (!piece_next(&line, ':', &id) || line.len == 0)
			continue;
		/* ":" right away is the empty list; piece_next() gives it as such. */
		if (!piece_next(&line, ':', &list) || !names(list, controller))
			continue;
		path = arena_strndup(a, line.at, line.len);
		return strlen(path) == line.len && path_is_clean(path) ? path : NULL;
	}
	return NULL;
}

static bool digits(struct piece p, uint64_t *ret)
{
	uint64_t value = 0;

	if (p.len == 0)
		return false;
	for (size_t i = 0; i < p.len; i++) {
		if (p.at[i] < '0' || p.at[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(p.at[i] - '0'), &value))
			return false;
	}
	*ret = value;
	return true;
}

bool cgroup_text_value(const char *text, size_t len, const char *key, uint64_t *ret)
{
	struct piece rest = { text, len };
	struct piece line;
	struct piece word;

	while (piece_next(&rest, '\n', &line))
		if (piece_next(&line, ' ', &word) && piece_is(&word, key))
			return digits(line, ret);
	return false;
}

bool cgroup_text_word(const char *text, size_t len, const char *word)
{
	struct piece rest = { text, len };
	struct piece line;
	struct piece one;

	while (piece_next(&rest, '\n', &line))
		while (piece_next(&line, ' ', &one))
			if (piece_is(&one, word))
				return true;
	return false;
}
