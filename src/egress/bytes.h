/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a binary protocol, taken from the front. What cannot be taken leaves them as they were. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline bool bytes_take(struct bytes *from, size_t n, struct bytes *ret)
{
	if (from->len < n)
		return false;
	*ret = (struct bytes){ from->at, n };
	from->at += n;
	from->len -= n;
	return true;
}

/* A big-endian number of @width bytes, at most 4. */
static inline bool bytes_number(struct bytes *from, size_t width, uint32_t *ret)
{
	struct bytes number;
	uint32_t value = 0;

	if (!bytes_take(from, width, &number))
		return false;
	for (size_t i = 0; i < width; i++)
		value = value << 8 | number.at[i];
	*ret = value;
	return true;
}
