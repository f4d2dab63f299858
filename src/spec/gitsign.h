/* SPDX-License-Identifier: Apache-2.0 */
/* user.signingkey, for signing with a key that only an ssh agent has (git-config(1)). */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

/* Does @value name the file of a public key ("~/.ssh/id_ed25519.pub")? */
bool gitsign_is_file(const char *value);

/*
 * @value as "key::TYPE BASE64", which needs no file; of a file's name, what @text (that file's, or
 * NULL) says. NULL: no public key.
 */
const char *gitsign_key(const char *value, const char *text, struct arena *a);
