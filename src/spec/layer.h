/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project's own layer over the agent's executable configuration: which names are in it, and what
 * becomes of one of them at a start. Pure; border/layer_*.c looks at the disk.
 *
 * Each file has three versions: the host's now, ours in the layer now, and the base, which is what the
 * host had when the two were last alike. Who differs from the base has changed it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "spec/facts.h"

/* What the agent executes or obeys, in ~/.claude. Ends with a NULL name. */
struct layer_name {
	const char *name;
	bool is_dir;
};

extern const struct layer_name layer_names[];

/* What the agent keeps for itself, per project, beside it. Ends with a NULL name. */
extern const struct layer_name layer_scratch[];

/* Where things are; all paths are the host's but .links. */
struct layer {
	const char *host;   /* ~/.claude */
	const char *json;   /* ~/.claude.json */
	const char *dir;    /* of the project; the sandbox writes there */
	const char *book;   /* what was copied when; the sandbox never sees it */
	const char *inside; /* inside: ~/.claude */
	const char *links;  /* inside: the host's directories, for what is not copied */
	const char *project;
};

#define LAYER_CONFIG "config"    /* below .dir: the layer of layer_names */
#define LAYER_JSON "claude.json" /* below .dir: ours; below .book: the base */

/* Unlike by any of these: the file has perhaps changed. The time of change cannot be set by anyone. */
struct layer_stamp {
	uint64_t size, ino, mode;
	int64_t mtime_ns, ctime_ns;
};

/* Hash of type and content; "" for what is absent. */
struct layer_digest {
	char hex[HASH_HEX_SIZE];
};

struct layer_item {
	const char *name;         /* "skills/fmt/SKILL.md" */
	struct layer_digest base; /* "": the host had none */
	struct layer_stamp host, ours;
	bool changed; /* ours differs from the base, and stays */
};

/* Where the layer of @f->project is. */
void layer_locate(const struct facts *f, struct arena *a, struct layer *ret);

enum layer_verdict {
	LAYER_SAME, /* host and ours are alike: that is the new base */
	LAYER_TAKE, /* nobody changed it inside: the host's version is copied, or removed with it */
	LAYER_KEEP, /* changed, made or removed inside: ours stays */
	LAYER_FORGET, /* neither has it any more */
};

enum layer_verdict layer_decide(const struct layer_digest *base, const struct layer_digest *ours,
				const struct layer_digest *host);

/*
 * Whether the host's @name is shown by a symbolic link to a read-only view instead of copied: what is
 * large by its nature, and what nobody edits by hand.
 */
bool layer_links(const char *name, bool is_dir);

/* "settings.json", "~/.claude/settings.json" or "@home/.claude/settings.json": the first; else NULL. */
const char *layer_plain_name(const char *home, const char *text);

struct layer_book {
	struct layer_item *items; /* sorted by name */
	size_t n;
};

/* What the book's file says. Damaged: -EBADMSG, and the layer is compared with the host anew. */
int layer_book_parse(const char *text, size_t len, struct arena *a, struct layer_book *ret);
void layer_book_print(const struct layer_book *book, struct buf *b);

/* NULL if there is none. */
const struct layer_item *layer_book_find(const struct layer_book *book, const char *name);
