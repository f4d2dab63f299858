/* SPDX-License-Identifier: Apache-2.0 */
/* What the probe's files share; nobody else includes it. Roots are parameters for the tests. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "spec/config.h"
#include "spec/facts.h"

/* The caller's directory @name ("XDG_DATA_HOME") if it is absolute, else @fallback below home. */
const char *probe_dir(const struct facts *f, struct arena *a, const char *name,
		      const char *fallback);

/* realpath(3) into @a; NULL if there is nothing. */
const char *probe_real(struct arena *a, const char *path);

/* One of our own programs, by the place of this one; NULL: it is not there. */
const char *probe_own(const struct facts *f, const char *name, struct arena *a);

/* Where the agent @name is; not found is no error. -EINVAL: there is no agent of that name. */
int probe_agent(const struct facts *f, const char *name, struct arena *a, struct agent_fact *ret,
		struct err *e);

/* Reads what of ~/.ssh the spec decides by into f->texts. */
int probe_ssh(struct facts *f, const struct config *c, struct arena *a, struct err *e);

/* The value of "prefix" in the text of an .npmrc, absolute; NULL if it names none. */
const char *npmrc_prefix(const char *text, const char *home, struct arena *a);

/* Fills f->limits: what can hold limits below @root ("/"). */
void probe_limits(struct facts *f, const char *root, struct arena *a);

/* Fills what of f->desktop only the compositor can tell; no question if @c has no use for it. */
void probe_wayland(struct facts *f, const struct config *c, struct arena *a);

/* Fills f->commands: the programs that the config's command rules are about. */
void probe_commands(struct facts *f, const struct config *c, struct arena *a);

/* The system's config file below @sysconfdir; @owner and root are the ones who may own it. */
int layer_system(const char *sysconfdir, uid_t owner, struct arena *a, struct config_layer *ret,
		 struct err *e);

/* Fills f->worktree: the repository of a project that has none of its own. */
void probe_worktree(struct facts *f, struct arena *a);

/* git's settings, as far as @c lets them in. */
int probe_git(struct facts *f, const struct config *c, struct arena *a, struct err *e);
