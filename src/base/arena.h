/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that dies together. What belongs to a config, spec or plan comes from its arena
 * and is never freed alone. Running out of memory aborts: the launcher holds no state
 * that would be lost with it.
 */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
};

#define ARENA_INIT ((struct arena){ 0 })
#define auto_arena __attribute__((cleanup(arena_done)))

void arena_done(struct arena *a);

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *text) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *text, size_t len) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));

/*
 * Makes room for one more element in an array of @n elements that lives in @a and returns
 * the array: the same one, or a copy of twice the size. The capacity is the next power of two.
 */
void *arena_grow(struct arena *a, void *items, size_t n, size_t item_size)
	__attribute__((returns_nonnull));

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
