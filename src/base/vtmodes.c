/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vtmodes.h"

#include "base/auto.h"

enum kind {
	TRACKED,    /* put back at the end */
	TRACKED_ON, /* the same, and on by default */
	FREE,       /* no default that we could know, or none that matters */
	ALTERNATE,  /* enters the other screen */
};

/*
 * Every mode that may be switched; a mode that is not here may not. Numbers from xterm's ctlseqs,
 * DEC STD 070 and ECMA-48. Left out, with reasons in docs/terminal.md: 2 (locks the keyboard), ?2 and
 * ?38 (other parsers), ?3 and ?40 (window size), ?18 and ?19 (printer), ?42, ?46 (log file), ?1001
 * (freezes the mouse), ?1041 to ?1043, ?5522 (clipboard), ?9001.
 */
static const struct row {
	uint16_t number;
	bool is_private;
	enum kind kind;
	bool reports; /* the terminal sends something by itself */
} rows[] = {
	{ 25, true, TRACKED_ON, false }, /* cursor is shown */
	{ 2026, true, TRACKED, false },  /* synchronized update */
	{ 1, true, TRACKED, false },     /* cursor keys send ESC O */
	{ 4, true, TRACKED, false },     /* smooth scroll */
	{ 5, true, TRACKED, false },     /* reverse video */
	{ 6, true, TRACKED, false },     /* origin; undone with the scroll region */
	{ 7, true, TRACKED_ON, false },  /* wraps at the right margin */
	{ 8, true, TRACKED_ON, false },  /* keys repeat */
	{ 12, true, TRACKED, false },    /* cursor blinks */
	{ 45, true, TRACKED, false },    /* backspace wraps */
	{ 66, true, TRACKED, false },    /* application keypad */
	{ 69, true, TRACKED, false },    /* left and right margin */
	{ 80, true, TRACKED, false },    /* sixel display */
	{ 9, true, TRACKED, true },      /* mouse: X10, */
	{ 1000, true, TRACKED, true },   /* buttons, */
	{ 1002, true, TRACKED, true },   /* drags, */
	{ 1003, true, TRACKED, true },   /* all motion, */
	{ 1005, true, TRACKED, false },  /* in UTF-8, */
	{ 1006, true, TRACKED, false },  /* in decimal, */
	{ 1015, true, TRACKED, false },  /* in urxvt's way, */
	{ 1016, true, TRACKED, false },  /* in pixels */
	{ 1007, true, TRACKED, false },  /* wheel as arrow keys */
	{ 1004, true, TRACKED, true },   /* focus */
	{ 2004, true, TRACKED, false },  /* bracketed paste */
	{ 2027, true, TRACKED, false },  /* grapheme clusters */
	{ 2031, true, TRACKED, true },   /* dark or light */
	{ 2048, true, TRACKED, true },   /* window size */
	{ 7727, true, TRACKED, false },  /* mintty: the escape key is told from ESC */
	{ 8452, true, TRACKED, false },  /* cursor right of a sixel */
	{ 1034, true, FREE, false },     /* meta sets the eighth bit; readline switches it */
	{ 1048, true, FREE, false },     /* saves the cursor */
	{ 1070, true, FREE, false },     /* colours of a sixel are its own */
	{ 47, true, ALTERNATE, false },   { 1047, true, ALTERNATE, false },
	{ 1049, true, ALTERNATE, false }, { 4, false, TRACKED, false }, /* insert */
	{ 20, false, TRACKED, false },                                  /* Enter sends two bytes */
	{ 34, false, FREE, false }, /* cursor of screen's terminfo */
};
_Static_assert(N_ELEMENTS(rows) <= 64, "a bit per row");

#define ORIGIN_MODE 6

static const struct row *row_find(bool is_private, unsigned number)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (rows[i].number == number && rows[i].is_private == is_private)
			return &rows[i];
	return NULL;
}

static uint64_t row_bit(const struct row *row)
{
	return UINT64_C(1) << (row - rows);
}

static void row_apply(struct vtmodes *m, const struct row *row, enum vtmodes_op op)
{
	bool on_by_default = row->kind == TRACKED_ON;
	bool is_set = op == VTMODES_SET;

	if (row->kind == ALTERNATE)
		m->alternate = is_set ? row->number : 0;
	if (row->kind != TRACKED && row->kind != TRACKED_ON)
		return;
	/* What was saved we do not know: as if changed. */
	if (op == VTMODES_RESTORE || is_set != on_by_default)
		m->changed |= row_bit(row);
	else
		m->changed &= ~row_bit(row);
}

bool vtmodes_apply(struct vtmodes *m, bool is_private, unsigned number, enum vtmodes_op op)
{
	const struct row *row = row_find(is_private, number);

	if (!row || (op == VTMODES_RESTORE && row->kind == ALTERNATE))
		return false;
	if (op != VTMODES_SAVE)
		row_apply(m, row, op);
	return true;
}

