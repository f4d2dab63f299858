/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's terminal with the filter before it. It lives in memory that is shared with a guard: a
 * process that puts the terminal back if we are killed. See docs/terminal.md for what passes.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/proc.h"
#include "base/strv.h"
#include "base/vtfilter.h"
#include "run/tty.h"

struct screen {
	struct tty tty;
	struct vtfilter filter;
	bool is_raw; /* everything passes */
};

/* Looks at descriptors 0 to 2. @env tells the character set. Fails only without memory. */
int screen_new(bool is_raw, const struct strv *env, struct screen **ret, struct err *e);

/*
 * Before others use the terminal: answers to the payload's questions that are still on their way are waited
 * for and dropped, 200 ms at most. @for_good also puts back what the payload has changed on it.
 */
void screen_give_back(struct screen *s, bool for_good);

void screen_free(struct screen *s);

/* The process that restores the terminal of a killed session. */
struct guard {
	int word; /* pipe: one byte says that all is well, an end without it that we were killed */
	struct child child;
};

#define GUARD_NONE ((struct guard){ .word = -1, .child = CHILD_NONE })

int guard_start(struct screen *s, struct guard *ret, struct err *e);
void guard_dismiss(struct guard *g);
