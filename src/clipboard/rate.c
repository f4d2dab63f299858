/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/rate.h"

void rate_want(struct rate *r)
{
	r->is_due = true;
}

int64_t rate_left(const struct rate *r, int64_t now_ms)
{
	int64_t left = r->last_ms + r->pause_ms - now_ms;

	if (!r->is_due)
		return -1;
	return left > 0 ? left : 0;
}

bool rate_take(struct rate *r, int64_t now_ms)
{
	if (rate_left(r, now_ms) != 0)
		return false;
	/* It had been quiet for a while, or not. */
	if (r->pause_ms == 0 || now_ms - r->last_ms > 4 * r->pause_ms)
		r->pause_ms = RATE_LEAST_MS;
	else if (r->pause_ms < RATE_MOST_MS / 2)
		r->pause_ms *= 2;
	else
		r->pause_ms = RATE_MOST_MS;
	r->last_ms = now_ms;
	r->is_due = false;
	return true;
}
