/* SPDX-License-Identifier: Apache-2.0 */
/* F-01, F-22, F-23: set-id files, devices, capabilities and attributes that another on the host would obey. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "probe/probe.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* "Done" only if the file at @path carries the bit: umask and mounts may take it away. */
static struct verdict set_id_seen(const char *path, long result)
{
	struct stat st;
	int error = errno;
	bool seen = stat(path, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID));

	(void)unlink(path);
	if (result < 0)
		return refused(error);
	return seen ? done() : refused_why("the bit is not there");
}

static struct verdict set_id_create(const struct attempt *at)
{
	const char *path = at->args[0];
	struct open_how how = { .flags = O_WRONLY | O_CREAT, .mode = 06755 };
	long r = -1;

	(void)umask(0);
	(void)unlink(path);
	errno = EINVAL;
	switch (at->attack->value) {
	case 'c':
		r = syscall(SYS_creat, path, 06755);
		break;
	case 'o':
		r = syscall(SYS_open, path, O_WRONLY | O_CREAT, 06755);
		break;
	case 'a':
		r = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 06755);
		break;
	case '2':
		r = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
		break;
	case 'm':
		r = syscall(SYS_mknod, path, S_IFREG | 06755, 0);
		break;
	case 'M':
		r = syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | 06755, 0);
		break;
	}
	return set_id_seen(path, r);
}

static struct verdict set_id_change(const struct attempt *at)
{
	const char *path = at->args[0];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	long r = -1;

	if (fd < 0)
		return cannot("making the file");
	errno = EINVAL;
	switch (at->attack->value) {
	case 'c':
		r = syscall(SYS_chmod, path, 06755);
		break;
	case 'f':
		r = syscall(SYS_fchmod, fd, 06755);
		break;
	case 'a':
		r = syscall(SYS_fchmodat, AT_FDCWD, path, 06755);
		break;
	case '2':
		r = syscall(SYS_fchmodat2, AT_FDCWD, path, 06755, 0);
		break;
	}
	return set_id_seen(path, r);
}

/* A file without a name gets the bit, then a name. args: the name. */
static struct verdict set_id_tmpfile(const struct attempt *at)
{
	char link[64];
	int fd;

	(void)umask(0);
	(void)unlink(at->args[0]);
	fd = open(".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 06755);
	if (fd < 0)
		return refused(errno);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, link, AT_FDCWD, at->args[0], AT_SYMLINK_FOLLOW) < 0)
		return cannot("giving the file its name");
	return set_id_seen(at->args[0], 0);
}

/* Executes args[0] with the word that asks for what its mode or capabilities should have given. */
static struct verdict exec_asks(const struct attempt *at)
{
	const char *word = at->attack->value == 'c' ? "--capable" : "--privileged";
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)execl(at->args[0], at->args[0], word, (char *)NULL);
		_exit(errno == EPERM || errno == EACCES ? 3 : 2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return cannot("starting the program");
	switch (WEXITSTATUS(status)) {
	case 0:
		return done();
	case 1:
		return refused_why("no privilege");
	case 3:
		return refused(EPERM);
	default:
		return cannot("the program cannot be started");
	}
}

static struct verdict device(const struct attempt *at)
{
	dev_t null = makedev(1, 3);
	long r;

	(void)unlink(at->args[0]);
	r = at->attack->value ? syscall(SYS_mknodat, AT_FDCWD, at->args[0], S_IFCHR | 0600, null)
			      : syscall(SYS_mknod, at->args[0], S_IFCHR | 0600, null);
	if (r == 0)
		(void)unlink(at->args[0]);
	return by_result(r);
}

/* Since Linux 5.8 anybody may make the device 0:0, overlayfs's sign for "removed". */
static struct verdict whiteout(const struct attempt *at)
{
	long r;

	(void)unlink(at->args[0]);
	r = syscall(SYS_mknod, at->args[0], S_IFCHR | 0600, 0);
	if (r == 0)
		(void)unlink(at->args[0]);
	return by_result(r);
}

