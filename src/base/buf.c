/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void buf_done(struct buf *b)
{
	free(b->data);
	*b = BUF_INIT(b->max);
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

/* Room for @len bytes more and the NUL; @len has been cut to the maximum. */
static void make_room(struct buf *b, size_t len)
{
	size_t need = b->len + len + 1;
	size_t cap = b->cap ? b->cap : 64;
	char *bigger;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	bigger = realloc(b->data, cap);
	if (!bigger)
		abort();
	b->data = bigger;
	b->cap = cap;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	/* One byte is kept free so that len + 1 cannot overflow. */
	size_t max = b->max < SIZE_MAX ? b->max : SIZE_MAX - 1;

	if (len > max - b->len) {
		len = max - b->len;
		b->full = true;
	}
	if (len == 0)
		return;
	make_room(b, len);
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	buf_add(b, text, (size_t)len);
}

/*
 * The length of the UTF-8 sequence at @s, or 0 if it is none: table 3-7 of the Unicode standard,
 * so no overlong forms, no surrogates, nothing past U+10FFFF. The NUL at the end is no
 * continuation byte, which is why the text is never read past it.
 */
static size_t utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second byte */
		unsigned char len;
	} forms[] = {
		{ 0x01, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (forms[i].len > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/* A terminal acts on these: C0, DEL, and C1 in its UTF-8 form (U+0080 to U+009F). */
static bool is_control(const unsigned char *s)
{
	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f);
}

static void json_control(struct buf *b, unsigned char c)
{
	static const char names[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};

	if (names[c])
		buf_addf(b, "\\%c", names[c]);
	else
		buf_addf(b, "\\u%04x", c);
}

void buf_json(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	buf_puts(b, "\"");
	while (*s) {
		size_t len = utf8_len(s);

		if (len == 0)
			buf_puts(b, REPLACEMENT);
		else if (*s < 0x20)
			json_control(b, *s);
		else if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else
			buf_add(b, s, len);
		s += len ? len : 1;
	}
	buf_puts(b, "\"");
}

/* Octal, because "\x1" swallows the hexadecimal digit that follows in some shells. */
static void shell_dollar(struct buf *b, const unsigned char *s)
{
	buf_puts(b, "$'");
	while (*s) {
		size_t len = utf8_len(s);
		size_t step = len ? len : 1;

		if (len == 0 || is_control(s)) {
			for (size_t i = 0; i < step; i++)
				buf_addf(b, "\\%03o", s[i]);
		} else {
			if (*s == '\'' || *s == '\\')
				buf_puts(b, "\\");
			buf_add(b, s, len);
		}
		s += step;
	}
	buf_puts(b, "'");
}

static void shell_quoted(struct buf *b, const char *word)
{
	buf_puts(b, "'");
	for (;;) {
		size_t len = strcspn(word, "'");

		buf_add(b, word, len);
		if (word[len] == '\0')
			break;
		buf_puts(b, "'\\''");
		word += len + 1;
	}
	buf_puts(b, "'");
}

static bool must_escape(const unsigned char *s)
{
	while (*s) {
		size_t len = utf8_len(s);

		if (len == 0 || is_control(s))
			return true;
		s += len;
	}
	return false;
}

void buf_shell(struct buf *b, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_@%+=:,./-";

	if (*word && word[strspn(word, plain)] == '\0')
		buf_puts(b, word);
	else if (must_escape((const unsigned char *)word))
		shell_dollar(b, (const unsigned char *)word);
	else
		shell_quoted(b, word);
}

void buf_visible(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t len = utf8_len(s);
		size_t step = len ? len : 1;

		if (len == 0 || is_control(s))
			for (size_t i = 0; i < step; i++)
				buf_addf(b, "\\x%02x", s[i]);
		else
			buf_add(b, s, len);
		s += step;
	}
}
