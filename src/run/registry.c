/* SPDX-License-Identifier: Apache-2.0 */
#include "run/registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"

#define BACKLOG 64

void registry_done(struct registry *r)
{
	auto_fd_done(&r->dir);
	*r = REGISTRY_NONE;
}

int registry_open(const char *path, bool create, struct registry *ret, struct err *e)
{
	auto_fd int dir = -1;
	struct stat st;
	int r = create ? io_mkdir_all(path, 0700, e) : 0;

	if (r < 0)
		return r;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT && !create) {
		*ret = (struct registry){ .dir = -1, .path = path };
		return 0;
	}
	if (dir < 0 || fstat(dir, &st) < 0)
		return err_sys(e, "%s: cannot open the list of running sandboxes", path);
	if (st.st_uid != geteuid() || (st.st_mode & 077))
		return err_set(e, EPERM,
			       "%s: the list of running sandboxes must be your own and closed to "
			       "others; remove it, or chmod 700",
			       path);
	*ret = (struct registry){ .dir = take_fd(&dir), .path = path };
	return 0;
}

/*
 * sun_path holds 108 bytes and there is no connectat(2): the way through our own descriptor
 * is short whatever the directory is called.
 */
static int address(const struct registry *r, const char *name, struct sockaddr_un *ret,
		   struct err *e)
{
	int n;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", r->dir, name);
	if (n < 0 || (size_t)n >= sizeof(ret->sun_path) || strchr(name, '/'))
		return err_set(e, EINVAL, "%s: not the name of a sandbox", name);
	return 0;
}

int registry_connect(const struct registry *r, const char *name, int *ret_fd, struct err *e)
{
	auto_fd int fd = -1;
	struct sockaddr_un sun;
	int code;

	if (r->dir < 0)
		return err_set(e, ENOENT, "no sandbox runs");
	code = address(r, name, &sun, e);
	if (code < 0)
		return code;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "make a socket");
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0) {
		if (errno == ECONNREFUSED || errno == ENOENT)
			return err_set(e, ENOENT, "no sandbox runs");
		return err_sys(e, "%s/%s: cannot reach the sandbox", r->path, name);
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

/* Between looking and binding nobody else may do either. Released with the descriptor. */
static int lock(const struct registry *r)
{
	int fd = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)flock(fd, LOCK_EX);
	return fd;
}

int registry_claim(const struct registry *r, const char *name, int *ret_fd, struct err *e)
{
	auto_fd int locked = lock(r);
	auto_fd int fd = -1;
	struct sockaddr_un sun;
	int code;

	if (locked < 0)
		return err_sys(e, "%s: cannot lock the list of running sandboxes", r->path);
	code = registry_connect(r, name, ret_fd, e);
	if (code == 0)
		return 1;
	if (code != -ENOENT)
		return code;
	code = address(r, name, &sun, e);
	if (code < 0)
		return code;
	(void)unlinkat(r->dir, name, 0);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return err_sys(e, "%s/%s: cannot register the sandbox", r->path, name);
	*ret_fd = take_fd(&fd);
	return 0;
}

void registry_release(const struct registry *r, const char *name, bool if_dead)
{
	auto_fd int locked = lock(r);
	auto_fd int live = -1;
	struct err ignored;

	if (locked < 0)
		return;
	if (if_dead && registry_connect(r, name, &live, &ignored) == 0)
		return;
	(void)unlinkat(r->dir, name, 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int registry_names(const struct registry *r, struct strv *ret, struct err *e)
{
	int fd = r->dir < 0 ? -1 : openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *dir;

	if (r->dir < 0)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		int code = err_sys(e, "%s: cannot list", r->path);

		auto_fd_done(&fd);
		return code;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			strv_add(ret, arena_strdup(ret->arena, entry->d_name));
	(void)closedir(dir);
	if (ret->n > 1)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_name);
	return 0;
}
