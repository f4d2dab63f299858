/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock as the second wall behind the mounts: who can write where, derived from what is mounted
 * and from what this kernel can hold. It grants nothing that the mounts do not; where a mount, a
 * descriptor or a bug lets more through, it still stands. Pure: init/landlock.c raises it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/strv.h"

/* Older ones cannot be used: landlock.c says why. */
#define LANDLOCK_ABI_LEAST 2

struct facts;
struct mount;

enum landlock_grant {
	LANDLOCK_READ,    /* read and execute */
	LANDLOCK_WRITE,   /* and everything but device nodes */
	LANDLOCK_GUARDED, /* read, removed, and sockets made: the rest is the guard's */
	LANDLOCK_PROCESS, /* files of /proc: written, but not made */
	LANDLOCK_EXECUTE, /* programs are executed; no directory is listed */
	LANDLOCK_DEVICE,  /* a device or a directory of devices: written, and its commands */
	N_LANDLOCK_GRANTS,
};

/* Beneath path, or on it if it is no directory. What an inner one lacks, an outer one still gives. */
struct landlock_rule {
	const char *path;
	enum landlock_grant grant;
};

struct landlock {
	int abi;         /* what is used of the kernel's; 0: nothing */
	uint64_t fs;     /* rights that are refused where no rule gives them */
	uint64_t scoped; /* LANDLOCK_SCOPE_* */
	uint32_t flags;  /* LANDLOCK_RESTRICT_SELF_* */
	struct landlock_rule *rules;
	size_t n_rules;
};

/* The rules for @mounts on the kernel of @f; they live in @a. */
void landlock_build(const struct facts *f, const struct mount *mounts, size_t n, struct arena *a,
		    struct landlock *ret);

/* One more rule; does nothing on a kernel without Landlock. */
void landlock_add(struct landlock *l, struct arena *a, const char *path, enum landlock_grant grant);

/* The rights that a rule gives under @l: never more than @l handles. */
uint64_t landlock_rights(const struct landlock *l, enum landlock_grant grant);

/* Sentences: what holds under @l, and what this kernel is too old (or not set up) to hold. */
void landlock_describe(const struct landlock *l, struct strv *ret_holds, struct strv *ret_lacks);

extern const char *const landlock_grant_names[N_LANDLOCK_GRANTS];
