/* SPDX-License-Identifier: Apache-2.0 */
/* One client's session: a job handed to a keeper, a terminal lent to it, and its end. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/proc.h"
#include "plan/plan.h"
#include "run/supervise.h"
#include "run/tty.h"

/* Everything that is open for one session. */
struct session_run {
	const struct job *job;
	uint32_t flags; /* JOB_DETACHED, JOB_LINGERS */
	struct arena arena;
	int channel;      /* to the keeper */
	int complaint[2]; /* stderr of wrapper and keeper: read end, write end */
	int signals;
	struct child keeper; /* the first session's */
	struct tty tty;
	struct outcome outcome;
};

#define SESSION_NONE                                           \
	((struct session_run){ .channel = -1,                  \
			       .complaint = { -1, -1 },        \
			       .signals = -1,                  \
			       .keeper = CHILD_NONE,           \
			       .tty = { .in = -1, .out = -1 }, \
			       .outcome = { .status = -1 } })
#define auto_session __attribute__((cleanup(session_done)))

/* Looks at the caller's terminal and takes over the signals. */
int session_prepare(struct session_run *run, struct err *e);

/*
 * Sends the job over run->channel and stays until its end; as run_plan() answers. From here on the
 * terminal may be ours: whatever fails, session_done() gives it back.
 */
int session_go(struct session_run *run, int *ret_status, struct err *e);

/* What run->outcome means for the caller; as run_plan() answers. */
int session_judge(struct session_run *run, int *ret_status, struct err *e);

void session_done(struct session_run *run);
