/* SPDX-License-Identifier: Apache-2.0 */
/* How often something may be done: a number at once, and then one each while. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct quota {
	unsigned burst;
	int64_t each_ms;
	unsigned left;
	int64_t counted_ms; /* 0: it was never asked */
};

bool quota_take(struct quota *r, int64_t now_ms);
