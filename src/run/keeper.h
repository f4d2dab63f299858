/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper owns a running sandbox: wrapper, channel to init, place in the registry. It is a process
 * of its own, so that a sandbox does not hang on one terminal: sessions come (the first launch, a
 * second one, --enter) and go, and only the last one's end is the sandbox's end.
 *
 * It has no terminal and no word of the payload's: a session's bytes go between its client and
 * the pty inside, past the keeper (but for detached ones, whose output it swallows).
 */
#pragma once

#include "base/err.h"
#include "base/proc.h"
#include "plan/plan.h"
#include "run/registry.h"

struct keeper_start {
	const struct plan *plan;
	const struct registry *registry;
	const char *name;                 /* in the registry */
	const struct limit_facts *limits; /* what can hold limits here */
	int client;    /* the founder's connection; it ends the sandbox if it breaks */
	int complaint; /* what goes wrong before init answers is written here */
};

/*
 * Starts it. The descriptors of @start stay open here; the caller closes client and complaint. If a
 * sandbox of that name has come up meanwhile, the founder hears FAILED STEP_WRAPPER EEXIST.
 */
int keeper_fork(const struct keeper_start *start, struct child *ret, struct err *e);
