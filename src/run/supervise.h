/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's life while a payload runs: one poll loop, one thread. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/proc.h"
#include "run/tty.h"

struct outcome {
	bool started; /* init answered */
	int status;   /* wait(2) status of the payload; -1: it never ran */
	int step;     /* enum wire_step of a failure, 0: none */
	int error;    /* its errno */
};

/*
 * Watches @child (the wrapper), the @channel to init and the terminal until all have ended.
 * Takes @channel. Signals must be blocked: @signals is a signalfd of supervise_signals().
 */
int supervise(struct child *child, int channel, int signals, struct tty *tty, struct outcome *ret,
	      struct err *e);

/* Blocks the signals that the loop wants and returns a signalfd for them. */
int supervise_signals(int *ret_fd, struct err *e);

/* The job that supervise() speaks about. */
#define MAIN_JOB 1
