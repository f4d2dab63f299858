/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about control groups share; nobody else includes it. */
#pragma once

#include "run/cgroup.h"

#define CGROUP_PREFIX "claude-sandbox-"
#define CGROUP_TEXT_MAX 4096

/* The directory of @c's group; -1: there is none. */
int cgroup_dir(const struct cgroup *g, enum limit_controller c);

/* 0 or a negated errno. */
int cgroup_write(int dir, const char *file, const char *text);

/* From the start of the file; 0 if it cannot be read. */
size_t cgroup_read(int dir, const char *file, char text[static CGROUP_TEXT_MAX]);
size_t cgroup_reread(int fd, char text[static CGROUP_TEXT_MAX]);

/* Opens what tells of strikes; what cannot be opened is not told of. */
void cgroup_watch(struct cgroup *g);

/* Removes groups in @parent whose owners are gone. */
void cgroup_sweep(const char *parent);

/* Kills all processes of the group @dir, and waits until they are gone; bounded. */
void cgroup_kill(int dir);

/* Removes the group at @path with the empty groups in it. */
void cgroup_remove(const char *path);
