/* SPDX-License-Identifier: Apache-2.0 */
/* Directories that may not become a project or an extra mount, and why. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "spec/config.h"
#include "spec/facts.h"

/*
 * -EPERM with one sentence ("... is your home directory: ...; to do it anyway add --allow-unsafe-project")
 * for "/", home, parents of home, system directories, ~/.claude, ~/.ssh and other credential
 * stores, our own state and runtime directories, and what contains or lies below those.
 * "/", /proc, /sys, /dev and what lies in our own state cannot be overridden. @path is resolved.
 * @what: "project directory", "extra_bind".
 */
int project_check(const struct config *c, const struct facts *f, const char *what, const char *path,
		  struct arena *a, struct err *e);

/* The paths that it asks facts_path() about: the home, and its places that may be symlinks. */
void project_paths(const struct facts *f, struct arena *a, struct strv *ret);
