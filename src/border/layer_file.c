/* SPDX-License-Identifier: Apache-2.0 */
/* One file of a layer: reading, writing, removing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/io.h"
#include "border/layer_parts.h"
#include "border/layer_tree.h"

static int open_beneath(int dir, const char *path, int flags, uint64_t resolve)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
		.resolve = resolve | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int layer_open(int dir, const char *path, int flags)
{
	return open_beneath(dir, path, flags, RESOLVE_NO_XDEV);
}

int layer_open_mounted(int dir, const char *path, int flags)
{
	return open_beneath(dir, path, flags, 0);
}

static void digest(char tag, const void *data, size_t len, struct layer_content *c)
{
	auto_buf struct buf b = BUF_INIT(LAYER_FILE_MAX + 16);

	buf_add(&b, &tag, 1);
	buf_add(&b, c->is_program ? "x" : "-", 1);
	buf_add(&b, data, len);
	hash_hex(buf_text(&b), b.len, c->digest.hex);
}

/* No content that can be had: like nothing else, yet the same until it is touched. */
static void digest_odd(const struct layer_entry *entry, struct layer_content *c)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64,
			 entry->stamp.size, entry->stamp.ino, entry->stamp.mtime_ns,
			 entry->stamp.ctime_ns);

	c->kind = LAYER_OTHER;
	c->data = NULL;
	c->len = 0;
	digest('?', text, (size_t)n, c);
}

static bool read_file(const struct layer_tree *t, const struct layer_entry *entry, int dir,
		      const char *base, struct arena *a, struct layer_content *c)
{
	bool nofollow = t->is_ours || strchr(entry->name, '/');
	struct err ignored;
	char *text = NULL;

	if (entry->stamp.size > LAYER_FILE_MAX ||
	    io_read_file(dir, base, LAYER_FILE_MAX, nofollow, a, &text, &c->len, &ignored) < 0)
		return false;
	c->data = text;
	c->is_program = (entry->stamp.mode & S_IXUSR) != 0;
	digest('f', c->data, c->len, c);
	return true;
}

static bool read_link(const struct layer_entry *entry, int dir, const char *base, struct arena *a,
		      struct layer_content *c)
{
	char text[PATH_MAX];
	ssize_t n;

	if (entry->target) {
		c->data = entry->target;
		c->len = strlen(entry->target);
	} else {
		n = readlinkat(dir, base, text, sizeof(text));
		if (n < 0 || n == sizeof(text))
			return false;
		c->data = arena_strndup(a, text, (size_t)n);
		c->len = (size_t)n;
	}
	digest('l', c->data, c->len, c);
	return true;
}

void layer_read(const struct layer_tree *t, const struct layer_entry *entry, struct arena *a,
		struct layer_content *ret)
{
	struct layer_content c = { .kind = entry ? entry->kind : LAYER_ABSENT };
	const char *base = NULL;
	auto_fd int dir = entry ? layer_parent(t, entry->name, &base) : -1;
	bool known = true;

	if (entry && entry->kind == LAYER_FILE)
		known = dir >= 0 && read_file(t, entry, dir, base, a, &c);
	else if (entry && entry->kind == LAYER_LINK)
		known = (dir >= 0 || entry->target) && read_link(entry, dir, base, a, &c);
	else if (entry)
		known = false;
	if (!known)
		digest_odd(entry, &c);
	*ret = c;
}

/* As layer_parent(), but what is missing on the way is made. */
static int make_parent(const struct layer_tree *t, const char *name, const char **ret_base)
{
	auto_fd int dir = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
	const char *last = strrchr(name, '/');
	char part[NAME_MAX + 1];

	*ret_base = last ? last + 1 : name;
	for (const char *slash; (slash = strchr(name, '/')); name = slash + 1) {
		int next;

		if (dir < 0 || (size_t)(slash - name) >= sizeof(part))
			return -ENAMETOOLONG;
		memcpy(part, name, (size_t)(slash - name));
		part[slash - name] = '\0';
		if (mkdirat(dir, part, 0700) < 0 && errno != EEXIST)
			return -errno;
		next = layer_open(dir, part, O_RDONLY | O_DIRECTORY);
		if (next < 0)
			return next;
		close_fd(&dir);
		dir = next;
	}
	return dir < 0 ? -EMFILE : take_fd(&dir);
}

static int write_new(int dir, const char *temp, const struct layer_content *c)
{
	auto_fd int fd = -1;
	struct err ignored;

	if (c->kind == LAYER_LINK)
		return symlinkat(c->data, dir, temp) < 0 ? -errno : 0;
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    c->is_program ? 0700 : 0600);
	if (fd < 0)
		return -errno;
	return io_write_all(fd, c->data, c->len, &ignored);
}

int layer_put(const struct layer_tree *t, const char *name, const struct layer_content *c,
	      struct layer_stamp *ret_stamp)
{
	const char *base = NULL;
	auto_fd int dir = make_parent(t, name, &base);
	unsigned number = 0;
	char temp[32];
	int r;

	if (dir < 0)
		return dir;
	while (number == 0)
		if (getrandom(&number, sizeof(number), 0) < 0)
			number = 0;
	(void)snprintf(temp, sizeof(temp), ".csb-%08x", number);
	r = write_new(dir, temp, c);
	/* An empty directory stood there: what was in it has gone, or a link takes its place. */
	if (r == 0 && renameat(dir, temp, dir, base) < 0 &&
	    (errno != EISDIR || unlinkat(dir, base, AT_REMOVEDIR) < 0 ||
	     renameat(dir, temp, dir, base) < 0))
		r = -errno;
	if (r == 0)
		return layer_stat(dir, base, AT_SYMLINK_NOFOLLOW, ret_stamp);
	(void)unlinkat(dir, temp, 0); /* the first error is the one that counts */
	return r;
}

int layer_remove(const struct layer_tree *t, const char *name)
{
	const char *base = NULL;
	auto_fd int dir = layer_parent(t, name, &base);
	char path[PATH_MAX];
	char *slash;

	if (dir < 0)
		return dir;
	if (unlinkat(dir, base, 0) < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "%s", name);
	/* Directories that are empty now, but for the first, which a link leads to. */
	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		close_fd(&dir);
		dir = strchr(path, '/') ? layer_parent(t, path, &base) : -1;
		if (dir < 0 || unlinkat(dir, base, AT_REMOVEDIR) < 0)
			break;
	}
	return 0;
}
