/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open_tree(2), mount_setattr(2), move_mount(2); id-mapped mounts: Linux 5.12.
 *
 * A clone maps one user and one group and nobody else: through it even the container's root can leave no file of root's,
 * nor any of another's. It is made from a descriptor that the user has opened, in the mount namespace in which the caller
 * lives; the kernel refuses one of another namespace, so nobody can hand over a mount of his own making.
 *
 * The clones are put in place by root before the user's namespace is made. So it has them as its parent's, locked
 * (mount_namespaces(7)): nobody in there can make one writable again, or take away what is mounted upon it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"

#define STAGE_OPTIONS "mode=0755,size=1m"

/* What a path is, for a sentence; the kernel's own view of the descriptor. */
static const char *name_of(int fd, char ret[static 256])
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, 255);
	ret[n > 0 ? n : 0] = '\0';
	return ret;
}

static int refuse_file_system(int source, struct err *e)
{
	char name[256];

	return err_set(e, EOPNOTSUPP,
		       "%s lies on a file system that this kernel cannot show as another user's "
		       "(id-mapped mounts): keep it on ext4, xfs or btrfs, or use "
		       "--backend bubblewrap",
		       name_of(source, name));
}

/*
 * What is not the user's, and is not written, needs no mapping: system directories on any file system. Nor does a
 * socket: without it those work that serve everybody.
 */
static bool needs_map(int source, uint8_t kind, uid_t uid)
{
	struct stat st;

	if (fstat(source, &st) < 0)
		return true;
	return kind == HANDOVER_SOURCE_RW || (st.st_uid == uid && !S_ISSOCK(st.st_mode));
}

/* Opened by its name, and for nothing but this. */
static bool is_source(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	return flags >= 0 && flags & O_PATH && fstat(fd, &st) == 0 &&
	       (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
}

static int clone_make(int source, uint8_t kind, int userns, uid_t uid, int *ret_fd, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					       (kind == HANDOVER_SOURCE ? MOUNT_ATTR_RDONLY : 0) };
	struct mount_attr map = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)userns };
	auto_fd int fd = -1;
	char name[256];

	if (!is_source(source))
		return err_set(e, EINVAL, "%s is no file or directory that can be shown",
			       name_of(source, name));
	fd = open_tree(source, "",
		       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (fd < 0)
		return err_sys(e, "cannot clone the mount of %s", name_of(source, name));
	if (mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return err_sys(e, "cannot restrict the mount of %s", name_of(source, name));
	if (mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &map, sizeof(map)) < 0 &&
	    needs_map(source, kind, uid))
		return errno == EINVAL
			       ? refuse_file_system(source, e)
			       : err_sys(e, "cannot map the owners of %s", name_of(source, name));
	*ret_fd = take_fd(&fd);
	return 0;
}

int clones_make(struct handover *h, struct err *e)
{
	auto_fd int userns = -1;
	int r = userns_for_mounts(h, &userns, e);

	for (size_t i = 0; i < h->n && r == 0; i++) {
		int fd = -1;

		if (h->kinds[i] == HANDOVER_FILE)
			continue;
		r = clone_make(h->fds[i], h->kinds[i], userns, h->uid, &fd, e);
		if (r < 0)
			break;
		(void)close(h->fds[i]);
		h->fds[i] = fd;
	}
	return r;
}

static int place(int stage, int fd, size_t number, struct err *e)
{
	struct stat st;
	char name[24];
	int r;

	(void)snprintf(name, sizeof(name), "%zu", number);
	if (fstat(fd, &st) < 0)
		return err_sys(e, "cannot look at a mount");
	r = S_ISDIR(st.st_mode) ? mkdirat(stage, name, 0755)
				: mknodat(stage, name, S_IFREG | 0644, 0);
	if (r < 0 || move_mount(fd, "", stage, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_sys(e, "cannot place a mount");
	return 0;
}

static int make_places(int stage, struct err *e)
{
	static const char *const dirs[] = { STAGE_ROOT, STAGE_DATA, STAGE "/systemd",
					    STAGE_NSPAWN };

	for (size_t i = 0; i < N_ELEMENTS(dirs); i++)
		if (mkdirat(stage, dirs[i] + sizeof(STAGE), 0755) < 0)
			return err_sys(e, "cannot make %s", dirs[i]);
	return 0;
}

int stage_make(const struct handover *h, struct err *e)
{
	auto_fd int stage = -1;
	int r;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("claude-sandbox", STAGE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  STAGE_OPTIONS) < 0)
		return err_sys(e, "cannot make a place for the container's mounts");
	stage = open(STAGE, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (stage < 0)
		return err_sys(e, "cannot open a place for the container's mounts");
	r = make_places(stage, e);
	for (size_t i = 0; i < h->n && r == 0; i++)
		if (h->kinds[i] != HANDOVER_FILE)
			r = place(stage, h->fds[i], i, e);
	return r;
}
