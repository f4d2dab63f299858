/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layer of struct proc_overlay, put there by the child itself before it executes: a user namespace
 * gives it the right to mount (overlayfs takes mounters without privileges since Linux 5.11, with its
 * marks in user.overlay.* instead of trusted.*), a mount namespace keeps the mount to itself. The
 * program that is executed then has no capability left, unless the caller is root, who needs no user
 * namespace for it, and in one would lose the files of all others.
 *
 * Paths do not stand in the mount's options, where ',' and ':' have a meaning: directories are opened,
 * and named by their descriptors. They are opened after unshare(2), because overlayfs takes only what is
 * mounted in the namespace of its mounter. Async-signal-safe calls only.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"
#include "base/proc_parts.h"

static int put(const char *path, const char *text)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len ? 0 : -1;
}

static int map_onto_itself(const char *path, unsigned id)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "%u %u 1\n", id, id);
	return put(path, line);
}

int overlay_namespace(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWNS | (uid == 0 ? 0 : CLONE_NEWUSER)) < 0)
		return -1;
	/* user_namespaces(7): the group's map is only for those who gave up setgroups(2). */
	if (uid != 0 && (put("/proc/self/setgroups", "deny") < 0 ||
			 map_onto_itself("/proc/self/uid_map", uid) < 0 ||
			 map_onto_itself("/proc/self/gid_map", gid) < 0))
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static int open_dir(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int overlay_mount(const struct proc_overlay *o)
{
	auto_fd int lower = open_dir(o->lower);
	auto_fd int upper = open_dir(o->upper);
	auto_fd int work = open_dir(o->work);
	char options[160];

	if (lower < 0 || upper < 0 || work < 0)
		return -1;
	(void)snprintf(options, sizeof(options),
		       "userxattr,lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,"
		       "workdir=/proc/self/fd/%d",
		       lower, upper, work);
	return mount("overlay", o->merged, "overlay", MS_NOSUID | MS_NODEV, options);
}
