/* SPDX-License-Identifier: Apache-2.0 */
/* The key that leaves an attached session: ^] three times within a second, as systemd-nspawn has it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DETACH_KEY 0x1d

struct detach {
	bool is_allowed;
	unsigned n; /* how often it came in a row */
	int64_t since_ms;
};

/* Looks at what was typed; true when the user wants to leave. */
bool detach_seen(struct detach *d, const char *typed, size_t n);
