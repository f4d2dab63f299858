/* SPDX-License-Identifier: Apache-2.0 */
/* git's configuration syntax (git-config(1)), read to keep what is harmless. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

/*
 * Parses @len bytes and appends the allow-listed keys to @out in canonical form (identity, colours,
 * line ends, merge and pull behaviour, aliases that are no shell commands...). Names of keys that
 * were dropped are added to @dropped. @file for messages: "FILE:LINE: ...". -EINVAL if git would
 * not read it either. Includes are not followed (listed in @dropped).
 */
int gitconfig_clean(const char *file, const char *text, size_t len, struct arena *a,
		    struct buf *out, struct strv *dropped, struct err *e);
