/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a stream that is no request for http_head_looks_like() begins with a line that a lax server takes for one: it
 * overlooks empty lines and blanks before it, knows other blanks than a space, or cares little about the method and the
 * target. Such a line would be followed by a Host that nobody looks at. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum http_lax {
	HTTP_LAX_MORE,    /* its first line has not ended */
	HTTP_LAX_NONE,    /* it has, or cannot be a line of text, and is no request */
	HTTP_LAX_REQUEST, /* a word of it names a version of HTTP */
};

struct http_lax_line {
	bool has_begun;
	unsigned matched;
};

/*
 * The next bytes; @l begins as all zeros. Whatever came before an answer of REQUEST may have been passed on: no server
 * answers a line that has not ended.
 */
enum http_lax http_lax_feed(struct http_lax_line *l, const char *bytes, size_t len);
