/* SPDX-License-Identifier: Apache-2.0 */
/* A client's life while its session runs: one poll loop, one thread. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "run/screen.h"

struct outcome {
	bool started;     /* init answered */
	int status;       /* wait(2) status of the payload; -1: it never ran */
	int step;         /* enum wire_step of a failure, 0: none */
	int error;        /* its errno */
	bool goes_on;     /* the sandbox goes on without this session */
	int n_others;     /* with so many other sessions */
	struct buf notes; /* lines for the user; whoever has the outcome frees it */
	bool detached;    /* the user went away from a session that goes on */
};

/*
 * Watches the @channel to the keeper and the terminal until the session has ended and, if it was
 * the last, the sandbox. Takes @channel. Signals must be blocked: @signals is a signalfd of
 * signals_open(). @may_detach: see detach.h.
 */
int supervise(int channel, int signals, struct screen *screen, bool may_detach, struct outcome *ret,
	      struct err *e);
