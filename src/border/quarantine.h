/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that were taken out of a project because a tool on the host would run them. They lie in the
 * project's state directory under their full paths, readable for their owner alone.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"

/*
 * Moves @path (below @root) there. Never follows a link; files and links are moved, and nothing else:
 * -EISDIR, -EINVAL. -ENOENT if it is gone.
 */
int quarantine_put(const char *state, const char *root, const char *path, struct err *e);

/* Full paths as they were. */
void quarantine_list(const char *state, struct strv *ret);

/* Back to where it was; -EEXIST if there is something by now. */
int quarantine_restore(const char *state, const char *full_path, struct err *e);
