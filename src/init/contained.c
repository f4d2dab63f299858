/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd-nspawn starts init as root of a user namespace in which two ids are mapped, with the rights to mount. Bubblewrap
 * leaves less behind; here it is brought to the same: what systemd-nspawn puts in the way of every container is taken away,
 * the root and /dev are made read-only, and init becomes the user in a user namespace below, which owns nothing: not the
 * mounts, not the network. Nobody inside ever has a capability in the one above again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "init/init.h"

#define REMOVE_DEPTH 3

/* Where several are mounted upon each other, all go. */
static void unmount(const char *path)
{
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
	}
}

/* A file or a directory, with what lies so deep in it. */
/* NOLINTNEXTLINE(misc-no-recursion): @depth ends it */
static void remove_tree(int above, const char *name, int depth)
{
	int fd = depth > 0 ? openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			   : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		remove_tree(fd, entry->d_name, depth - 1);
	}
	if (dir)
		(void)closedir(dir);
	if (unlinkat(above, name, 0) < 0)
		(void)unlinkat(above, name, AT_REMOVEDIR);
}

/* A device that cannot be opened: who looks is refused, and does not read an empty file. */
static int mask(const char *path)
{
	const unsigned long closed = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;

	if (mount("/dev/null", path, NULL, MS_BIND, NULL) < 0)
		return -1;
	return mount(NULL, path, NULL, closed, NULL);
}

/* Shown, and not written. */
static int seal(const char *path)
{
	const unsigned long sealed =
		MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (mount(path, path, NULL, MS_BIND, NULL) < 0)
		return -1;
	return mount(NULL, path, NULL, sealed, NULL);
}

/*
 * /proc/keys names the keys of whoever has the same ids; /run/host has the socket of sd_notify(3) and the host's os-release,
 * /sys what the kernel tells of the machine; /dev/net/tun is the host's device.
 */
static int clear_away(void)
{
	static const char *const masked[] = { "/proc/keys", "/proc/key-users", "/proc/kmsg" };
	static const char *const sealed[] = { "/proc/pressure" };
	static const char *const removed[] = { "/dev/net/tun", "/dev/net", "/dev/mqueue",
					       "/run/host",    "/sys",     "/root" };

	for (size_t i = 0; i < N_ELEMENTS(masked); i++) {
		unmount(masked[i]);
		if (access(masked[i], F_OK) == 0 && mask(masked[i]) < 0)
			return -errno;
	}
	for (size_t i = 0; i < N_ELEMENTS(sealed); i++)
		if (access(sealed[i], F_OK) == 0 && seal(sealed[i]) < 0)
			return -errno;
	for (size_t i = 0; i < N_ELEMENTS(removed); i++) {
		/* Where root is the user, that is the home. */
		if (strcmp(removed[i], "/root") != 0)
			unmount(removed[i]);
		remove_tree(AT_FDCWD, removed[i],
			    strcmp(removed[i], "/run/host") == 0 ? REMOVE_DEPTH : 0);
	}
	return access("/sys/kernel", F_OK) == 0 ? -EBUSY : 0;
}

/* systemd-nspawn shows the host's own, as its /dev has them. */
static void restrict_devices(void)
{
	static const char *const devices[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					       "/dev/random", "/dev/urandom", "/dev/tty" };

	for (size_t i = 0; i < N_ELEMENTS(devices); i++)
		(void)mount(NULL, devices[i], NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NOEXEC,
			    NULL);
}

static int close_root(void)
{
	const unsigned long readonly = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(NULL, "/dev", NULL, readonly | MS_NOEXEC, NULL) < 0 ||
	    mount(NULL, "/", NULL, readonly | MS_NODEV, NULL) < 0)
		return -errno;
	return 0;
}

static int put(const char *path, const char *text)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);

	return fd >= 0 && write(fd, text, (size_t)len) == len ? 0 : -errno;
}

static int map_onto_itself(const char *path, unsigned id)
{
	char line[32];

	(void)snprintf(line, sizeof(line), "%u %u 1\n", id, id);
	return put(path, line);
}

/* Dumpable for as long as it writes its own maps: /proc/self belongs to root otherwise. Nobody else is there yet. */
static int become(uid_t uid, gid_t gid)
{
	int r;

	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ||
	    unshare(CLONE_NEWUSER) < 0)
		return -errno;
	r = put("/proc/self/setgroups", "deny");
	if (r == 0)
		r = map_onto_itself("/proc/self/uid_map", uid);
	if (r == 0)
		r = map_onto_itself("/proc/self/gid_map", gid);
	if (r == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? r : walls_drop_capabilities();
}

/* One byte, by which the kernel tells the keeper who we are (SCM_CREDENTIALS). */
static int greet(int fd)
{
	ssize_t n = write(fd, "", 1);

	(void)close(fd);
	return n == 1 ? 0 : -EPIPE;
}

int contained_enter(uid_t uid, gid_t gid, int greeting)
{
	int r = clear_away();

	restrict_devices();
	if (r == 0)
		r = close_root();
	if (r == 0)
		r = become(uid, gid);
	return r < 0 ? r : greet(greeting);
}
