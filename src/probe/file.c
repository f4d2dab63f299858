/* SPDX-License-Identifier: Apache-2.0 */
/* F-01, F-02, F-10, F-19: writing, reading and linking what is outside of the project. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "probe/probe.h"

static const char mark[] = "attacked\n";

/* @path with something behind it, for what is made beside a file. */
static const char *beside(const char *path, const char *suffix)
{
	static char text[4096];
	int n = snprintf(text, sizeof(text), "%s%s", path, suffix);

	return n > 0 && (size_t)n < sizeof(text) ? text : "";
}

static struct verdict write_with(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0)
		return refused(errno);
	n = write(fd, mark, sizeof(mark) - 1);
	return by_result(close(fd) < 0 ? -1 : n);
}

static struct verdict file_create(const struct attempt *at)
{
	return write_with(beside(at->args[0], ".new"), O_WRONLY | O_CREAT | O_EXCL);
}

static struct verdict file_append(const struct attempt *at)
{
	return write_with(at->args[0], O_WRONLY | O_APPEND);
}

static struct verdict file_overwrite(const struct attempt *at)
{
	return write_with(at->args[0], O_RDWR);
}

static struct verdict file_truncate(const struct attempt *at)
{
	return by_result(truncate(at->args[0], 1));
}

static struct verdict file_mmap(const struct attempt *at)
{
	int fd = open(at->args[0], O_RDWR | O_CLOEXEC);
	char *page;

	if (fd < 0)
		return refused(errno);
	page = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return refused(errno);
	page[0] = '!';
	return by_result(munmap(page, 1));
}

static struct verdict file_chmod(const struct attempt *at)
{
	return by_result(chmod(at->args[0], 0777));
}

static struct verdict file_chown(const struct attempt *at)
{
	return by_result(chown(at->args[0], (uid_t)-1, getgid()));
}

static struct verdict file_xattr(const struct attempt *at)
{
	return by_result(setxattr(at->args[0], "user.csb", "x", 1, 0));
}

static struct verdict file_times(const struct attempt *at)
{
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	return by_result(utimensat(AT_FDCWD, at->args[0], old, 0));
}

static struct verdict file_move(const struct attempt *at)
{
	return by_result(rename(at->args[0], beside(at->args[0], ".moved")));
}

static struct verdict file_unlink(const struct attempt *at)
{
	return by_result(unlink(at->args[0]));
}

static struct verdict file_mkdir(const struct attempt *at)
{
	return by_result(mkdir(beside(at->args[0], ".dir"), 0755));
}

static struct verdict file_symlink(const struct attempt *at)
{
	return by_result(symlink("/", beside(at->args[0], ".link")));
}

static struct verdict file_fifo(const struct attempt *at)
{
	return by_result(mkfifo(beside(at->args[0], ".fifo"), 0600));
}

