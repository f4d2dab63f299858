/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/blueprint.h"
#include "base/err.h"
#include "base/handover.h"

/* What the keeper has handed over. Descriptors are the process's, and none is closed but by its end. */
struct handover {
	uid_t uid; /* of the user for whom this works, by the kernel's word */
	gid_t gid;
	int first[N_HANDOVER_FIRST];
	size_t n;
	int fds[HANDOVER_MAX];
	uint8_t kinds[HANDOVER_MAX];
};

/* Standard input, whose other end the user has made; refused if it is anything else. */
int receive(struct handover *ret, struct err *e);

/* To the keeper: whoever goes on. */
int receive_answer(pid_t pid, struct err *e);

/*
 * As root. Turns every source into a mount of its own that belongs to nobody yet: shown as the user's, nosuid, nodev,
 * read-only unless asked; its descriptor takes the source's place.
 */
int clones_make(struct handover *h, struct err *e);

/* As root, in a mount namespace that is made here: puts the clones at STAGE/0, STAGE/1, ... */
int stage_make(const struct handover *h, struct err *e);

#define STAGE "/run"
#define STAGE_ROOT STAGE "/root" /* an empty directory for the new root */
#define STAGE_DATA STAGE "/data" /* and one for files that are mounted */
#define STAGE_NSPAWN \
	STAGE "/systemd/nspawn" /* and one for what systemd-nspawn keeps while it runs */

/* As root: the control groups that systemd-nspawn wants to make (decoy.c). */
void decoy_make(void);
/* In the container's user namespace: what it does in them is done nowhere. */
int decoy_cover(struct err *e);

/* As root. A user namespace that maps this user alone, for mount_setattr(2). */
int userns_for_mounts(const struct handover *h, int *ret_fd, struct err *e);

/*
 * As root. Forks a process that gives up everything: it is root of a user namespace, which belongs to the user, and has no
 * right over anything of the host's. There @main runs, and its exit status is the process's.
 */
int userns_start(const struct handover *h, int (*main)(const struct handover *h), pid_t *ret_pid,
		 struct err *e);

/* In that process: the root by the blueprint, at STAGE_ROOT. */
int root_build(const struct handover *h, const struct blueprint *bp, struct err *e);

/* In that process, instead of both: the sources as mounts, over the channel. */
int lend(const struct handover *h, struct err *e);

/* In that process: the blueprint's program. Does not come back but with an error. */
int supervisor_run(const struct handover *h, const struct blueprint *bp, struct err *e);
