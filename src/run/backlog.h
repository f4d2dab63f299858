/* SPDX-License-Identifier: Apache-2.0 */
/* The last bytes that a terminal showed while nobody was attached. */
#pragma once

#include <stddef.h>

#define BACKLOG_SIZE ((size_t)64 * 1024)

struct backlog {
	char bytes[BACKLOG_SIZE];
	size_t end;  /* where the next byte goes */
	size_t used; /* at most BACKLOG_SIZE */
};

void backlog_add(struct backlog *b, const char *bytes, size_t n);

/* Oldest first; returns how many bytes were copied. */
size_t backlog_copy(const struct backlog *b, char ret[static BACKLOG_SIZE]);
