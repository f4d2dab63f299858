/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's ~/.ssh/config, cleaned: hosts and how to speak to them, and nothing that makes ssh run a
 * program, load a library, reach another agent or weaken what it checks.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

struct ssh_config {
	const char *file; /* for messages: "~/.ssh/config" */
	const char *home;
	const struct strv *keys; /* paths of the public keys that can be seen inside; NULL: all */
	struct arena *arena;

	/* What is made of it; all lists in .arena. */
	struct buf *out;
	struct strv dropped;  /* keywords that are not passed on, once each */
	struct strv includes; /* patterns below ~/.ssh, absolute */
	struct strv named;    /* paths of public keys that IdentityFile stands for */
};

/*
 * Appends what is kept of @text to .out, in a form that ssh reads in one way only. A line that ssh
 * would not understand is dropped. -EINVAL or -EFBIG: this is no text of a config.
 */
int ssh_config_clean(struct ssh_config *c, const char *text, size_t len, struct err *e);
