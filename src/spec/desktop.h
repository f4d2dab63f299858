/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screen, sound and bus of a sandbox. Nothing of the host's own is shown but in mode host: a server of
 * the sandbox's own stands between, which runs outside in a cell (plan/cell.h) and is started when a
 * program inside first asks for it.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/config.h"

struct facts;
struct spec;

enum display_server { DISPLAY_SERVER_NONE, DISPLAY_XVFB, DISPLAY_XEPHYR, DISPLAY_XWAYLAND };

/* A place of the host's screen that a nested server needs: seen by its cell alone. */
struct display_host {
	const char *name; /* DISPLAY of the host, as ":1"; NULL: none that is reached by a socket */
	const char *socket;     /* of the X server: "/tmp/.X11-unix/X1" */
	const char *xauthority; /* NULL: there is none */
	const char *wayland;    /* socket of the compositor; NULL: none */
};

struct spec_desktop {
	unsigned display; /* never DISPLAY_AUTO */
	enum display_server server;
	const char
		*program; /* of the server; with DISPLAY_WAYLAND for programs that know X alone */
	const char
		*wayland; /* the program that asks the compositor for a context; NULL: none does */
	const char *name; /* DISPLAY inside, as ":0"; NULL: none */
	const char *size; /* "1280x800" */
	struct display_host host;
	const char *
		dir; /* on the host, for what its servers keep and never shown inside; NULL: none */
	unsigned clipboard; /* enum clipboard; none but in a window of Xephyr */
};

#define DESKTOP_XAUTHORITY "/run/claude-sandbox/Xauthority"
#define DESKTOP_WAYLAND "wayland-0" /* in the runtime directory inside */

/* Where the servers of the host are that @c lets in, or that ours need; for the probe. */
void desktop_paths(const struct config *c, const struct facts *f, struct arena *a,
		   struct strv *ret);

/* $X11_SOCKET and $WAYLAND_SOCKET in the source of a share: no variables, but told by some. NULL: none. */
const char *desktop_x11_socket(const struct facts *f, struct arena *a);
const char *desktop_wayland_socket(const struct facts *f, struct arena *a);

/* -ENOENT, -EINVAL: what was asked for by name is not there or makes no sense. */
int spec_add_desktop(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		     struct err *e);
