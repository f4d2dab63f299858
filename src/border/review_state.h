/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a project's layer besides the layer: who uses it, and when sessions began.
 *
 *     review/upper, work   overlayfs's own two directories
 *     review/merged        where the layer is mounted, in the sandbox's own mount namespace only
 *     review/lock          held (flock) by the keeper of a sandbox, or by who accepts or discards
 *     review/sessions      one line "SECONDS.NANOSECONDS" per start
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "spec/spec.h"

/* When sessions began, oldest first. */
struct review_times {
	struct timespec *items;
	size_t n;
};

/* -EBUSY: a sandbox or another review uses the layer. *ret_lock belongs to the caller. */
int review_hold(const struct review_dirs *d, int *ret_lock, struct err *e);

/* Holds the layer for a new session of a sandbox and notes the time. */
int review_begin(const struct review_dirs *d, const char *project, int *ret_lock, struct err *e);

/* Whether an earlier session left something in the layer. */
bool review_is_waiting(const struct review_dirs *d);

/* A file that is gone or damaged is as if only one session had been, at the beginning of time. */
void review_times_read(const struct review_dirs *d, struct arena *a, struct review_times *ret);

/* The last of @times that is not later than @t; the first, if all are. */
struct timespec review_times_before(const struct review_times *times, struct timespec t);
