/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits in a project's layer (the upper directory of an overlayfs), as rows that a person can read,
 * and bringing chosen rows into the project. The kernel wrote the layer on behalf of a sandbox, so its
 * contents are hostile, and its marks are interpreted here, not by the kernel: nothing that is
 * not a row is ever touched in the project.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "border/review_state.h"
#include "spec/spec.h"

enum review_kind {
	REVIEW_SAME, /* no change */
	REVIEW_ADDED,
	REVIEW_MODIFIED,
	REVIEW_DELETED,
	REVIEW_REPLACED, /* by another type of file */
	REVIEW_MODE,     /* of a directory, nothing else */
};

/* One end of a change: a file in the layer or in the project. */
struct review_side {
	bool is_there;
	mode_t mode; /* type included */
	uint64_t size;
	const char *link; /* where a symbolic link leads */
	dev_t rdev;
	uint64_t device, inode;
	struct timespec changed; /* ctime */
	struct timespec born;    /* in the layer: when it was copied up or made */
	bool is_whiteout;        /* it stands for a deletion */
	bool is_opaque;          /* a directory that hides the project's own contents */
	bool is_closed;          /* a directory that cannot be read, or lies too deep */
	bool has_strange_mark;   /* that only a mount with other options makes or obeys */
};

enum review_answer {
	REVIEW_FREE,    /* accepted with all others */
	REVIEW_BY_NAME, /* only if its very path is given */
	REVIEW_SKIPPED, /* nothing that a project can hold */
	REVIEW_NEVER,
};

struct review_row {
	const char *path; /* relative to the project */
	enum review_kind kind;
	struct review_side layer, host;
	enum review_answer answer;
	const char *why;        /* of the answer; NULL for REVIEW_FREE */
	bool is_conflict;       /* the host's own file changed since the sandbox saw it */
	bool is_risk;           /* a host tool executes or obeys it */
	bool keeps;             /* in the layer it must stay after it was accepted */
	struct timespec newest; /* REVIEW_DELETED: the last change (ctime) of all that goes */
	size_t n_below;         /* REVIEW_DELETED of a directory: files in it */
};

struct review {
	struct arena *a;
	struct review_dirs dirs;
	struct review_times times;
	int layer, project;      /* directories */
	struct review_row *rows; /* parents before children */
	size_t n;
	uint64_t bytes; /* that the layer takes on disk */
};

#define REVIEW_NONE ((struct review){ .layer = -1, .project = -1 })
#define auto_review __attribute__((cleanup(review_close)))

/*
 * Reads the layer. -ENOENT: this project has none. Who is to change anything holds it (review_hold())
 * before; who only looks may look at a layer in use.
 */
int review_open(const struct review_dirs *d, const char *project, struct arena *a,
		struct review *ret, struct err *e);
void review_close(struct review *r);

/* Brings one row into the project; it stays in the layer until review_settle(). */
int review_accept(struct review *r, const struct review_row *row, struct err *e);

/* Once all is on disk, takes accepted rows out of the layer where that can be done. */
int review_settle(struct review *r, const struct review_row *const rows[], size_t n, struct err *e);

/* Takes a file, or a directory with all in it, out of the layer: the project's own is seen again. */
int review_discard(struct review *r, const char *path, struct err *e);

/* Everything, and what overlayfs itself keeps. */
int review_discard_all(const struct review_dirs *d, struct err *e);

/* "M  -rw-r--r--  1.2 KiB  src/main.c"; for a terminal, whatever the name is. */
void review_line(const struct review_row *row, struct buf *b);

/* "3 changed, 1 added, 2 deleted (12.0 KiB)" */
void review_summary(const struct review *r, struct buf *b);

/* A report of run/reports.c. */
void review_report(const struct spec *s, struct buf *out);

/*
 * The two decisions, pure. What became of a file (REVIEW_MODIFIED of two regular files may still turn
 * out to be REVIEW_SAME: the contents are not looked at), and what is to be done with it: fills .answer, .why
 * and .is_risk from all that the row holds.
 */
enum review_kind review_compare(const struct review_side *layer, const struct review_side *host);
void review_judge(struct review_row *row);

/* Whether a host tool executes or obeys a file of this name. */
bool review_is_risk(const char *path);

/* The path of the git directory in which @path lies, as its length; 0: in none. */
size_t review_git_dir(const char *path);

/* Parts of review_open(). */
int review_walk(struct review *r, struct err *e);
