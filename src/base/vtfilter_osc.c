/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operating system commands: ESC ] number ; text, ended by BEL or ESC \ (xterm's ctlseqs; the numbers
 * of others from the documents of iTerm2, kitty, VTE and ConEmu). Each is judged as a whole, and a number
 * that is not in the table does not pass.
 */
#include "base/auto.h"
#include "base/vtfilter_parts.h"

struct osc {
	unsigned number;
	const uint8_t *text; /* after the number and its semicolon */
	size_t n;
};

/* VT_N_REASONS: passes. Another reason: refused. */
typedef enum vtfilter_reason osc_fn(struct vtfilter *f, const struct osc *o);

static bool starts(const uint8_t *text, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && memcmp(text, with, len) == 0;
}

static bool is_graphic(const uint8_t *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return false;
	return true;
}

/* The notations of XParseColor and names such as "light sea green", in lists. No '?'. */
static bool is_colour(const uint8_t *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] >= 0x7f || text[i] == '\0' ||
		    !strchr("0123456789 #%,-./:;_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz",
			    text[i]))
			return false;
	return n > 0;
}

static enum vtfilter_reason palette_set(struct vtfilter *f, const struct osc *o)
{
	if (!is_colour(o->text, o->n))
		return memchr(o->text, '?', o->n) ? VT_QUERY : VT_MALFORMED;
	f->modes.palette = true;
	return VT_N_REASONS;
}

static enum vtfilter_reason palette_reset(struct vtfilter *f, const struct osc *o)
{
	if (o->n > 0 && !is_colour(o->text, o->n))
		return VT_MALFORMED;
	f->modes.palette = f->modes.palette && o->n > 0;
	return VT_N_REASONS;
}

/* 10 to 12, 17 and 19; the others are the mouse's and those of a Tektronix screen. */
#define COLOURS 0x287U

/*
 * Text, background, cursor. A question passes only for a colour that the payload has not set, so that
 * the answer is nothing that it has chosen. More than one colour sets those of the next numbers,
 * as far as they are on the list.
 */
static enum vtfilter_reason colour_set(struct vtfilter *f, const struct osc *o)
{
	unsigned bits = 1U << (o->number - 10);

	if (o->n == 1 && o->text[0] == '?') {
		if (o->number > 12 || (f->modes.colours & bits))
			return VT_QUERY;
		return vtfilter_ask(f, false);
	}
	if (!is_colour(o->text, o->n))
		return memchr(o->text, '?', o->n) ? VT_QUERY : VT_MALFORMED;
	for (size_t i = 0; i < o->n; i++)
		if (o->text[i] == ';')
			bits |= bits << 1;
	if ((bits & ~COLOURS) != 0)
		return VT_UNKNOWN;
	f->modes.colours |= (uint16_t)bits;
	return VT_N_REASONS;
}

static enum vtfilter_reason colour_reset(struct vtfilter *f, const struct osc *o)
{
	if (o->n > 0)
		return VT_MALFORMED;
	f->modes.colours &= (uint16_t) ~(1U << (o->number - 110));
	return VT_N_REASONS;
}

/* 9;4 is a progress bar; every other 9 is a notification, or a command to ConEmu. */
static enum vtfilter_reason progress(struct vtfilter *f, const struct osc *o)
{
	if (!starts(o->text, o->n, "4;") || o->n > 7)
		return VT_NOTIFICATION;
	for (size_t i = 2; i < o->n; i++)
		if (o->text[i] != ';' && (o->text[i] < '0' || o->text[i] > '9'))
			return VT_NOTIFICATION;
	f->modes.progress = o->n > 2 && o->text[2] != '0';
	return VT_N_REASONS;
}

