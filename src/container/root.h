/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of the blueprint is made of; root.c and root_parts.c alone. */
#pragma once

#include "container/container.h"

struct building {
	const struct handover *h;
	const struct blueprint *bp;
	int root, data; /* mounts: the new root, and files of which each is mounted elsewhere */
};

/* All return a mount that is nowhere yet, or a negated errno. */
int root_tmpfs(const struct building *w, uint32_t mode, uint64_t size);
int root_layer(uint32_t source, uint32_t over);

/* A file with the row's content and mode, in @dir. */
int root_file(const struct building *w, const struct blueprint_row *row, int dir, const char *name);
