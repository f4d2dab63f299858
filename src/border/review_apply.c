/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings rows into the project. Each is looked at again in the moment, on both sides; what came in
 * between is an error, not a guess. Files come by copy, to a new name beside the old one, and take its place
 * in one step. No right of a file grows on the way: set-id bits and sticky bits are left out, and owners
 * are those of the file that is replaced, or whoever accepts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/beneath.h"
#include "border/review.h"

#define NEW_DIR_MODE 0777U

/* One end of a row, opened: the directory in which it lies, and its name there. */
struct end {
	int dir;
	const char *name;
};

#define auto_end __attribute__((cleanup(end_done)))

static void end_done(struct end *end)
{
	close_fd(&end->dir);
}

static int failed(const struct review_row *row, int code, struct err *e)
{
	if (code == ELOOP || code == ENOTDIR)
		return err_set(e, code,
			       "%s: a directory on the way is a link or a file on the host; accept "
			       "that one first",
			       row->path);
	return err_set(e, code, "%s: %s", row->path, strerrordesc_np(code));
}

static bool is_as_seen(const struct end *end, const struct review_side *seen)
{
	struct stat st;

	if (fstatat(end->dir, end->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT && !seen->is_there;
	if (!seen->is_there || st.st_ino != seen->inode || st.st_dev != seen->device)
		return false;
	/* A directory changes with every row that is accepted in it. */
	return S_ISDIR(st.st_mode) || (st.st_ctim.tv_sec == seen->changed.tv_sec &&
				       st.st_ctim.tv_nsec == seen->changed.tv_nsec);
}

/* The directories that the row lies in, as the layer has them, where the project has none. */
static int make_parents(struct review *r, const struct review_row *row)
{
	auto_free char *path = strdup(row->path);

	if (!path)
		abort();
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		auto_end struct end end = { .dir = -1 };
		struct stat st;
		int layer;

		*slash = '\0';
		end.dir = beneath_parent(r->project, path, &end.name);
		if (end.dir < 0)
			return -errno;
		layer = beneath_open(r->layer, path, O_PATH | O_DIRECTORY);
		if (layer < 0 || fstat(layer, &st) < 0) {
			int code = errno;

			close_fd(&layer);
			return -code;
		}
		close_fd(&layer);
		if (mkdirat(end.dir, end.name, st.st_mode & NEW_DIR_MODE) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int open_host(struct review *r, const struct review_row *row, struct end *ret)
{
	ret->dir = beneath_parent(r->project, row->path, &ret->name);
	if (ret->dir < 0 && errno == ENOENT) {
		int code = make_parents(r, row);

		if (code < 0)
			return code;
		ret->dir = beneath_parent(r->project, row->path, &ret->name);
	}
	return ret->dir < 0 ? -errno : 0;
}

/* Holes stay holes: a file of a terabyte of nothing costs nothing. */
static int copy_bytes(int from, int to, off_t size)
{
	char chunk[1 << 15];
	off_t at = 0;
	struct err e;

	while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
		ssize_t n = pread(from, chunk, sizeof(chunk), at);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		if (lseek(to, at, SEEK_SET) < 0)
			return -errno;
		if (io_write_all(to, chunk, (size_t)n, &e) < 0)
			return e.code;
		at += n;
	}
	if (at < 0 && errno != ENXIO) /* no data after @at */
		return -errno;
	return ftruncate(to, size) < 0 ? -errno : 0;
}

/* Rights and time of a new file before it has its name. */
static int dress(int fd, const struct stat *st)
{
	const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };

	return fchmod(fd, st->st_mode & 0777) < 0 || futimens(fd, times) < 0 ? -errno : 0;
}

static int fill(struct review *r, const struct review_row *row, int to)
{
	auto_fd int from = beneath_open(r->layer, row->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int code;

	if (from < 0 || fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_ino != row->layer.inode)
		return -ESTALE;
	code = copy_bytes(from, to, st.st_size);
	return code < 0 ? code : dress(to, &st);
}

/* A name that nobody has: 64 random bits. */
static void temp_name(char ret[static 40])
{
	unsigned long number = 0;

	while (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		;
	(void)snprintf(ret, 40, ".csb-review-%016lx", number);
}

static int make_temp(struct review *r, const struct review_row *row, const struct end *host,
		     const char *temp)
{
	auto_fd int fd = -1;

	if (S_ISLNK(row->layer.mode))
		return symlinkat(row->layer.link, host->dir, temp) < 0 ? -errno : 0;
	fd = openat(host->dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fill(r, row, fd);
}

/* Root keeps the owner of what is replaced; others can make files of their own only. */
static int keep_owner(const struct end *host, const char *temp)
{
	struct stat st;

	if (geteuid() != 0 || fstatat(host->dir, host->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return fchownat(host->dir, temp, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno
											: 0;
}

static int put_file(struct review *r, const struct review_row *row, const struct end *host)
{
	unsigned flags = row->host.is_there ? 0 : RENAME_NOREPLACE;
	char temp[40];
	int code;

	temp_name(temp);
	code = make_temp(r, row, host, temp);
	if (code == 0)
		code = keep_owner(host, temp);
	if (code == 0 && row->host.is_there && S_ISDIR(row->host.mode))
		code = beneath_remove(host->dir, host->name);
	if (code == 0 && renameat2(host->dir, temp, host->dir, host->name, flags) < 0)
		code = -errno;
	if (code < 0)
		(void)unlinkat(host->dir, temp, 0);
	return code;
}

static int put_dir(const struct review_row *row, const struct end *host)
{
	mode_t mode = row->layer.mode & NEW_DIR_MODE;

	if (row->kind == REVIEW_REPLACED && unlinkat(host->dir, host->name, 0) < 0)
		return -errno;
	if (row->kind != REVIEW_MODE && mkdirat(host->dir, host->name, mode) < 0)
		return -errno;
	/* As deep as a link could be here now, that is not followed; the umask is undone. */
	return fchmodat(host->dir, host->name, mode | (row->host.mode & S_ISGID),
			AT_SYMLINK_NOFOLLOW) < 0
		       ? -errno
		       : 0;
}

/* Nothing goes that was not there when the row was made. */
static int delete (const struct review_row *row, const struct end *host)
{
	struct beneath_sum sum = { 0 };
	int code = beneath_sum(host->dir, host->name, &sum);

	if (code == 0 && (sum.n != row->n_below + 1 || sum.newest.tv_sec != row->newest.tv_sec ||
			  sum.newest.tv_nsec != row->newest.tv_nsec))
		return -EAGAIN;
	return code < 0 ? code : beneath_remove(host->dir, host->name);
}

static int apply(struct review *r, const struct review_row *row, const struct end *host)
{
	if (row->kind == REVIEW_DELETED)
		return delete (row, host);
	if (S_ISDIR(row->layer.mode))
		return put_dir(row, host);
	return put_file(r, row, host);
}

int review_accept(struct review *r, const struct review_row *row, struct err *e)
{
	auto_end struct end host = { .dir = -1 };
	int code;

	if (row->answer == REVIEW_NEVER || row->answer == REVIEW_SKIPPED)
		return err_set(e, EPERM, "%s: %s; it cannot be accepted", row->path, row->why);
	code = open_host(r, row, &host);
	/* A directory may have been made for what lies in it. */
	if (code == 0 && row->kind == REVIEW_ADDED && S_ISDIR(row->layer.mode)) {
		struct stat st;

		if (fstatat(host.dir, host.name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return S_ISDIR(st.st_mode) ? 0 : failed(row, EEXIST, e);
	}
	if (code == 0)
		code = is_as_seen(&host, &row->host) ? apply(r, row, &host) : -EAGAIN;
	if (code == -EAGAIN)
		return err_set(e, EAGAIN, "%s changed on the host just now; look at it again",
			       row->path);
	return code < 0 ? failed(row, -code, e) : 0;
}

/* A directory stays until it is empty; whoever lists next sees that it is as the project's. */
static int drop(struct review *r, const struct review_row *row)
{
	auto_end struct end layer = { .dir = -1 };

	if (row->keeps || (row->kind != REVIEW_DELETED && S_ISDIR(row->layer.mode)))
		return 0;
	layer.dir = beneath_parent(r->layer, row->path, &layer.name);
	if (layer.dir < 0)
		return -errno;
	return unlinkat(layer.dir, layer.name, 0) < 0 ? -errno : 0;
}

int review_settle(struct review *r, const struct review_row *const rows[], size_t n, struct err *e)
{
	if (syncfs(r->project) < 0)
		return err_sys(e, "cannot bring the project's files to the disk");
	for (size_t i = 0; i < n; i++) {
		int code = drop(r, rows[i]);

		if (code < 0 && code != -ENOENT)
			return failed(rows[i], -code, e);
	}
	return 0;
}

static bool is_hidden(struct review *r, const char *path)
{
	auto_free char *copy = strdup(path);
	bool found = false;

	if (!copy)
		abort();
	for (char *slash = strchr(copy, '/'); slash && !found; slash = strchr(slash + 1, '/')) {
		auto_fd int fd = -1;
		char value = 0;

		*slash = '\0';
		fd = beneath_open(r->layer, copy, O_RDONLY | O_DIRECTORY);
		found = fd >= 0 && fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 &&
			value == 'y';
		*slash = '/';
	}
	return found;
}

int review_discard(struct review *r, const char *path, struct err *e)
{
	auto_end struct end layer = { .dir = -1 };
	int code;

	if (is_hidden(r, path))
		return err_set(e, EPERM,
			       "%s lies in a directory that was deleted and made anew; discard "
			       "that one",
			       path);
	layer.dir = beneath_parent(r->layer, path, &layer.name);
	if (layer.dir < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s", path); /* went with its directory */
	code = beneath_remove(layer.dir, layer.name);
	return code < 0 && code != -ENOENT
		       ? err_set(e, -code, "%s: %s", path, strerrordesc_np(-code))
		       : 0;
}

int review_discard_all(const struct review_dirs *d, struct err *e)
{
	static const char *const names[] = { "upper", "work", "sessions" };
	auto_fd int dir = open(d->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "cannot open %s", d->dir);
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		int code = beneath_remove(dir, names[i]);

		if (code < 0 && code != -ENOENT)
			return err_set(e, -code, "cannot remove %s/%s: %s", d->dir, names[i],
				       strerrordesc_np(-code));
	}
	return 0;
}
