/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/http_lax.h"

#include <string.h>

/* What one server or another takes for a blank (RFC 9112 section 3, and languages that split lines by Unicode's rules). */
static bool is_blank(unsigned char c)
{
	return (c >= '\t' && c <= '\r' && c != '\n') || (c >= 0x1c && c <= ' ') || c >= 0x7f;
}

/* One byte of a line that has begun. */
static enum http_lax line_byte(struct http_lax_line *l, unsigned char c)
{
	static const char version[] = "http/";

	if (c == '\n' || (c < 0x20 && !is_blank(c)))
		return HTTP_LAX_NONE;
	if (is_blank(c))
		l->matched = 1; /* the blank before it */
	else if (l->matched > 0 && (c | 0x20) == (version[l->matched - 1] | 0x20))
		l->matched++;
	else
		l->matched = 0;
	return l->matched == 1 + strlen(version) ? HTTP_LAX_REQUEST : HTTP_LAX_MORE;
}

enum http_lax http_lax_feed(struct http_lax_line *l, const char *bytes, size_t len)
{
	enum http_lax r = HTTP_LAX_MORE;

	for (size_t i = 0; i < len && r == HTTP_LAX_MORE; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (!l->has_begun && (c == '\n' || is_blank(c)))
			continue;
		l->has_begun = true;
		r = line_byte(l, c);
	}
	return r;
}
