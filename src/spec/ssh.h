/* SPDX-License-Identifier: Apache-2.0 */
/* What of ssh is let in: a cleaned configuration, public keys, and the agent behind its guard. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/config.h"
#include "spec/facts.h"
#include "spec/ssh_key.h"

struct spec;

/*
 * Whether the agent is reached through the guard. In a container also where it is asked for raw: ssh-agent(1) serves no
 * programs of another user.
 */
bool ssh_is_guarded(const struct config *c);

/* What the agent's guard (border/ssh_guard.h) holds to. */
struct ssh_guard {
	const char *socket; /* of the real agent, on the host; NULL: there is no guard */
	struct ssh_choice choice;
	uint64_t max_signatures; /* 0: no limit */
	bool signs_anything;
	const char *confirm; /* program that asks a person; NULL: nobody is asked */
	struct strv confirm_env;
	const char *log; /* file on the host, JSON lines */
};

/* For the probe: paths that are looked at, and files of public keys that are read if they are there. */
void ssh_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret);
void ssh_key_files(const struct config *c, const struct facts *f, struct arena *a,
		   struct strv *ret);

/* Adds mounts, variables and the service. */
int spec_add_ssh(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		 struct err *e);
