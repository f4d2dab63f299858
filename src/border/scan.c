/* SPDX-License-Identifier: Apache-2.0 */
#include "border/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "spec/gitmediate.h"
#include "spec/planted.h"

#define DEPTH_MAX 64
#define CONFIG_MAX ((size_t)1 << 20)

static void add(struct scan *s, int dir, const char *name, const char *path, const char *why)
{
	struct stat st = { 0 };

	(void)fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
	s->items = arena_grow(s->arena, s->items, s->n, sizeof(*s->items));
	s->items[s->n++] =
		(struct scan_finding){ arena_strdup(s->arena, path), arena_strdup(s->arena, why),
				       (long long)st.st_ctim.tv_sec };
}

/* What a repository's configuration says beyond what may be set from inside. */
static void look_at_config(struct scan *s, int dir, const char *path)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(CONFIG_MAX);
	struct strv refused = STRV_INIT(&a);
	struct err e;
	char *text;
	size_t len;

	if (io_read_file(dir, "config", CONFIG_MAX, true, &a, &text, &len, &e) < 0)
		return;
	(void)gitconfig_mediate("/", true, "", 0, text, len, &a, &out, &refused, &e);
	for (size_t i = 0; i < refused.n; i++)
		add(s, dir, "config", arena_printf(&a, "%s/config", path), refused.items[i]);
}

static void look_at_hooks(struct scan *s, int dir, const char *path)
{
	int fd = openat(dir, "hooks", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_arena struct arena a = ARENA_INIT;
	const struct dirent *entry;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	while (d && (entry = readdir(d))) {
		const char *name = entry->d_name;
		const char *dot = strrchr(name, '.');

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    !(dot && strcmp(dot, ".sample") == 0))
			add(s, fd, name, arena_printf(&a, "%s/hooks/%s", path, name),
			    "git runs it");
	}
	if (d)
		(void)closedir(d);
}

static bool is_git_dir(int dir)
{
	return faccessat(dir, "HEAD", F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	       faccessat(dir, "objects", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* NOLINTBEGIN(misc-no-recursion): directories lie in directories, and DEPTH_MAX ends it */
/* @path: of @dir, with a slash at its end, or empty. */
static void walk(struct scan *s, int dir, const char *path, int depth)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	while (d && (entry = readdir(d))) {
		auto_arena struct arena a = ARENA_INIT;
		const char *name = entry->d_name;
		const char *full = arena_printf(&a, "%s%s", path, name);
		const struct planted_name *row;
		auto_fd int sub = -1;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		s->n_seen++;
		row = planted_find(full, NULL);
		if (row && row->class == PLANTED_REFUSED) {
			add(s, fd, name, full, row->why);
			continue;
		}
		if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
			continue;
		sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		if (is_git_dir(sub)) {
			look_at_config(s, sub, full);
			look_at_hooks(s, sub, full);
		} else if (depth < DEPTH_MAX) {
			walk(s, sub, arena_printf(&a, "%s/", full), depth + 1);
		}
	}
	if (d)
		(void)closedir(d);
}

/* NOLINTEND(misc-no-recursion) */

int scan_tree(const char *root, struct scan *ret, struct err *e)
{
	auto_fd int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open the directory");
	walk(ret, fd, "", 0);
	return 0;
}