/* iTerm2. Images (File=) are looked at in vtfilter_image.c, as soon as their head is there. */
static enum vtfilter_reason iterm(struct vtfilter *f, const struct osc *o)
{
	static const struct {
		const char *start;
		enum vtfilter_reason reason;
	} rows[] = {
		{ "Copy", VT_CLIPBOARD },
		{ "EndCopy", VT_CLIPBOARD },
		{ "File", VT_FILE },
		{ "MultipartFile", VT_FILE },
		{ "RequestUpload", VT_FILE },
		{ "Report", VT_QUERY },
		{ "CurrentDir", VT_PLACE },
		{ "RemoteHost", VT_PLACE },
		{ "SetMark", VT_SHELL_MARK },
		{ "RequestAttention", VT_NOTIFICATION },
		{ "ShellIntegration", VT_SHELL_MARK },
	};

	(void)f;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (starts(o->text, o->n, rows[i].start))
			return rows[i].reason;
	return VT_UNKNOWN;
}

static bool has_scheme(const uint8_t *uri, size_t n, const char *scheme)
{
	size_t len = strlen(scheme);

	return n >= len && strncasecmp((const char *)uri, scheme, len) == 0;
}

static bool is_link(const uint8_t *uri, size_t n)
{
	return n <= VTFILTER_LINK_MAX && is_graphic(uri, n) &&
	       (n == 0 || has_scheme(uri, n, "http://") || has_scheme(uri, n, "https://") ||
		has_scheme(uri, n, "mailto:"));
}

/* What opens something else than a web page or a letter opens nothing: the text stays. */
static enum vtfilter_reason hyperlink(struct vtfilter *f, const struct osc *o)
{
	const uint8_t *uri = memchr(o->text, ';', o->n);
	size_t n_params = uri ? (size_t)(uri - o->text) : 0;
	size_t n = uri ? o->n - n_params - 1 : 0;

	if (!uri)
		return VT_MALFORMED;
	f->modes.link = false;
	if (n_params > VTFILTER_TITLE_MAX || !is_graphic(o->text, n_params) || !is_link(uri + 1, n))
		return VT_LINK;
	f->modes.link = n > 0;
	return VT_N_REASONS;
}

static enum vtfilter_reason title(struct vtfilter *f, const struct osc *o)
{
	if (f->modes.titles == 0)
		f->modes.title = o->n > 0;
	return VT_N_REASONS;
}

static const struct row {
	unsigned first, last;
	osc_fn *fn; /* NULL: refused for @reason */
	enum vtfilter_reason reason;
} rows[] = {
	{ 8, 8, hyperlink, 0 },
	{ 0, 2, title, 0 },
	{ 4, 4, palette_set, 0 },
	{ 104, 104, palette_reset, 0 },
	{ 10, 12, colour_set, 0 },
	{ 17, 17, colour_set, 0 },
	{ 19, 19, colour_set, 0 },
	{ 110, 112, colour_reset, 0 },
	{ 117, 117, colour_reset, 0 },
	{ 119, 119, colour_reset, 0 },
	{ 9, 9, progress, 0 },
	{ 1337, 1337, iterm, 0 },
	{ 52, 52, NULL, VT_CLIPBOARD },
	{ 5522, 5522, NULL, VT_CLIPBOARD },
	{ 3, 3, NULL, VT_WINDOW },        /* a property of the X window */
	{ 7, 7, NULL, VT_PLACE },         /* the working directory */
	{ 6, 6, NULL, VT_PLACE },         /* the document */
	{ 20, 20, NULL, VT_FILE },        /* rxvt: a file as background */
	{ 46, 46, NULL, VT_FILE },        /* xterm: the log file */
	{ 55, 55, NULL, VT_FILE },        /* rxvt: dumps the screen to a file */
	{ 50, 50, NULL, VT_QUERY },       /* the font, and its name on demand */
	{ 21, 21, NULL, VT_QUERY },       /* kitty: colours by name */
	{ 60, 61, NULL, VT_QUERY },       /* xterm: what is allowed */
	{ 83, 83, NULL, VT_PASSTHROUGH }, /* screen: a command */
	{ 51, 51, NULL, VT_PASSTHROUGH }, /* emacs, vim: a call of a function */
	{ 99, 99, NULL, VT_NOTIFICATION },
	{ 777, 777, NULL, VT_NOTIFICATION }, /* and rxvt's extensions in perl */
	{ 133, 133, NULL, VT_SHELL_MARK },
	{ 633, 633, NULL, VT_SHELL_MARK },
	{ 3008, 3008, NULL, VT_SHELL_MARK }, /* systemd */
};

