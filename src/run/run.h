/* SPDX-License-Identifier: Apache-2.0 */
/* Carries a plan out, supervises it, cleans up. */
#pragma once

#include "base/err.h"
#include "plan/plan.h"

#define RUN_NOT_EXECUTED 1

/*
 * Returns 0 and the payload's status as a shell has it (code, or 128 + signal) in *ret_status;
 * -SIGINT or -SIGQUIT there: the payload died of the terminal's signal, and so should the caller.
 * RUN_NOT_EXECUTED: the sandbox stood, but its command could not be executed: *ret_status is 126
 * or 127, and *e has the sentence. < 0: the sandbox could not be set up, nothing is left.
 */
int run_plan(const struct plan *plan, int *ret_status, struct err *e);
