/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox says, made fit to be shown to a person. All of it is UTF-8, which D-Bus sees to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One line of at most @max bytes: without control characters and what changes the direction of writing. */
void text_line(const char *text, size_t max, struct buf *ret);

/*
 * The same with lines. Markup of notifications (b, i, u, a, img) is taken away, and what was escaped for its sake
 * stands as itself; written so that who reads markup (@as_markup) sees that same text.
 */
void text_body(const char *text, size_t max, bool as_markup, struct buf *ret);
