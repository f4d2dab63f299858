/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text: pure, nothing here looks at the disk. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

/* True if @path is @root or lies below it; both absolute and without "." and "..". */
bool path_below(const char *path, const char *root);

/* Absolute, no empty, "." or ".." component, no trailing slash (but "/"). */
bool path_is_clean(const char *path);

/* Collapses "//", "/./" and trailing slashes and resolves ".." as text; @path is absolute. */
char *path_clean(struct arena *a, const char *path);

/* @name below @dir; an absolute @name replaces @dir (as the shell's cd does). Cleaned. */
char *path_join(struct arena *a, const char *dir, const char *name);

/* Text after the last slash; "/" for the root. Points into @path. */
const char *path_base(const char *path);

/* The directory part: "/" for "/x", NULL for "/". */
char *path_parent(struct arena *a, const char *path);

/*
 * Claude Code's name for a directory's sessions: each UTF-16 unit outside [A-Za-z0-9] becomes '-';
 * a name of more than 200 is cut there and followed by '-' and a hash of the path.
 */
char *path_session_name(struct arena *a, const char *path);

/* "~" and "~/x" with @home in place of the tilde; cleaned if absolute, else as it is. */
char *path_expand_home(struct arena *a, const char *home, const char *path);
