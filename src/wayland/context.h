/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A security context of the compositor (wp_security_context_v1): the compositor takes over a listening socket, and
 * whoever comes through it is a client without the globals that let one look at others' windows or type into them.
 */
#pragma once

#include "base/err.h"

struct wl_display;
struct wl_proxy;

struct context {
	struct wl_display *display;
	struct wl_proxy *manager;
	int open; /* as long as it is open, the compositor listens; ours alone */
};

#define CONTEXT_NONE ((struct context){ .open = -1 })

/*
 * To the compositor that the environment names. -ENOTSUP: it has no security contexts. *ret is to be closed,
 * whatever the outcome is.
 */
int context_connect(struct context *ret, struct err *e);

/* @listen stays the caller's. @name: of the sandbox, which the compositor may show its user. */
int context_hand_over(struct context *c, int listen, const char *name, struct err *e);

/* Returns when the compositor has gone, with a reason. */
int context_keep(struct context *c, struct err *e);

void context_close(struct context *c);
