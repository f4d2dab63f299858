/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login file as it lies in the sandbox's ~/.claude, reached from outside. All of it is hostile: it is opened beneath one
 * directory, never through a link, read only as a bounded regular file, and replaced by rename.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "border/inside.h"

struct login_inside {
	struct proc_as who;
	int dir; /* -1: not opened */
};

#define LOGIN_INSIDE_NONE ((struct login_inside){ .who = INSIDE_OURS, .dir = -1 })

/* The directory @path as process @init_pid sees it, which is the user @uid inside. */
int login_inside_open(pid_t init_pid, uid_t uid, gid_t gid, const char *path,
		      struct login_inside *ret, struct err *e);
void login_inside_done(struct login_inside *in);

/* As fstatat(2), and no link is followed: 0 or -errno. */
int login_inside_stat(const struct login_inside *in, struct stat *ret);

/* An inotify(7) descriptor for the directory. */
int login_inside_watch(const struct login_inside *in, uint32_t mask, int *ret_fd, struct err *e);

/* -ENOENT if there is none; < 0 also for whatever is no bounded regular file. */
int login_inside_read(const struct login_inside *in, struct arena *a, char **ret_text,
		      size_t *ret_len, struct err *e);
/* *ret_st: of the file as it was put there. */
int login_inside_write(const struct login_inside *in, const char *text, struct stat *ret_st,
		       struct err *e);

/*
 * The agent's own lock in there, held for as long as the sandbox lives (a date in the far future never grows stale): it waits
 * for whoever renews and reads the file again, and we renew. False gives it back.
 */
void login_inside_hold(const struct login_inside *in, bool hold);
