/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the host into struct facts: the only reader of environment, user database and disk. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "spec/config.h"
#include "spec/facts.h"

/* What is needed before the config is known: identity, home, environment, places. */
int probe_host(char *const envp[], struct arena *a, struct facts *ret, struct err *e);

/* What starts a container, if @c wants one. */
void probe_container(struct facts *f, const struct config *c, struct arena *a);

/* Resolves the project directory as typed; one sentence if it is no directory. */
int probe_project(struct facts *f, const char *asked, struct arena *a, struct err *e);

/* What the config makes relevant: agent, git config, every path of shares_paths(). */
int probe_config(struct facts *f, const struct config *c, struct arena *a, struct err *e);

/* The user's and the system's config file, the project's file: as layers (file may be absent). */
int probe_config_layers(const struct facts *f, const struct config *options, struct arena *a,
			struct config_layer *layers, size_t max, size_t *ret_n, struct err *e);
