/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/wire.h"
#include "base/wire_walls.h"

/*
 * Forks the process of a job (see job.c), which does the rest. @fds are the descriptors that came
 * with START; all are closed on return. What goes wrong is reported on @channel as FAILED.
 */
int job_start(int channel, const struct wire_walls *walls, uint32_t id, const int *fds,
	      size_t n_fds, pid_t *ret_pid);

/*
 * The walls of a payload, put up by itself as its last step before exec, in an order in which
 * none keeps the next from being built: core dumps off, no new privileges, no capability in any
 * set, Landlock, limits, then the filter. 0 or a negated errno; on failure the payload must not
 * run. Standard input, output and error are the payload's already.
 */
int walls_raise(const struct wire_walls *w);

/* The part of it that init needs for itself: no capability in any set. 0 or a negated errno. */
int walls_drop_capabilities(void);

/*
 * What systemd-nspawn leaves to do: the root closed, the user's ids, a user namespace that owns nothing. Writes a byte to
 * @greeting and closes it. 0 or a negated errno, upon which nothing must run.
 */
int contained_enter(uid_t uid, gid_t gid, int greeting);

/* Makes what the services outside listen on, and passes it out. 0 or a negated errno. */
int services_open(const struct wire_walls *w, int channel);

/*
 * Loads the filter that asks the guard, for init and all that it starts: about netlink, and with @files about what
 * makes or changes files. The listener is the caller's.
 */
int notify_open(bool files, int *ret_listener);

/* Opens the places of the rules, once and before any payload runs: fills each rule's fd. */
int landlock_prepare(struct wire_landlock *w);

/* Shuts the calling thread in. Does nothing if this kernel was found to have no Landlock. */
int landlock_raise(const struct wire_landlock *w);

/* The signal by which init asks a leader to pass signal si_value on to its payload. */
#define SIGNAL_FORWARD (SIGRTMIN)