/* Splits off the number. False if there is none. */
static bool parse(const uint8_t *text, size_t n, struct osc *ret)
{
	size_t i = 0;

	ret->number = 0;
	for (; i < n && i < 5 && text[i] >= '0' && text[i] <= '9'; i++)
		ret->number = ret->number * 10 + (text[i] - '0');
	if (i == 0 || (i < n && text[i] != ';'))
		return false;
	i += i < n;
	ret->text = text + i;
	ret->n = n - i;
	return true;
}

static const struct row *row_find(unsigned number)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (number >= rows[i].first && number <= rows[i].last)
			return &rows[i];
	return NULL;
}

/* The reason for one that was cut off: of what it would have been, if that is known. */
enum vtfilter_reason vtfilter_osc_reason(const uint8_t *text, size_t n)
{
	struct osc o;
	const struct row *row = parse(text, n, &o) ? row_find(o.number) : NULL;

	if (row && row->fn == iterm)
		return iterm(NULL, &o);
	return row && !row->fn ? row->reason : VT_OVERLONG;
}

/* Bidirectional controls, which would show a title's letters in an order of the payload's choice. */
static bool is_direction(const uint8_t *p, int n)
{
	return n == 3 && p[0] == 0xe2 &&
	       ((p[1] == 0x80 &&
		 (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae))) ||
		(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static bool may_stand(const struct vtfilter *f, const uint8_t *p, int n)
{
	if (n == 1)
		return *p >= 0x20 && *p < 0x7f;
	return n > 1 && !(f->flags & VTFILTER_8BIT) && !vtfilter_is_c1(p) && !is_direction(p, n);
}

/*
 * Emits the title, cleaned and shortened. No '#' stays that tmux, which formats titles, could take for
 * the start of a command ("#(touch x)") or of a style.
 */
static void title_emit(struct vtfilter *f, const struct osc *o)
{
	const uint8_t *end = o->text + o->n;
	uint8_t kept[VTFILTER_TITLE_MAX];
	size_t n_kept = 0;

	for (const uint8_t *p = o->text; p < end;) {
		int n = *p < 0x80 ? 1 : vtfilter_utf8(p, (size_t)(end - p));
		size_t step = n > 0 ? (size_t)n : n < 0 ? (size_t)-n : (size_t)(end - p);

		if (n_kept + step > sizeof(kept))
			break;
		if (may_stand(f, p, n)) {
			if (n_kept > 0 && kept[n_kept - 1] == '#' && strchr("#({[,", *p))
				n_kept--;
			memcpy(kept + n_kept, p, step);
			n_kept += step;
		}
		p += step;
	}
	vtfilter_emit(f, kept, n_kept);
	if (n_kept < o->n)
		(void)vtfilter_drop(f, VT_TITLE);
}

static void instead_emit(struct vtfilter *f, const struct osc *o, enum vtfilter_reason reason,
			 const char *end)
{
	/* The end of the link before it; or it would go on over what follows. */
	if (o->number == 8 && reason == VT_LINK) {
		vtfilter_emit_text(f, "\033]8;;");
		vtfilter_emit_text(f, end);
	}
}

void vtfilter_osc(struct vtfilter *f, const uint8_t *text, size_t n, const char *end)
{
	struct osc o = { 0 };
	const struct row *row = parse(text, n, &o) ? row_find(o.number) : NULL;
	enum vtfilter_reason reason = VT_UNKNOWN;

	if (row)
		reason = row->fn ? row->fn(f, &o) : row->reason;
	if (reason != VT_N_REASONS) {
		(void)vtfilter_drop(f, reason);
		instead_emit(f, &o, reason, end);
		return;
	}
	vtfilter_emit_text(f, "\033]");
	if (row->fn == title) {
		vtfilter_emit(f, text, n - o.n);
		title_emit(f, &o);
	} else {
		vtfilter_emit(f, text, n);
	}
	vtfilter_emit_text(f, end);
}
