/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the terminal. Their answers have fixed shapes, but are typed input to whoever reads the
 * terminal next. So only a few may be open at one time, none when nobody reads the answers, and
 * at the end the last answer is waited for: terminals answer in order, and all of them answer DA1.
 *
 * An answer begins with ESC; each ESC that comes in pays for one question, and other input for
 * one as well, since a terminal leaves some questions unanswered for ever. Keys pay too much
 * now and then, which is why vtfilter_is_owed() does not look at this account.
 */
#include "base/vtfilter_parts.h"

enum { IDLE, AFTER_ESC, AFTER_CSI, IN_DA };

/* A count that stays at its end. */
static void count(uint16_t *n)
{
	if (*n < UINT16_MAX)
		(*n)++;
}

void vtfilter_queries_allow(struct vtfilter *f, bool allowed)
{
	f->no_queries = !allowed;
}

enum vtfilter_reason vtfilter_ask(struct vtfilter *f, bool is_da1)
{
	if (f->no_queries)
		return VT_QUERY_UNREAD;
	if (f->n_owed >= VTFILTER_QUERIES_MAX)
		return VT_QUERY_FLOOD;
	f->n_owed++;
	if (is_da1) {
		count(&f->n_da1);
		f->n_since_da1 = 0;
	} else {
		count(&f->n_since_da1);
	}
	return VT_N_REASONS;
}

/* True at the end of the terminal's device attributes: ESC [ ? numbers c. */
static bool is_da1_end(struct vtfilter *f, uint8_t c)
{
	uint8_t state = f->answer_state;

	f->answer_state = IDLE;
	if (c == ESC)
		f->answer_state = AFTER_ESC;
	else if (state == AFTER_ESC && c == '[')
		f->answer_state = AFTER_CSI;
	else if ((state == AFTER_CSI && c == '?') ||
		 (state == IN_DA && ((c >= '0' && c <= '9') || c == ';')))
		f->answer_state = IN_DA;
	return state == IN_DA && c == 'c';
}

bool vtfilter_input(struct vtfilter *f, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t paid = 0;
	bool done = false;

	for (size_t i = 0; i < n; i++) {
		paid += p[i] == ESC;
		if (is_da1_end(f, p[i]) && f->n_da1 > 0 && --f->n_da1 == 0) {
			f->n_owed = f->n_since_da1 < f->n_owed ? f->n_since_da1 : f->n_owed;
			paid = 0;
			done = true;
		}
	}
	if (paid == 0 && !done && n > 0)
		paid = 1;
	f->n_owed = paid < f->n_owed ? (uint16_t)(f->n_owed - paid) : 0;
	return done;
}

bool vtfilter_is_owed(const struct vtfilter *f)
{
	return f->n_da1 > 0 || f->n_since_da1 > 0 || vtmodes_reports(&f->modes);
}

void vtfilter_barrier(struct vtfilter *f, struct buf *out)
{
	buf_puts(out, "\033[c");
	count(&f->n_da1);
	f->n_since_da1 = 0;
}
