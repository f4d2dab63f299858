/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of git's configuration syntax: every value is quoted, nothing in it is syntax again. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

struct gitconfig_writer {
	struct arena *arena;
	struct buf *out;
	const char *header; /* what the last "[...]" line was for, with its dot; NULL at first */
};

/*
 * Adds one setting whose name is "section.key" or "section.subsection.key"; @section_len is the
 * length before the key's dot. A @value of NULL is the key alone.
 */
void gitconfig_write(struct gitconfig_writer *w, const char *name, size_t section_len,
		     const char *value);
