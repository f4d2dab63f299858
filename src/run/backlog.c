/* SPDX-License-Identifier: Apache-2.0 */
#include "run/backlog.h"

#include <string.h>

void backlog_add(struct backlog *b, const char *bytes, size_t n)
{
	size_t first;

	if (n > BACKLOG_SIZE) {
		bytes += n - BACKLOG_SIZE;
		n = BACKLOG_SIZE;
	}
	first = n < BACKLOG_SIZE - b->end ? n : BACKLOG_SIZE - b->end;
	memcpy(b->bytes + b->end, bytes, first);
	memcpy(b->bytes, bytes + first, n - first);
	b->end = (b->end + n) % BACKLOG_SIZE;
	b->used = b->used + n < BACKLOG_SIZE ? b->used + n : BACKLOG_SIZE;
}

size_t backlog_copy(const struct backlog *b, char ret[static BACKLOG_SIZE])
{
	size_t start = (b->end + BACKLOG_SIZE - b->used) % BACKLOG_SIZE;
	size_t first = b->used < BACKLOG_SIZE - start ? b->used : BACKLOG_SIZE - start;

	memcpy(ret, b->bytes + start, first);
	memcpy(ret + first, b->bytes, b->used - first);
	return b->used;
}
