/* SPDX-License-Identifier: Apache-2.0 */
/* git's configuration syntax (git-config(1)), read to keep what is harmless. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

#define GITCONFIG_N_TEXTS 2

/* The user's own settings, in git's order, and what of the host they can reach inside. */
struct gitconfig_user {
	struct {
		const char *file; /* for messages: "FILE:LINE: ..." */
		const char *text; /* NULL: not there */
		size_t len;
	} texts[GITCONFIG_N_TEXTS];
	bool has_lfs;           /* git-lfs runs inside */
	bool has_agent;         /* an ssh agent is reached */
	const char *public_key; /* text of the file that user.signingkey names, or NULL */
};

/*
 * Appends the keys that are kept to @out in canonical form (identity, colours, line ends, merge and
 * pull behaviour, aliases that are no shell commands, signing through an ssh agent, git-lfs...).
 * Names of keys that were dropped are added to @dropped. -EINVAL if git would not read a text
 * either. Includes are not followed (listed in @dropped).
 */
int gitconfig_clean(const struct gitconfig_user *user, struct arena *a, struct buf *out,
		    struct strv *dropped, struct err *e);

/*
 * The file that user.signingkey names if it is that of a public key ("~/.ssh/id_ed25519.pub"), else
 * NULL. Texts that cannot be read name none.
 */
const char *gitconfig_public_key_file(const struct gitconfig_user *user, struct arena *a);
