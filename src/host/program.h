/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that we start are looked for in root-owned system directories, never on PATH. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/*
 * The absolute path of @name in /usr/bin, /bin, /usr/sbin, /run/current-system/sw/bin ... that is
 * executable, owned by root and writable by nobody else (its directory too). -ENOENT otherwise.
 */
int program_find(const char *name, struct arena *a, const char **ret_path, struct err *e);

/* The same in @dirs, a list that ends with NULL; "root" is whoever owns the directory @root. */
int program_find_in(const char *root, const char *const *dirs, const char *name, struct arena *a,
		    const char **ret_path, struct err *e);