static struct verdict attribute(const struct attempt *at, const char *name, const void *value,
				size_t size)
{
	int fd = open(at->args[0], O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	struct verdict v;

	if (fd < 0)
		return cannot("making the file");
	v = by_result(fsetxattr(fd, name, value, size, 0));
	(void)unlink(at->args[0]);
	return v;
}

static struct verdict trusted_xattr(const struct attempt *at)
{
	return attribute(at, "trusted.overlay.opaque", "y", 1);
}

static struct verdict file_caps(const struct attempt *at)
{
	/* struct vfs_cap_data, revision 2: CAP_CHOWN, permitted and effective. */
	static const unsigned char caps[20] = { 1, 0, 0, 2, 1 };

	return attribute(at, "security.capability", caps, sizeof(caps));
}

static union {
	struct file_handle head;
	char space[sizeof(struct file_handle) + 128];
} handle;

static struct verdict handle_name(const struct attempt *at)
{
	int mount;

	(void)at;
	handle.head.handle_bytes = 128;
	return by_result(name_to_handle_at(AT_FDCWD, ".", &handle.head, &mount, 0));
}

/* Inode 2 is the root of an ext4 file system, whatever is mounted over it. */
static struct verdict handle_open(const struct attempt *at)
{
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const unsigned root_inode[2] = { 2, 0 };

	(void)at;
	if (dir < 0)
		return cannot("opening the directory");
	handle.head.handle_bytes = sizeof(root_inode);
	handle.head.handle_type = 1; /* FILEID_INO32_GEN */
	__builtin_memcpy(handle.space + sizeof(struct file_handle), root_inode, sizeof(root_inode));
	return reached(open_by_handle_at(dir, &handle.head, O_RDONLY));
}

/* clang-format off */
#define SET_ID(letter, name, text, fn, value) { "F-01s" letter, name, text, fn, value, 1, false }
const struct attack mode_attacks[] = {
	SET_ID("a", "set-id-chmod", "chmod gives a file the set-id bits", set_id_change, 'c'),
	SET_ID("b", "set-id-fchmod", "fchmod does", set_id_change, 'f'),
	SET_ID("c", "set-id-fchmodat", "fchmodat does", set_id_change, 'a'),
	SET_ID("d", "set-id-fchmodat2", "fchmodat2 does", set_id_change, '2'),
	SET_ID("e", "set-id-creat", "creat makes a set-id file", set_id_create, 'c'),
	SET_ID("f", "set-id-open", "open does", set_id_create, 'o'),
	SET_ID("g", "set-id-openat", "openat does", set_id_create, 'a'),
	SET_ID("h", "set-id-openat2", "openat2 does, its mode behind a pointer", set_id_create, '2'),
	SET_ID("i", "set-id-mknod", "mknod does", set_id_create, 'm'),
	SET_ID("j", "set-id-mknodat", "mknodat does", set_id_create, 'M'),
	SET_ID("k", "set-id-tmpfile", "O_TMPFILE does, and linkat names it", set_id_tmpfile, 0),
	SET_ID("l", "run-set-id", "runs a set-user-id program that lies in the project", exec_asks, 'u'),
	SET_ID("m", "run-caps", "runs a program with file capabilities that lies in the project", exec_asks, 'c'),
	{ "F-22a", "handle-name", "name_to_handle_at: a handle in place of a path", handle_name, 0, 0, true },
	{ "F-22b", "handle-open", "open_by_handle_at: the root of the disk by its inode", handle_open, 0, 0, true },
	{ "F-23a", "trusted-xattr", "marks a directory opaque for overlayfs", trusted_xattr, 0, 1, false },
	{ "F-23b", "whiteout", "makes overlayfs's sign for a removed file", whiteout, 0, 1, false },
	{ "F-23c", "mknod-device", "makes a device in the project", device, 0, 1, false },
	{ "F-23d", "mknodat-device", "the same by mknodat", device, 1, 1, false },
	{ "F-23e", "file-capability", "gives a file of the project capabilities", file_caps, 0, 1, false },
	{ .name = NULL },
};
/* clang-format on */
