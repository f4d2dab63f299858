/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/side.h"

#include <errno.h>
#include <string.h>
#include <xcb/xfixes.h>

#include "base/auto.h"

/* Beside a property's data in a request. */
#define REQUEST_HEAD ((size_t)64)
/* More at once gains nothing, and the server would have to hold it. */
#define CHUNK_MAX ((size_t)256 << 10)

static const char *const names[N_ATOMS] = {
	[ATOM_UTF8_STRING] = "UTF8_STRING",
	[ATOM_TEXT_UTF8] = "text/plain;charset=utf-8",
	[ATOM_STRING] = "STRING",
	[ATOM_CLIPBOARD] = "CLIPBOARD",
	[ATOM_TARGETS] = "TARGETS",
	[ATOM_INCR] = "INCR",
	[ATOM_PROPERTY_0] = "CLAUDE_SANDBOX_0",
	[ATOM_PROPERTY_1] = "CLAUDE_SANDBOX_1",
	[ATOM_PROPERTY_2] = "CLAUDE_SANDBOX_2",
	[ATOM_PROPERTY_3] = "CLAUDE_SANDBOX_3",
};

static int intern_atoms(struct side *s, struct err *e)
{
	xcb_intern_atom_cookie_t asked[N_ATOMS];

	for (size_t i = 0; i < N_ATOMS; i++)
		asked[i] = xcb_intern_atom(s->c, 0, (uint16_t)strlen(names[i]), names[i]);
	for (size_t i = 0; i < N_ATOMS; i++) {
		auto_free xcb_intern_atom_reply_t *reply =
			xcb_intern_atom_reply(s->c, asked[i], NULL);

		if (!reply)
			return err_set(e, EPROTO, "the X server does not answer");
		s->atoms[i] = reply->atom;
	}
	return 0;
}

static int watch_owner(struct side *s, struct err *e)
{
	const xcb_query_extension_reply_t *xfixes = xcb_get_extension_data(s->c, &xcb_xfixes_id);
	auto_free xcb_xfixes_query_version_reply_t *version = NULL;

	if (!xfixes || !xfixes->present)
		return err_set(e, ENOTSUP, "the X server lacks the extension XFIXES");
	version = xcb_xfixes_query_version_reply(
		s->c,
		xcb_xfixes_query_version(s->c, XCB_XFIXES_MAJOR_VERSION, XCB_XFIXES_MINOR_VERSION),
		NULL);
	if (!version)
		return err_set(e, EPROTO, "the X server does not answer");
	s->owner_event = xfixes->first_event + XCB_XFIXES_SELECTION_NOTIFY;
	xcb_xfixes_select_selection_input(
		s->c, s->window, s->atoms[ATOM_CLIPBOARD],
		XCB_XFIXES_SELECTION_EVENT_MASK_SET_SELECTION_OWNER |
			XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_WINDOW_DESTROY |
			XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_CLIENT_CLOSE);
	return 0;
}

static int ask_owner(struct side *s, struct err *e)
{
	auto_free xcb_get_selection_owner_reply_t *reply = xcb_get_selection_owner_reply(
		s->c, xcb_get_selection_owner(s->c, s->atoms[ATOM_CLIPBOARD]), NULL);

	if (!reply)
		return err_set(e, EPROTO, "the X server does not answer");
	s->owner = reply->owner == XCB_NONE ? OWNER_NONE : OWNER_OTHER;
	return 0;
}

static const xcb_screen_t *find_screen(xcb_connection_t *c, int number)
{
	xcb_screen_iterator_t it = xcb_setup_roots_iterator(xcb_get_setup(c));

	while (it.rem > 1 && number-- > 0)
		xcb_screen_next(&it);
	return it.data;
}

int side_init(struct side *s, xcb_connection_t *c, int screen, struct err *e)
{
	const uint32_t events = XCB_EVENT_MASK_PROPERTY_CHANGE;
	int r;

	*s = (struct side){ .c = c };
	if (xcb_connection_has_error(c))
		return err_set(e, ECONNREFUSED, "the X server refuses us");
	s->root = find_screen(c, screen)->root;
	s->chunk = (size_t)xcb_get_setup(c)->maximum_request_length * 4 - REQUEST_HEAD;
	if (s->chunk > CHUNK_MAX)
		s->chunk = CHUNK_MAX;
	s->window = xcb_generate_id(c);
	xcb_create_window(c, XCB_COPY_FROM_PARENT, s->window, s->root, 0, 0, 1, 1, 0,
			  XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK,
			  &events);
	r = intern_atoms(s, e);
	if (r == 0)
		r = watch_owner(s, e);
	return r < 0 ? r : ask_owner(s, e);
}

void side_yield(const struct side *s)
{
	/* One that does not know it answers with an error, which nobody waits for. */
	xcb_xfixes_set_client_disconnect_mode(s->c, XCB_XFIXES_CLIENT_DISCONNECT_FLAGS_TERMINATE);
}

void side_take(const struct side *s)
{
	xcb_set_selection_owner(s->c, s->window, s->atoms[ATOM_CLIPBOARD], XCB_CURRENT_TIME);
}

void side_release(const struct side *s)
{
	if (s->owner == OWNER_US)
		xcb_set_selection_owner(s->c, XCB_NONE, s->atoms[ATOM_CLIPBOARD], XCB_CURRENT_TIME);
}

bool side_owner_changed(struct side *s, const xcb_generic_event_t *event)
{
	const xcb_xfixes_selection_notify_event_t *n = (const void *)event;

	/* With the bit that a client sets who sends it, it is another number. */
	if (event->response_type != s->owner_event || n->selection != s->atoms[ATOM_CLIPBOARD])
		return false;
	if (n->owner == s->window)
		s->owner = OWNER_US;
	else
		s->owner = n->owner == XCB_NONE ? OWNER_NONE : OWNER_OTHER;
	return true;
}

bool side_is_text(const struct side *s, xcb_atom_t atom)
{
	for (size_t i = 0; i < N_TEXT_ATOMS; i++)
		if (s->atoms[i] == atom)
			return true;
	return false;
}
