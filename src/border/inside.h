/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose the files of a sandbox are. With bubblewrap they are ours. In a container they belong to ids of its own user namespace:
 * we own that, and who joins it may become its user.
 */
#pragma once

#include <sys/types.h>

#include "base/proc.h"

#define INSIDE_OURS ((struct proc_as){ .userns = -1 })

/* By the first process inside, which is the user @uid there. The namespace is the caller's, see inside_done(). -errno. */
int inside_open(pid_t init, uid_t uid, gid_t gid, struct proc_as *ret);
void inside_done(struct proc_as *who);
#define auto_inside __attribute__((cleanup(inside_done)))

/* Goes where the sandbox's mount namespace @mounts is, as its user, and with all capabilities over it. -errno. */
int inside_enter(const struct proc_as *who, int mounts);

/*
 * Calls @act as the sandbox's user. It shares our memory and descriptors (proc_aside()), and its path names are
 * resolved as ours. What it returns, or -errno.
 */
int inside_do(const struct proc_as *who, int (*act)(void *data), void *data);
