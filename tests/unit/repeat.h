/* SPDX-License-Identifier: Apache-2.0 */
/* @text @n times, in @a. */
#pragma once

#include <stddef.h>
#include <string.h>

#include "base/arena.h"

static inline const char *repeat(struct arena *a, const char *text, size_t n)
{
	size_t len = strlen(text);
	char *all = arena_alloc(a, n * len + 1);

	for (size_t i = 0; i < n * len; i++)
		all[i] = text[i % len];
	return all;
}
