/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/rlimits.h"
#include "base/wire.h"

/*
 * Forks the process of a job (see job.c), which does the rest. @fds are the descriptors that came
 * with START; all are closed on return. What goes wrong is reported on @channel as FAILED.
 */
int job_start(int channel, uint32_t id, const int *fds, size_t n_fds, pid_t *ret_pid);

/* What a payload gets around itself. */
struct walls {
	const void *filter; /* struct sock_filter[], whole */
	size_t filter_size; /* bytes */
	const struct rlimit_row *rlimits;
	size_t n_rlimits;
};

/*
 * The walls of a payload, put up by itself as its last step before exec, in an order in which
 * none keeps the next from being built: limits, core dumps off, no new privileges, no capability
 * in any set, then the filter. 0 or a negated errno; on failure the payload must not run.
 */
int walls_raise(const struct walls *walls);

/* The signal by which init asks a leader to pass signal si_value on to its payload. */
#define SIGNAL_FORWARD (SIGRTMIN)
