/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a self test looks for on the host: a process, files, sockets, keys, made by `probe --ground` and gone when
 * we close its channel, or die in any way.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/proc.h"
#include "base/strv.h"

struct ground {
	struct child child;
	int channel;
	struct strv values; /* "NAME=VALUE" */
};

#define GROUND_NONE ((struct ground){ .child = CHILD_NONE, .channel = -1 })
#define auto_ground __attribute__((cleanup(ground_done)))

/* Makes it below @parent; @token is to stand in its argv and its environment. */
int ground_start(const char *probe, const char *parent, const char *token, struct arena *a,
		 struct ground *ret, struct err *e);

/* How many have connected to its listeners until now; -1: it has ended. */
long ground_connections(const struct ground *g);

/* Waits until all of it is gone. */
void ground_done(struct ground *g);
