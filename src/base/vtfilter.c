/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation. A parser after Paul Williams' state machine for DEC terminals
 * (vt100.net/emu/dec_ansi_parser), with an allowlist at each of its actions. It differs where a filter
 * must:
 *
 * What comes out is a row of whole units: a run of text, one control, one sequence with its end. A
 * sequence is held until it is whole and judged, and a string may only hold printable bytes; so
 * after each unit every terminal is back in its ground state, whatever its parser makes of odd
 * input, and what is dropped leaves no trace that the next unit could fall into. Images alone are too
 * long to hold: their head is judged, then their data flows through, byte by byte of a fixed
 * alphabet, and an end is added should they stop being data.
 *
 * The bytes 80 to 9F are never controls here. In UTF-8 they are parts of characters, U+0080 to U+009F
 * and stray bytes become U+FFFD, and so no terminal can see a C1 control, in either coding.
 *
 * In the ground state, which is most of the time, runs of text and whole control sequences are only
 * looked at in place and copied together. All else goes byte by byte through @held and @emit.
 */
#include "base/vtfilter.h"

#include <assert.h>

#include "base/vtfilter_parts.h"

void vtfilter_init(struct vtfilter *f, unsigned flags)
{
	memset(f, 0, sizeof(*f));
	f->flags = flags;
}

void vtfilter_emit(struct vtfilter *f, const void *bytes, size_t n)
{
	assert(n <= sizeof(f->emit) - f->emit_end);
	memcpy(f->emit + f->emit_end, bytes, n);
	f->emit_end = (uint16_t)(f->emit_end + n);
}

void vtfilter_emit_text(struct vtfilter *f, const char *text)
{
	vtfilter_emit(f, text, strlen(text));
}

static void emit_flush(struct vtfilter *f, struct vtfilter_io *io)
{
	size_t n = vtfilter_smaller(f->emit_end - f->emit_at, io->out_end - io->out);

	memcpy(io->out, f->emit + f->emit_at, n);
	io->out += n;
	f->emit_at = (uint16_t)(f->emit_at + n);
	if (f->emit_at == f->emit_end)
		f->emit_at = f->emit_end = 0;
}

/* --- ground ------------------------------------------------------------------------------- */

static void replace(struct vtfilter *f, enum vtfilter_reason reason)
{
	(void)vtfilter_drop(f, reason);
	vtfilter_emit_text(f, f->flags & VTFILTER_8BIT ? "?" : "\xef\xbf\xbd");
}

/* A control outside of strings: passes or not, and changes no state of the parser. */
static void control(struct vtfilter *f, uint8_t c)
{
	if (!vtfilter_is_control(c)) {
		(void)vtfilter_drop(f, c == 0x05 ? VT_QUERY : VT_CONTROL);
		return;
	}
	if (c == 0x0e || c == 0x0f) /* SO and SI: from here on the other set, and back */
		f->modes.shifted = c == 0x0e;
	vtfilter_emit(f, &c, 1);
}

/* One byte that no run could begin with. */
static void ground_odd(struct vtfilter *f, struct vtfilter_io *io)
{
	uint8_t c = *io->in;

	if (c >= 0x80 && !(f->flags & VTFILTER_8BIT)) {
		vtfilter_begin(f, VT_CHARACTER);
		return;
	}
	io->in++;
	if (c >= 0x80) {
		replace(f, VT_C1);
	} else if (c == ESC) {
		vtfilter_begin(f, VT_ESCAPE);
		vtfilter_hold(f, c);
	} else {
		control(f, c);
	}
}

static void ground(struct vtfilter *f, struct vtfilter_io *io)
{
	const uint8_t *limit =
		io->in + vtfilter_smaller(io->in_end - io->in, io->out_end - io->out);
	const uint8_t *p = io->in;
	size_t n_skip = 0;

	for (;;) {
		size_t n;

		p = vtfilter_run(p, limit, (f->flags & VTFILTER_8BIT) != 0);
		if (limit - p < 3 || p[0] != ESC || p[1] != '[')
			break;
		n = vtfilter_csi_length(p, limit);
		if (n == 0)
			break;
		if (vtfilter_csi(f, p, n) != VT_PASS) {
			n_skip = n;
			break;
		}
		p += n;
	}
	if (p == io->in && n_skip == 0) {
		ground_odd(f, io);
		return;
	}
	vtfilter_copy(io, p);
	io->in += n_skip;
}

