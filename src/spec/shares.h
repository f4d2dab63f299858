/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the host can be let in: one row per resource. The probe walks the rows to look at
 * the disk, the spec walks them to make mounts, the tools walk them to print the matrix.
 */
#pragma once

#include <stdbool.h>

#include "spec/config.h"
#include "spec/facts.h"
#include "spec/spec.h"

enum share_how {
	SHARE_RO, /* read-only; a symlink into a visible tree stays a symlink */
	SHARE_RW,
	SHARE_SOCKET, /* only if it is a socket */
	SHARE_DEVICE, /* a device, which can be used */
	SHARE_SERVED, /* not itself: a server of the sandbox's own stands between (spec/desktop.h) */
};

struct share {
	const char *name;
	const char *group;  /* "system", "etc", "nix", "login", "git", "ssh" */
	const char *source; /* "/etc/ssl", "$HOME/.ssh", "$SSH_AUTH_SOCK", "$X11_SOCKET" */
	enum share_how how;
	bool (*wanted)(const struct config *c); /* NULL: at every level */
	const char *beside; /* only where this is as well; NULL: wherever it is */
	const char *env;    /* variable that goes with it: same name inside, value = the path */
	const char *by;     /* SHARE_SERVED: which program */
	const char *why;
};

extern const struct share shares[]; /* ends with a NULL name */

/*
 * $HOME, $XDG_RUNTIME_DIR and any other variable of the caller, and what is told by several of them
 * ($X11_SOCKET, $WAYLAND_SOCKET, $PULSE_SOCKET); NULL if one is unset or empty.
 */
const char *share_expand(const char *source, const struct facts *f, struct arena *a);

/* Every path that spec_build() may ask facts_path() about for this config, for the probe. */
void shares_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret);

/* The matrix "what is shared" as Markdown, one column per level. */
void shares_markdown(struct arena *a, struct buf *b);

/* Places of git-lfs that are seen inside; ends with NULL. */
extern const char *const shares_lfs[];

#define PROC_SYS "/proc/sys"

/* Paths of /proc that are kept from root; ends with NULL. */
extern const char *const root_proc[];

/* .../bin/node beside an agent in .../lib/node_modules, or NULL. */
const char *shares_node(const struct facts *f, struct arena *a);
