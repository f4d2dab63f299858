/* SPDX-License-Identifier: Apache-2.0 */
/* One client's session: a job handed to a keeper, a terminal lent to it, and its end. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/proc.h"
#include "plan/plan.h"
#include "run/screen.h"
#include "run/supervise.h"

/* Everything that is open for one session. */
struct session_run {
	const struct job *job;
	uint32_t flags; /* JOB_DETACHED, JOB_LINGERS */
	struct arena arena;
	int channel;      /* to the keeper */
	int complaint[2]; /* stderr of wrapper and keeper: read end, write end */
	int signals;
	struct child keeper; /* the first session's */
	struct screen *screen;
	struct guard guard; /* of the screen, while it is interactive */
	struct outcome outcome;
};

#define SESSION_NONE                                    \
	((struct session_run){ .channel = -1,           \
			       .complaint = { -1, -1 }, \
			       .signals = -1,           \
			       .keeper = CHILD_NONE,    \
			       .guard = GUARD_NONE,     \
			       .outcome = { .status = -1 } })
#define auto_session __attribute__((cleanup(session_done)))

/* Looks at the caller's terminal, with no filter before it if @raw, and takes over the signals. */
int session_prepare(struct session_run *run, bool raw, const struct strv *env, struct err *e);

/* Stays until the end of the session behind run->channel, which is then closed. */
int session_watch(struct session_run *run, bool may_detach, struct err *e);

/*
 * Sends the job over run->channel and stays until its end; as run_plan() answers. From here on the
 * terminal may be ours: whatever fails, session_done() gives it back.
 */
int session_go(struct session_run *run, int *ret_status, struct err *e);

/* What run->outcome means for the caller; as run_plan() answers. */
int session_judge(struct session_run *run, int *ret_status, struct err *e);

void session_done(struct session_run *run);