static struct verdict file_read(const struct attempt *at)
{
	char byte;
	int fd = open(at->args[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return refused(errno);
	return by_result(read(fd, &byte, 1));
}

static struct verdict file_replace(const struct attempt *at)
{
	return write_with(at->args[0], O_WRONLY | O_CREAT | O_TRUNC);
}

/* args: the target, the name of the link. The link is ours to remove. */
static struct verdict through_link(const struct attempt *at, int flags)
{
	struct verdict v;
	char byte;
	int fd;

	(void)unlink(at->args[1]);
	if (symlink(at->args[0], at->args[1]) < 0)
		return cannot("symlink");
	fd = open(at->args[1], flags | O_CLOEXEC);
	if (fd < 0)
		v = refused(errno);
	else if (flags == O_RDONLY)
		v = by_result(read(fd, &byte, 1));
	else
		v = by_result(write(fd, mark, sizeof(mark) - 1));
	(void)unlink(at->args[1]);
	return v;
}

static struct verdict link_write(const struct attempt *at)
{
	return through_link(at, O_WRONLY | O_APPEND);
}

static struct verdict link_read(const struct attempt *at)
{
	return through_link(at, O_RDONLY);
}

static struct verdict link_dir(const struct attempt *at)
{
	struct verdict v;

	(void)unlink(at->args[1]);
	if (symlink(at->args[0], at->args[1]) < 0)
		return cannot("symlink");
	v = write_with(beside(at->args[1], "/planted"), O_WRONLY | O_CREAT);
	(void)unlink(at->args[1]);
	return v;
}

/* "Done" leaves nothing behind: the other name goes again. */
static struct verdict linked(const char *name, int result)
{
	struct verdict v = by_result(result);

	(void)unlink(name);
	return v;
}

/* args: an existing file, the new name. */
static struct verdict hard_link(const struct attempt *at)
{
	(void)unlink(at->args[1]);
	return linked(at->args[1], link(at->args[0], at->args[1]));
}

/* By the magic link of an open descriptor, which the kernel follows past the path's own mount. */
static struct verdict hard_link_fd(const struct attempt *at)
{
	char path[64];
	int fd = open(at->args[0], O_PATH | O_CLOEXEC);

	if (fd < 0)
		return refused(errno);
	(void)unlink(at->args[1]);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linked(at->args[1],
		      linkat(AT_FDCWD, path, AT_FDCWD, at->args[1], AT_SYMLINK_FOLLOW));
}

/* Between two directories that may both be written: whoever can link can hide what a file is. */
static struct verdict hard_link_made(const struct attempt *at)
{
	struct verdict v = write_with(at->args[0], O_WRONLY | O_CREAT);

	if (v.kind != VERDICT_DONE)
		return cannot("making the file");
	v = hard_link(at);
	(void)unlink(at->args[0]);
	(void)unlink(at->args[1]);
	return v;
}

static struct verdict exchange(const struct attempt *at)
{
	int fd = open(at->args[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || close(fd) < 0)
		return cannot("making the file to exchange");
	return by_result(renameat2(AT_FDCWD, at->args[0], AT_FDCWD, at->args[1], RENAME_EXCHANGE));
}

/* FICLONERANGE and copy_file_range want both sides open: the read-only side stops them. */
static struct verdict copy_range(const struct attempt *at)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(at->args[0], O_WRONLY | O_CLOEXEC);

	if (from < 0)
		return cannot("opening a file to copy from");
	if (to < 0)
		return refused(errno);
	return by_result(copy_file_range(from, NULL, to, NULL, 64, 0));
}

static struct verdict dir_of_file(const struct attempt *at)
{
	int fd = open(at->args[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return by_result(fd);
}

/* clang-format off */
#define WRITES(letter, verb, text, fn) { "F-01" letter, verb, text, fn, 0, 1, false }
const struct attack file_attacks[] = {
	WRITES("a", "create", "makes a file", file_create),
	WRITES("b", "append", "appends to a file", file_append),
	WRITES("c", "overwrite", "writes into a file", file_overwrite),
	WRITES("d", "truncate", "truncates a file", file_truncate),
	WRITES("e", "mmap-write", "writes through a shared mapping", file_mmap),
	WRITES("f", "chmod", "changes a file's mode", file_chmod),
	WRITES("g", "chown", "changes a file's group", file_chown),
	WRITES("h", "setxattr", "sets an extended attribute", file_xattr),
	WRITES("i", "utimes", "changes a file's times", file_times),
	WRITES("j", "move", "renames a file", file_move),
	WRITES("k", "unlink", "removes a file", file_unlink),
	WRITES("l", "mkdir", "makes a directory", file_mkdir),
	WRITES("m", "symlink", "makes a symbolic link", file_symlink),
	WRITES("n", "mkfifo", "makes a fifo", file_fifo),
	WRITES("o", "copy-range", "lets the kernel copy into a file", copy_range),
	{ "F-01p", "exchange", "exchanges a file with one of the project", exchange, 0, 2, false },
	{ "F-02a", "link-write", "writes through a symbolic link in the project", link_write, 0, 2, false },
	{ "F-02b", "link-read", "reads a key through a symbolic link in the project", link_read, 0, 2, false },
	{ "F-02c", "link-dir", "makes a file below a linked directory", link_dir, 0, 2, false },
	{ "F-10a", "hard-link-home", "links a file of the home into the project", hard_link, 0, 2, false },
	{ "F-10b", "hard-link-system", "links a read-only file into the project", hard_link, 0, 2, false },
	{ "F-10c", "hard-link-fd", "the same by /proc/self/fd", hard_link_fd, 0, 2, false },
	{ "F-10d", "hard-link-state", "links a file of the kept ~/.cache into the project", hard_link_made, 0, 2, false },
	{ "F-19a", "read-tmp", "reads a file of the host's /tmp", file_read, 0, 1, true },
	{ "F-19b", "read-var-tmp", "reads a file of the host's /var/tmp", file_read, 0, 1, true },
	{ "F-19c", "read-shm", "reads a file of the host's /dev/shm", file_read, 0, 1, true },
	{ "F-19d", "read-run", "reads a file of the host's /run", file_read, 0, 1, true },
	{ "F-19e", "read-runtime", "reads a file of the user's runtime directory", file_read, 0, 1, true },
	{ "F-19f", "replace-tmp", "replaces a file of the host's /tmp", file_replace, 0, 1, false },
	{ "F-19g", "replace-var-tmp", "replaces a file of the host's /var/tmp", file_replace, 0, 1, false },
	{ "F-19h", "replace-shm", "replaces a file of the host's /dev/shm", file_replace, 0, 1, false },
	{ "F-19i", "read-disk", "reads the host's disk as a device", file_read, 0, 1, true },
	{ "F-19j", "open-sys", "opens /sys, all of the host's devices", dir_of_file, 0, 1, true },
	{ "F-11m", "read-home", "reads a file of the home by its path", file_read, 0, 1, true },
	{ "F-11n", "read-key", "reads a private key by its path", file_read, 0, 1, true },
	{ "F-11o", "read-sibling", "reads a file of another project", file_read, 0, 1, true },
	{ "F-11p", "read-session", "reads another project's session", file_read, 0, 1, true },
	{ "F-11q", "read-state", "reads another project's state", file_read, 0, 1, true },
	{ "F-11r", "read-shadow", "reads the host's passwords", file_read, 0, 1, true },
	{ .name = NULL },
};
/* clang-format on */
