/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in a project that a host tool executes or obeys later, by their names: git's hooks, an
 * editor's tasks, what a shell loads, what npm reads. One row per name. Pure: border/guard*.c looks at
 * each call that writes, border/scan.c at what is there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/strv.h"

enum planted_class {
	PLANTED_REFUSED, /* loaded by a tool without being asked to: not written from inside */
	PLANTED_REPORTED, /* part of the work, and run when somebody builds or tests: told at the end */
	N_PLANTED_CLASSES
};

struct planted_name {
	/* Components; '*' matches within one. Whatever lies at or below such a path, at any depth and
	 * in any case of letters, is the row's. */
	const char *pattern;
	enum planted_class class;
	const char *group; /* "git", "agent", "editor", "shell", "package", "build" */
	const char *why;   /* who runs it */
};

extern const struct planted_name planted_names[]; /* ends with a NULL pattern */

/*
 * The first row that @path (relative to the project, no leading slash) is at or below, NULL if none. Rows
 * whose pattern stands in @allowed (one of the patterns, or a path of the project) do not count.
 */
const struct planted_name *planted_find(const char *path, const struct strv *allowed);

/* What a path means to git. */
enum git_place {
	GIT_NOTHING,
	GIT_DIR,      /* ".git" itself */
	GIT_CONFIG,   /* a configuration: what it may say is checked when it is put in place */
	GIT_KEPT_DIR, /* a directory that may be made there, and nothing else */
	GIT_REFUSED,  /* a hook, or what leads git to another place or binds its filters */
};

/*
 * @rest: what of @path lies below a directory that looks like a repository's own, though not by name
 * (a bare one, a submodule's); NULL: there is none. Names ".git" are found here.
 */
enum git_place planted_git_place(const char *path, const char *rest, const struct strv *allowed);

/* Below a directory ".git": names there are git's own. */
bool planted_in_git(const char *path);

/* A directory of this name can bring files with it that are refused; @strict: reported ones too. */
bool planted_is_prefix(const char *path, bool strict);

/* HEAD, objects or refs: two of them make a directory look like a repository to git. */
bool planted_makes_git_dir(const char *name);

/* The table as Markdown. */
void planted_markdown(struct buf *b);
