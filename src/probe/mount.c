/* SPDX-License-Identifier: Apache-2.0 */
/* F-15: putting something over a wall, or taking it away. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

static struct verdict bind(const struct attempt *at)
{
	return by_result(mount(at->args[0], at->args[0], NULL, MS_BIND, NULL));
}

static struct verdict tmpfs(const struct attempt *at)
{
	return by_result(mount("none", at->args[0], "tmpfs", 0, NULL));
}

static struct verdict remount(const struct attempt *at)
{
	(void)at;
	return by_result(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static struct verdict unmount(const struct attempt *at)
{
	return by_result(umount2(at->args[0], MNT_DETACH));
}

static struct verdict pivot(const struct attempt *at)
{
	/* EINVAL: "." is no mount; that is looked at after the permission. */
	return reached(syscall(SYS_pivot_root, at->args[0], at->args[0]));
}

static struct verdict change_root(const struct attempt *at)
{
	return by_result(chroot(at->args[0]));
}

static struct verdict fs_open(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_fsopen, "tmpfs", 0));
}

static struct verdict fs_config(const struct attempt *at)
{
	(void)at;
	return reached(syscall(SYS_fsconfig, -1, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0));
}

static struct verdict fs_mount(const struct attempt *at)
{
	(void)at;
	return reached(syscall(SYS_fsmount, -1, 0, 0));
}

static struct verdict fs_pick(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_fspick, AT_FDCWD, "/", 0));
}

static struct verdict tree_open(const struct attempt *at)
{
	return by_result(
		syscall(SYS_open_tree, AT_FDCWD, at->args[0], 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC));
}

static struct verdict tree_attr(const struct attempt *at)
{
	const unsigned long attr[4] = { 0 };

	return by_result(syscall(SYS_open_tree_attr, AT_FDCWD, at->args[0], 1 | O_CLOEXEC, attr,
				 sizeof(attr)));
}

static struct verdict move(const struct attempt *at)
{
	return reached(syscall(SYS_move_mount, -1, "", AT_FDCWD, at->args[0], 0));
}

/* struct mount_attr: clear the flag "read-only" of everything below the root. */
static struct verdict attributes(const struct attempt *at)
{
	const unsigned long attr[4] = { 0, 1 /* MOUNT_ATTR_RDONLY */, 0, 0 };

	(void)at;
	return by_result(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0x8000 /* AT_RECURSIVE */, attr,
				 sizeof(attr)));
}

/* clang-format off */
#define MOUNTS(letter, name, text, fn, n) { "F-15" letter, name, text, fn, 0, n, false }
/* Whose result ends with the process that asked for it. */
#define ASKS(letter, name, text, fn, n) { "F-15" letter, name, text, fn, 0, n, true }
const struct attack mount_attacks[] = {
	MOUNTS("a", "mount-bind", "binds a directory over another", bind, 1),
	MOUNTS("b", "mount-tmpfs", "covers a directory", tmpfs, 1),
	MOUNTS("c", "remount", "makes the root writable", remount, 0),
	MOUNTS("d", "umount", "takes a mount away", unmount, 1),
	MOUNTS("e", "pivot-root", "changes the root mount", pivot, 1),
	ASKS("f", "chroot", "changes its root", change_root, 1),
	ASKS("g", "fsopen", "begins a new file system", fs_open, 0),
	ASKS("h", "fsconfig", "sets one up", fs_config, 0),
	ASKS("i", "fsmount", "mounts one", fs_mount, 0),
	ASKS("j", "fspick", "reconfigures one", fs_pick, 0),
	ASKS("k", "open-tree", "copies a tree of mounts", tree_open, 1),
	ASKS("l", "open-tree-attr", "copies one with other flags", tree_attr, 1),
	MOUNTS("m", "move-mount", "moves a mount", move, 1),
	MOUNTS("n", "mount-setattr", "clears the flag read-only", attributes, 0),
	{ .name = NULL },
};
/* clang-format on */
