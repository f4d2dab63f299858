/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/bridge.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/clock.h"
#include "clipboard/focus.h"

#define TICK_MS 1000
#define ROUNDS 256

static const char no_focus[] = "the window has no focus";

static void host_changed(struct bridge *b)
{
	if (b->host.owner != OWNER_US)
		buf_done(&b->copied);
	if (b->is_open[DIRECTION_IN] && b->host.owner != OWNER_US)
		rate_want(&b->rates[DIRECTION_IN]);
}

static void screen_changed(struct bridge *b)
{
	if (b->is_open[DIRECTION_OUT] && b->screen.owner == OWNER_OTHER)
		rate_want(&b->rates[DIRECTION_OUT]);
}

static void follow_host(struct bridge *b)
{
	if (b->host.owner == OWNER_OTHER)
		side_take(&b->screen);
	else if (b->host.owner == OWNER_NONE)
		side_release(&b->screen);
}

static void follow_screen(struct bridge *b, int64_t now_ms)
{
	if (b->screen.owner != OWNER_OTHER)
		return;
	if (focus_is_in(&b->host, b->window))
		fetch_start(&b->fetches[DIRECTION_OUT], now_ms);
	else
		journal_refused(&b->journal, DIRECTION_OUT, no_focus);
}

/* A program inside has copied something. */
static void finish_out(struct bridge *b)
{
	struct fetch *f = &b->fetches[DIRECTION_OUT];

	if (f->state == FETCH_FAILED) {
		journal_refused(&b->journal, DIRECTION_OUT, f->reason);
	} else if (journal_passed(&b->journal, DIRECTION_OUT, f->text.len) == 0) {
		buf_done(&b->copied);
		b->copied = f->text;
		f->text = BUF_INIT(0); /* it is b's now */
		side_take(&b->host);
	}
	fetch_reset(f);
}

static void answer_waiting(struct bridge *b, const struct buf *text, int64_t now_ms)
{
	for (size_t i = 0; i < b->n_waiting; i++)
		if (text && journal_passed(&b->journal, DIRECTION_IN, text->len) == 0)
			reply_text(&b->screen_replies, &b->waiting[i], text, now_ms);
		else
			reply_refuse(&b->screen, &b->waiting[i]);
	b->n_waiting = 0;
}

/* The host's text is here, or there is none, for those inside who asked for it. */
static void finish_in(struct bridge *b, int64_t now_ms)
{
	struct fetch *f = &b->fetches[DIRECTION_IN];

	if (f->state == FETCH_FAILED)
		journal_refused(&b->journal, DIRECTION_IN, f->reason);
	answer_waiting(b, f->state == FETCH_DONE ? &f->text : NULL, now_ms);
	fetch_reset(f);
}

/* NULL: it waits; else why not. */
static const char *ask_host(struct bridge *b, const xcb_selection_request_event_t *request,
			    int64_t now_ms)
{
	if (b->host.owner != OWNER_OTHER)
		return "nothing to paste";
	if (b->n_waiting == WAITING_MAX)
		return "too many ask at once";
	if (!focus_is_in(&b->host, b->window))
		return no_focus;
	if (b->n_waiting == 0)
		fetch_start(&b->fetches[DIRECTION_IN], now_ms);
	b->waiting[b->n_waiting++] = *request;
	return NULL;
}

static void screen_asked(struct bridge *b, const xcb_selection_request_event_t *request,
			 int64_t now_ms)
{
	const char *refused = ask_host(b, request, now_ms);

	if (!refused)
		return;
	journal_refused(&b->journal, DIRECTION_IN, refused);
	reply_refuse(&b->screen, request);
}

static void host_asked(struct bridge *b, const xcb_selection_request_event_t *request,
		       int64_t now_ms)
{
	if (b->copied.len > 0)
		reply_text(&b->host_replies, request, &b->copied, now_ms);
	else
		reply_refuse(&b->host, request);
}