void vtmodes_kitty_push(struct vtmodes *m)
{
	uint8_t *n = &m->kitty[m->alternate != 0];

	if (*n < UINT8_MAX)
		(*n)++;
}

void vtmodes_kitty_pop(struct vtmodes *m, unsigned n)
{
	uint8_t *have = &m->kitty[m->alternate != 0];

	*have = n < *have ? (uint8_t)(*have - n) : 0;
}

void vtmodes_kitty_set(struct vtmodes *m, bool any)
{
	m->kitty_set[m->alternate != 0] = any;
}

bool vtmodes_reports(const struct vtmodes *m)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (rows[i].reports && (m->changed & row_bit(&rows[i])))
			return true;
	return false;
}

static void undo_rows(const struct vtmodes *m, struct buf *out)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		if (!(m->changed & row_bit(&rows[i])) || rows[i].number == ORIGIN_MODE)
			continue;
		buf_addf(out, "\033[%s%u%c", rows[i].is_private ? "?" : "", rows[i].number,
			 rows[i].kind == TRACKED_ON ? 'h' : 'l');
	}
}

static void undo_kitty(const struct vtmodes *m, int screen, struct buf *out)
{
	if (m->kitty[screen] > 0)
		buf_addf(out, "\033[<%uu", m->kitty[screen]);
	if (m->kitty_set[screen])
		buf_puts(out, "\033[=0u");
}

/* Each screen has keyboard modes of its own; those of a screen that is not shown need a visit. */
static void undo_screens(const struct vtmodes *m, struct buf *out)
{
	bool elsewhere = m->kitty[1] > 0 || m->kitty_set[1];

	if (m->alternate != 0) {
		undo_kitty(m, 1, out);
		buf_addf(out, "\033[?%ul", m->alternate);
	} else if (elsewhere) {
		buf_puts(out, "\033[?1049h");
		undo_kitty(m, 1, out);
		buf_puts(out, "\033[?1049l");
	}
	undo_kitty(m, 0, out);
}

static void undo_keys(const struct vtmodes *m, struct buf *out)
{
	for (unsigned i = 0; i < 8; i++)
		if (m->key_options & (1U << i))
			buf_addf(out, "\033[>%um", i);
	if (m->keypad)
		buf_puts(out, "\033>");
}

static void undo_colours(const struct vtmodes *m, struct buf *out)
{
	if (m->palette)
		buf_puts(out, "\033]104\033\\");
	for (unsigned i = 0; i < 10; i++)
		if (m->colours & (1U << i))
			buf_addf(out, "\033]%u\033\\", 110 + i);
}

/* A title of the payload's must not stay: the next program could be made to ask for it. */
static void undo_title(const struct vtmodes *m, struct buf *out)
{
	for (unsigned i = 0; i < m->titles; i++)
		buf_puts(out, "\033[23;0t");
	if (m->title)
		buf_puts(out, "\033]0;\033\\");
	if (m->progress)
		buf_puts(out, "\033]9;4;0\033\\");
}

/* Every eighth column up to 256, as a terminal has them when it is switched on. */
static void undo_tabs(struct buf *out)
{
	buf_puts(out, "\0337\r\033[3g");
	for (int i = 0; i < 32; i++)
		buf_puts(out, "\033[8C\033H");
	buf_puts(out, "\0338");
}

/*
 * DECSTBM and DECOM send the cursor home. It is kept, unless the payload has moved the origin: DECRC
 * would bring that back, and the last line is where a shell wants to go on.
 */
static void undo_region(const struct vtmodes *m, struct buf *out)
{
	bool origin = (m->changed & row_bit(row_find(true, ORIGIN_MODE))) != 0;

	if (origin)
		buf_puts(out, "\033[?6l\033[r\033[999;1H");
	else if (m->region)
		buf_puts(out, "\0337\033[r\0338");
}

void vtmodes_undo(const struct vtmodes *m, struct buf *out)
{
	if (m->link)
		buf_puts(out, "\033]8;;\033\\");
	undo_rows(m, out);
	undo_screens(m, out);
	undo_keys(m, out);
	undo_region(m, out);
	if (m->tabs)
		undo_tabs(out);
	undo_colours(m, out);
	undo_title(m, out);
	if (m->cursor_style)
		buf_puts(out, "\033[0 q");
	if (m->cursor_linux)
		buf_puts(out, "\033[?0c");
	/* After DECRC, which brings back what DECSC saved. */
	if (m->charset)
		buf_puts(out, "\033(B");
	if (m->shifted)
		buf_puts(out, "\017");
	if (m->sgr)
		buf_puts(out, "\033[0m");
}
