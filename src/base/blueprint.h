/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the root of a container is built and what is executed on it: rows in the order in which they are carried out,
 * and an argv. Written by run/, read by src/container in the container's own user namespace, where nobody has a right
 * over the host any more. Descriptors travel beside it; rows name them by their place (base/handover.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/strv.h"

enum blueprint_op {
	BLUEPRINT_BIND,    /* the source, as it was handed over */
	BLUEPRINT_TMPFS,   /* empty; mode, size */
	BLUEPRINT_DIR,     /* mode */
	BLUEPRINT_SYMLINK, /* to target */
	BLUEPRINT_FILE,    /* with the content of a file; mode */
	BLUEPRINT_PROGRAM, /* the same as a read-only mount over a file */
	BLUEPRINT_MASK,    /* /dev/null, which cannot be opened, over a file */
	BLUEPRINT_LAYER, /* the source, and what is written goes to the directories upper and work in another */
	N_BLUEPRINT_OPS
};

#define BLUEPRINT_NONE UINT32_MAX

struct blueprint_row {
	enum blueprint_op op;
	uint32_t mode;      /* permission bits */
	uint64_t size;      /* BLUEPRINT_TMPFS, in bytes; 0: the kernel's default */
	uint32_t source;    /* BIND, LAYER: its place among the sources; else BLUEPRINT_NONE */
	uint32_t over;      /* LAYER: the source that has "upper" and "work" */
	uint32_t file;      /* FILE, PROGRAM: its place among the files */
	const char *dst;    /* absolute, in the new root */
	const char *target; /* SYMLINK; else "" */
};

struct blueprint {
	uint32_t uid, gid; /* the owner of all that is made */
	bool own_network;
	bool lends; /* nothing is built: the sources go back as mounts, over the channel */
	struct blueprint_row *rows;
	size_t n_rows;
	struct strv argv; /* argv[0] absolute */
};

void blueprint_pack(const struct blueprint *bp, struct buf *b);

/* Texts point into @block, the rest is @a's. -EBADMSG if it is torn, too long, or says what no row can be. */
int blueprint_unpack(const char *block, size_t size, struct arena *a, struct blueprint *ret);
