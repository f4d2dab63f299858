/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary tree for a test: *state is its real path, which leave() removes. */
#pragma once

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"

struct tree {
	struct arena arena;
	const char *root;
	struct err e;
};

static inline int tree_enter(void **state)
{
	char name[] = "/tmp/csb-unit.XXXXXX";
	char real[PATH_MAX];
	struct tree *t = calloc(1, sizeof(*t));

	(void)umask(022);
	if (!t || !mkdtemp(name) || !realpath(name, real))
		return -1;
	t->root = arena_strdup(&t->arena, real);
	*state = t;
	return 0;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int tree_leave(void **state)
{
	struct tree *t = *state;
	int r = nftw(t->root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);

	arena_done(&t->arena);
	free(t);
	return r;
}

/* The absolute path of @name in the tree. */
static inline const char *at(struct tree *t, const char *name)
{
	return name[0] ? arena_printf(&t->arena, "%s/%s", t->root, name) : t->root;
}

static inline const char *put_dir(struct tree *t, const char *name)
{
	const char *path = at(t, name);

	if (io_mkdir_all(path, 0755, &t->e) < 0)
		abort();
	return path;
}

/* A file with its parents. */
static inline const char *put_file(struct tree *t, const char *name, const char *text, mode_t mode)
{
	const char *slash = strrchr(name, '/');
	const char *path = at(t, name);

	if (slash)
		(void)put_dir(t, arena_strndup(&t->arena, name, (size_t)(slash - name)));
	if (io_write_file(path, text, strlen(text), mode, &t->e) < 0)
		abort();
	return path;
}

static inline const char *put_link(struct tree *t, const char *name, const char *target)
{
	const char *slash = strrchr(name, '/');
	const char *path = at(t, name);

	if (slash)
		(void)put_dir(t, arena_strndup(&t->arena, name, (size_t)(slash - name)));
	if (symlink(target, path) < 0)
		abort();
	return path;
}
