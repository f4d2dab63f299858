/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/fetch.h"

#include "base/auto.h"
#include "clipboard/text.h"

#define PATIENCE_MS 5000

void fetch_init(struct fetch *f, struct side *side)
{
	*f = (struct fetch){ .side = side };
	fetch_reset(f);
}

void fetch_reset(struct fetch *f)
{
	buf_done(&f->raw);
	buf_done(&f->text);
	f->raw = BUF_INIT(TEXT_MAX);
	f->text = BUF_INIT(TEXT_MAX);
	f->state = FETCH_IDLE;
}

bool fetch_is_busy(const struct fetch *f)
{
	return f->state == FETCH_ASKED || f->state == FETCH_PARTS;
}

static void fail(struct fetch *f, const char *reason)
{
	fetch_reset(f);
	f->state = FETCH_FAILED;
	f->reason = reason;
}

static void ask(struct fetch *f, int64_t now_ms)
{
	struct side *s = f->side;

	f->property = s->atoms[ATOM_PROPERTY_0 + s->next_property++ % N_PROPERTIES];
	f->state = FETCH_ASKED;
	f->until_ms = now_ms + PATIENCE_MS;
	xcb_delete_property(s->c, s->window, f->property);
	xcb_convert_selection(s->c, s->window, s->atoms[ATOM_CLIPBOARD], s->atoms[f->target],
			      f->property, XCB_CURRENT_TIME);
}

void fetch_start(struct fetch *f, int64_t now_ms)
{
	fetch_reset(f);
	f->target = 0;
	ask(f, now_ms);
}

static void finish(struct fetch *f)
{
	auto_buf struct buf utf8 = BUF_INIT(TEXT_MAX);
	const struct buf *from = &f->raw;

	if (f->type == f->side->atoms[ATOM_STRING]) {
		text_of_latin1(buf_text(&f->raw), f->raw.len, &utf8);
		from = &utf8;
	}
	text_clean(buf_text(from), from->len, &f->text);
	if (buf_full(from) || buf_full(&f->text))
		fail(f, "too large");
	else if (f->text.len == 0)
		fail(f, "no text");
	else
		f->state = FETCH_DONE;
}

static void add_part(struct fetch *f, const xcb_get_property_reply_t *reply, bool is_whole)
{
	size_t len = (size_t)xcb_get_property_value_length(reply);

	if (len > 0 && (reply->format != 8 || !side_is_text(f->side, reply->type))) {
		fail(f, "no text");
		return;
	}
	if (len > 0) {
		f->type = reply->type;
		buf_add(&f->raw, xcb_get_property_value(reply), len);
	}
	if (buf_full(&f->raw) || reply->bytes_after > 0)
		fail(f, "too large");
	else if (is_whole || len == 0)
		finish(f);
}

/* Deleting it tells the owner that we have it. One unit more than may be: so that too much is seen. */
static void read_property(struct fetch *f, int64_t now_ms)
{
	const struct side *s = f->side;
	auto_free xcb_get_property_reply_t *reply = xcb_get_property_reply(
		s->c,
		xcb_get_property(s->c, 1, s->window, f->property, XCB_GET_PROPERTY_TYPE_ANY, 0,
				 TEXT_MAX / 4 + 1),
		NULL);

	if (!reply) {
		fail(f, "no answer");
		return;
	}
	f->until_ms = now_ms + PATIENCE_MS;
	if (f->state == FETCH_ASKED && reply->type == s->atoms[ATOM_INCR])
		f->state = FETCH_PARTS;
	else
		add_part(f, reply, f->state == FETCH_ASKED);
}

static void answered(struct fetch *f, const xcb_selection_notify_event_t *n, int64_t now_ms)
{
	const struct side *s = f->side;

	if (f->state != FETCH_ASKED || n->requestor != s->window ||
	    n->selection != s->atoms[ATOM_CLIPBOARD] || n->target != s->atoms[f->target])
		return;
	if (n->property == f->property) {
		read_property(f, now_ms);
	} else if (n->property == XCB_NONE) {
		if (++f->target < N_TEXT_ATOMS)
			ask(f, now_ms);
		else
			fail(f, "no text");
	}
}

void fetch_event(struct fetch *f, const xcb_generic_event_t *event, int64_t now_ms)
{
	const xcb_property_notify_event_t *p = (const void *)event;

	/* This one is always sent by a client. */
	if ((event->response_type & 0x7f) == XCB_SELECTION_NOTIFY)
		answered(f, (const void *)event, now_ms);
	else if (event->response_type == XCB_PROPERTY_NOTIFY && f->state == FETCH_PARTS &&
		 p->window == f->side->window && p->atom == f->property &&
		 p->state == XCB_PROPERTY_NEW_VALUE)
		read_property(f, now_ms);
}

void fetch_tick(struct fetch *f, int64_t now_ms)
{
	if (fetch_is_busy(f) && now_ms >= f->until_ms)
		fail(f, "no answer");
}
