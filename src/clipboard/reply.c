/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/reply.h"

#include "base/auto.h"
#include "clipboard/fetch.h"
#include "clipboard/text.h"

#define PATIENCE_MS 5000

/* Clients older than the ICCCM name no property. */
static xcb_atom_t property_of(const xcb_selection_request_event_t *request)
{
	return request->property != XCB_NONE ? request->property : request->target;
}

static void notify(const struct side *s, const xcb_selection_request_event_t *request,
		   xcb_atom_t property)
{
	const xcb_selection_notify_event_t answer = { .response_type = XCB_SELECTION_NOTIFY,
						      .time = request->time,
						      .requestor = request->requestor,
						      .selection = request->selection,
						      .target = request->target,
						      .property = property };

	xcb_send_event(s->c, 0, request->requestor, XCB_EVENT_MASK_NO_EVENT, (const char *)&answer);
}

void reply_refuse(const struct side *s, const xcb_selection_request_event_t *request)
{
	notify(s, request, XCB_NONE);
}

void reply_targets(const struct side *s, const xcb_selection_request_event_t *request)
{
	const xcb_atom_t all[] = { s->atoms[ATOM_TARGETS], s->atoms[ATOM_UTF8_STRING],
				   s->atoms[ATOM_TEXT_UTF8], s->atoms[ATOM_STRING] };
	xcb_atom_t property = property_of(request);

	xcb_change_property(s->c, XCB_PROP_MODE_REPLACE, request->requestor, property,
			    XCB_ATOM_ATOM, 32, N_ELEMENTS(all), all);
	notify(s, request, property);
}

static void put(const struct side *s, xcb_window_t window, xcb_atom_t property, xcb_atom_t type,
		const char *bytes, size_t len)
{
	xcb_change_property(s->c, XCB_PROP_MODE_REPLACE, window, property, type, 8, (uint32_t)len,
			    bytes);
}

static void select_events(const struct side *s, xcb_window_t window, uint32_t events)
{
	xcb_change_window_attributes(s->c, window, XCB_CW_EVENT_MASK, &events);
}

static void end(struct replies *r, struct reply *reply)
{
	xcb_window_t window = reply->requestor;
	bool has_other = false;

	reply->requestor = XCB_NONE;
	buf_done(&reply->text);
	for (size_t i = 0; i < REPLIES_MAX; i++)
		has_other |= r->all[i].requestor == window;
	if (!has_other)
		select_events(r->side, window, XCB_EVENT_MASK_NO_EVENT);
}

/* The same window asks for the same property again: it has given up on the first. */
static struct reply *find_free(struct replies *r, const xcb_selection_request_event_t *request)
{
	struct reply *found = NULL;

	for (size_t i = 0; i < REPLIES_MAX; i++) {
		struct reply *reply = &r->all[i];

		if (reply->requestor == request->requestor &&
		    reply->property == property_of(request))
			end(r, reply);
		if (reply->requestor == XCB_NONE)
			found = reply;
	}
	return found;
}

/* First its size; each time the requestor deletes the property it wants the next part. */
static bool begin_parts(struct replies *r, const xcb_selection_request_event_t *request,
			const struct buf *text, int64_t now_ms)
{
	const struct side *s = r->side;
	struct reply *reply = find_free(r, request);
	const uint32_t size = (uint32_t)text->len;

	if (!reply)
		return false;
	*reply = (struct reply){ .requestor = request->requestor,
				 .property = property_of(request),
				 .type = request->target,
				 .text = BUF_INIT(text->len),
				 .until_ms = now_ms + PATIENCE_MS };
	buf_add(&reply->text, buf_text(text), text->len);
	select_events(s, reply->requestor,
		      XCB_EVENT_MASK_PROPERTY_CHANGE | XCB_EVENT_MASK_STRUCTURE_NOTIFY);
	xcb_change_property(s->c, XCB_PROP_MODE_REPLACE, reply->requestor, reply->property,
			    s->atoms[ATOM_INCR], 32, 1, &size);
	return true;
}

void reply_text(struct replies *r, const xcb_selection_request_event_t *request,
		const struct buf *text, int64_t now_ms)
{
	const struct side *s = r->side;
	auto_buf struct buf latin1 = BUF_INIT(TEXT_MAX);
	xcb_atom_t property = property_of(request);
	bool is_sent = true;

	if (request->target == s->atoms[ATOM_STRING]) {
		text_to_latin1(buf_text(text), text->len, &latin1);
		text = &latin1;
	}
	if (text->len <= s->chunk)
		put(s, request->requestor, property, request->target, buf_text(text), text->len);
	else
		is_sent = begin_parts(r, request, text, now_ms);
	notify(s, request, is_sent ? property : XCB_NONE);
}

/* The last one is empty. */
static void next_part(struct replies *r, struct reply *reply, int64_t now_ms)
{
	size_t left = reply->text.len - reply->at;
	size_t len = left < r->side->chunk ? left : r->side->chunk;

	put(r->side, reply->requestor, reply->property, reply->type,
	    buf_text(&reply->text) + reply->at, len);
	reply->at += len;
	reply->until_ms = now_ms + PATIENCE_MS;
	if (len == 0)
		end(r, reply);
}

void replies_event(struct replies *r, const xcb_generic_event_t *event, int64_t now_ms)
{
	const xcb_property_notify_event_t *p = (const void *)event;
	const xcb_destroy_notify_event_t *d = (const void *)event;

	for (size_t i = 0; i < REPLIES_MAX; i++) {
		struct reply *reply = &r->all[i];

		if (reply->requestor == XCB_NONE)
			continue;
		if (event->response_type == XCB_PROPERTY_NOTIFY && p->window == reply->requestor &&
		    p->atom == reply->property && p->state == XCB_PROPERTY_DELETE)
			next_part(r, reply, now_ms);
		else if (event->response_type == XCB_DESTROY_NOTIFY &&
			 d->window == reply->requestor)
			end(r, reply);
	}
}

void replies_tick(struct replies *r, int64_t now_ms)
{
	for (size_t i = 0; i < REPLIES_MAX; i++)
		if (r->all[i].requestor != XCB_NONE && now_ms >= r->all[i].until_ms)
			end(r, &r->all[i]);
}

bool replies_are_busy(const struct replies *r)
{
	for (size_t i = 0; i < REPLIES_MAX; i++)
		if (r->all[i].requestor != XCB_NONE)
			return true;
	return false;
}
