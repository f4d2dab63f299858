/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new root, row by row. This process is root of the container's user namespace, which is nobody outside, and makes files
 * as the container's user: so whatever a link in a directory of the user's leads to, it can do there what he could.
 * Paths are resolved in the new root (openat2(2), RESOLVE_IN_ROOT).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"
#include "container/root.h"

static int resolve(int root, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* The directory at @path, made with all above it. */
static int open_dir(int root, const char *path)
{
	auto_fd int dir = fcntl(root, F_DUPFD_CLOEXEC, 3);
	char part[PATH_MAX];
	size_t len = 0;

	while (path[len]) {
		size_t start = len + strspn(path + len, "/");
		size_t end = start + strcspn(path + start, "/");
		char name[NAME_MAX + 1];
		int fd;

		if (end == start)
			break;
		if (end >= sizeof(part) || end - start > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(part, path, end);
		part[end] = '\0';
		memcpy(name, path + start, end - start);
		name[end - start] = '\0';
		fd = resolve(root, part, O_PATH | O_DIRECTORY);
		if (fd == -ENOENT && mkdirat(dir, name, 0755) == 0)
			fd = resolve(root, part, O_PATH | O_DIRECTORY);
		if (fd < 0)
			return fd;
		(void)close(dir);
		dir = fd;
		len = end;
	}
	return take_fd(&dir);
}

/* The directory above @path, and its name there. */
static int open_parent(int root, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	size_t len = (size_t)(slash - path);

	if (len >= sizeof(parent) || slash[1] == '\0')
		return -EINVAL;
	memcpy(parent, path, len);
	parent[len] = '\0';
	*ret_name = slash + 1;
	return open_dir(root, parent);
}

/* What is there, or an empty file. */
static int open_target(int root, const char *path)
{
	int fd = resolve(root, path, O_PATH);
	auto_fd int parent = -1;
	const char *name;

	if (fd != -ENOENT)
		return fd;
	parent = open_parent(root, path, &name);
	if (parent < 0)
		return parent;
	fd = openat(parent, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return resolve(root, path, O_PATH);
}

static int put_mount(int mount, int target)
{
	return move_mount(mount, "", target, "",
			  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		       ? -errno
		       : 0;
}

/* A mount of what is at @path, with the flags @add. */
static int clone_path(int dir, const char *path, uint64_t add)
{
	struct mount_attr attr = { .attr_set = add };
	auto_fd int fd = open_tree(dir, path,
				   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
					   (path[0] ? 0 : AT_EMPTY_PATH));

	if (fd < 0 ||
	    (add && mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0))
		return -errno;
	return take_fd(&fd);
}

static int bind_row(const struct building *w, const struct blueprint_row *row)
{
	auto_fd int mount = -1;
	auto_fd int target = -1;
	char source[40];
	struct stat st;

	if (row->source >= w->h->n || w->h->kinds[row->source] == HANDOVER_FILE)
		return -EBADMSG;
	(void)snprintf(source, sizeof(source), STAGE "/%u", row->source);
	mount = clone_path(AT_FDCWD, source, 0);
	if (mount < 0)
		return mount;
	if (fstat(mount, &st) < 0)
		return -errno;
	target = S_ISDIR(st.st_mode) ? open_dir(w->root, row->dst) : open_target(w->root, row->dst);
	return target < 0 ? target : put_mount(mount, target);
}

static int tmpfs_row(const struct building *w, const struct blueprint_row *row)
{
	auto_fd int target = open_dir(w->root, row->dst);
	auto_fd int mount = target < 0 ? -1 : root_tmpfs(w, row->mode, row->size);

	if (target < 0 || mount < 0)
		return target < 0 ? target : mount;
	return put_mount(mount, target);
}

static int dir_row(const struct building *w, const struct blueprint_row *row)
{
	const char *name;
	auto_fd int parent = open_parent(w->root, row->dst, &name);

	if (parent < 0)
		return parent;
	if (mkdirat(parent, name, row->mode) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int symlink_row(const struct building *w, const struct blueprint_row *row)
{
	const char *name;
	auto_fd int parent = open_parent(w->root, row->dst, &name);

	if (parent < 0)
		return parent;
	return symlinkat(row->target, parent, name) < 0 && errno != EEXIST ? -errno : 0;
}

static int file_row(const struct building *w, const struct blueprint_row *row)
{
	const char *name;
	auto_fd int parent = open_parent(w->root, row->dst, &name);

	return parent < 0 ? parent : root_file(w, row, parent, name);
}

/* A file that nobody inside can reach but through the mount. */
static int program_row(const struct building *w, const struct blueprint_row *row)
{
	auto_fd int target = open_target(w->root, row->dst);
	auto_fd int mount = -1;
	char name[24];
	int r;

	if (target < 0)
		return target;
	(void)snprintf(name, sizeof(name), "%u", row->file);
	r = root_file(w, row, w->data, name);
	if (r < 0)
		return r;
	mount = clone_path(w->data, name, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return mount < 0 ? mount : put_mount(mount, target);
}

static int mask_row(const struct building *w, const struct blueprint_row *row)
{
	auto_fd int target = open_target(w->root, row->dst);
	auto_fd int mount = clone_path(AT_FDCWD, "/dev/null",
				       MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);

	if (target < 0 || mount < 0)
		return target < 0 ? target : mount;
	return put_mount(mount, target);
}

static int layer_row(const struct building *w, const struct blueprint_row *row)
{
	auto_fd int target = open_dir(w->root, row->dst);
	auto_fd int mount = target < 0 ? -1 : root_layer(row->source, row->over);

	if (target < 0 || mount < 0)
		return target < 0 ? target : mount;
	return put_mount(mount, target);
}

static int (*const builders[])(const struct building *w, const struct blueprint_row *row) = {
	[BLUEPRINT_BIND] = bind_row, [BLUEPRINT_TMPFS] = tmpfs_row,
	[BLUEPRINT_DIR] = dir_row,   [BLUEPRINT_SYMLINK] = symlink_row,
	[BLUEPRINT_FILE] = file_row, [BLUEPRINT_PROGRAM] = program_row,
	[BLUEPRINT_MASK] = mask_row, [BLUEPRINT_LAYER] = layer_row,
};

static int make_procs(int dir)
{
	auto_fd int fd = openat(dir, "cgroup.procs", O_WRONLY | O_CREAT | O_CLOEXEC, 0444);

	return fd < 0 ? -errno : 0;
}

/*
 * Until init takes it away again. For systemd-nspawn a group's file in the place where it would mount control groups shows that
 * they are mounted.
 */
static int lend_sys(const struct building *w)
{
	auto_fd int dir = open_dir(w->root, "/sys");
	auto_fd int mount = clone_path(AT_FDCWD, "/sys", MOUNT_ATTR_RDONLY);
	auto_fd int groups = root_tmpfs(w, 0755, 0);
	int r = dir < 0 ? dir : mount < 0 ? mount : put_mount(mount, dir);

	if (r == 0)
		r = groups < 0 ? groups : make_procs(groups);
	if (r < 0)
		return r;
	close_fd(&dir);
	dir = resolve(w->root, "/sys/fs/cgroup", O_PATH | O_DIRECTORY);
	return dir < 0 ? 0 : put_mount(groups, dir);
}

/*
 * systemd-nspawn mounts its own where there is no mount yet (mount_all() of systemd 252): a tmpfs on /run and /tmp would hide
 * what is there, and a sysfs needs a network of the container's own.
 */
static int settle(const struct building *w, bool own_network)
{
	static const char *const kept[] = { "/run", "/tmp" };
	int r = 0;

	for (size_t i = 0; i < N_ELEMENTS(kept) && r == 0; i++) {
		auto_fd int dir = open_dir(w->root, kept[i]);
		auto_fd int mount = dir < 0 ? -1 : clone_path(dir, "", 0);

		r = dir < 0 ? dir : mount < 0 ? mount : put_mount(mount, dir);
	}
	return r == 0 && !own_network ? lend_sys(w) : r;
}

static int bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static int begin(struct building *w, const struct blueprint *bp, struct err *e)
{
	auto_fd int root = -1;
	auto_fd int data = -1;

	if (unshare(CLONE_NEWNS | (bp->own_network ? CLONE_NEWNET : 0)) < 0)
		return err_sys(e, "cannot make the container's namespaces");
	if (bp->own_network && bring_up_loopback() < 0)
		return err_sys(e, "cannot bring up the container's loopback");
	if (mount("nspawn", STAGE_NSPAWN, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0 ||
	    mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=1m") < 0)
		return err_sys(e, "cannot make a place for systemd-nspawn");
	(void)setfsgid(bp->gid);
	(void)setfsuid(bp->uid);
	root = root_tmpfs(w, 0755, 0);
	data = root_tmpfs(w, 0755, 0);
	if (root < 0 || data < 0 ||
	    move_mount(root, "", AT_FDCWD, STAGE_ROOT, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    move_mount(data, "", AT_FDCWD, STAGE_DATA, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(e, "cannot mount the container's root");
	w->root = take_fd(&root);
	w->data = take_fd(&data);
	return 0;
}

int root_build(const struct handover *h, const struct blueprint *bp, struct err *e)
{
	struct building w = { .h = h, .bp = bp, .root = -1, .data = -1 };
	int r = begin(&w, bp, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < bp->n_rows; i++) {
		r = builders[bp->rows[i].op](&w, &bp->rows[i]);
		if (r < 0)
			return err_set(e, -r, "cannot make %s inside: %s", bp->rows[i].dst,
				       strerrordesc_np(-r));
	}
	r = settle(&w, bp->own_network);
	(void)setfsuid(0);
	(void)setfsgid(0);
	return r < 0 ? err_set(e, -r, "cannot finish the container's root: %s", strerrordesc_np(-r))
		     : 0;
}
