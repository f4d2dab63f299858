/* SPDX-License-Identifier: Apache-2.0 */
#include "border/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/strv.h"

#define DEPTH_MAX 256 /* a descriptor each */

int beneath_open(int root, const char *path, int flags)
{
	const struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
				      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
						 RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root, path[0] ? path : ".", &how, sizeof(how));
}

int beneath_parent(int root, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = strndup(path, slash ? (size_t)(slash - path) : 0);

	if (!dir)
		abort();
	*ret_name = slash ? slash + 1 : path;
	return beneath_open(root, dir, O_RDONLY | O_DIRECTORY);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int beneath_names(int dir, struct strv *ret)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!stream) {
		int code = errno;

		close_fd(&fd);
		return -code;
	}
	while ((d = readdir(stream)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strv_add(ret, arena_strdup(ret->arena, d->d_name));
	(void)closedir(stream);
	if (ret->n > 1)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_name);
	return 0;
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static int sum_at(int dir, const char *name, struct beneath_sum *sum, unsigned depth)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv names = STRV_INIT(&a);
	auto_fd int fd = -1;
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	sum->n++;
	sum->bytes += S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	if (is_later(st.st_ctim, sum->newest))
		sum->newest = st.st_ctim;
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (depth == DEPTH_MAX)
		return -ELOOP;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : beneath_names(fd, &names);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = sum_at(fd, names.items[i], sum, depth + 1);
	return r;
}

int beneath_sum(int dir, const char *name, struct beneath_sum *sum)
{
	return sum_at(dir, name, sum, 0);
}

/* A removal, and the directory to which what lies too deep is moved, to be removed from there. */
struct removal {
	int top;
	size_t n_moved;
};

static void moved_name(size_t number, char ret[static 48])
{
	(void)snprintf(ret, 48, ".csb-removed-%d-%zu", getpid(), number);
}

static int move_up(struct removal *all, int dir, const char *name)
{
	char moved[48];

	moved_name(all->n_moved, moved);
	if (renameat2(dir, name, all->top, moved, RENAME_NOREPLACE) < 0)
		return -errno;
	all->n_moved++;
	return 0;
}

/* O_PATH needs no right to read; by its number the mode is set without following a link. */
static int make_readable(int dir, const char *name)
{
	auto_fd int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char number[48];

	(void)snprintf(number, sizeof(number), "/proc/self/fd/%d", fd);
	return fd < 0 || chmod(number, 0700) < 0 ? -errno : 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static int remove_at(struct removal *all, int dir, const char *name, unsigned depth)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv names = STRV_INIT(&a);
	auto_fd int fd = -1;
	struct stat st;
	int r = 0;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return unlinkat(dir, name, 0) < 0 ? -errno : 0;
	if ((st.st_mode & 0700) != 0700)
		r = make_readable(dir, name);
	if (r == 0 && depth == DEPTH_MAX)
		return move_up(all, dir, name);
	fd = r < 0 ? -1 : openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0)
		r = fd < 0 ? -errno : beneath_names(fd, &names);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = remove_at(all, fd, names.items[i], depth + 1);
	if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int beneath_remove(int dir, const char *name)
{
	struct removal all = { .top = dir };
	int r = remove_at(&all, dir, name, 0);

	for (size_t i = 0; r == 0 && i < all.n_moved; i++) {
		char moved[48];

		moved_name(i, moved);
		r = remove_at(&all, dir, moved, 0);
	}
	return r;
}
