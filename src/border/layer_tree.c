/* SPDX-License-Identifier: Apache-2.0 */
#include "border/layer_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/layer_parts.h"

#define ENTRIES_MAX 4096 /* of one side */
#define NAMES_MAX 4096   /* of one directory */
#define DEPTH_MAX 12
/* Of the host's beyond this, whole directories and single files are shown instead of copied. */
#define COPY_ENTRIES 1000
#define COPY_BYTES ((uint64_t)32 << 20)
#define COPY_FILE ((uint64_t)1 << 20)

static struct layer_stamp stamp_of(const struct stat *st)
{
	const int64_t s = 1000000000;

	return (struct layer_stamp){ .size = (uint64_t)st->st_size,
				     .ino = st->st_ino,
				     .mode = st->st_mode,
				     .mtime_ns = st->st_mtim.tv_sec * s + st->st_mtim.tv_nsec,
				     .ctime_ns = st->st_ctim.tv_sec * s + st->st_ctim.tv_nsec };
}

int layer_stat(int dir, const char *base, int flags, struct layer_stamp *ret)
{
	struct stat st;

	if (fstatat(dir, base, &st, flags) < 0)
		return -errno;
	*ret = stamp_of(&st);
	return 0;
}

static enum layer_kind kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return LAYER_FILE;
	return S_ISLNK(mode) ? LAYER_LINK : LAYER_OTHER;
}

static void add(struct layer_tree *t, struct layer_entry entry)
{
	if (t->n == ENTRIES_MAX) {
		t->is_full = true;
		return;
	}
	t->entries = arena_grow(t->arena, t->entries, t->n, sizeof(entry));
	t->entries[t->n++] = entry;
	if (entry.kind == LAYER_FILE)
		t->bytes += entry.stamp.size;
}

/* The host's that is not to be copied. */
static bool is_large(const struct layer_tree *t, const char *name, const struct stat *st)
{
	if (t->is_ours || !strchr(name, '/'))
		return false;
	if (layer_links(name, S_ISDIR(st->st_mode)))
		return true;
	if (S_ISDIR(st->st_mode))
		return t->n >= COPY_ENTRIES || t->bytes >= COPY_BYTES;
	return S_ISREG(st->st_mode) &&
	       ((uint64_t)st->st_size > COPY_FILE || t->bytes >= COPY_BYTES);
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct layer_entry *)x)->name, ((const struct layer_entry *)y)->name);
}

/* Sorted, so that a bound cuts the same names off each time. Takes @fd. */
static size_t read_names(struct layer_tree *t, int fd, const char ***ret)
{
	const char **names = NULL;
	DIR *dir = fdopendir(fd);
	size_t n = 0;

	if (!dir) {
		(void)close(fd);
		return 0;
	}
	for (struct dirent *d; (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (n == NAMES_MAX) {
			t->is_full = true;
			break;
		}
		names = arena_grow(t->arena, names, n, sizeof(*names));
		names[n++] = arena_strdup(t->arena, d->d_name);
	}
	(void)closedir(dir);
	if (n > 0)
		qsort(names, n, sizeof(*names), by_text);
	*ret = names;
	return n;
}

/* NOLINTBEGIN(misc-no-recursion): directories lie in directories, and DEPTH_MAX ends it */
static void walk(struct layer_tree *t, int fd, const char *prefix, unsigned depth);

static void look(struct layer_tree *t, int dir, const char *base, const char *prefix,
		 unsigned depth)
{
	const char *name = arena_printf(t->arena, "%s/%s", prefix, base);
	struct layer_entry entry = { .name = name };
	struct stat st;

	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	entry.stamp = stamp_of(&st);
	entry.kind = kind_of(st.st_mode);
	if (is_large(t, name, &st)) {
		/* What is behind the link changes without us: only the name counts. */
		entry.stamp = (struct layer_stamp){ .ino = st.st_ino };
		entry.kind = LAYER_LINK;
		entry.target = arena_printf(t->arena, "%s/%s", t->links, name);
		add(t, entry);
	} else if (S_ISDIR(st.st_mode)) {
		int fd = layer_open(dir, base, O_RDONLY | O_DIRECTORY);

		if (fd >= 0)
			walk(t, fd, name, depth + 1);
	} else {
		add(t, entry);
	}
}

/* Takes @fd; a second descriptor is for fstatat() while the first one's stream is closed. */
static void walk(struct layer_tree *t, int fd, const char *prefix, unsigned depth)
{
	const char **names = NULL;
	auto_fd int dir = depth < DEPTH_MAX ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	size_t n;

	if (dir < 0) {
		t->is_full = true;
		(void)close(fd);
		return;
	}
	n = read_names(t, fd, &names);
	for (size_t i = 0; i < n && t->n < ENTRIES_MAX; i++)
		look(t, dir, names[i], prefix, depth);
}

/* NOLINTEND(misc-no-recursion) */

/* The first component on the host may be a link: dotfiles are kept so. */
static int open_top(const struct layer_tree *t, const char *name)
{
	if (t->is_ours)
		return layer_open(t->fd, name, O_RDONLY | O_DIRECTORY);
	return openat(t->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY);
}

static void read_top(struct layer_tree *t, const struct layer_name *row)
{
	struct layer_entry entry = { .name = row->name };
	struct stat st;

	if (row->is_dir) {
		int fd = open_top(t, row->name);

		if (fd >= 0)
			walk(t, fd, row->name, 0);
		return;
	}
	if (fstatat(t->fd, row->name, &st, t->is_ours ? AT_SYMLINK_NOFOLLOW : 0) < 0)
		return;
	entry.stamp = stamp_of(&st);
	entry.kind = S_ISDIR(st.st_mode) ? LAYER_OTHER : kind_of(st.st_mode);
	if (entry.kind == LAYER_FILE || t->is_ours)
		add(t, entry);
}

void layer_tree_read(struct layer_tree *t)
{
	for (const struct layer_name *row = layer_names; t->fd >= 0 && row->name; row++)
		read_top(t, row);
	if (t->n > 0)
		qsort(t->entries, t->n, sizeof(*t->entries), by_name);
}

void layer_tree_done(struct layer_tree *t)
{
	close_fd(&t->fd);
}

const struct layer_entry *layer_tree_find(const struct layer_tree *t, const char *name)
{
	const struct layer_entry key = { .name = name };

	return t->n == 0 ? NULL : bsearch(&key, t->entries, t->n, sizeof(key), by_name);
}

int layer_parent(const struct layer_tree *t, const char *name, const char **ret_base)
{
	const char *first = strchr(name, '/');
	const char *last = strrchr(name, '/');
	char path[PATH_MAX];
	auto_fd int top = -1;

	*ret_base = last ? last + 1 : name;
	if (!first)
		return fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
	if (strlen(name) >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, name, (size_t)(last - name));
	path[last - name] = '\0';
	path[first - name] = '\0';
	top = open_top(t, path);
	if (top < 0)
		return t->is_ours ? top : -errno;
	if (first == last)
		return take_fd(&top);
	return layer_open(top, path + (first - name) + 1, O_RDONLY | O_DIRECTORY);
}
