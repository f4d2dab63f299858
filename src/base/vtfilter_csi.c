/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control sequences: CSI, a private prefix or none, parameters, at most one intermediate, a final
 * byte (ECMA-48 5.4; meanings from xterm's ctlseqs). What is not in a table does not pass.
 */
#include <stdio.h>

#include "base/auto.h"
#include "base/vtfilter_parts.h"

enum { MAX_PARAMS = 32, MAX_DIGITS = 5, MAX_REPEAT = 1024 };

struct csi {
	char prefix, inter, final; /* prefix and inter: 0 if there is none */
	const uint8_t *p;          /* the parameters as they came */
	size_t n;
	size_t n_params;
	unsigned params[MAX_PARAMS]; /* an empty one is 0 */
};

typedef enum vtfilter_verdict csi_fn(struct vtfilter *f, const struct csi *c);

static unsigned param(const struct csi *c, size_t i)
{
	return i < c->n_params ? c->params[i] : 0;
}

static enum vtfilter_verdict pass(struct vtfilter *f, const struct csi *c)
{
	(void)f;
	(void)c;
	return VT_PASS;
}

static enum vtfilter_verdict set_graphics(struct vtfilter *f, const struct csi *c)
{
	f->modes.sgr = c->n > 1 || (c->n == 1 && c->p[0] != '0');
	return VT_PASS;
}

static enum vtfilter_verdict ask_if(struct vtfilter *f, bool is_allowed, bool is_da1)
{
	enum vtfilter_reason reason = is_allowed ? vtfilter_ask(f, is_da1) : VT_QUERY;

	return reason == VT_N_REASONS ? VT_PASS : vtfilter_drop(f, reason);
}

static enum vtfilter_verdict ask(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	return ask_if(f, true, false);
}

static enum vtfilter_verdict ask_da1(struct vtfilter *f, const struct csi *c)
{
	return ask_if(f, c->n_params <= 1 && param(c, 0) == 0, true);
}

/* DA2 and XTVERSION: what the terminal is, in words of its own. */
static enum vtfilter_verdict ask_zero(struct vtfilter *f, const struct csi *c)
{
	return ask_if(f, c->n_params <= 1 && param(c, 0) == 0, false);
}

/* 5: are you well; 6: where is the cursor. */
static enum vtfilter_verdict ask_status(struct vtfilter *f, const struct csi *c)
{
	return ask_if(f, c->n_params == 1 && (param(c, 0) == 5 || param(c, 0) == 6), false);
}

/* 6: the same with the page; 996: dark or light. Not printer, keys, locator, macros, checksum. */
static enum vtfilter_verdict ask_private_status(struct vtfilter *f, const struct csi *c)
{
	return ask_if(f, c->n_params == 1 && (param(c, 0) == 6 || param(c, 0) == 996), false);
}

/* XTSMGRAPHICS: 1 reads a value, 4 its maximum. Those who set it want the answer, too. */
static enum vtfilter_verdict ask_graphics(struct vtfilter *f, const struct csi *c)
{
	return ask_if(f, c->n_params >= 2 && (param(c, 1) == 1 || param(c, 1) == 4), false);
}

static enum vtfilter_verdict refuse_query(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	return vtfilter_drop(f, VT_QUERY);
}

static enum vtfilter_verdict refuse_print(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	return vtfilter_drop(f, VT_PRINT);
}

static enum vtfilter_verdict refuse_window(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	return vtfilter_drop(f, VT_WINDOW);
}

static enum vtfilter_verdict refuse_charset(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	return vtfilter_drop(f, VT_CHARSET);
}

/* With more than one parameter it starts xterm's highlight tracking, which waits for the program. */
static enum vtfilter_verdict scroll_down(struct vtfilter *f, const struct csi *c)
{
	return c->n_params <= 1 ? VT_PASS : vtfilter_drop(f, VT_MODE);
}

/* REP: a few bytes that draw a whole screen are enough; 99999 of them would keep a terminal busy. */
static enum vtfilter_verdict repeat(struct vtfilter *f, const struct csi *c)
{
	return param(c, 0) <= MAX_REPEAT ? VT_PASS : vtfilter_drop(f, VT_MALFORMED);
}

static enum vtfilter_verdict set_region(struct vtfilter *f, const struct csi *c)
{
	f->modes.region = c->n > 0;
	return VT_PASS;
}

static enum vtfilter_verdict clear_tabs(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	f->modes.tabs = true;
	return VT_PASS;
}

static enum vtfilter_verdict set_cursor_style(struct vtfilter *f, const struct csi *c)
{
	f->modes.cursor_style = param(c, 0) != 0;
	return VT_PASS;
}

/* The Linux console's; elsewhere it means nothing. Without a parameter it could be a question. */
static enum vtfilter_verdict set_cursor_linux(struct vtfilter *f, const struct csi *c)
{
	if (c->n == 0)
		return vtfilter_drop(f, VT_QUERY);
	f->modes.cursor_linux = param(c, 0) != 0;
	return VT_PASS;
}

/* XTWINOPS: sizes are told, titles are pushed and popped, nothing else. */
static enum vtfilter_verdict window(struct vtfilter *f, const struct csi *c)
{
	unsigned what = param(c, 0);

	switch (what) {
	case 14:
	case 16:
	case 18:
		return ask_if(f, true, false);
	case 20:
	case 21:
		return vtfilter_drop(f, VT_TITLE_REPORT);
	case 22:
		if (f->modes.titles < UINT8_MAX)
			f->modes.titles++;
		return VT_PASS;
	case 23:
		if (f->modes.titles > 0)
			f->modes.titles--;
		return VT_PASS;
	default:
		return vtfilter_drop(f, VT_WINDOW);
	}
}

static enum vtfilter_verdict kitty_push(struct vtfilter *f, const struct csi *c)
{
	(void)c;
	vtmodes_kitty_push(&f->modes);
	return VT_PASS;
}

static enum vtfilter_verdict kitty_pop(struct vtfilter *f, const struct csi *c)
{
	vtmodes_kitty_pop(&f->modes, c->n == 0 ? 1 : param(c, 0));
	return VT_PASS;
}

static enum vtfilter_verdict kitty_set(struct vtfilter *f, const struct csi *c)
{
	vtmodes_kitty_set(&f->modes, param(c, 0) != 0);
	return VT_PASS;
}

/* XTMODKEYS: modifyOtherKeys (4) and its like. */
static enum vtfilter_verdict set_key_option(struct vtfilter *f, const struct csi *c)
{
	if (param(c, 0) > 7)
		return vtfilter_drop(f, VT_MODE);
	if (c->final == 'm' && c->n_params == 0)
		f->modes.key_options = 0;
	else if (c->final == 'm' && param(c, 1) == 0)
		f->modes.key_options &= (uint8_t) ~(1U << param(c, 0));
	else
		f->modes.key_options |= (uint8_t)(1U << param(c, 0));
	return VT_PASS;
}

/* Modes come as lists; those that may not be switched are taken out. */
static enum vtfilter_verdict switch_modes(struct vtfilter *f, const struct csi *c)
{
	enum vtmodes_op op = c->final == 'h'   ? VTMODES_SET
			     : c->final == 'l' ? VTMODES_RESET
			     : c->final == 's' ? VTMODES_SAVE
					       : VTMODES_RESTORE;
	unsigned kept[MAX_PARAMS];
	size_t n = 0;
	char text[16];

	for (size_t i = 0; i < c->n_params; i++) {
		if (vtmodes_apply(&f->modes, c->prefix == '?', c->params[i], op))
			kept[n++] = c->params[i];
		else
			(void)vtfilter_drop(f, VT_MODE);
	}
	if (n == c->n_params && n > 0)
		return VT_PASS;
	if (n == 0)
		return c->n_params > 0 ? VT_DROPPED : vtfilter_drop(f, VT_MODE);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(text, sizeof(text), "%s%u",
			       i > 0       ? ";"
			       : c->prefix ? "\033[?"
					   : "\033[",
			       kept[i]);
		vtfilter_emit_text(f, text);
	}
	vtfilter_emit(f, &c->final, 1);
	return VT_CHANGED;
}

