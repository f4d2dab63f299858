/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a layer beside its project. Each directory is opened in its parent, without following a link, so
 * depth and length of paths do not matter; both sides may be hostile, and the project's may be in use.
 *
 * Marks of overlayfs with the mount option userxattr (Linux: Documentation/filesystems/overlayfs.rst):
 * a character device 0:0, or an empty file with user.overlay.whiteout, stands for a deletion; a directory with
 * user.overlay.opaque hides what the project has there; .redirect and .metacopy, which
 * such a mount neither makes nor obeys, would take contents from elsewhere. No sandbox can set any of them:
 * its overlayfs answers for user.overlay.* itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/beneath.h"
#include "border/review.h"

#define DEPTH_MAX 256
#define ROWS_MAX ((size_t)1 << 20)
#define LINK_MAX_SIZE ((size_t)4096)

/* A directory of both sides; project -1: it has no such directory. */
struct place {
	int layer, project;
	const char *path; /* "" or "a/b" */
	bool is_hidden;   /* in the layer it hides the project's */
	unsigned depth;
};

static bool has_mark(int dir, const char *name, const char *mark, char *ret_value)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *path = arena_printf(&a, "/proc/self/fd/%d/%s", dir, name);
	char value[16];
	ssize_t n = lgetxattr(path, mark, value, sizeof(value));

	*ret_value = n > 0 ? value[0] : '\0';
	return n >= 0 || errno == ERANGE;
}

static void read_marks(int dir, const char *name, struct review_side *s)
{
	char value;

	s->is_opaque = S_ISDIR(s->mode) && has_mark(dir, name, "user.overlay.opaque", &value) &&
		       value == 'y';
	s->is_whiteout = (S_ISCHR(s->mode) && s->rdev == makedev(0, 0)) ||
			 (S_ISREG(s->mode) && s->size == 0 &&
			  has_mark(dir, name, "user.overlay.whiteout", &value));
	s->has_strange_mark = has_mark(dir, name, "user.overlay.redirect", &value) ||
			      has_mark(dir, name, "user.overlay.metacopy", &value);
}

static struct timespec time_of(struct statx_timestamp t)
{
	return (struct timespec){ .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };
}

/* 0 also if there is no such file. -errno. */
static int look(int dir, const char *name, struct arena *a, struct review_side *ret)
{
	struct statx st;

	*ret = (struct review_side){ 0 };
	if (dir < 0)
		return 0;
	if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	*ret = (struct review_side){ .is_there = true,
				     .mode = st.stx_mode,
				     .size = st.stx_size,
				     .rdev = makedev(st.stx_rdev_major, st.stx_rdev_minor),
				     .device = makedev(st.stx_dev_major, st.stx_dev_minor),
				     .inode = st.stx_ino,
				     .changed = time_of(st.stx_ctime),
				     .born = time_of(st.stx_btime) };
	if (S_ISLNK(st.stx_mode)) {
		char text[LINK_MAX_SIZE + 1];
		ssize_t n = readlinkat(dir, name, text, LINK_MAX_SIZE);

		if (n < 0)
			return -errno;
		ret->link = arena_strndup(a, text, (size_t)n);
	}
	return 0;
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/*
 * Since when the host's file must have been as it is: the begin of the session that made the file in
 * the layer. A file's birth cannot be set by anybody. Without births it is the first session's begin.
 */
static struct timespec seen_since(const struct review *r, const struct review_row *row)
{
	return review_times_before(&r->times, row->layer.born);
}

static int add(struct review *r, struct review_row row, struct err *e)
{
	if (r->n == ROWS_MAX)
		return err_set(e, E2BIG,
			       "more than %zu files changed; end with: claude-sandbox review "
			       "discard",
			       ROWS_MAX);
	review_judge(&row);
	r->rows = arena_grow(r->a, r->rows, r->n, sizeof(row));
	r->rows[r->n++] = row;
	return 0;
}

static int unreadable(const char *path, int code, struct err *e)
{
	return err_set(e, code, "cannot look at %s: %s", path, strerrordesc_np(code));
}

/* A deletion, of all that the project has at that place. */
static int add_deletion(struct review *r, const struct place *p, struct review_row row,
			const char *name, struct err *e)
{
	struct beneath_sum sum = { 0 };
	int code;

	row.kind = REVIEW_DELETED;
	code = beneath_sum(p->project, name, &sum);
	if (code < 0)
		return unreadable(row.path, -code, e);
	row.newest = sum.newest;
	row.is_conflict = is_later(sum.newest, seen_since(r, &row));
	row.n_below = S_ISDIR(row.host.mode) ? sum.n - 1 : 0;
	row.host.size = S_ISDIR(row.host.mode) ? sum.bytes : row.host.size;
	return add(r, row, e);
}

static bool same_bytes(int a, int b)
{
	char x[1 << 14], y[1 << 14];

	for (;;) {
		ssize_t n = read(a, x, sizeof(x));
		ssize_t m = n < 0 ? -1 : 0;

		while (m >= 0 && m < n) {
			ssize_t got = read(b, y + m, (size_t)(n - m));

			m = got <= 0 ? -1 : m + got;
		}
		if (m < 0 || memcmp(x, y, (size_t)n) != 0)
			return false;
		if (n == 0)
			return read(b, y, 1) == 0;
	}
}

/* A copy that was made only because somebody opened the file for writing. */
static bool is_same_file(const struct place *p, const char *name, const struct review_row *row)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	auto_fd int a = -1;
	auto_fd int b = -1;

	if (!S_ISREG(row->layer.mode) || row->layer.size != row->host.size ||
	    (row->layer.mode & 07777) != (row->host.mode & 07777) || row->layer.has_strange_mark)
		return false;
	a = openat(p->layer, name, flags);
	b = openat(p->project, name, flags);
	return a >= 0 && b >= 0 && same_bytes(a, b);
}

