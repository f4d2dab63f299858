/* SPDX-License-Identifier: Apache-2.0 */
/* The log: a JSON line for what passed and what did not, with its size and never with what it says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct journal {
	int fd;
	unsigned n_refused;
};

enum direction { DIRECTION_IN, DIRECTION_OUT };

/* -EIO: it could not be written down, so it must not pass. */
int journal_passed(struct journal *j, enum direction direction, size_t bytes);

/* After a number of them in one run they are no longer written down: programs inside can ask without end. */
void journal_refused(struct journal *j, enum direction direction, const char *reason);
