/* SPDX-License-Identifier: Apache-2.0 */
/* Files of keys to X screens, as xauth(1) keeps them: entry after entry, XauReadAuth(3). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define XAUTHORITY_MAGIC_COOKIE "MIT-MAGIC-COOKIE-1"

struct xauthority_part {
	const char *at; /* in the file's bytes, without a NUL */
	size_t len;
};

struct xauthority {
	struct xauthority_part address, number, name, key;
};

/* Takes the entry at *@at of @len bytes and moves *@at behind it. -EBADMSG: there is no whole one. */
int xauthority_take(const char *bytes, size_t len, size_t *at, struct xauthority *ret);

bool xauthority_is(struct xauthority_part part, const char *text);

/* Adds an entry for the screen @number ("0") of any host. */
void xauthority_add(struct buf *b, const char *number, struct xauthority_part key);
