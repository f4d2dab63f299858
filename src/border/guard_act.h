/* SPDX-License-Identifier: Apache-2.0 */
/* How a call is answered; guard_act.c, guard_names.c and guard_fifo.c alone. */
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

/*
 * A path of the caller, resolved: 0; GO_ON if it is none of ours; -ENOENT if a directory on its way is missing;
 * -ENOSPC if nothing more may be made there.
 */
int guard_act_find(const struct guard_answer *w, int dirfd, uint64_t address, bool follow,
		   struct guard_place *ret);

/* REFUSED, noted. */
int guard_act_refuse(const struct guard_place *p, const struct guard_judgement *j);

/* 0, with the judgement, or REFUSED. @moved_dir as for guard_judge(). */
int guard_act_judge(const struct guard_answer *w, const struct guard_place *p, enum guard_role role,
		    bool moved_dir, struct guard_judgement *ret);

/* OP_RENAME and OP_LINK. */
int guard_rename(const struct guard_answer *w);
int guard_link(const struct guard_answer *w);

/* The descriptor is the answer, in one step: ioctl NOTIF_ADDFD with FLAG_SEND, Linux 5.14. */
int guard_give(const struct guard_answer *w, int fd);

void guard_reply(const struct guard_answer *w, int r);

/* fifo(7): opening one for writing waits for a reader, and nobody else is to wait for that. */
int guard_open_fifo(const struct guard_answer *w, const struct guard_place *p);
