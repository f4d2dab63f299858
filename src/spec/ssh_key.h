/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of ssh: their fingerprints, the text of a .pub file, and which of them were chosen. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/strv.h"
#include "spec/ssh_wire.h"

#define SSH_FINGERPRINT_SIZE \
	sizeof("SHA256:"     \
	       "0123456789012345678901234567890123456789012")

/* As ssh-add -l prints it; a certificate has that of its key. */
void ssh_fingerprint(struct ssh_bytes key, char ret[static SSH_FINGERPRINT_SIZE]);

/* Whether @a and @b are one key, though one of them be a certificate. */
bool ssh_key_same(struct ssh_bytes a, struct ssh_bytes b);

/* One line of a .pub file. */
struct ssh_public {
	struct ssh_bytes key;
	const char *line; /* "type base64 comment", rewritten from what was understood */
	const char *comment;
};

/* -EINVAL: @text does not begin with a public key (a private one, say). */
int ssh_public_read(const char *text, size_t len, struct arena *a, struct ssh_public *ret);

/* Which keys may be seen and used: all if both lists are empty. */
struct ssh_choice {
	struct strv fingerprints;
	struct strv comments;
};

bool ssh_key_chosen(const struct ssh_choice *choice, struct ssh_bytes key,
		    struct ssh_bytes comment);
