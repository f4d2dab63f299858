/* SPDX-License-Identifier: Apache-2.0 */
/* How a call is answered; guard_act.c and guard_fifo.c alone. */
#pragma once

#include "border/guard_parts.h"

/* What an act returns besides a negated errno and 0. */
enum {
	GO_ON = 1, /* the kernel does the call */
	DONE,      /* it is answered already, or will be */
	ALONE,     /* to be done again, with nobody else at it */
};

#define REFUSED (-EACCES)

struct guard_answer {
	struct guard *g;
	int listener;
	const struct guard_call *c;
	bool alone;
};

/* The descriptor is the answer, in one step: ioctl NOTIF_ADDFD with FLAG_SEND, Linux 5.14. */
int guard_give(const struct guard_answer *w, int fd);

void guard_reply(const struct guard_answer *w, int r);

/* fifo(7): opening one for writing waits for a reader, and nobody else is to wait for that. */
int guard_open_fifo(const struct guard_answer *w, const struct guard_place *p);
