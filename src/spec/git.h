/* SPDX-License-Identifier: Apache-2.0 */
/* What of git's own places is mounted. */
#pragma once

#include "spec/spec.h"

/* The user's settings. */
int git_add_mounts(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		   struct err *e);

/*
 * The repository of a linked worktree or a submodule, writable, so that a commit works inside; or a
 * note that tells why not. Last of all mounts, since others may show it already.
 */
void git_add_repository(const struct config *c, const struct facts *f, struct arena *a,
			struct spec *s);
