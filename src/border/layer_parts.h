/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the layer share, and nobody else sees. */
#pragma once

#include "border/layer_tree.h"

/* Larger is never read: nothing of it is compared, shown or copied. */
#define LAYER_FILE_MAX ((size_t)8 << 20)

/* As fstatat(2); 0 or -errno. */
int layer_stat(int dir, const char *base, int flags, struct layer_stamp *ret);

/* As layer_open(), but into other mounts too: for a place where the sandbox can put nothing. */
int layer_open_mounted(int dir, const char *path, int flags);

/* The directory that holds @name, opened; *ret_base points into @name. -errno. */
int layer_parent(const struct layer_tree *t, const char *name, const char **ret_base);
