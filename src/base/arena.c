/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

void arena_done(struct arena *a)
{
	while (a->head) {
		struct arena_block *block = a->head;

		a->head = block->next;
		free(block);
	}
}

static struct arena_block *block_add(struct arena *a, size_t size)
{
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct arena_block *block = calloc(1, sizeof(*block) + room);

	if (!block)
		abort();
	block->size = room;
	block->next = a->head;
	a->head = block;
	return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *block = a->head;
	void *p;

	if (size > SIZE_MAX - BLOCK_SIZE)
		abort();
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!block || block->size - block->used < size)
		block = block_add(a, size);
	p = block->bytes + block->used;
	block->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char text[512]; /* enough for nearly all: no second round */
	char *copy;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	if ((size_t)len < sizeof(text))
		return arena_strndup(a, text, (size_t)len);
	copy = arena_alloc(a, (size_t)len + 1);
	va_start(ap, fmt);
	(void)vsnprintf(copy, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return copy;
}

void *arena_grow(struct arena *a, void *items, size_t n, size_t item_size)
{
	size_t cap = n < 4 ? 4 : n * 2;
	void *bigger;

	/* The capacity is a power of two from 4 up; there is room unless n has just reached one. */
	if (items && (n < 4 || (n & (n - 1)) != 0))
		return items;
	bigger = arena_alloc(a, cap * item_size);
	if (items)
		memcpy(bigger, items, n * item_size);
	return bigger;
}
