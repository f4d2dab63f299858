/* SPDX-License-Identifier: Apache-2.0 */
/* What a program has switched on a terminal, and the bytes that switch it back. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { VTMODES_SCREENS = 2 }; /* main and alternate */

struct vtmodes {
	uint64_t changed;   /* a bit per row of the mode table: not as it is by default */
	uint16_t alternate; /* the mode that entered the alternate screen, 0: on the main screen */
	uint16_t colours;   /* bit n: OSC 10 + n was set */
	uint8_t kitty[VTMODES_SCREENS];  /* keyboard modes pushed */
	bool kitty_set[VTMODES_SCREENS]; /* other than none, without a push */
	uint8_t key_options;             /* bit n: XTMODKEYS option n was changed */
	uint8_t titles;                  /* pushed */
	bool title; /* set while none was pushed, so that no pop brings the caller's back */
	bool progress, link, palette;
	bool sgr, charset, shifted, keypad, cursor_style, cursor_linux, region, tabs;
};

enum vtmodes_op { VTMODES_SET, VTMODES_RESET, VTMODES_SAVE, VTMODES_RESTORE };

/* Applies one mode of SM or RM. False: this mode is not allowed, nothing was changed. */
bool vtmodes_apply(struct vtmodes *m, bool is_private, unsigned number, enum vtmodes_op op);

/* The keyboard protocol of kitty, on the screen that is shown. */
void vtmodes_kitty_push(struct vtmodes *m);
void vtmodes_kitty_pop(struct vtmodes *m, unsigned n);
void vtmodes_kitty_set(struct vtmodes *m, bool any);

/* True if a mode is on in which the terminal speaks unasked: mouse, focus, sizes, colours. */
bool vtmodes_reports(const struct vtmodes *m);

/* What puts all of it back, in an order in which nothing undoes what came before. */
void vtmodes_undo(const struct vtmodes *m, struct buf *out);
