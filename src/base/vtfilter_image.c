/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heads of strings that carry images. Once a head is found good, its data flows through without
 * being kept: sixel (DCS q), kitty's graphics (APC G) and iTerm2's (OSC 1337 File=).
 */
#include "base/auto.h"
#include "base/vtfilter_parts.h"

enum { HEAD_MAX = 1024, INTRO = 2 }; /* ESC and the byte after it */

/* --- sixel and the other device control strings -------------------------------------- */

static const struct {
	char inter, final;
	enum vtfilter_reason reason;
} dcs_rows[] = {
	{ '$', 'q', VT_QUERY },     /* DECRQSS */
	{ '+', 'q', VT_QUERY },     /* XTGETTCAP */
	{ '+', 'p', VT_DEVICE },    /* XTSETTCAP */
	{ 0, '|', VT_DEVICE },      /* DECUDK: text on function keys */
	{ '!', 'z', VT_DEVICE },    /* DECDMAC: macros */
	{ 0, '{', VT_DEVICE },      /* DECDLD: fonts */
	{ '$', 't', VT_DEVICE },    /* DECRSPS */
	{ '=', 's', VT_MODE },      /* synchronized update, before mode 2026 */
	{ 0, 't', VT_PASSTHROUGH }, /* "tmux;" */
	{ 0, 'p', VT_PASSTHROUGH }, /* "1000p", its control mode; ReGIS */
	{ 0, '@', VT_PASSTHROUGH }, /* kitty's remote commands */
};

static enum vtfilter_reason dcs_reason(char inter, char final)
{
	for (size_t i = 0; i < N_ELEMENTS(dcs_rows); i++)
		if (dcs_rows[i].inter == inter && dcs_rows[i].final == final)
			return dcs_rows[i].reason;
	return VT_UNKNOWN;
}

enum vtfilter_stream vtfilter_dcs_head(struct vtfilter *f, enum vtfilter_reason *ret_reason)
{
	uint8_t c = f->held[f->n_held - 1];
	char inter = 0;

	*ret_reason = VT_N_REASONS;
	if (c < 0x20 || c >= 0x7f || f->n_held > VTFILTER_CSI_MAX) {
		*ret_reason = VT_MALFORMED;
		return VT_NO_STREAM;
	}
	if (c < 0x40)
		return VT_NO_STREAM;
	for (size_t i = INTRO; i + 1u < f->n_held; i++)
		if (f->held[i] < '0' || f->held[i] > ';')
			inter = (char)f->held[i];
	if (inter || c != 'q') {
		*ret_reason = dcs_reason(inter, (char)c);
		return VT_NO_STREAM;
	}
	vtfilter_emit(f, f->held, f->n_held);
	return VT_STREAM_SIXEL;
}

/* --- kitty ------------------------------------------------------------------------------ */

struct keys {
	uint64_t seen; /* a bit per letter */
	uint8_t action, medium, quiet;
};

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One "k=value" at @p. Its length, or 0 if it is none. */
static size_t key_parse(const uint8_t *p, size_t n, struct keys *k)
{
	size_t i = 2;
	uint64_t bit;

	if (n < 3 || !is_alnum(p[0]) || p[0] < 'A' || p[1] != '=')
		return 0;
	bit = UINT64_C(1) << (p[0] - 'A');
	if (k->seen & bit)
		return 0;
	k->seen |= bit;
	while (i < n && (is_alnum(p[i]) || p[i] == '-'))
		i++;
	if (p[0] == 'a')
		k->action = i == 3 ? p[2] : 0;
	else if (p[0] == 't')
		k->medium = i == 3 ? p[2] : 0;
	else if (p[0] == 'q')
		k->quiet = i == 3 ? p[2] : 0;
	return i > 2 && i < 14 ? i : 0;
}

static bool keys_parse(const uint8_t *p, size_t n, struct keys *k)
{
	while (n > 0) {
		size_t len = key_parse(p, n, k);

		if (len == 0 || (len < n && p[len] != ',') || len + 1 == n)
			return false;
		len += len < n;
		p += len;
		n -= len;
	}
	return true;
}

/* Without "q", with "q=2" at its end: the terminal answers neither success nor failure. */
static void keys_emit_quiet(struct vtfilter *f, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		const uint8_t *comma = memchr(p + i, ',', n - i);
		size_t len = comma ? (size_t)(comma - p) - i : n - i;

		if (p[i] != 'q') {
			vtfilter_emit(f, p + i, len);
			vtfilter_emit(f, ",", 1);
		}
		i += len + 1;
	}
	vtfilter_emit_text(f, "q=2");
}

