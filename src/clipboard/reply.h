/* SPDX-License-Identifier: Apache-2.0 */
/* Answering who asks us, as the owner of CLIPBOARD on one side, for its text; what is long goes in parts (INCR). */
#pragma once

#include "base/buf.h"
#include "clipboard/side.h"

#define REPLIES_MAX 8

/* A text on its way in parts. */
struct reply {
	xcb_window_t requestor; /* XCB_NONE: free */
	xcb_atom_t property, type;
	struct buf text;
	size_t at;
	int64_t until_ms;
};

struct replies {
	struct side *side;
	struct reply all[REPLIES_MAX];
};

void reply_refuse(const struct side *s, const xcb_selection_request_event_t *request);

/* Which targets there are. */
void reply_targets(const struct side *s, const xcb_selection_request_event_t *request);

void reply_text(struct replies *r, const xcb_selection_request_event_t *request,
		const struct buf *text, int64_t now_ms);

/* An event of that side, whatever it is. */
void replies_event(struct replies *r, const xcb_generic_event_t *event, int64_t now_ms);

void replies_tick(struct replies *r, int64_t now_ms);
bool replies_are_busy(const struct replies *r);
