/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project's own layer over ~/.claude: brought up to date before a start, told of at the end, and
 * copied back to the host, one file at a time, when a person says so.
 */
#pragma once

#include "base/buf.h"
#include "base/strv.h"
#include "border/inside.h"
#include "border/layer_tree.h"
#include "spec/layer.h"

#define LAYER_BOOK_MAX ((size_t)16 << 20)

/* Both sides and what was written down at the last start. */
struct layer_sides {
	struct layer_tree host, ours;
	int dir; /* the whole of what the sandbox writes; .ours is a part of it */
	struct layer_book book;
	const char *old_book; /* its text; NULL: none */
	size_t old_book_len;
	int failed; /* -errno that is not the sandbox's doing */
	struct arena *arena;
};

#define LAYER_SIDES_NONE \
	((struct layer_sides){ .host = { .fd = -1 }, .ours = { .fd = -1 }, .dir = -1 })
#define auto_layer_sides __attribute__((cleanup(layer_sides_done)))

/* What is known of one name. */
struct layer_pair {
	struct layer_item item;
	struct layer_content host, ours; /* read only as far as needed */
	bool is_known; /* nothing has changed since the last start: .item is what it was */
	bool is_new;   /* ours is not what it was at the last start */
};

int layer_sides_open(const struct layer *l, struct arena *a, struct layer_sides *ret,
		     struct err *e);
void layer_sides_done(struct layer_sides *s);

/* Visits every name that host, layer or book have, sorted. */
void layer_each(struct layer_sides *s,
		void (*visit)(struct layer_sides *s, const char *name, void *data), void *data);
enum layer_verdict layer_compare(struct layer_sides *s, const char *name, struct layer_pair *ret);
int layer_write_book(struct layer_sides *s, const struct layer *l, const struct layer_book *next,
		     struct err *e);

/* Before a start. The directories of @l exist. */
int layer_sync(const struct layer *l, struct err *e);
int layer_sync_json(const struct layer *l, int dir, struct arena *a, struct err *e);

/* The sandbox's ~/.claude; it shows it even when the sandbox has ended. */
struct layer_inside {
	struct proc_as who;
	int fd; /* -1: not opened */
};

#define LAYER_INSIDE_NONE ((struct layer_inside){ .who = INSIDE_OURS, .fd = -1 })

/* @claude as the sandbox's first process sees it, which is the user @uid inside. -errno. */
int layer_inside_open(const char *claude, pid_t init, uid_t uid, gid_t gid,
		      struct layer_inside *ret);

/* After the end, from there: what replaced the links into the layer goes into it. */
void layer_collect(const struct layer *l, const struct layer_inside *in);

enum layer_what { LAYER_MADE, LAYER_CHANGED, LAYER_REMOVED, LAYER_ODD };

struct layer_change {
	const char *name;
	enum layer_what what;
	bool is_new; /* since the last start */
};

/* What differs from the host because of what was done inside; sorted. */
struct layer_changes {
	struct layer_change *items;
	size_t n;
	bool is_full; /* there is more than was looked at */
};

void layer_list(struct layer_sides *s, struct layer_changes *ret);
extern const char *const layer_what_names[]; /* by enum layer_what: "made", "changed", ... */

/* For the end of a sandbox: a sentence for each change since its start, and no more than a few. */
void layer_report(const struct layer *l, struct buf *out);

/* One change, read once: what is shown is what is copied. */
struct layer_loaded {
	const char *name;
	bool is_removed, host_has; /* inside; on the host */
	struct layer_content host, ours;
	const char
		*path; /* where it is, or would be, on the host: real, through its owner's links */
};

void layer_load(struct layer_sides *s, const struct layer *l, const struct layer_change *change,
		struct layer_loaded *ret);

/* One change as `diff -u` shows it, by the program @diff; escaped for a terminal. */
int layer_diff(const struct layer_loaded *change, const char *diff, struct buf *out, struct err *e);

/* Copies one change to the host. What stood there is kept below .book; *ret_backup: where, or NULL. */
int layer_promote(const struct layer *l, const struct layer_loaded *change, struct arena *a,
		  const char **ret_backup, struct err *e);

/* Lets go of one change: the host's version shows from the next start on. */
int layer_discard(struct layer_sides *s, const struct layer *l, const struct layer_change *change,
		  struct err *e);
