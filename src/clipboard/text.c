/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/text.h"

#include <stdint.h>

struct character {
	uint32_t code;
	size_t len; /* 0: the bytes begin none */
};

/* Of the forms that could be read in two ways only the shortest is one; surrogates are none. */
static struct character decode(const unsigned char *s, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? s[0] : len ? s[0] & (0x7fU >> len) : 0;

	if (len == 0 || len > left || s[0] > 0xf4)
		return (struct character){ 0 };
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return (struct character){ 0 };
		code = code << 6 | (s[i] & 0x3fU);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return (struct character){ 0 };
	return (struct character){ .code = code, .len = len };
}

static bool is_text(uint32_t code)
{
	if (code == '\t' || code == '\n')
		return true;
	return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

void text_clean(const char *bytes, size_t len, struct buf *ret)
{
	for (size_t at = 0, from = 0; at < len; from = at) {
		struct character c = { 0 };

		/* As much as can be added at once. */
		while (at < len) {
			c = decode((const unsigned char *)bytes + at, len - at);
			if (c.len == 0 || !is_text(c.code))
				break;
			at += c.len;
		}
		if (at > from)
			buf_add(ret, bytes + from, at - from);
		if (at < len)
			at += c.len ? c.len : 1;
	}
}

void text_of_latin1(const char *bytes, size_t len, struct buf *ret)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char two[] = { (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) };

		if (c < 0x80)
			buf_add(ret, &bytes[i], 1);
		else
			buf_add(ret, two, sizeof(two));
	}
}

void text_to_latin1(const char *text, size_t len, struct buf *ret)
{
	for (size_t at = 0; at < len;) {
		struct character c = decode((const unsigned char *)text + at, len - at);
		char byte = c.len && c.code <= 0xff ? (char)c.code : '?';

		buf_add(ret, &byte, 1);
		at += c.len ? c.len : 1;
	}
}
