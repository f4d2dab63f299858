/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing text with a maximum that must be named when it is made. What goes past the
 * maximum is dropped and remembered: ask buf_full() before the text is used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL while empty, else NUL-terminated */
	size_t len;
	size_t cap;
	size_t max;
	bool full;
};

#define BUF_INIT(limit) ((struct buf){ .max = (limit) })
#define auto_buf __attribute__((cleanup(buf_done)))

static inline bool buf_full(const struct buf *b)
{
	return b->full;
}

void buf_done(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A string as JSON, quotes included. Bytes that are not UTF-8 become U+FFFD (RFC 8259). */
void buf_json(struct buf *b, const char *text);

/* One word for a POSIX shell, quoted only where it must be ($'..' for control bytes, bash). */
void buf_shell(struct buf *b, const char *word);

/* Text for a terminal or a log: control bytes, DEL, C1 and broken UTF-8 as \xNN. */
void buf_visible(struct buf *b, const char *text);

/* The text so far, never NULL. */
const char *buf_text(const struct buf *b);
