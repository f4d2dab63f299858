/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of proc.h share; nobody else includes it. */
#pragma once

#include "base/proc.h"

/* In a child that was forked with all signals blocked: as after exec, and none blocked. */
void proc_child_signals(void);

/* In a child before it executes; -1 and errno. The second needs what the first made. */
struct proc_overlay;
int overlay_namespace(void);
int overlay_mount(const struct proc_overlay *o);

enum step {
	STEP_PARENT,
	STEP_IDENTITY,
	STEP_ADMIT,
	STEP_CLOSE,
	STEP_NULL,
	STEP_COPY,
	STEP_MOVE,
	STEP_NAMESPACE,
	STEP_OVERLAY,
	STEP_EXEC,
};

struct report {
	enum step step;
	int code;
};

/* What the child needs, made ready before fork: it may not allocate. */
struct start {
	const struct cmd *cmd;
	struct proc_fd *fds; /* the promised ones, and /dev/null (from -1) for the rest of 0 to 2 */
	size_t n_fds;
	int floor; /* above all promised numbers */
	int report_fd;
	int gate_out; /* -1: no gate; else a byte comes through it once the parent lets us go */
	int gate_in;  /* the parent's end */
	pid_t parent;
};

/* What the child was doing, for "cannot ..." */
const char *proc_step_name(enum step step);

/* In the child, from fork to exec. */
_Noreturn void proc_child(struct start *s);
