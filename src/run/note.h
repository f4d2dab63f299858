/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of the keeper for the user (WIRE_NOTE), one a line. */
#pragma once

#include <stddef.h>

#include "base/buf.h"

#define NOTES_MAX ((size_t)1 << 16)

/* Adds what came with a note: one descriptor, which stays open. */
void note_read(const int *fds, size_t n_fds, struct buf *notes);

void note_say(const struct buf *notes, void (*say)(const char *sentence));
