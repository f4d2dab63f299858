/* SPDX-License-Identifier: Apache-2.0 */
#include "run/detach.h"

#include "base/clock.h"

#define TIMES 3
#define WITHIN_MS 1000

bool detach_seen(struct detach *d, const char *typed, size_t n)
{
	int64_t now_ms = clock_ms();

	if (!d->is_allowed)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (typed[i] != DETACH_KEY || now_ms - d->since_ms > WITHIN_MS)
			d->n = 0;
		if (typed[i] != DETACH_KEY)
			continue;
		if (d->n++ == 0)
			d->since_ms = now_ms;
	}
	return d->n >= TIMES;
}
