/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel writes about control groups, read from bytes: cgroups(7). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * The path of a process' group in the text of /proc/PID/cgroup: in the hierarchy of @controller
 * ("memory"), or with NULL in that of version 2. NULL if there is none, or if the path is not
 * clean ("/../x": the group lies outside of the reader's cgroup namespace).
 */
const char *cgroup_text_path(const char *text, size_t len, const char *controller, struct arena *a);

/* The number behind @key in lines of "key number", as memory.events has them. False: no such line. */
bool cgroup_text_value(const char *text, size_t len, const char *key, uint64_t *ret);

/* True if @word is one of the words of @text, as cgroup.controllers has them. */
bool cgroup_text_word(const char *text, size_t len, const char *word);
