/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in a directory that a sandbox can write, or could: no link on the way is followed, and nothing
 * outside of the directory is reached (openat2(2), Linux 5.6). Paths are relative to it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* -1 and errno; ELOOP where a link is on the way. "" is the directory itself. */
int beneath_open(int root, const char *path, int flags);

/* The directory in which @path lies; *ret_name points into @path. */
int beneath_parent(int root, const char *path, const char **ret_name);

/* What is found in a tree, for whoever is about to delete it. */
struct beneath_sum {
	size_t n;
	uint64_t bytes;
	struct timespec newest; /* ctime */
};

/* Adds @name in @dir and all below it. -errno. */
int beneath_sum(int dir, const char *name, struct beneath_sum *sum);

/* Deletes @name in @dir and all below it, directories without rights (overlayfs's own) too. -errno. */
int beneath_remove(int dir, const char *name);

/* The names in a directory, sorted; @dir stays open and as it was. -errno. */
struct strv;
int beneath_names(int dir, struct strv *ret);
