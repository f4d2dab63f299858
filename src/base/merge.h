/* SPDX-License-Identifier: Apache-2.0 */
/* Two JSON texts that came from one, brought together. Pure. */
#pragma once

#include <stddef.h>

#include "base/buf.h"

struct merge_text {
	const char *text; /* NULL: there is none */
	size_t len;
};

/* Of the object in member .member only the keys that are .path, above or below it are kept of @theirs. */
struct merge_filter {
	const char *member, *path;
};

/*
 * Adds to @ret what @ours and @theirs made of @base, member by member: who differs from the base has
 * changed a value; if both have, @theirs wins, unless both are objects. What is no JSON object counts
 * as missing. -EBADMSG if @theirs is none, -EFBIG if @ret is full.
 */
int merge_json(const struct merge_text *base, const struct merge_text *ours,
	       const struct merge_text *theirs, const struct merge_filter *filter, struct buf *ret);
