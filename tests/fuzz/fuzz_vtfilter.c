/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For any output of a payload: what passes is left alone when it is filtered again; it does not depend on
 * how it was cut; a scanner that knows nothing of the filter's tables finds nothing forbidden in it; and
 * what puts the terminal back is as harmless, and leaves nothing to put back. The first byte chooses
 * the kind of terminal and the sizes of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/vtfilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond)               \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

struct result {
	struct vtfilter f;
	struct buf out;
};

static void run(struct result *r, unsigned flags, const void *bytes, size_t n, size_t step,
		size_t room)
{
	const uint8_t *in = bytes;
	char some[4096];

	vtfilter_init(&r->f, flags);
	r->out = BUF_INIT(3 * n + 8); /* the relay counts on it */
	do {
		size_t now = n < step ? n : step, used;
		size_t made = vtfilter_feed(&r->f, in, now, some, room, &used);

		MUST(made <= room && used <= now && (made + used > 0 || n == 0));
		MUST(r->f.n_held <= VTFILTER_HELD_MAX);
		buf_add(&r->out, some, made);
		in += used;
		n -= used;
	} while (n > 0 || vtfilter_is_pending(&r->f));
	MUST(!buf_full(&r->out));
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(buf_text(a), buf_text(b), a->len) == 0;
}

/* --- the scanner: what stands after an ESC, and that all else is text --------------------------- */

static bool starts(const uint8_t *p, const uint8_t *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

/* @p after "ESC [": one sequence of ECMA-48, of no forbidden kind. Returns its end. */
static const uint8_t *scan_csi(const uint8_t *p, const uint8_t *end)
{
	unsigned long number = strtoul((const char *)p, NULL, 10);
	const uint8_t *from = p;
	uint8_t before;

	while (p < end && *p >= 0x20 && *p < 0x40)
		p++;
	MUST(p < end && *p >= 0x40 && *p < 0x7f);
	before = p > from ? p[-1] : 0;
	/* Finals that print, report, lock, or belong to nobody. */
	MUST(!strchr("NOQRUVWYijkovwy\\]^_|", *p) || (*p == 'v' && before == '$'));
	MUST(*p != 'p' || before == '$' || before == '!');
	MUST(*p != 'u' || (before != '$' && before != '&'));
	MUST(*p != 'q' || before == ' ' || before == '"' || *from == '>');
	MUST(*p != 't' || before == '$' || number == 14 || number == 16 || number == 18 ||
	     number == 22 || number == 23);
	return p + 1;
}

/* @p after the two bytes that begin a string: up to its end only printable bytes. */
static const uint8_t *scan_string(const uint8_t *p, const uint8_t *end, bool bel_ends,
				  const char *also, bool is_cut)
{
	while (p < end && *p != 0x1b && !(bel_ends && *p == '\a')) {
		MUST((*p >= 0x20 && *p != 0x7f) || strchr(also, *p));
		p++;
	}
	if (p == end || (*p == 0x1b && p + 1 == end))
		MUST(is_cut);
	if (p == end)
		return end;
	if (*p == '\a')
		return p + 1;
	MUST(p[1] == '\\');
	return p + 2;
}

static const uint8_t *scan_osc(const uint8_t *p, const uint8_t *end, bool is_cut)
{
	static const char *const allowed[] = {
		"0;",  "1;",  "2;",   "4;",   "8;",   "9;4;", "10;",  "11;",  "12;",
		"17;", "19;", "104;", "110;", "111;", "112;", "117;", "119;", "1337;File=",
	};
	unsigned long number = strtoul((const char *)p, NULL, 10);

	MUST(number != 52 && number != 5522);
	for (size_t i = 0; i < N_ELEMENTS(allowed); i++) {
		const char *digits = allowed[i];
		size_t n = strcspn(digits, ";");

		/* Zeros in front, and no text at all, are the same number. */
		while (*p == '0' && p + 1 < end && p[1] >= '0' && p[1] <= '9')
			p++;
		if (starts(p, end, digits) ||
		    (starts(p, end, "") && (size_t)(end - p) > n && memcmp(p, digits, n) == 0 &&
		     (p[n] == '\a' || p[n] == 0x1b)))
			return scan_string(p, end, true, "", is_cut);
	}
	abort();
}

static const uint8_t *scan_escape(const uint8_t *p, const uint8_t *end, bool is_cut)
{
	MUST(p < end || is_cut);
	if (p == end)
		return p;
	switch (*p) {
	case '[':
		return scan_csi(p + 1, end);
	case ']':
		return scan_osc(p + 1, end, is_cut);
	case 'P':
		for (p++; p < end && ((*p >= '0' && *p <= '9') || *p == ';' || *p == ':'); p++)
			continue;
		MUST(p < end && *p == 'q');
		return scan_string(p + 1, end, false, "\r\n", is_cut);
	case '_':
		MUST(p + 1 < end && p[1] == 'G');
		for (const uint8_t *k = p; k < end && *k != ';' && *k != 0x1b; k++)
			MUST(!starts(k, end, "t=") || starts(k, end, "t=d"));
		return scan_string(p + 1, end, false, "", is_cut);
	default:
		MUST(!strchr("XZ^kNOn~|}", *p));
		MUST(!(p[0] == '%' && p[1] == '@') && !(p[0] == ' ' && p[1] == 'G'));
		return p + (*p < 0x30 ? 2 : 1);
	}
}

/* Lengths by the lead byte, tails by their two bits; enough to see a C1 in either coding. */
static const uint8_t *scan_character(const uint8_t *p, const uint8_t *end)
{
	int n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	uint32_t c = *p & (0x7fU >> n);

	MUST(*p >= 0xc2 && *p <= 0xf4 && end - p >= n);
	for (int i = 1; i < n; i++) {
		MUST((p[i] & 0xc0) == 0x80);
		c = c << 6 | (p[i] & 0x3f);
	}
	MUST(c >= 0xa0 && c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000));
	return p + n;
}