/* A sandbox must not be able to keep a person from seeing the rest: this is one row, and goes on. */
static int add_closed(struct review *r, struct review_row row, struct err *e)
{
	row.layer.is_closed = true;
	if (row.kind == REVIEW_SAME)
		row.kind = REVIEW_MODIFIED;
	return add(r, row, e);
}

static int walk_dir(struct review *r, const struct place *p, struct err *e);

/* Below a directory that both sides have; or only the layer, then the project's is -1. */
/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static int descend(struct review *r, const struct place *p, const char *name,
		   const struct review_row *row, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	bool is_in_both = row->host.is_there && S_ISDIR(row->host.mode);
	auto_fd int layer = openat(p->layer, name, flags);
	auto_fd int project = is_in_both ? openat(p->project, name, flags) : -1;
	struct place below = { .layer = layer,
			       .project = project,
			       .path = row->path,
			       .is_hidden = p->is_hidden || row->layer.is_opaque,
			       .depth = p->depth + 1 };

	if (layer < 0 || (is_in_both && project < 0) || below.depth == DEPTH_MAX)
		return add_closed(r, *row, e);
	return walk_dir(r, &below, e);
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static int walk_one(struct review *r, const struct place *p, const char *name, struct err *e)
{
	struct review_row row = { .path = p->path[0] ? arena_printf(r->a, "%s/%s", p->path, name)
						     : name,
				  .keeps = p->is_hidden };
	int code = look(p->layer, name, r->a, &row.layer);
	int err = 0;

	if (code == 0)
		code = look(p->project, name, r->a, &row.host);
	if (code < 0)
		return unreadable(row.path, -code, e);
	read_marks(p->layer, name, &row.layer);
	r->bytes += S_ISREG(row.layer.mode) ? row.layer.size : 0;
	row.kind = review_compare(&row.layer, &row.host);
	if (row.kind == REVIEW_DELETED)
		return add_deletion(r, p, row, name, e);
	row.is_conflict = row.host.is_there && !S_ISDIR(row.layer.mode) &&
			  is_later(row.host.changed, seen_since(r, &row));
	if (row.kind == REVIEW_MODIFIED && is_same_file(p, name, &row))
		row.kind = REVIEW_SAME;
	if (row.kind != REVIEW_SAME || row.layer.has_strange_mark)
		err = row.layer.is_there && !row.layer.is_whiteout ? add(r, row, e) : 0;
	/* What such a directory holds may not be its own. */
	if (err == 0 && S_ISDIR(row.layer.mode) && !row.layer.has_strange_mark)
		err = descend(r, p, name, &row, e);
	return err;
}

/* In a directory that hides the project's everything that is not in the layer is deleted. */
static int walk_hidden(struct review *r, const struct place *p, const struct strv *ours,
		       struct err *e)
{
	struct strv theirs = STRV_INIT(r->a);
	int code = p->project < 0 ? 0 : beneath_names(p->project, &theirs);

	if (code < 0)
		return unreadable(p->path, -code, e);
	for (size_t i = 0; i < theirs.n; i++) {
		const char *name = theirs.items[i];
		struct review_row row = { .path = arena_printf(r->a, "%s/%s", p->path, name),
					  .keeps = true };

		if (strv_has(ours, name))
			continue;
		code = look(p->project, name, r->a, &row.host);
		if (code == 0)
			code = look(p->layer, ".", r->a, &row.layer);
		if (code < 0)
			return unreadable(row.path, -code, e);
		row.layer.is_whiteout = true;
		code = add_deletion(r, p, row, name, e);
		if (code < 0)
			return code;
	}
	return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static int walk_dir(struct review *r, const struct place *p, struct err *e)
{
	struct strv names = STRV_INIT(r->a);
	int code = beneath_names(p->layer, &names);

	if (code < 0)
		return unreadable(p->path[0] ? p->path : "the layer", -code, e);
	for (size_t i = 0; i < names.n; i++) {
		code = walk_one(r, p, names.items[i], e);
		if (code < 0)
			return code;
	}
	return p->is_hidden ? walk_hidden(r, p, &names, e) : 0;
}

int review_walk(struct review *r, struct err *e)
{
	const struct place top = { .layer = r->layer, .project = r->project, .path = "" };

	return walk_dir(r, &top, e);
}
