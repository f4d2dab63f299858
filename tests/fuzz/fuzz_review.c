/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer and a project are made from the input, with links out of both; all rows are accepted. Then
 * nothing outside may have changed, no row that may not get in is there, and no device,
 * set-id bit or mark of overlayfs has reached the project.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/beneath.h"
#include "border/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "untouched"

static const char *const names[] = { "a",     "b",    "a/b",         "a/c",  "b/d",
				     "a/b/e", ".git", ".git/config", "a/out" };
static const char *const targets[] = { "../outside", "../outside/secret", "a", "..",
				       ".",          "b/../../outside" };
static const char *const marks[] = { "user.overlay.opaque", "user.overlay.whiteout",
				     "user.overlay.redirect", "user.overlay.metacopy" };

static void put_file(int dir, const char *path, uint8_t arg)
{
	auto_fd int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	static const mode_t modes[] = { 0644, 0755, 04755, 02755, 0600, 01644, 0, 0444 };

	if (fd < 0)
		return;
	(void)!write(fd, "data", arg % 5);
	(void)fchmod(fd, modes[arg % N_ELEMENTS(modes)]);
}

static void put_mark(int dir, const char *name, uint8_t arg)
{
	char *full = NULL;

	if (asprintf(&full, "/proc/self/fd/%d/%s", dir, name) < 0)
		abort();
	(void)lsetxattr(full, marks[arg % N_ELEMENTS(marks)], arg & 64 ? "x" : "y", 1, 0);
	free(full);
}

/* Three bytes are one file: side and type, name, argument. The ground itself is made without a way out. */
static void put(int root, uint8_t type, const char *path, uint8_t arg)
{
	const char *name;
	auto_fd int dir = beneath_parent(root, path, &name);

	if (dir < 0)
		return;
	switch (type % 7) {
	case 2:
		(void)mkdirat(dir, name, arg % 4 ? 0755 : 0500);
		break;
	case 3:
		(void)!symlinkat(targets[arg % N_ELEMENTS(targets)], dir, name);
		break;
	case 4:
		(void)mknodat(dir, name, S_IFCHR, makedev(0, 0));
		break;
	case 5:
		(void)mkfifoat(dir, name, 0600);
		break;
	case 6:
		put_mark(dir, name, arg);
		break;
	default:
		put_file(dir, name, arg);
	}
}

static int check_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)type;
	(void)at;
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) || (st->st_mode & S_ISUID))
		return strstr(path, "/project/") ? 1 : 0;
	return 0;
}

static void check_outside(int root)
{
	char text[sizeof(SECRET)] = "";
	auto_fd int fd = openat(root, "outside/secret", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int dir = openat(root, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_arena struct arena a = ARENA_INIT;
	struct strv found = STRV_INIT(&a);

	if (fd < 0 || read(fd, text, sizeof(text)) != (ssize_t)strlen(SECRET) ||
	    strcmp(text, SECRET) != 0 || beneath_names(dir, &found) < 0 || found.n != 1)
		abort();
}

static void accept_all(const struct review_dirs *dirs, const char *project)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_review struct review r = REVIEW_NONE;
	const struct review_row **done;
	size_t n = 0;
	struct err e;

	if (review_open(dirs, project, &a, &r, &e) < 0)
		return;
	done = arena_alloc(&a, (r.n + 1) * sizeof(void *));
	for (size_t i = 0; i < r.n; i++) {
		int code = review_accept(&r, &r.rows[i], &e);

		if (code == 0 &&
		    (r.rows[i].answer == REVIEW_NEVER || r.rows[i].answer == REVIEW_SKIPPED))
			abort();
		if (code == 0)
			done[n++] = &r.rows[i];
	}
	(void)review_settle(&r, done, n, &e);
}

static void make_ground(int root)
{
	(void)mkdirat(root, "outside", 0755);
	(void)mkdirat(root, "project", 0755);
	(void)mkdirat(root, "upper", 0755);
	auto_fd int fd = openat(root, "outside/secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)!write(fd, SECRET, strlen(SECRET));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/tmp/csb-fuzz-review.XXXXXX";
	auto_arena struct arena a = ARENA_INIT;
	struct review_dirs dirs;
	int root, project, upper;

	if (!mkdtemp(dir))
		abort();
	dirs = (struct review_dirs){ .dir = dir, .upper = arena_printf(&a, "%s/upper", dir) };
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_ground(root);
	project = openat(root, "project", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	upper = openat(root, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i + 2 < size && i < 96; i += 3)
		put(data[i] & 128 ? project : upper, data[i] & 127,
		    names[data[i + 1] % N_ELEMENTS(names)], data[i + 2]);
	/* What a person has in the project is not what came from inside. */
	if (nftw(arena_printf(&a, "%s/project", dir), check_one, 8, FTW_PHYS) == 0) {
		accept_all(&dirs, arena_printf(&a, "%s/project", dir));
		check_outside(root);
		if (nftw(arena_printf(&a, "%s/project", dir), check_one, 8, FTW_PHYS) != 0)
			abort();
	}
	(void)close(project);
	(void)close(upper);
	(void)close(root);
	if (beneath_remove(AT_FDCWD, dir) < 0)
		abort();
	return 0;
}
