/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login file as it lies in the sandbox's ~/.claude, reached from outside. All of it is hostile: it is opened beneath one
 * directory, never through a link, read only as a bounded regular file, and replaced by rename.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* The directory @path as process @init_pid sees it. *ret_dir belongs to the caller. */
int login_inside_open(pid_t init_pid, const char *path, int *ret_dir, struct err *e);

/* -ENOENT if there is none; < 0 also for whatever is no bounded regular file. */
int login_inside_read(int dir, struct arena *a, char **ret_text, size_t *ret_len, struct err *e);
/* *ret_st: of the file as it was put there. */
int login_inside_write(int dir, const char *text, struct stat *ret_st, struct err *e);

/*
 * The agent's own lock in there, held for as long as the sandbox lives (a date in the far future never grows stale): it waits
 * for whoever renews and reads the file again, and we renew. False gives it back.
 */
void login_inside_hold(int dir, bool hold);
