/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A project whose .git is a file: a linked worktree or a submodule, with its repository elsewhere
 * (gitrepository-layout(5)). The texts come from the project, so they are claims: the repository
 * is let in only if it points back.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

/* What the probe has seen. */
struct worktree_facts {
	const char *pointer; /* the directory that PROJECT/.git names; NULL: .git is no such file */
	const char *common;  /* the repository's directory, resolved; NULL: there is none */
	const char *back;    /* the work tree that it points back to, resolved; NULL: to none */
	bool is_whole;       /* it and its HEAD, objects and refs are real and the user's */
};

/* The directory that the text of PROJECT/.git names, cleaned; NULL if it names none. */
const char *worktree_pointer(const char *text, const char *project, struct arena *a);

/* The repository's directory for @dir (COMMON/worktrees/NAME, SUPER/.git/modules/NAME), or NULL. */
const char *worktree_common(const char *dir, struct arena *a);

/*
 * The work tree that @dir points back to, cleaned, or NULL: by the text of its "gitdir" if it is a
 * linked worktree's, else by core.worktree in the text of its "config". Each may be NULL.
 */
const char *worktree_back(const char *dir, const char *gitdir, const char *config, struct arena *a);
