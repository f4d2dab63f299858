/* SPDX-License-Identifier: Apache-2.0 */
/* Escape sequences other than CSI and strings: ESC, intermediates, a final byte (ECMA-35, xterm's ctlseqs). */
#include "base/auto.h"
#include "base/vtfilter_parts.h"

enum action {
	A_PASS,
	A_KEYPAD, /* ESC = and ESC > */
	A_TAB,
	A_RESET,
	A_CHARSET,
	A_REFUSE,
};

/* Of one byte each: ASCII, line drawing, the national ones, the Linux console's. */
#define SETS "0123456789<=>?ABCEHKQRUVYZf`"

static const struct {
	char inter; /* 0: none */
	const char *finals;
	enum action action;
	enum vtfilter_reason reason;
} rules[] = {
	{ 0, "6789DEM\\g", A_PASS, 0 }, /* cursor; the end of a string; screen's visible bell */
	{ 0, "=>", A_KEYPAD, 0 },
	{ 0, "H", A_TAB, 0 },
	{ 0, "c", A_RESET, 0 },
	{ 0, "Z", A_REFUSE, VT_QUERY },         /* DECID */
	{ 0, "NOno|}~", A_REFUSE, VT_CHARSET }, /* shifts of sets that nobody designates */
	{ '#', "34568", A_PASS, 0 },            /* wide and high lines, alignment */
	{ '%', "G", A_PASS, 0 },                /* UTF-8 */
	{ '%', "@", A_REFUSE, VT_CHARSET }, /* leaves UTF-8: bytes of characters become controls */
	{ ' ', "F", A_PASS, 0 },            /* answers in 7 bits */
	{ ' ', "G", A_REFUSE, VT_CHARSET }, /* in 8 bits */
	{ '(', SETS, A_CHARSET, 0 },
	{ ')', SETS, A_CHARSET, 0 },
	{ '*', SETS, A_CHARSET, 0 },
	{ '+', SETS, A_CHARSET, 0 },
	{ '-', NULL, A_REFUSE, VT_CHARSET },
	{ '.', NULL, A_REFUSE, VT_CHARSET },
	{ '/', NULL, A_REFUSE, VT_CHARSET },
	{ '$', NULL, A_REFUSE,
	  VT_CHARSET }, /* sets of two bytes, in which ESC sequences hide as text */
};

static enum vtfilter_verdict act(struct vtfilter *f, enum action action, char inter, char final)
{
	switch (action) {
	case A_PASS:
	case A_REFUSE:
		break;
	case A_KEYPAD:
		f->modes.keypad = final == '=';
		break;
	case A_TAB:
		f->modes.tabs = true;
		break;
	case A_RESET: /* RIS: all is as it was when the terminal was switched on */
		f->modes = (struct vtmodes){ 0 };
		break;
	case A_CHARSET: /* the first one is what text is shown in */
		if (inter == '(')
			f->modes.charset = final != 'B';
		break;
	}
	return VT_PASS;
}

enum vtfilter_verdict vtfilter_esc(struct vtfilter *f, const uint8_t *p, size_t n)
{
	char inter = n == 2 ? 0 : (char)p[1];
	char final = (char)p[n - 1];

	for (size_t i = 0; n <= 3 && i < N_ELEMENTS(rules); i++) {
		if (rules[i].inter != inter || (rules[i].finals && !strchr(rules[i].finals, final)))
			continue;
		if (rules[i].action == A_REFUSE)
			return vtfilter_drop(f, rules[i].reason);
		return act(f, rules[i].action, inter, final);
	}
	return vtfilter_drop(f, VT_UNKNOWN);
}
