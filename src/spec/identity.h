/* SPDX-License-Identifier: Apache-2.0 */
/* Who the payload is, and where its project keeps its state. */
#pragma once

#include "base/arena.h"
#include "spec/facts.h"

#define SANDBOX_HOSTNAME "claude-sandbox"

/* The user's name as it is inside: without bytes that would break a line of /etc/passwd. */
char *identity_user(const struct facts *f, struct arena *a);

/* Texts of /etc/passwd and /etc/group: root, the user, nobody; nothing else of the host. */
char *identity_passwd(const struct facts *f, struct arena *a);
char *identity_group(const struct facts *f, struct arena *a);

/* /etc/machine-id: stable per host and project, and never the host's own. */
char *identity_machine_id(const struct facts *f, struct arena *a);

/* <state_root>/projects/<base>-<hash12>: base with bytes outside [A-Za-z0-9._-] as '-', the first
 * 12 hex digits of SHA-256 of the path and a newline (system A's rule). */
char *identity_state_dir(const struct facts *f, struct arena *a);

/* The same, short: how a running sandbox of the project is called. */
char *identity_name(const struct facts *f, struct arena *a);
