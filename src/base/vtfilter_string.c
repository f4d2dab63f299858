/* SPDX-License-Identifier: Apache-2.0 */
/* Strings (OSC, DCS, APC and the others) from their start to their end: held, skipped, or passed on as data. */
#include "base/vtfilter_parts.h"

void vtfilter_string_begin(struct vtfilter *f, uint8_t c)
{
	static const struct {
		uint8_t c;
		enum vtfilter_kind kind;
		enum vtfilter_reason refused;
	} rows[] = {
		{ ']', VT_OSC, VT_N_REASONS },
		{ 'P', VT_DCS, VT_N_REASONS },
		{ '_', VT_APC, VT_N_REASONS },
		{ 'X', VT_OTHER_STRING, VT_APPLICATION }, /* SOS */
		{ '^', VT_OTHER_STRING, VT_APPLICATION }, /* PM */
		{ 'k', VT_OTHER_STRING, VT_WINDOW_NAME }, /* screen, tmux */
	};
	size_t i = 0;

	while (rows[i].c != c)
		i++;
	f->kind = rows[i].kind;
	f->state = VT_STRING;
	if (rows[i].refused != VT_N_REASONS) {
		(void)vtfilter_drop(f, rows[i].refused);
		f->state = VT_STRING_BAD;
	}
}

static void string_whole(struct vtfilter *f, const char *end)
{
	if (f->kind == VT_OSC)
		vtfilter_osc(f, f->held + 2, f->n_held - 2u, end);
	else if (f->kind == VT_APC)
		vtfilter_apc_whole(f);
	else
		(void)vtfilter_drop(f, VT_UNKNOWN);
	vtfilter_begin(f, VT_GROUND);
}

static void string_refuse(struct vtfilter *f, enum vtfilter_reason reason)
{
	(void)vtfilter_drop(f, reason);
	vtfilter_begin(f, VT_STRING_BAD);
}

/* A DCS that holds escape sequences is how screen passes them to the terminal around it. */
static void string_cancel(struct vtfilter *f)
{
	if (f->state == VT_STRING)
		(void)vtfilter_drop(f, f->kind == VT_DCS ? VT_PASSTHROUGH : VT_MALFORMED);
	if (f->state == VT_SIXEL || f->state == VT_BASE64) {
		(void)vtfilter_drop(f, VT_IMAGE);
		vtfilter_emit_text(f, "\033\\");
	}
	vtfilter_begin(f, VT_GROUND);
}

/* The end of a string, by @end. */
static void string_end(struct vtfilter *f, const char *end)
{
	if (f->state == VT_STRING) {
		string_whole(f, end);
		return;
	}
	if (f->state != VT_STRING_BAD)
		vtfilter_emit_text(f, end);
	vtfilter_begin(f, VT_GROUND);
}

/*
 * The byte after an ESC in a string. In a DCS that goes to another terminal ESC is doubled: that is no
 * end. Every other byte makes it an escape sequence, which ends the string without its effect.
 */
static void string_escaped(struct vtfilter *f, struct vtfilter_io *io)
{
	f->escaped = false;
	if (*io->in == '\\') {
		io->in++;
		string_end(f, "\033\\");
	} else if (*io->in == ESC && f->kind == VT_DCS && f->state == VT_STRING_BAD) {
		io->in++;
	} else {
		string_cancel(f);
		vtfilter_begin(f, VT_ESCAPE);
		vtfilter_hold(f, ESC);
	}
}

/* True if the next byte is about the end of the string, and has been dealt with. */
static bool string_ends(struct vtfilter *f, struct vtfilter_io *io)
{
	uint8_t c = *io->in;

	if (f->escaped) {
		string_escaped(f, io);
	} else if (c == ESC) {
		io->in++;
		f->escaped = true;
	} else if (c == CAN || c == SUB) {
		io->in++;
		string_cancel(f);
	} else if (c == BEL && f->kind == VT_OSC) {
		io->in++;
		string_end(f, "\a");
	} else {
		return false;
	}
	return true;
}

static enum vtfilter_stream string_head(struct vtfilter *f, enum vtfilter_reason *ret_reason)
{
	if (f->kind == VT_DCS)
		return vtfilter_dcs_head(f, ret_reason);
	if (f->kind == VT_APC)
		return vtfilter_apc_head(f, ret_reason);
	return vtfilter_file_head(f, ret_reason);
}

/* The Linux console's own OSC, which have no end: P and seven digits, and R. */
static bool is_linux_palette(const struct vtfilter *f)
{
	return f->kind == VT_OSC &&
	       ((f->n_held == 10 && f->held[2] == 'P') || (f->n_held == 3 && f->held[2] == 'R'));
}

static const uint8_t *printable_end(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= 0x20)
		p++;
	return p;
}

/* Where no head of an image can be, all but the last byte of a run are held at once. */
static void hold_run(struct vtfilter *f, struct vtfilter_io *io)
{
	const uint8_t *limit =
		io->in + vtfilter_smaller(io->in_end - io->in, VTFILTER_HELD_MAX - f->n_held);
	size_t n;

	if (f->kind != VT_OSC || f->n_held <= 10 || memcmp(f->held + 2, "1337", 4) == 0)
		return;
	n = (size_t)(printable_end(io->in, limit) - io->in);
	if (n < 2)
		return;
	memcpy(f->held + f->n_held, io->in, n - 1);
	f->n_held = (uint16_t)(f->n_held + n - 1);
	io->in += n - 1;
}

void vtfilter_string(struct vtfilter *f, struct vtfilter_io *io)
{
	enum vtfilter_reason reason;
	enum vtfilter_stream stream;

	if (string_ends(f, io))
		return;
	hold_run(f, io);
	vtfilter_hold(f, *io->in++);
	stream = string_head(f, &reason);
	if (reason != VT_N_REASONS) {
		string_refuse(f, reason);
	} else if (stream != VT_NO_STREAM) {
		vtfilter_begin(f, stream == VT_STREAM_SIXEL ? VT_SIXEL : VT_BASE64);
		f->stream_left = VTFILTER_IMAGE_MAX;
	} else if (is_linux_palette(f)) {
		(void)vtfilter_drop(f, VT_UNKNOWN);
		vtfilter_begin(f, VT_GROUND);
	} else if (f->n_held == VTFILTER_HELD_MAX) {
		string_refuse(f, vtfilter_osc_reason(f->held + 2, f->n_held - 2u));
	}
}

void vtfilter_string_bad(struct vtfilter *f, struct vtfilter_io *io)
{
	if (!string_ends(f, io))
		io->in = printable_end(io->in + 1, io->in_end);
}

/* Data passes as it comes; what is none ends the image, and the rest of the string is skipped. */
void vtfilter_stream(struct vtfilter *f, struct vtfilter_io *io)
{
	enum vtfilter_stream kind = f->state == VT_SIXEL ? VT_STREAM_SIXEL : VT_STREAM_BASE64;
	const uint8_t *p = io->in;
	const uint8_t *limit = p + vtfilter_smaller(io->in_end - p, io->out_end - io->out);

	if (string_ends(f, io))
		return;
	if (limit - p > (ptrdiff_t)f->stream_left)
		limit = p + f->stream_left;
	while (p < limit && vtfilter_is_data(kind, *p))
		p++;
	f->stream_left -= (uint32_t)(p - io->in);
	if (p > io->in) {
		vtfilter_copy(io, p);
		return;
	}
	string_cancel(f);
	f->state = VT_STRING_BAD;
}
