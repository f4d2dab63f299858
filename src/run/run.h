/* SPDX-License-Identifier: Apache-2.0 */
/* One session: in a sandbox made for it from a plan, or in one that runs already. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "plan/plan.h"
#include "run/info.h"
#include "run/registry.h"

enum run_result {
	RUN_NOT_EXECUTED = 1, /* the sandbox stood, but its command could not be executed */
	RUN_REFUSED,          /* what was asked for does not fit what runs; nothing has been done */
};

struct run_how {
	const struct registry *registry;
	const char *name;       /* in the registry */
	bool detach;            /* return once it runs */
	bool lingers;           /* the sandbox goes on while anything runs inside */
	bool raw;               /* the terminal gets all that is written to it */
	const struct strv *env; /* the caller's: its locale is the terminal's */
	/* Tells the user something, one line; @text may hold any bytes. */
	void (*say)(const char *text);
	const struct limit_facts *limits; /* what can hold limits here */
};

/*
 * Returns 0 and the payload's status as a shell has it (code, or 128 + signal) in *ret_status;
 * -SIGINT or -SIGQUIT there: the payload died of the terminal's signal, and so should the caller.
 * RUN_NOT_EXECUTED: *ret_status is 126 or 127, and *e has the sentence. RUN_REFUSED: *e has it.
 * < 0: the sandbox could not be set up, nothing is left.
 */
int run_plan(const struct plan *plan, const struct run_how *how, int *ret_status, struct err *e);

/* The same for a @job in the sandbox behind @channel, which it takes. Of @how only raw, env and say. */
int run_job(int channel, const struct job *job, const struct run_how *how, int *ret_status,
	    struct err *e);

/* The same for the terminal of a detached session. */
int run_attach(int channel, const struct run_how *how, int *ret_status, struct err *e);

/* What the keeper behind @channel tells. @ret lives in @a. */
int run_ask(int channel, struct arena *a, struct info *ret, struct err *e);

/* A connection to the sandbox's egress, *ret_fd the caller's. -ENOTCONN: its network is not filtered. */
int run_network(int channel, int *ret_fd, struct err *e);

/* Stops everything inside, or lets it go on. */
int run_freeze(int channel, bool frozen, struct err *e);

/*
 * Asks all sessions to end and waits until the sandbox has; after a grace time it ends anyway. @say hears
 * what the user should know.
 */
void run_stop(int channel, void (*say)(const char *sentence));