/* Prefix, intermediate, final bytes, what is done. */
static const struct {
	char prefix, inter;
	const char *finals;
	csi_fn *fn;
} rules[] = {
	{ 0, 0, "@ABCDEFGHIJKLMPSXZ`adefsu", pass },
	{ 0, 0, "b", repeat },
	{ 0, 0, "m", set_graphics },
	{ 0, 0, "hl", switch_modes },
	{ 0, 0, "T", scroll_down },
	{ 0, 0, "r", set_region },
	{ 0, 0, "g", clear_tabs },
	{ 0, 0, "c", ask_da1 },
	{ 0, 0, "n", ask_status },
	{ 0, 0, "t", window },
	{ 0, 0, "i", refuse_print },
	{ 0, 0, "x", refuse_query }, /* DECREQTPARM */
	{ '?', 0, "hlrs", switch_modes },
	{ '?', 0, "JK", pass },
	{ '?', 0, "n", ask_private_status },
	{ '?', 0, "u", ask }, /* kitty's keyboard modes */
	{ '?', 0, "m", ask }, /* XTQMODKEYS */
	{ '?', 0, "S", ask_graphics },
	{ '?', 0, "c", set_cursor_linux },
	{ '?', 0, "i", refuse_print },
	{ '>', 0, "cq", ask_zero },
	{ '>', 0, "mn", set_key_option },
	{ '>', 0, "u", kitty_push },
	{ '<', 0, "u", kitty_pop },
	{ '=', 0, "u", kitty_set },
	{ '=', 0, "c", refuse_query }, /* DA3 */
	{ 0, ' ', "@A", pass },
	{ 0, ' ', "q", set_cursor_style },
	{ 0, '!', "p", pass },      /* DECSTR: soft reset */
	{ 0, '"', "q", pass },      /* DECSCA */
	{ 0, '\'', "}~", pass },    /* columns in and out */
	{ 0, '$', "rtvxz{", pass }, /* rectangles */
	{ 0, '*', "x", pass },      /* DECSACE */
	{ 0, '$', "p", ask },       /* DECRQM */
	{ '?', '$', "p", ask },
	{ 0, '*', "y", refuse_query },     /* DECRQCRA: a checksum of the screen */
	{ 0, '$', "uw", refuse_query },    /* DECRQTSR, DECRQPSR */
	{ 0, '&', "u", refuse_query },     /* DECRQUPSS */
	{ 0, '"', "v", refuse_query },     /* DECRQDE */
	{ 0, '\'', "|z{w", refuse_query }, /* locator */
	{ 0, '#', "|RS", refuse_query },   /* colours, graphics, title modes */
	{ 0, '+', "p", refuse_query },     /* DECSR */
	{ 0, '$', "|", refuse_window },    /* DECSCPP */
	{ 0, '*', "|", refuse_window },    /* DECSNLS */
	{ 0, '$', "}~", refuse_window },   /* status line */
	{ 0, '"', "p", refuse_charset },   /* DECSCL: 8-bit controls */
};

