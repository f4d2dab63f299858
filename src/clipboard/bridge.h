/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes between the two clipboards. Both ways only while the sandbox's window on the host is the one in use:
 *
 *   in   We own the sandbox's CLIPBOARD in the name of the host's owner. Nothing is read before a program inside asks,
 *        and then only if that window has the focus: so nothing is read that the user copies for others.
 *   out  When a program inside becomes the owner while that window has the focus, its text is read at once, and we own
 *        the host's CLIPBOARD with that copy: what is pasted is what was copied, whatever happens inside afterwards.
 *        Without the focus the user's own clipboard stays as it is.
 *
 * A change of owner that is our own doing is never followed.
 */
#pragma once

#include "clipboard/fetch.h"
#include "clipboard/journal.h"
#include "clipboard/rate.h"
#include "clipboard/reply.h"

/* Programs inside that wait for the same text of the host. */
#define WAITING_MAX 8

struct bridge {
	bool is_open[2];    /* by enum direction */
	const char *window; /* WM_CLASS of the sandbox's window on the host */
	struct side host, screen;
	struct rate rates[2];
	struct fetch fetches[2]; /* in: from the host; out: from the screen */
	struct replies host_replies, screen_replies;
	struct buf copied; /* out: what we own the host's CLIPBOARD with */
	xcb_selection_request_event_t waiting[WAITING_MAX];
	size_t n_waiting;
	struct journal journal;
};

/* After both sides were made: what is on the clipboards already counts. */
void bridge_begin(struct bridge *b);

/* What both servers have to tell and the time has brought. True: not all of it, because it is so much. */
bool bridge_work(struct bridge *b);

/* Until there is something to do without an event; -1: never. */
int bridge_timeout_ms(const struct bridge *b);
