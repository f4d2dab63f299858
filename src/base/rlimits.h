/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One resource limit, as the spec writes it and init sets it. Of fixed size, so that a list of them
 * can travel in a job as it is.
 */
#pragma once

#include <stdint.h>

struct rlimit_row {
	uint32_t resource; /* RLIMIT_NOFILE, ... */
	uint32_t unused;
	uint64_t max; /* neither the soft nor the hard limit is above it; never raised */
};

#define RLIMIT_ROWS_MAX 16 /* there are 16 resources in Linux */