size_t vtfilter_csi_length(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p + 2;

	if (end - p > VTFILTER_CSI_MAX)
		end = p + VTFILTER_CSI_MAX;
	while (q < end && *q >= 0x20 && *q < 0x40)
		q++;
	return q < end && *q >= 0x40 && *q < 0x7f ? (size_t)(q - p) + 1 : 0;
}

static bool is_param(uint8_t c)
{
	return c >= '0' && c <= ';';
}

/* Takes a sequence apart. False: odd, or with a number that no terminal was tried with. */
static bool parse(const uint8_t *p, size_t n, struct csi *ret)
{
	const uint8_t *last = p + n - 1;
	int digits = 0;

	ret->prefix = ret->inter = 0;
	p += 2;
	if (*p >= '<' && *p <= '?')
		ret->prefix = (char)*p++;
	ret->p = p;
	for (; is_param(*p); p++) {
		digits = *p >= ':' ? 0 : digits + 1;
		if (digits > MAX_DIGITS)
			return false;
	}
	ret->n = (size_t)(p - ret->p);
	if (p < last)
		ret->inter = (char)*p++;
	ret->final = (char)*last;
	return p == last && ret->inter < 0x30;
}

/* The parameters as numbers. False for sub-parameters, which belong to SGR alone, and for too many. */
static bool parse_numbers(struct csi *c)
{
	c->n_params = c->n > 0;
	c->params[0] = 0;
	for (size_t i = 0; i < c->n; i++) {
		unsigned *last = &c->params[c->n_params - 1];

		if (c->p[i] == ':' || c->n_params == MAX_PARAMS)
			return false;
		if (c->p[i] != ';')
			*last = *last * 10 + (c->p[i] - '0');
		else
			c->params[c->n_params++] = 0;
	}
	return true;
}

enum vtfilter_verdict vtfilter_csi(struct vtfilter *f, const uint8_t *p, size_t n)
{
	struct csi c;

	if (!parse(p, n, &c))
		return vtfilter_drop(f, VT_MALFORMED);
	if (c.final == 'm' && !c.prefix && !c.inter)
		return set_graphics(f, &c);
	if (!parse_numbers(&c))
		return vtfilter_drop(f, VT_MALFORMED);
	for (size_t i = 0; i < N_ELEMENTS(rules); i++)
		if (rules[i].prefix == c.prefix && rules[i].inter == c.inter &&
		    strchr(rules[i].finals, c.final))
			return rules[i].fn(f, &c);
	return vtfilter_drop(f, VT_UNKNOWN);
}
