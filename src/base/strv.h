/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of strings that is NULL-terminated at any time: argv, environments, paths.
 * The list lives in an arena; the strings are not copied unless the function says so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct strv {
	struct arena *arena;
	const char **items; /* NULL while empty */
	size_t n;
};

#define STRV_INIT(a) ((struct strv){ .arena = (a) })

void strv_addn(struct strv *sv, const char *const *items, size_t n);
bool strv_has(const struct strv *sv, const char *item);

/* The array for exec: never NULL. */
const char *const *strv_argv(const struct strv *sv);

/* strv_add(&argv, "--bind", src, dst): any number of words, in one line. */
#define strv_add(sv, ...)                                     \
	strv_addn((sv), (const char *const[]){ __VA_ARGS__ }, \
		  sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* NAME=VALUE lists. The value of @name, or NULL. */
const char *env_get(const struct strv *env, const char *name);

/* Sets @name, replacing an earlier value. */
void env_set(struct strv *env, const char *name, const char *value);
