/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the owner of CLIPBOARD on one side for its text, one question at a time (ICCCM 2.4, INCR 2.7.2). */
#pragma once

#include "base/buf.h"
#include "clipboard/side.h"

/* More is refused as a whole: half of a text is another text. */
#define TEXT_MAX ((size_t)1 << 20)

enum fetch_state {
	FETCH_IDLE,
	FETCH_ASKED,
	FETCH_PARTS, /* it comes in parts */
	FETCH_DONE,  /* .text is clean and not empty; until fetch_reset() */
	FETCH_FAILED /* for .reason */
};

struct fetch {
	struct side *side;
	enum fetch_state state;
	unsigned target; /* enum atom: the text target that was asked for */
	xcb_atom_t property, type;
	struct buf raw, text;
	const char *reason;
	int64_t until_ms; /* the owner has not answered, or not gone on */
};

void fetch_init(struct fetch *f, struct side *side);

/* Asks; what was under way is forgotten. */
void fetch_start(struct fetch *f, int64_t now_ms);
void fetch_reset(struct fetch *f);

/* An event of that side, whatever it is. */
void fetch_event(struct fetch *f, const xcb_generic_event_t *event, int64_t now_ms);

/* Time has passed. */
void fetch_tick(struct fetch *f, int64_t now_ms);

bool fetch_is_busy(const struct fetch *f);
