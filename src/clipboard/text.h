/* SPDX-License-Identifier: Apache-2.0 */
/* What may pass as text: both sides are hostile to each other, and a terminal may be where it is pasted. Pure. */
#pragma once

#include <stddef.h>

#include "base/buf.h"

/*
 * Adds what is valid UTF-8 and no control character (C0, DEL, C1) but tab and newline; the rest is left out. CR LF so
 * becomes LF.
 */
void text_clean(const char *bytes, size_t len, struct buf *ret);

/* STRING of the ICCCM is Latin-1, from and to UTF-8; what has no place there becomes '?'. */
void text_of_latin1(const char *bytes, size_t len, struct buf *ret);
void text_to_latin1(const char *text, size_t len, struct buf *ret);
