/* SPDX-License-Identifier: Apache-2.0 */
/* What the filter's files share; nobody else includes it. */
#pragma once

#include <string.h>

#include "base/vtfilter.h"

#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define ESC 0x1b

enum vtfilter_verdict {
	VT_PASS,    /* as it came */
	VT_DROPPED, /* counted */
	VT_CHANGED, /* what goes in its place has been emitted */
};

enum vtfilter_stream { VT_NO_STREAM, VT_STREAM_SIXEL, VT_STREAM_BASE64 };

struct vtfilter_io {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_end;
};

/* Counts. */
static inline enum vtfilter_verdict vtfilter_drop(struct vtfilter *f, enum vtfilter_reason reason)
{
	f->counts[reason]++;
	return VT_DROPPED;
}

/* Adds to what is handed out next. There is always room for one sequence and its end. */
void vtfilter_emit(struct vtfilter *f, const void *bytes, size_t n);
void vtfilter_emit_text(struct vtfilter *f, const char *text);

static inline size_t vtfilter_smaller(ptrdiff_t a, ptrdiff_t b)
{
	return (size_t)(a < b ? a : b);
}

static inline void vtfilter_copy(struct vtfilter_io *io, const uint8_t *end)
{
	size_t n = (size_t)(end - io->in);

	memcpy(io->out, io->in, n);
	io->out += n;
	io->in = end;
}

static inline void vtfilter_hold(struct vtfilter *f, uint8_t c)
{
	f->held[f->n_held++] = c;
}

static inline void vtfilter_begin(struct vtfilter *f, enum vtfilter_state state)
{
	f->state = state;
	f->n_held = 0;
	f->escaped = false;
}

/* vtfilter_text.c */

/* The end of the longest run of text from @p on: printable, allowed controls, whole characters. */
const uint8_t *vtfilter_run(const uint8_t *p, const uint8_t *end, bool is_8bit);

/* The character at @p: > 0 its length, 0 cut off after @n bytes, < 0 minus the bytes to replace. */
int vtfilter_utf8(const uint8_t *p, size_t n);

/* A character of two bytes that is a control: U+0080 to U+009F. */
static inline bool vtfilter_is_c1(const uint8_t *p)
{
	return p[0] == 0xc2 && p[1] < 0xa0;
}

/* True for the controls that pass: NUL, BEL to SI. */
static inline bool vtfilter_is_control(uint8_t c)
{
	return c == 0 || (c >= BEL && c <= 0x0f);
}

/* vtfilter_csi.c: whole sequences, @p at their ESC */

/* The length of the control sequence at @p, 0: not whole, or with something odd in it. */
size_t vtfilter_csi_length(const uint8_t *p, const uint8_t *end);
enum vtfilter_verdict vtfilter_csi(struct vtfilter *f, const uint8_t *p, size_t n);

/* vtfilter_esc.c */
enum vtfilter_verdict vtfilter_esc(struct vtfilter *f, const uint8_t *p, size_t n);

/* vtfilter_osc.c: @text between ESC ] and @end, which is BEL or ESC \ */
void vtfilter_osc(struct vtfilter *f, const uint8_t *text, size_t n, const char *end);
/* Why an OSC that will not be shown is not. */
enum vtfilter_reason vtfilter_osc_reason(const uint8_t *text, size_t n);

/*
 * vtfilter_image.c: looks at the head of a string, held up to the byte that was just added. Returns
 * what kind of data follows, having emitted the head; or says in *ret_reason why it is refused, else
 * VT_N_REASONS: more is needed.
 */
enum vtfilter_stream vtfilter_dcs_head(struct vtfilter *f, enum vtfilter_reason *ret_reason);
enum vtfilter_stream vtfilter_apc_head(struct vtfilter *f, enum vtfilter_reason *ret_reason);
enum vtfilter_stream vtfilter_file_head(struct vtfilter *f, enum vtfilter_reason *ret_reason);
/* An APC without data, at its end. */
void vtfilter_apc_whole(struct vtfilter *f);
bool vtfilter_is_data(enum vtfilter_stream stream, uint8_t c);

/* vtfilter_ask.c: notes a question and returns VT_N_REASONS, or why it may not pass */
enum vtfilter_reason vtfilter_ask(struct vtfilter *f, bool is_da1);

/* vtfilter_string.c: the states of strings; @c is the byte after ESC that began one */
void vtfilter_string_begin(struct vtfilter *f, uint8_t c);
void vtfilter_string(struct vtfilter *f, struct vtfilter_io *io);
void vtfilter_string_bad(struct vtfilter *f, struct vtfilter_io *io);
void vtfilter_stream(struct vtfilter *f, struct vtfilter_io *io);
