/* SPDX-License-Identifier: Apache-2.0 */
#include "run/detach.h"

#include <time.h>

#define TIMES 3
#define WITHIN_MS 1000

bool detach_seen(struct detach *d, const char *typed, size_t n)
{
	struct timespec now = { 0 };
	int64_t now_ms;

	if (!d->is_allowed || n == 0)
		return false;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
