/* SPDX-License-Identifier: Apache-2.0 */
/* Asked when it matters, instead of followed by events: then nothing has to be believed that was true before. */
#include "clipboard/focus.h"

#include <string.h>

#include "base/auto.h"

/* Of windows in windows; and a name is shorter. */
#define DEPTH_MAX 32
#define NAME_WORDS 64

static bool has_name(const struct side *s, xcb_window_t window, const char *name)
{
	auto_free xcb_get_property_reply_t *reply =
		xcb_get_property_reply(s->c,
				       xcb_get_property(s->c, 0, window, XCB_ATOM_WM_CLASS,
							XCB_ATOM_STRING, 0, NAME_WORDS),
				       NULL);
	size_t len = strlen(name) + 1; /* its end as well: it is the first of two strings */

	return reply && reply->format == 8 && (size_t)xcb_get_property_value_length(reply) >= len &&
	       memcmp(xcb_get_property_value(reply), name, len) == 0;
}

static xcb_window_t parent_of(const struct side *s, xcb_window_t window)
{
	auto_free xcb_query_tree_reply_t *reply =
		xcb_query_tree_reply(s->c, xcb_query_tree(s->c, window), NULL);

	return reply ? reply->parent : XCB_NONE;
}

/* The innermost one. */
static xcb_window_t under_pointer(const struct side *s)
{
	xcb_window_t window = s->root;

	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		auto_free xcb_query_pointer_reply_t *reply =
			xcb_query_pointer_reply(s->c, xcb_query_pointer(s->c, window), NULL);

		if (!reply || reply->child == XCB_NONE)
			break;
		window = reply->child;
	}
	return window;
}

static xcb_window_t focused(const struct side *s)
{
	auto_free xcb_get_input_focus_reply_t *reply =
		xcb_get_input_focus_reply(s->c, xcb_get_input_focus(s->c), NULL);

	if (!reply)
		return XCB_NONE;
	/* Where there is no window manager, keys go to where the pointer is. */
	if (reply->focus == XCB_INPUT_FOCUS_POINTER_ROOT || reply->focus == s->root)
		return under_pointer(s);
	return reply->focus;
}

bool focus_is_in(const struct side *s, const char *name)
{
	xcb_window_t window = focused(s);

	for (unsigned i = 0; i < DEPTH_MAX && window != XCB_NONE && window != s->root; i++) {
		if (has_name(s, window, name))
			return true;
		window = parent_of(s, window);
	}
	return false;
}
