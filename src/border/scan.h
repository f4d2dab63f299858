/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a directory that tools on this host run by themselves. Looks, and changes nothing. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct scan_finding {
	const char *path; /* below the directory */
	const char *why;
	long long
		changed_s; /* its last change (of the file itself, not of what it says), since 1970 */
};

struct scan {
	struct arena *arena;
	struct scan_finding *items;
	size_t n;
	size_t n_seen; /* names looked at */
};

/* Never follows a link. -errno if @root cannot be read; what lies deeper than 64 is left out. */
int scan_tree(const char *root, struct scan *ret, struct err *e);
