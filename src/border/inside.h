/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose the files of a sandbox are. With bubblewrap they are ours. In a container they belong to ids of its own user namespace:
 * we own that, and who joins it may become its user.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct inside {
	int userns; /* the caller's, see inside_done(); -1: the files are ours */
	uid_t uid;  /* in there */
	gid_t gid;
};

#define INSIDE_OURS ((struct inside){ .userns = -1 })

/* By the first process inside, which is the user @uid there. -errno. */
int inside_open(pid_t init, uid_t uid, gid_t gid, struct inside *ret);
void inside_done(struct inside *w);
#define auto_inside __attribute__((cleanup(inside_done)))

/* Joins the user namespace that owns the namespace @ns, with all capabilities in it. -errno. */
int inside_join_owner(int ns);

/* After that: the user inside, with the same capabilities. -errno. */
int inside_become(uid_t uid, gid_t gid);

/*
 * Calls @act as the sandbox's user. It shares our memory and descriptors (proc_aside()), and its path names are
 * resolved as ours. What it returns, or -errno.
 */
int inside_do(const struct inside *w, int (*act)(void *data), void *data);
