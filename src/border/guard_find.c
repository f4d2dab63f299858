/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories are opened with our own rights and our own view, which are the payload's; what counts is
 * where that led, not how it was written. The last component is never followed by the kernel
 * for us: each link is read and resolved here, and what is opened in the end is one name in a directory
 * that was looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_parts.h"

#define LINKS_MAX 40
#define TRIES 8

void guard_place_done(struct guard_place *p)
{
	close_fd(&p->parent);
}

/* Inside, /proc/self is whoever looks, and we are nobody there: the thread's own entry is the host's. */
static const char *strip_self(const char *path)
{
	static const char *const selves[] = { "/proc/self/", "/proc/thread-self/" };

	for (size_t i = 0; i < N_ELEMENTS(selves); i++)
		if (strncmp(path, selves[i], strlen(selves[i])) == 0)
			return path + strlen(selves[i]);
	return NULL;
}

static int open_at_proc(const struct guard *g, pid_t tid, const char *what)
{
	char name[PATH_MAX + 32];

	if ((size_t)snprintf(name, sizeof(name), "%d/%s", tid, what) >= sizeof(name))
		return -1;
	return openat(g->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Where a relative path starts. */
static int open_start(const struct guard *g, pid_t tid, int dirfd)
{
	char name[32] = "cwd";

	if (dirfd != AT_FDCWD)
		(void)snprintf(name, sizeof(name), "fd/%d", dirfd);
	return open_at_proc(g, tid, name);
}

/* The directory part of @path, opened; @path is cut there. NULL name: there is no last component. */
static int open_parent(const struct guard *g, pid_t tid, int start, char *path, char **ret_name)
{
	size_t len = strlen(path);
	const char *self;
	char *slash;

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	slash = strrchr(path, '/');
	*ret_name = slash ? slash + 1 : path;
	if (!slash)
		return openat(start, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	self = strip_self(path);
	*slash = '\0';
	if (self)
		return open_at_proc(g, tid, self > slash ? "." : self);
	return openat(start, slash == path ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The innermost place that @path is at or below; NULL: none. */
static const struct guard_root *root_of(const struct guard *g, const char *path)
{
	const struct guard_root *found = NULL;

	for (size_t i = 0; i < g->n_roots; i++) {
		const struct guard_root *root = &g->roots[i];

		if ((!found || root->len >= found->len) &&
		    strncmp(path, root->path, root->len) == 0 &&
		    (path[root->len] == '/' || path[root->len] == '\0'))
			found = root;
	}
	return found;
}

/* The root that the directory @fd lies in, with its path; NULL: none of those we care about. */
static const struct guard_root *root_at(const struct guard *g, int fd, char path[static PATH_MAX],
					size_t *ret_len)
{
	const struct guard_root *root;
	char name[16];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%d", fd);
	n = readlinkat(g->self_fds, name, path, PATH_MAX);
	if (n <= 0 || n >= PATH_MAX)
		return NULL;
	path[n] = '\0';
	*ret_len = (size_t)n;
	root = root_of(g, path);
	return root && root->care != CARE_NONE ? root : NULL;
}

/*
 * The directory @path was not there. If it is missing in one of our roots, the caller is told so: were it left
 * to the kernel, and somebody made the directory meanwhile, Landlock would refuse what is allowed.
 * 0: elsewhere, or not for us to see; -EAGAIN: something is there now. Not for where a link led: that of a descriptor
 * (/proc/self/fd) leads to its file, whatever its text says.
 */
static int missing(const struct guard *g, int start, char *path)
{
	char real[PATH_MAX];
	size_t len;

	for (;;) {
		char *slash = strrchr(path, '/');
		const char *name = slash ? slash + 1 : path;
		auto_fd int dir = -1;

		if (slash)
			*slash = '\0';
		dir = openat(start,
			     !slash          ? "."
			     : slash == path ? "/"
					     : path,
			     O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0 && errno == ENOENT && slash && slash != path)
			continue;
		if (dir < 0)
			return 0;
		if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return -EAGAIN;
		return root_at(g, dir, real, &len) ? -ENOENT : 0;
	}
}

static int where_is(const struct guard *g, struct guard_place *p)
{
	size_t n;

	p->root = root_at(g, p->parent, p->path, &n);
	if (!p->root)
		return 0;
	p->path[n] = '/';
	(void)stpcpy(p->path + n + 1, p->name);
	p->rel = p->path + p->root->len + 1;
	return 1;
}

static bool is_ordinary(const char *name)
{
	return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strlen(name) <= NAME_MAX;
}

static int find(const struct guard *g, pid_t tid, int dirfd, const char *text, bool follow,
		struct guard_place *ret)
{
	char path[PATH_MAX];
	auto_fd int start = text[0] == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)
					   : open_start(g, tid, dirfd);

	/* With another root (chroot, which a browser may) paths mean something else than here. */
	if (start < 0 || strlen(text) >= sizeof(path) || !guard_shares(g, tid, "root", &g->root))
		return 0;
	(void)stpcpy(path, text);
	for (int i = 0; i < LINKS_MAX; i++) {
		char link[PATH_MAX];
		char *name;
		ssize_t n;

		guard_place_done(ret);
		ret->parent = open_parent(g, tid, start, path, &name);
		if (ret->parent < 0)
			return errno == ENOENT && i == 0 ? missing(g, start, path) : 0;
		if (!is_ordinary(name))
			return 0;
		(void)stpcpy(ret->name, name);
		n = follow ? readlinkat(ret->parent, ret->name, link, sizeof(link) - 1) : -1;
		if (n <= 0)
			return where_is(g, ret);
		link[n] = '\0';
		(void)stpcpy(path, link);
		close_fd(&start);
		start = take_fd(&ret->parent);
	}
	return 0;
}

int guard_find(const struct guard *g, pid_t tid, int dirfd, const char *text, bool follow,
	       struct guard_place *ret)
{
	int r = -EAGAIN;

	for (int i = 0; i < TRIES && r == -EAGAIN; i++)
		r = find(g, tid, dirfd, text, follow, ret);
	return r == -EAGAIN ? 0 : r;
}
