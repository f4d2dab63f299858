/* SPDX-License-Identifier: Apache-2.0 */
#include "border/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "border/beneath.h"

#define QUARANTINE_DIR "border/quarantine"
#define DEPTH_MAX 64

/* Below @root, through directories alone. */
static int open_dir(const char *root, const char *path)
{
	auto_fd int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : beneath_open(fd, path, O_PATH | O_DIRECTORY);
}

static int copy_file(int from_dir, const char *from, int to_dir, const char *to, mode_t mode)
{
	auto_fd int in = openat(from_dir, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_fd int out =
		in < 0 ? -1
		       : openat(to_dir, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
	ssize_t n;

	if (in < 0 || out < 0)
		return -errno;
	do
		n = sendfile(out, in, NULL, (size_t)1 << 20);
	while (n > 0);
	return n < 0 ? -errno : 0;
}

static int copy_link(int from_dir, const char *from, int to_dir, const char *to)
{
	char text[4096];
	ssize_t n = readlinkat(from_dir, from, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return symlinkat(text, to_dir, to) < 0 ? -errno : 0;
}

/* Without taking the place of anything. */
static int move(int from_dir, const char *from, int to_dir, const char *to)
{
	struct stat st;
	int r;

	if (fstatat(from_dir, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EXDEV)
		return -errno;
	r = S_ISREG(st.st_mode) ? copy_file(from_dir, from, to_dir, to, st.st_mode)
				: copy_link(from_dir, from, to_dir, to);
	return r < 0 || unlinkat(from_dir, from, 0) == 0 ? r : -errno;
}

int quarantine_put(const char *state, const char *root, const char *path, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *full = path_join(&a, root, path);
	const char *place = arena_printf(&a, "%s/" QUARANTINE_DIR "%s", state, full);
	const char *slash = strrchr(path, '/');
	auto_fd int from =
		open_dir(root, slash ? arena_strndup(&a, path, (size_t)(slash - path)) : "");
	auto_fd int to = -1;
	int r;

	if (from < 0)
		return err_set(e, errno, "cannot open the directory of %s", full);
	r = io_mkdir_all(path_parent(&a, place), 0700, e);
	if (r < 0)
		return r;
	to = open(path_parent(&a, place), O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = move(from, path_base(full), to, path_base(place));
	for (int i = 1; r == -EEXIST && i < 100; i++)
		r = move(from, path_base(full), to, arena_printf(&a, "%s.%d", path_base(place), i));
	return r < 0 ? err_set(e, -r, "cannot put away %s: %s", full, strerrordesc_np(-r)) : 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static void list_below(int dir, const char *path, int depth, struct strv *ret)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	while (d && (entry = readdir(d))) {
		const char *name = entry->d_name;
		const char *full = arena_printf(ret->arena, "%s/%s", path, name);
		auto_fd int sub = -1;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		sub = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			strv_add(ret, full);
		else if (depth < DEPTH_MAX)
			list_below(sub, full, depth + 1, ret);
	}
	if (d)
		(void)closedir(d);
}

void quarantine_list(const char *state, struct strv *ret)
{
	const char *path = arena_printf(ret->arena, "%s/" QUARANTINE_DIR, state);
	auto_fd int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir >= 0)
		list_below(dir, "", 0, ret);
}

int quarantine_restore(const char *state, const char *full_path, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *place = arena_printf(&a, "%s/" QUARANTINE_DIR "%s", state, full_path);
	auto_fd int from = open(path_parent(&a, place), O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int to = open_dir("/", path_parent(&a, full_path) + 1);
	int r;

	if (from < 0 || to < 0)
		return err_set(e, ENOENT, "%s is not among what was put away", full_path);
	r = move(from, path_base(place), to, path_base(full_path));
	return r < 0 ? err_set(e, -r, "cannot put %s back: %s", full_path, strerrordesc_np(-r)) : 0;
}
