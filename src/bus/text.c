/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/text.h"

#include <stdint.h>
#include <string.h>

#include "base/auto.h"

static const struct {
	const char *escaped;
	char plain;
} entities[] = {
	{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
};

/* Bytes of the character at @at; text is UTF-8, but nothing is read past its end if it is not. */
static size_t width(const char *at)
{
	unsigned char c = (unsigned char)*at;
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return strnlen(at, n);
}

static uint32_t code(const char *at, size_t n)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t value = (unsigned char)at[0] & mask[n];

	for (size_t i = 1; i < n; i++)
		value = value << 6 | ((unsigned char)at[i] & 0x3f);
	return value;
}

/* Control characters, separators of lines, and marks that turn the writing around. */
static bool is_shown(uint32_t c)
{
	static const uint32_t hidden[][2] = { { 0, 0x1f },         { 0x7f, 0x9f },
					      { 0x61c, 0x61c },    { 0x200b, 0x200f },
					      { 0x2028, 0x202e },  { 0x2060, 0x206f },
					      { 0xfeff, 0xfeff },  { 0xfff9, 0xfffb },
					      { 0xe0000, 0xe007f } };

	for (size_t i = 0; i < N_ELEMENTS(hidden); i++)
		if (c >= hidden[i][0] && c <= hidden[i][1])
			return false;
	return true;
}

#define TAG_MAX 512

/* The bytes of a tag that notifications know; 0: it is none. */
static size_t tag(const char *at)
{
	static const char *const names[] = { "b", "i", "u", "a", "img" };
	const char *name = at + 1 + (at[1] == '/');
	size_t size = 0;

	while (size < TAG_MAX && name[size] && !strchr("<>", name[size]))
		size++;
	for (size_t i = 0; name[size] == '>' && i < N_ELEMENTS(names); i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(name, names[i], len) == 0 && strchr(" \t\n/>", name[len]))
			return (size_t)(name - at) + size + 1;
	}
	return 0;
}

static size_t entity(const char *at, char *ret)
{
	for (size_t i = 0; i < N_ELEMENTS(entities); i++)
		if (strncmp(at, entities[i].escaped, strlen(entities[i].escaped)) == 0) {
			*ret = entities[i].plain;
			return strlen(entities[i].escaped);
		}
	return 0;
}

static void put(struct buf *ret, const char *at, size_t n, bool as_markup)
{
	for (size_t i = 0; as_markup && n == 1 && i < N_ELEMENTS(entities); i++)
		if (entities[i].plain == *at) {
			buf_puts(ret, entities[i].escaped);
			return;
		}
	buf_add(ret, at, n);
}

void text_line(const char *text, size_t max, struct buf *ret)
{
	size_t taken = 0;

	for (size_t n; *text; text += n) {
		n = width(text);
		if (taken + n > max)
			return;
		if (*text == '\n' || *text == '\t')
			buf_puts(ret, " ");
		else if (is_shown(code(text, n)))
			buf_add(ret, text, n);
		taken += n;
	}
}

void text_body(const char *text, size_t max, bool as_markup, struct buf *ret)
{
	size_t taken = 0;

	while (*text && taken < max) {
		char plain;
		size_t skipped = *text == '<' ? tag(text) : 0;
		size_t escaped = *text == '&' ? entity(text, &plain) : 0;
		size_t n = width(text);

		text += skipped;
		if (skipped)
			continue;
		if (taken + n > max)
			return;
		if (escaped)
			put(ret, &plain, 1, as_markup);
		else if (*text == '\n' || is_shown(code(text, n)))
			put(ret, text, n, as_markup);
		text += escaped ? escaped : n;
		taken += n;
	}
}
