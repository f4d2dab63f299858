/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/root.h"

/* tmpfs(5) reads a mode in octal. */
static int set(int fs, const char *key, uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), strcmp(key, "mode") == 0 ? "%" PRIo64 : "%" PRIu64,
		       value);
	return fsconfig(fs, FSCONFIG_SET_STRING, key, text, 0);
}

static int finish(int fs)
{
	int fd = fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0
			 ? -1
			 : fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);

	return fd < 0 ? -errno : fd;
}

int root_tmpfs(const struct building *w, uint32_t mode, uint64_t size)
{
	auto_fd int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs < 0 || set(fs, "mode", mode) < 0 || set(fs, "uid", w->bp->uid) < 0 ||
	    set(fs, "gid", w->bp->gid) < 0)
		return -errno;
	if (size > 0 && set(fs, "size", size) < 0)
		return -errno;
	return finish(fs);
}

static int set_place(int fs, const char *key, uint32_t source, const char *below)
{
	char path[64];

	(void)snprintf(path, sizeof(path), STAGE "/%u%s", source, below);
	return fsconfig(fs, FSCONFIG_SET_STRING, key, path, 0);
}

/* Of this process, where it has permitted ones: setfsuid(2) takes those that are about files away. */
static int raise_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (size_t i = 0; i < N_ELEMENTS(data); i++)
		data[i].effective = data[i].permitted;
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

/*
 * overlayfs works with what its mounter had: the user's id for what it makes, and a right over its own directories, which have no
 * permission bits.
 *
 * overlayfs.rst: layers on id-mapped mounts, Linux 5.19; marks in user.overlay.*, as nobody here may write trusted.*.
 */
int root_layer(uint32_t source, uint32_t over)
{
	auto_fd int fs = fsopen("overlay", FSOPEN_CLOEXEC);

	if (raise_capabilities() < 0 || fs < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0 ||
	    set_place(fs, "lowerdir", source, "") < 0 ||
	    set_place(fs, "upperdir", over, "/upper") < 0 ||
	    set_place(fs, "workdir", over, "/work") < 0)
		return -errno;
	return finish(fs);
}

static int copy(int from, int to)
{
	ssize_t n;

	do
		n = sendfile(to, from, NULL, (size_t)1 << 30);
	while (n > 0);
	return n < 0 ? -errno : 0;
}

int root_file(const struct building *w, const struct blueprint_row *row, int dir, const char *name)
{
	auto_fd int to = -1;
	int from;

	if (row->file >= w->h->n || w->h->kinds[row->file] != HANDOVER_FILE)
		return -EBADMSG;
	from = w->h->fds[row->file];
	to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	/* It may have been read for another row. */
	if (lseek(from, 0, SEEK_SET) < 0 && errno != ESPIPE)
		return -errno;
	if (copy(from, to) < 0 || fchmod(to, row->mode) < 0)
		return -errno;
	return 0;
}
