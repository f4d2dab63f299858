/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When to follow a change of owner. The first is followed at once, those that come thick and fast less and less often,
 * and always the last: so a quarrel between two programs about the clipboard, or a circle of programs that each hand on
 * what the one before has copied, costs next to nothing. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RATE_LEAST_MS 50
#define RATE_MOST_MS 5000

/* All zeros: nothing was followed yet. */
struct rate {
	bool is_due; /* a change waits to be followed */
	int64_t last_ms;
	int64_t pause_ms;
};

/* Something changed. */
void rate_want(struct rate *r);

/* True: follow it now. */
bool rate_take(struct rate *r, int64_t now_ms);

/* Until rate_take() may be true; -1: without a change it never is. */
int64_t rate_left(const struct rate *r, int64_t now_ms);
