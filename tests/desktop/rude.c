/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of X without manners, to be run inside: "rude WHAT". It knows our program's window by its being the owner
 * of CLIPBOARD.
 *
 *   self     asks for the text on behalf of that window itself
 *   flood    sends it events of all kinds that only a server sends
 *   silent   becomes the owner, promises text in parts, and says no more
 *   endless  becomes the owner, and its text has no end
 *   hold     becomes the owner, lets nobody else be served, and claims to have answered
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xcb/xcb.h>

#define PART ((size_t)64 << 10)

static xcb_connection_t *c;
static xcb_window_t window, theirs;
static xcb_atom_t clipboard, utf8, incr;

static xcb_atom_t atom(const char *name)
{
	return xcb_intern_atom_reply(c, xcb_intern_atom(c, 0, (uint16_t)strlen(name), name), NULL)
		->atom;
}

static void own(void)
{
	xcb_set_selection_owner(c, window, clipboard, XCB_CURRENT_TIME);
	xcb_flush(c);
}

static void notify(xcb_window_t to, xcb_atom_t property)
{
	const xcb_selection_notify_event_t n = { .response_type = XCB_SELECTION_NOTIFY,
						 .requestor = to,
						 .selection = clipboard,
						 .target = utf8,
						 .property = property };

	xcb_send_event(c, 0, to, 0, (const char *)&n);
}

static void flood(void)
{
	char event[32];

	for (int i = 0; i < 100000; i++) {
		for (size_t k = 0; k < sizeof(event); k++)
			event[k] = (char)random();
		event[0] = (char)(2 + i % 120);
		memcpy(event + 4, &theirs, sizeof(theirs));
		xcb_send_event(c, 0, theirs, 0, event);
	}
}

/* The first who asks is promised parts. */
static xcb_selection_request_event_t promise(void)
{
	const uint32_t size = 100;
	const uint32_t events = XCB_EVENT_MASK_PROPERTY_CHANGE;
	xcb_generic_event_t *event;
	xcb_selection_request_event_t r;

	own();
	do
		event = xcb_wait_for_event(c);
	while (event && event->response_type != XCB_SELECTION_REQUEST);
	memcpy(&r, event, sizeof(r));
	xcb_change_window_attributes(c, r.requestor, XCB_CW_EVENT_MASK, &events);
	xcb_change_property(c, XCB_PROP_MODE_REPLACE, r.requestor, r.property, incr, 32, 1, &size);
	notify(r.requestor, r.property);
	xcb_flush(c);
	return r;
}

static void endless(void)
{
	static char part[PART];
	xcb_selection_request_event_t r = promise();

	memset(part, 'x', sizeof(part));
	for (int n = 0; n < 100;) {
		xcb_generic_event_t *event = xcb_wait_for_event(c);
		const xcb_property_notify_event_t *p = (const void *)event;

		if (!event || event->response_type != XCB_PROPERTY_NOTIFY ||
		    p->state != XCB_PROPERTY_DELETE || p->atom != r.property)
			continue;
		xcb_change_property(c, XCB_PROP_MODE_REPLACE, r.requestor, r.property, utf8, 8,
				    sizeof(part), part);
		xcb_flush(c);
		n++;
	}
}

static void hold(void)
{
	static const char *const names[] = { "CLAUDE_SANDBOX_0", "CLAUDE_SANDBOX_1",
					     "CLAUDE_SANDBOX_2", "CLAUDE_SANDBOX_3" };
	xcb_atom_t atoms[4];

	for (int i = 0; i < 4; i++)
		atoms[i] = atom(names[i]);
	xcb_grab_server(c);
	own();
	for (int i = 0; i < 15; i++) {
		sleep(1);
		for (int k = 0; k < 4; k++)
			notify(theirs, atoms[k]);
		xcb_flush(c);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const xcb_screen_t *screen;

	c = xcb_connect(NULL, NULL);
	if (xcb_connection_has_error(c))
		return 1;
	screen = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
	clipboard = atom("CLIPBOARD");
	utf8 = atom("UTF8_STRING");
	incr = atom("INCR");
	window = xcb_generate_id(c);
	xcb_create_window(c, 0, window, screen->root, 0, 0, 1, 1, 0, XCB_WINDOW_CLASS_INPUT_ONLY, 0,
			  0, NULL);
	theirs = xcb_get_selection_owner_reply(c, xcb_get_selection_owner(c, clipboard), NULL)
			 ->owner;
	if (theirs == XCB_NONE)
		return 2;
	if (strcmp(what, "self") == 0)
		xcb_convert_selection(c, theirs, clipboard, utf8, utf8, XCB_CURRENT_TIME);
	else if (strcmp(what, "flood") == 0)
		flood();
	else if (strcmp(what, "silent") == 0)
		(void)promise(), sleep(8);
	else if (strcmp(what, "endless") == 0)
		endless();
	else if (strcmp(what, "hold") == 0)
		hold();
	/* All of it was done. */
	free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
	xcb_disconnect(c);
	return 0;
}
