/* SPDX-License-Identifier: Apache-2.0 */
/* Carries a plan out, supervises it, cleans up. */
#pragma once

#include "base/err.h"
#include "plan/plan.h"

/*
 * Returns 0 and the payload's status as a shell has it (code, or 128 + signal) in *ret_status;
 * a payload that could not be executed: 126 or 127, after one sentence on stderr. -SIGINT or
 * -SIGQUIT: the payload died of the terminal's signal, and so should the caller.
 * < 0: the sandbox could not be set up, nothing is left.
 */
int run_plan(const struct plan *plan, int *ret_status, struct err *e);
