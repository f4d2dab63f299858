/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a payload writes to its terminal, made safe for the caller's terminal. Colours, cursor, screen
 * modes, mouse, web links and inline images pass. Sequences that write the clipboard, make the
 * terminal answer with text of the payload's choice, read files, print, pass bytes on to another
 * terminal or speak to the desktop do not: they are dropped and counted by reason.
 *
 * Pure and bounded: no heap, no clock, no descriptor. The rules are in docs/terminal.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vtmodes.h"

/* Why something did not pass. Order and names: the table in vtfilter_report.c. */
enum vtfilter_reason {
	VT_CLIPBOARD,
	VT_TITLE_REPORT,
	VT_QUERY,
	VT_QUERY_FLOOD,
	VT_QUERY_UNREAD,
	VT_PASSTHROUGH,
	VT_DEVICE,
	VT_APPLICATION,
	VT_FILE,
	VT_IMAGE,
	VT_LINK,
	VT_NOTIFICATION,
	VT_PLACE,
	VT_SHELL_MARK,
	VT_WINDOW,
	VT_WINDOW_NAME,
	VT_TITLE,
	VT_PRINT,
	VT_MODE,
	VT_CHARSET,
	VT_C1,
	VT_CONTROL,
	VT_TEXT,
	VT_OVERLONG,
	VT_MALFORMED,
	VT_UNKNOWN,
	VT_N_REASONS
};

enum vtfilter_flag {
	/*
	 * The caller's terminal does not speak UTF-8: bytes from A0 up pass one by one, 80 to 9F never.
	 * For a locale that names such a character set; "C" and no locale at all are no reason.
	 */
	VTFILTER_8BIT = 1,
};

enum {
	VTFILTER_HELD_MAX = 4096, /* the longest sequence that is judged as a whole */
	VTFILTER_CSI_MAX = 256,
	VTFILTER_TITLE_MAX = 256,
	VTFILTER_LINK_MAX = 2083,      /* what VTE takes */
	VTFILTER_IMAGE_MAX = 32 << 20, /* bytes of one image, as they are sent */
	VTFILTER_QUERIES_MAX = 64,     /* that may wait for an answer at one time */
};

/* Where the parser is; of no use to others. */
enum vtfilter_state {
	VT_GROUND,
	VT_CHARACTER,        /* the first bytes of a UTF-8 character are held */
	VT_ESCAPE,           /* ESC, and maybe intermediates, are held */
	VT_CONTROL_SEQUENCE, /* CSI is held */
	VT_CONTROL_BAD,      /* one too long; it is skipped up to its end */
	VT_STRING,           /* the start of a string is held */
	VT_STRING_BAD,       /* a string is skipped up to its end */
	VT_SIXEL,            /* data of an image passes */
	VT_BASE64,
	VT_N_STATES
};

/* Kinds of strings, by the byte after ESC. */
enum vtfilter_kind { VT_OSC, VT_DCS, VT_APC, VT_OTHER_STRING };

struct vtfilter {
	struct vtmodes modes;
	uint64_t counts[VT_N_REASONS];
	unsigned flags;
	enum vtfilter_state state;
	enum vtfilter_kind kind; /* of the string that has begun */
	bool escaped;            /* in a string: the last byte was ESC */
	bool no_queries;         /* nobody reads the answers */
	uint32_t stream_left;
	uint16_t n_held;            /* of the sequence that has begun */
	uint16_t emit_at, emit_end; /* judged, and not yet handed out */
	/* Questions to the terminal: without an answer so far; since the last DA1; DA1s themselves. */
	uint16_t n_owed, n_since_da1, n_da1;
	uint8_t answer_state;
	uint8_t held[VTFILTER_HELD_MAX];
	uint8_t emit[VTFILTER_HELD_MAX + 64];
};

void vtfilter_init(struct vtfilter *f, unsigned flags);

/*
 * Filters @n bytes at @in into @cap bytes at @out. Returns how many it wrote, and in *ret_consumed how
 * many it took: all, unless @out is full. What is left must be offered again, with new room. Any split
 * of the input gives the same output. Call it with n = 0 to get what was judged but did not fit.
 */
size_t vtfilter_feed(struct vtfilter *f, const void *in, size_t n, void *out, size_t cap,
		     size_t *ret_consumed);

/* True while judged bytes wait for room: feed again before the input is said to be at its end. */
static inline bool vtfilter_is_pending(const struct vtfilter *f)
{
	return f->emit_at < f->emit_end;
}

/*
 * Whether answers of the terminal reach the payload. While they do not (the keyboard is not ours, the
 * payload reads no terminal) no question passes: the caller's shell would read the answer.
 */
void vtfilter_queries_allow(struct vtfilter *f, bool allowed);

/*
 * Shows the filter what came from the caller's terminal, to see questions answered. True if it saw the
 * answer to the last DA1 that it let through or asked itself: nothing older is on its way.
 */
bool vtfilter_input(struct vtfilter *f, const void *bytes, size_t n);

/*
 * The bytes that put the caller's terminal back, for those things only that the payload has changed.
 * For any death: it ends an image that was cut off.
 */
void vtfilter_reset(const struct vtfilter *f, struct buf *out);

/*
 * True if the terminal may still send something that the payload caused (answers, mouse, focus). Then,
 * before the terminal is given back: write what vtfilter_reset() and vtfilter_barrier() say, read and
 * drop input until vtfilter_input() is true or 200 ms have passed, and tcflush(TCIFLUSH). Terminals
 * answer in order, so the answer to the barrier comes last.
 */
bool vtfilter_is_owed(const struct vtfilter *f);

/* Asks the terminal for its device attributes (DA1), a question that every terminal answers. */
void vtfilter_barrier(struct vtfilter *f, struct buf *out);

uint64_t vtfilter_stopped(const struct vtfilter *f, enum vtfilter_reason reason);

/*
 * "3 clipboard writes, 1 title report"; nothing if there is nothing to tell. Without @all only what
 * a user should hear about: things that do harm, not those that a terminal may simply not know.
 */
void vtfilter_summary(const struct vtfilter *f, bool all, struct buf *out);

/* The names of a reason, for documents and tests. */
const char *vtfilter_reason_name(enum vtfilter_reason reason, bool many);
