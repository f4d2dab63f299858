/* SPDX-License-Identifier: Apache-2.0 */
/* One of the programs of a bus, in its cell. */
#pragma once

#include "base/err.h"
#include "border/inside.h"
#include "border/service.h"

struct part {
	struct child child;
	pid_t pid; /* of the program itself, if it is one that serves */
	int ready; /* kept: the proxy ends when it is closed */
};

#define PART_NONE ((struct part){ .child = CHILD_NONE, .ready = -1 })

/* What the caller adds to what every start of it has. */
struct part_more {
	const struct strv *argv;   /* NULL: none */
	const struct proc_fd *fds; /* stderr among them */
	size_t n_fds;
	const struct proc_as *who; /* the sandbox's user: a bus serves none but its own; NULL: we */
};

/* Starts a program. */
int part_start(const struct service_program *p, const struct part_more *more, struct part *ret,
	       struct err *e);

/* Starts one that serves, and waits until it does; -ECANCELED if @end was readable before. */
int part_serve(const struct service_program *p, const struct part_more *more, int end,
	       struct part *ret, struct err *e);

/* A connection, made by @who, to @socket in the cell of one that serves; no other process answers there. */
int part_connect(const struct part *part, const struct proc_as *who, const char *socket,
		 int *ret_fd, struct err *e);

/* Ends it and reaps. */
void part_end(struct part *part);
