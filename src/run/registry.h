/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running sandboxes of this user: one socket each, in a directory that no sandbox can see.
 * Whether one lives is asked by connecting, never by a pid: the kernel refuses the connection
 * once the keeper that listened has gone, however it went (unix(7)).
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"

struct registry {
	int dir;          /* -1: none */
	const char *path; /* for messages */
};

#define REGISTRY_NONE ((struct registry){ .dir = -1 })
#define auto_registry __attribute__((cleanup(registry_done)))

/*
 * Opens @path, which must be a directory of ours that nobody else may enter; with @create it is made
 * if absent, else an absent one is an empty registry (0, ret->dir stays -1).
 */
int registry_open(const char *path, bool create, struct registry *ret, struct err *e);
void registry_done(struct registry *r);

/* 0: *ret_fd is connected to the keeper of @name; -ENOENT: no such sandbox runs. */
int registry_connect(const struct registry *r, const char *name, int *ret_fd, struct err *e);

/*
 * Takes @name for a sandbox about to start. 0: *ret_fd listens for it; 1: such a sandbox runs
 * already, and *ret_fd is connected to it. What a killed one left is replaced.
 */
int registry_claim(const struct registry *r, const char *name, int *ret_fd, struct err *e);

/* Gives a claimed name back. With @if_dead only if nobody listens there any more. */
void registry_release(const struct registry *r, const char *name, bool if_dead);

/* All names, sorted, the dead ones among them. */
int registry_names(const struct registry *r, struct strv *ret, struct err *e);
