/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"

static int open_regular(int dirfd, const char *path, bool nofollow, int *ret_fd, struct err *e)
{
	/* O_NONBLOCK: a fifo without a writer opens at once, and is then refused by its type. */
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (nofollow ? O_NOFOLLOW : 0);
	auto_fd int fd = openat(dirfd, path, flags);
	struct stat st;

	if (fd < 0 && nofollow && errno == ELOOP)
		return err_set(e, EINVAL, "cannot read %s: it is a symbolic link", path);
	if (fd < 0 && errno == ENXIO)
		return err_set(e, EINVAL, "cannot read %s: it is not a regular file", path);
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, "cannot stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "cannot read %s: it is not a regular file", path);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): eight parameters, but for one open and one read */
int io_read_file(int dirfd, const char *path, size_t max, bool nofollow, struct arena *a,
		 char **ret_text, size_t *ret_len, struct err *e)
{
	auto_buf struct buf text = BUF_INIT(max);
	auto_fd int fd = -1;
	char chunk[8192];
	int r = open_regular(dirfd, path, nofollow, &fd, e);

	if (r < 0)
		return r;
	/* The size that fstat() tells is 0 in /proc and may change: only reading counts. */
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read %s", path);
		if (n == 0)
			break;
		buf_add(&text, chunk, (size_t)n);
		if (buf_full(&text))
			return err_set(e, EFBIG, "cannot read %s: it is larger than %zu bytes",
				       path, max);
	}
	*ret_text = arena_strndup(a, buf_text(&text), text.len);
	*ret_len = text.len;
	return 0;
}

int io_write_all(int fd, const void *data, size_t len, struct err *e)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot write");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_memfd(const char *name, const void *data, size_t len, int *ret_fd, struct err *e)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	auto_fd int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_sys(e, "cannot create memfd %s", name);
	if (io_write_all(fd, data, len, e) < 0)
		return err_wrap(e, "memfd %s", name);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "cannot rewind memfd %s", name);
	if (fcntl(fd, F_ADD_SEALS, seals) < 0)
		return err_sys(e, "cannot seal memfd %s", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* Makes one directory; an existing one is left alone, whatever it is. */
static int make_dir(const char *path, mode_t mode, struct err *e)
{
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : err_sys(e, "cannot create directory %s", path);
	/* The umask may have taken bits away. A symlink that was put here meanwhile is refused. */
	if (fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "cannot set the mode of directory %s", path);
	return 0;
}

int io_mkdir_all(const char *path, mode_t mode, struct err *e)
{
	auto_free char *prefix = strdup(path);
	struct stat st;
	int r;

	if (!prefix)
		abort();
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0; /* as nearly always */
	for (size_t i = 1; path[0] && path[i]; i++) {
		if (path[i] != '/' || path[i - 1] == '/')
			continue;
		prefix[i] = '\0';
		r = make_dir(prefix, mode, e);
		if (r < 0)
			return r;
		prefix[i] = '/';
	}
	r = make_dir(path, mode, e);
	if (r < 0)
		return r;
	if (stat(path, &st) < 0)
		return err_sys(e, "cannot create directory %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ENOTDIR, "cannot create directory %s: it is a file", path);
	return 0;
}

/* mkostemp() made the file for its owner alone; it gets @mode before it gets its name. */
static int fill(int fd, const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	if (io_write_all(fd, data, len, e) < 0)
		return err_wrap(e, "%s", path);
	if (fchmod(fd, mode) < 0)
		return err_sys(e, "cannot set the mode of %s", path);
	if (fsync(fd) < 0)
		return err_sys(e, "cannot sync %s", path);
	return 0;
}

int io_write_file(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	auto_free char *temp = NULL;
	auto_fd int fd = -1;
	int r;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		abort();
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot create a file beside %s", path);
	r = fill(fd, path, data, len, mode, e);
	if (r == 0 && rename(temp, path) < 0)
		r = err_sys(e, "cannot replace %s", path);
	if (r < 0)
		(void)unlink(temp); /* the first error is the one to tell */
	return r;
}