static void character(struct vtfilter *f, struct vtfilter_io *io)
{
	bool is_c1;
	int n;

	vtfilter_hold(f, *io->in++);
	n = vtfilter_utf8(f->held, f->n_held);
	if (n == 0)
		return;
	/* The byte that does not fit begins something of its own; it is the one just taken. */
	if (n < 0 && f->n_held > 1)
		io->in--;
	is_c1 = n < 0 ? f->n_held == 1 && f->held[0] < 0xa0 : vtfilter_is_c1(f->held);
	if (n > 0 && !is_c1)
		vtfilter_emit(f, f->held, f->n_held);
	else
		replace(f, is_c1 ? VT_C1 : VT_TEXT);
	vtfilter_begin(f, VT_GROUND);
}

/* --- escape and control sequences ---------------------------------------------------------- */

static void judged(struct vtfilter *f, enum vtfilter_verdict verdict)
{
	if (verdict == VT_PASS)
		vtfilter_emit(f, f->held, f->n_held);
	vtfilter_begin(f, VT_GROUND);
}

/*
 * A byte that belongs into no sequence. Controls act at once, as if they had come before it; ESC begins
 * anew; CAN, SUB and what is no ASCII end it.
 */
static void interrupted(struct vtfilter *f, struct vtfilter_io *io)
{
	uint8_t c = *io->in;

	if (c < 0x80)
		io->in++;
	if (c != ESC && c != CAN && c != SUB && c < 0x80) {
		control(f, c);
		return;
	}
	if (f->state != VT_CONTROL_BAD)
		(void)vtfilter_drop(f, VT_MALFORMED);
	vtfilter_begin(f, c == ESC ? VT_ESCAPE : VT_GROUND);
	if (c == ESC)
		vtfilter_hold(f, c);
}

static void overlong(struct vtfilter *f)
{
	(void)vtfilter_drop(f, VT_OVERLONG);
	f->state = VT_CONTROL_BAD;
}

static void escape(struct vtfilter *f, struct vtfilter_io *io)
{
	uint8_t c = *io->in;

	if (c < 0x20 || c >= 0x7f) {
		interrupted(f, io);
		return;
	}
	io->in++;
	vtfilter_hold(f, c);
	if (c < 0x30) {
		if (f->n_held == VTFILTER_CSI_MAX)
			overlong(f);
	} else if (f->n_held == 2 && c == '[') {
		f->state = VT_CONTROL_SEQUENCE;
	} else if (f->n_held == 2 && strchr("]P_X^k", c)) {
		vtfilter_string_begin(f, c);
	} else {
		judged(f, vtfilter_esc(f, f->held, f->n_held));
	}
}

static void control_sequence(struct vtfilter *f, struct vtfilter_io *io)
{
	uint8_t c = *io->in;

	if (c < 0x20 || c >= 0x7f) {
		interrupted(f, io);
		return;
	}
	io->in++;
	vtfilter_hold(f, c);
	if (c >= 0x40)
		judged(f, vtfilter_csi(f, f->held, f->n_held));
	else if (f->n_held == VTFILTER_CSI_MAX)
		overlong(f);
}

static void control_bad(struct vtfilter *f, struct vtfilter_io *io)
{
	uint8_t c = *io->in;

	if (c < 0x20 || c >= 0x7f) {
		interrupted(f, io);
		return;
	}
	io->in++;
	if (c >= 0x40)
		vtfilter_begin(f, VT_GROUND);
}

/* --- the interface ---------------------------------------------------------------------------- */

size_t vtfilter_feed(struct vtfilter *f, const void *in, size_t n, void *out, size_t cap,
		     size_t *ret_consumed)
{
	static void (*const steps[VT_N_STATES])(struct vtfilter *, struct vtfilter_io *) = {
		[VT_GROUND] = ground,
		[VT_CHARACTER] = character,
		[VT_ESCAPE] = escape,
		[VT_CONTROL_SEQUENCE] = control_sequence,
		[VT_CONTROL_BAD] = control_bad,
		[VT_STRING] = vtfilter_string,
		[VT_STRING_BAD] = vtfilter_string_bad,
		[VT_SIXEL] = vtfilter_stream,
		[VT_BASE64] = vtfilter_stream,
	};
	struct vtfilter_io io = { .in = in, .out = out };

	io.in_end = io.in + n;
	io.out_end = io.out + cap;
	for (;;) {
		if (f->emit_end > 0)
			emit_flush(f, &io);
		if (io.in == io.in_end || io.out == io.out_end)
			break;
		steps[f->state](f, &io);
	}
	*ret_consumed = n - (size_t)(io.in_end - io.in);
	return cap - (size_t)(io.out_end - io.out);
}

void vtfilter_reset(const struct vtfilter *f, struct buf *out)
{
	/* What was judged and half handed out is ended as well: its rest is no longer ours to send. */
	if (f->state == VT_SIXEL || f->state == VT_BASE64 || f->emit_at > 0)
		buf_puts(out, "\033\\");
	vtmodes_undo(&f->modes, out);
}
