/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How ~/.claude is shown. Mount points never lie in a directory that a sandbox can write: a
 * planted symlink there would lead bubblewrap astray (CVE-2026-87766), so ~/.claude itself is
 * an empty tmpfs and every writable part is a leaf with a directory of its own behind it.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "spec/config.h"
#include "spec/facts.h"
#include "spec/spec.h"

int claude_add_mounts(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s, struct err *e);

/* Where the login of this project alone lies, made inside when the host had none; it need not be there. */
const char *claude_own_login(const struct facts *f, struct arena *a);

/* The paths that it asks facts_path() about. */
void claude_paths(const struct facts *f, struct arena *a, struct strv *ret);
