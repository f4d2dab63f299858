/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The glob of one word. It goes back to the last star alone, so a text of n bytes costs at most n
 * times the glob's length, which is bounded: no pattern makes it slow. Bytes, not characters: an
 * argument need not be text.
 */
#include <string.h>

#include "spec/rules.h"

/* The end of the class that opens at @at, or NULL: the bracket stands for itself. */
static const char *class_end(const char *at)
{
	const char *p = at + 1;

	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p += p[0] == '\\' && p[1] ? 2 : 1;
	return *p ? p : NULL;
}

static bool class_has(const char *at, const char *end, unsigned char c)
{
	const char *p = at + 1;
	bool negated = *p == '!' || *p == '^';
	bool found = false;

	p += negated;
	while (p < end) {
		unsigned char low;
		unsigned char high;

		p += p[0] == '\\' && p + 1 < end;
		low = high = (unsigned char)*p++;
		if (p + 1 < end && p[0] == '-') {
			p++;
			p += p[0] == '\\' && p + 1 < end;
			high = (unsigned char)*p++;
		}
		found |= low <= c && c <= high;
	}
	return found != negated;
}

/* One byte against what stands at @at, which is no star: the rest of the glob, or NULL. */
static const char *step(const char *at, unsigned char c)
{
	const char *end = *at == '[' ? class_end(at) : NULL;

	if (end)
		return class_has(at, end, c) ? end + 1 : NULL;
	if (*at == '?')
		return at + 1;
	at += at[0] == '\\' && at[1];
	return *at && (unsigned char)*at == c ? at + 1 : NULL;
}

bool rule_glob(const char *glob, const char *text, size_t len)
{
	const char *star = NULL; /* what follows the last star */
	size_t taken = 0;        /* bytes of the text up to where that star ends */
	size_t i = 0;

	while (i < len) {
		const char *next;

		if (*glob == '*') {
			star = ++glob;
			taken = i;
			continue;
		}
		next = step(glob, (unsigned char)text[i]);
		if (!next && !star)
			return false;
		glob = next ? next : star;
		i = next ? i + 1 : ++taken;
	}
	return glob[strspn(glob, "*")] == '\0';
}