static void asked(struct bridge *b, struct side *side, const xcb_generic_event_t *event,
		  int64_t now_ms)
{
	const xcb_selection_request_event_t *request = (const void *)event;

	if (request->owner != side->window || request->selection != side->atoms[ATOM_CLIPBOARD])
		return;
	/* Our own window is not to be asked for by others. */
	if (request->requestor == side->window)
		return;
	if (request->target == side->atoms[ATOM_TARGETS])
		reply_targets(side, request);
	else if (!side_is_text(side, request->target))
		reply_refuse(side, request);
	else if (side == &b->host)
		host_asked(b, request, now_ms);
	else
		screen_asked(b, request, now_ms);
}

/* False: there is none. */
static bool next_event(struct bridge *b, struct side *side)
{
	const bool is_host = side == &b->host;
	auto_free xcb_generic_event_t *event = xcb_poll_for_event(side->c);
	int64_t now_ms = clock_ms();

	if (!event)
		return false;
	if (side_owner_changed(side, event)) {
		if (is_host)
			host_changed(b);
		else
			screen_changed(b);
	} else if (event->response_type == XCB_SELECTION_REQUEST) {
		asked(b, side, event,
		      now_ms); /* not one that a client made up: that has another bit */
	} else {
		fetch_event(&b->fetches[is_host ? DIRECTION_IN : DIRECTION_OUT], event, now_ms);
		replies_event(is_host ? &b->host_replies : &b->screen_replies, event, now_ms);
	}
	return true;
}

static bool is_finished(const struct fetch *f)
{
	return f->state == FETCH_DONE || f->state == FETCH_FAILED;
}

static void tick(struct bridge *b, int64_t now_ms)
{
	if (rate_take(&b->rates[DIRECTION_IN], now_ms))
		follow_host(b);
	if (rate_take(&b->rates[DIRECTION_OUT], now_ms))
		follow_screen(b, now_ms);
	for (size_t i = 0; i < N_ELEMENTS(b->fetches); i++)
		fetch_tick(&b->fetches[i], now_ms);
	replies_tick(&b->host_replies, now_ms);
	replies_tick(&b->screen_replies, now_ms);
	if (is_finished(&b->fetches[DIRECTION_IN]))
		finish_in(b, now_ms);
	if (is_finished(&b->fetches[DIRECTION_OUT]))
		finish_out(b);
}

void bridge_begin(struct bridge *b)
{
	fetch_init(&b->fetches[DIRECTION_IN], &b->host);
	fetch_init(&b->fetches[DIRECTION_OUT], &b->screen);
	b->host_replies.side = &b->host;
	b->screen_replies.side = &b->screen;
	if (b->screen.owner == OWNER_NONE)
		host_changed(b);
	screen_changed(b);
}

/* An answer that was waited for, or a flush, may have brought events of its own: so until twice there is none. */
bool bridge_work(struct bridge *b)
{
	unsigned quiet = 0;

	for (unsigned i = 0; i < ROUNDS && quiet < 2; i++) {
		bool any = next_event(b, &b->host);

		any |= next_event(b, &b->screen);
		tick(b, clock_ms());
		(void)xcb_flush(b->host.c);
		(void)xcb_flush(b->screen.c);
		quiet = any ? 0 : quiet + 1;
	}
	return quiet < 2;
}

int bridge_timeout_ms(const struct bridge *b)
{
	int64_t now_ms = clock_ms();
	int64_t least = -1;

	for (size_t i = 0; i < N_ELEMENTS(b->rates); i++) {
		int64_t left = rate_left(&b->rates[i], now_ms);

		if (left >= 0 && (least < 0 || left < least))
			least = left;
		if (fetch_is_busy(&b->fetches[i]) && (least < 0 || least > TICK_MS))
			least = TICK_MS;
	}
	if ((replies_are_busy(&b->host_replies) || replies_are_busy(&b->screen_replies)) &&
	    (least < 0 || least > TICK_MS))
		least = TICK_MS;
	return (int)least;
}