/*
 * Data may only come with the sequence itself (t=d); by the other ways the terminal would open, and
 * with t=t delete, a file or shared memory that the payload names. A question (a=q) is one.
 */
static enum vtfilter_reason apc_head(struct vtfilter *f, size_t n)
{
	const uint8_t *p = f->held + INTRO + 1;
	struct keys k = { .action = 't', .medium = 'd', .quiet = '0' };

	if (!keys_parse(p, n, &k) || k.action == 0 || !strchr("tTpdfacq", k.action))
		return VT_APPLICATION;
	if (k.medium != 'd')
		return VT_FILE;
	if (k.action == 'q') {
		enum vtfilter_reason reason = vtfilter_ask(f, false);

		if (reason != VT_N_REASONS)
			return reason;
	}
	vtfilter_emit_text(f, "\033_G");
	if (k.action == 'q' || k.quiet == '2')
		vtfilter_emit(f, p, n);
	else
		keys_emit_quiet(f, p, n);
	return VT_N_REASONS;
}

enum vtfilter_stream vtfilter_apc_head(struct vtfilter *f, enum vtfilter_reason *ret_reason)
{
	uint8_t c = f->held[f->n_held - 1];

	*ret_reason = VT_N_REASONS;
	if (f->held[INTRO] != 'G' || f->n_held > HEAD_MAX) {
		*ret_reason = VT_APPLICATION;
		return VT_NO_STREAM;
	}
	if (c != ';')
		return VT_NO_STREAM;
	*ret_reason = apc_head(f, f->n_held - INTRO - 2u);
	if (*ret_reason != VT_N_REASONS)
		return VT_NO_STREAM;
	vtfilter_emit(f, ";", 1);
	return VT_STREAM_BASE64;
}

void vtfilter_apc_whole(struct vtfilter *f)
{
	enum vtfilter_reason reason = VT_APPLICATION;

	if (f->n_held > INTRO)
		reason = apc_head(f, f->n_held - INTRO - 1u);
	if (reason == VT_N_REASONS)
		vtfilter_emit_text(f, "\033\\");
	else
		(void)vtfilter_drop(f, reason);
}

/* --- iTerm2 ------------------------------------------------------------------------------- */

#define FILE_START "\033]1337;File="

/* "name=value" with a name from the list, at most once each. inline=1 must be there, or it is a download. */
static bool file_keys(const uint8_t *p, size_t n)
{
	static const char *const names[] = {
		"inline=", "name=", "size=", "width=", "height=", "preserveAspectRatio=", "type="
	};
	unsigned seen = 0;

	for (size_t at = 0; at < n;) {
		const uint8_t *semicolon = memchr(p + at, ';', n - at);
		size_t len = semicolon ? (size_t)(semicolon - p) - at : n - at, i = 0;

		while (i < N_ELEMENTS(names) &&
		       (len < strlen(names[i]) || memcmp(p + at, names[i], strlen(names[i])) != 0))
			i++;
		if (i == N_ELEMENTS(names) || (seen & (1U << i)) ||
		    (i == 0 && (len != 8 || p[at + 7] != '1')))
			return false;
		seen |= 1U << i;
		at += len + 1;
	}
	return (seen & 1U) != 0;
}

static bool file_is_graphic(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] <= 0x20 || p[i] >= 0x7f)
			return false;
	return true;
}

enum vtfilter_stream vtfilter_file_head(struct vtfilter *f, enum vtfilter_reason *ret_reason)
{
	const size_t start = sizeof(FILE_START) - 1;

	*ret_reason = VT_N_REASONS;
	if (f->held[f->n_held - 1] != ':' || f->n_held <= start ||
	    memcmp(f->held, FILE_START, start) != 0)
		return VT_NO_STREAM;
	if (!file_keys(f->held + start, f->n_held - start - 1) ||
	    !file_is_graphic(f->held + start, f->n_held - start - 1)) {
		*ret_reason = VT_FILE;
		return VT_NO_STREAM;
	}
	vtfilter_emit(f, f->held, f->n_held);
	return VT_STREAM_BASE64;
}

/* Line ends are white space in sixels; some programs send them. */
bool vtfilter_is_data(enum vtfilter_stream stream, uint8_t c)
{
	if (stream == VT_STREAM_SIXEL)
		return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n';
	return is_alnum(c) || c == '+' || c == '/' || c == '=';
}
