/* SPDX-License-Identifier: Apache-2.0 */
/* One of the two X servers, with the window by which we are a client of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xcb/xcb.h>

#include "base/err.h"

/* All atoms that we use; the text targets stand together, the best first. */
enum atom {
	ATOM_UTF8_STRING,
	ATOM_TEXT_UTF8,
	ATOM_STRING,
	N_TEXT_ATOMS,
	ATOM_CLIPBOARD = N_TEXT_ATOMS,
	ATOM_TARGETS,
	ATOM_INCR,
	ATOM_PROPERTY_0, /* where what we ask for is put, in turn: a late answer meets no later question */
	ATOM_PROPERTY_1,
	ATOM_PROPERTY_2,
	ATOM_PROPERTY_3,
	N_ATOMS
};

#define N_PROPERTIES (N_ATOMS - ATOM_PROPERTY_0)

enum owner { OWNER_NONE, OWNER_US, OWNER_OTHER };

struct side {
	xcb_connection_t *c;
	xcb_window_t root, window;
	xcb_atom_t atoms[N_ATOMS];
	uint8_t owner_event; /* XFIXES' number for a change of owner */
	enum owner owner;    /* of CLIPBOARD */
	size_t chunk;        /* bytes that one property may be given at once */
	unsigned next_property;
};

/* @c stays the caller's. */
int side_init(struct side *s, xcb_connection_t *c, int screen, struct err *e);

/* The server is to end although we are there, once all others have gone (XFIXES 6). */
void side_yield(const struct side *s);

/* Becomes the owner of CLIPBOARD, or gives it up. */
void side_take(const struct side *s);
void side_release(const struct side *s);

/* True, with the new owner in s->owner: the event is about CLIPBOARD's owner. */
bool side_owner_changed(struct side *s, const xcb_generic_event_t *event);

bool side_is_text(const struct side *s, xcb_atom_t atom);
