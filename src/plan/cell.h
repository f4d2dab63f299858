/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cell holds one program of the host's that serves a sandbox from outside (an X server, a bus) and so
 * reads what a sandbox writes: it sees system directories, what is named here, and nothing else; no network
 * but where its own host's service is reached by an abstract socket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/strv.h"
#include "spec/spec.h"

/* What a cell is born with; run/cell.c opens them. */
#define CELL_LISTEN_FD 3 /* the listening socket, as systemd passes them: sd_listen_fds(3) */
#define CELL_WAY_FD 4    /* of a screen's server: another, for programs of ours alone */
#define CELL_COOKIE_FD 5 /* the Xauthority file of the sandbox's screen */
#define CELL_FILTER_FD 6 /* the seccomp program */

/* What the clipboard's cell is born with instead of the first two, see src/clipboard/main.c. */
#define CELL_SCREEN_FD 3 /* a connection to the sandbox's screen */
#define CELL_LOG_FD 4

/* Up to the program's own words. @has_network: the host's, for an abstract socket of it. */
void cell_begin(const struct spec *s, const struct facts *f, bool has_network, struct arena *a,
		struct strv *ret);

#define CELL_TEXTS_MAX 5

struct cell {
	struct strv argv; /* empty: it is not there */
	const char
		*texts[CELL_TEXTS_MAX]; /* files in it, given as descriptors from BUS_TEXT_FD on */
	size_t n_texts;
};

/* The programs of a bus, see spec/bus.h. */
struct bus_cells {
	struct cell daemon, proxy, broker;
};

void cell_bus(const struct spec *s, const struct facts *f, struct arena *a, struct bus_cells *ret);

/* The server of @s's screen; argv is empty if it has none. */
void cell_display(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret);

/* What asks the compositor for a security context; argv is empty if nothing has to. */
void cell_wayland(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret);
/* Our program between the clipboards of that screen and of the host's; argv is empty if nothing is to pass. */
void cell_clipboard(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret);
/* The filter between @s and the host's sound server (src/sound); the same. */
void cell_sound(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret);