static void scan(const struct buf *b, bool is_8bit, bool is_cut)
{
	const uint8_t *p = (const uint8_t *)buf_text(b), *end = p + b->len;

	while (p < end) {
		if (*p == 0x1b) {
			p = scan_escape(p + 1, end, is_cut);
		} else if (*p < 0x80) {
			MUST(*p >= 0x20 ? *p != 0x7f : *p == 0 || (*p >= 7 && *p <= 15));
			p++;
		} else if (is_8bit) {
			MUST(*p >= 0xa0);
			p++;
		} else {
			p = scan_character(p, end);
		}
	}
}

static void check_undo(const struct vtfilter *f)
{
	auto_buf struct buf undo = BUF_INIT(8192), rest = BUF_INIT(8192);
	struct result again, more;

	vtfilter_reset(f, &undo);
	run(&again, 0, buf_text(&undo), undo.len, 4096, 4096);
	MUST(same(&again.out, &undo));
	/* In the state that the payload left. */
	more = again;
	more.f = *f;
	more.f.state = 0;
	more.f.emit_at = more.f.emit_end = 0;
	for (size_t at = 0, used; at < undo.len; at += used) {
		char some[4096];

		(void)vtfilter_feed(&more.f, undo.data + at, undo.len - at, some, sizeof(some),
				    &used);
	}
	more.f.modes.tabs = false;
	vtfilter_reset(&more.f, &rest);
	MUST(rest.len == 0);
	buf_done(&again.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned how = size > 0 ? data[0] : 0, flags = how & 1 ? VTFILTER_8BIT : 0;
	struct result whole, pieces, again;

	if (size == 0)
		return 0;
	run(&whole, flags, data + 1, size - 1, SIZE_MAX, 4096);
	run(&pieces, flags, data + 1, size - 1, (how >> 1 & 7) + 1, (how >> 4 & 7) + 1);
	MUST(same(&whole.out, &pieces.out));
	MUST(memcmp(whole.f.counts, pieces.f.counts, sizeof(whole.f.counts)) == 0);

	run(&again, flags, buf_text(&whole.out), whole.out.len, SIZE_MAX, 4096);
	MUST(same(&whole.out, &again.out));
	for (unsigned i = 0; i < VT_N_REASONS; i++)
		MUST(vtfilter_stopped(&again.f, i) == 0);

	scan(&whole.out, (how & 1) != 0, true);
	check_undo(&whole.f);
	buf_done(&whole.out);
	buf_done(&pieces.out);
	buf_done(&again.out);
	return 0;
}
