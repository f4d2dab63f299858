/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of one side of a layer: the host's ~/.claude, or the project's own copy, which a sandbox
 * has written and perhaps is still writing. Of the latter no link is followed, nothing but regular
 * files is opened, and everything has a bound.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "spec/layer.h"

enum layer_kind { LAYER_ABSENT, LAYER_FILE, LAYER_LINK, LAYER_OTHER };

struct layer_entry {
	const char *name;
	enum layer_kind kind;
	const char *target; /* of the link that is to stand for it; NULL: as it is on disk */
	struct layer_stamp stamp;
};

struct layer_tree {
	int fd; /* -1: there is none */
	bool is_ours;
	const char *links;           /* the host's: where large directories are seen inside */
	struct layer_entry *entries; /* sorted by name */
	size_t n;
	uint64_t bytes;
	bool is_full; /* there is more than is looked at */
	struct arena *arena;
};

#define LAYER_TREE_NONE ((struct layer_tree){ .fd = -1 })
#define auto_layer_tree __attribute__((cleanup(layer_tree_done)))

/* What a file or link holds. @data lives in the arena it was read with. */
struct layer_content {
	enum layer_kind kind;
	const char *data;
	size_t len;
	bool is_program;
	struct layer_digest digest; /* "" if absent */
};

/*
 * Opens without following any link at all, and never leaves @dir: for what a sandbox can write. Returns a
 * descriptor or -errno.
 */
int layer_open(int dir, const char *path, int flags);

/* Walks. @tree->fd, .is_ours, .links and .arena are set; a missing directory is an empty one. */
void layer_tree_read(struct layer_tree *tree);
void layer_tree_done(struct layer_tree *tree);

/* NULL or what is at @name. */
const struct layer_entry *layer_tree_find(const struct layer_tree *tree, const char *name);

/* What cannot be read, or is too large, has a digest that equals no other. @entry may be NULL. */
void layer_read(const struct layer_tree *tree, const struct layer_entry *entry, struct arena *a,
		struct layer_content *ret);

/*
 * Ours alone: @content as @name, in place of what was there; < 0: -errno, and what was there stays.
 * *ret_stamp: of what is there now.
 */
int layer_put(const struct layer_tree *tree, const char *name, const struct layer_content *content,
	      struct layer_stamp *ret_stamp);
int layer_remove(const struct layer_tree *tree, const char *name);
