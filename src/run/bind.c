/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two halves. A mount that is nowhere yet: of a container by its starter (base/handover.h), as the owners must be mapped; else in
 * a user and mount namespace of our own, in which we may clone what we see. There it is also locked: whoever owns the sandbox's
 * namespaces can take nothing away that lies upon it. And a child that joins the sandbox's namespaces, which are ours, and puts it
 * in its place (move_mount(2)). Links in the way lead to places inside, as it is inside that they are followed.
 */
#include "run/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"
#include "base/wire.h"
#include "border/inside.h"
#include "run/container.h"

struct work {
	const struct bind_how *how;
	int socket, mount, mounts;
	struct proc_as who;
};

/* -errno, or the mount's descriptor. */
static int clone_own(const char *src)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV };
	auto_fd int fd = -1;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	fd = open_tree(AT_FDCWD, src, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return -errno;
	return take_fd(&fd);
}

static int clone_main(void *data)
{
	const struct work *w = data;
	auto_fd int fd = clone_own(w->how->src);
	const struct wire_msg msg = { .kind = WIRE_DONE, .value = fd < 0 ? -fd : 0 };

	return -wire_send(w->socket, &msg, &fd, fd >= 0 ? 1 : 0);
}

static int receive_clone(int socket, int *ret_fd, struct err *e)
{
	struct wire_msg msg;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;
	int r = wire_recv(socket, &msg, fds, &n_fds);

	if (r <= 0)
		return err_set(e, ECONNRESET, "whoever was to clone it has ended");
	if (msg.value == 0 && n_fds == 1) {
		*ret_fd = fds[0];
		return 0;
	}
	wire_close(fds, n_fds);
	return err_set(e, msg.value ? msg.value : EBADMSG, "cannot clone the mount: %s",
		       strerrordesc_np(msg.value));
}

static int get_own(const struct bind_how *how, int *ret_fd, struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	struct work w = { .how = how };
	auto_fd int ours = -1;
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket pair");
	ours = pair[0];
	w.socket = pair[1];
	r = proc_fork(clone_main, &w, &w.socket, 1, &child, e);
	(void)close(w.socket);
	return r < 0 ? r : receive_clone(ours, ret_fd, e);
}

static int open_dir(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* All directories above @path, and @path itself with @is_dir, else a file there. */
static int make(const char *path, bool is_dir)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t len = 1; path[len]; len++) {
		len += strcspn(path + len, "/");
		memcpy(part, path, len);
		part[len] = '\0';
		if (!path[len] && !is_dir) {
			auto_fd int fd =
				open(part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);

			return fd < 0 ? -errno : 0;
		}
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (!path[len])
			break;
	}
	return 0;
}

/* The root inside is read-only. For a moment it is not, and Landlock keeps the payload from making anything there all the same. */
static int make_place(const char *path, bool is_dir)
{
	const unsigned long kept = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV;
	int r = make(path, is_dir);

	if (r != -EROFS)
		return r;
	if (mount(NULL, "/", NULL, kept, NULL) < 0)
		return -errno;
	r = make(path, is_dir);
	return mount(NULL, "/", NULL, kept | MS_RDONLY, NULL) < 0 ? -errno : r;
}

static int put(const struct work *w)
{
	const char *dst = w->how->dst;
	auto_fd int target = -1;
	struct stat st;
	int r;

	r = inside_enter(&w->who, w->mounts);
	if (r < 0)
		return r;
	if (fstat(w->mount, &st) < 0)
		return -errno;
	(void)umask(0);
	if (access(dst, F_OK) < 0) {
		r = make_place(dst, S_ISDIR(st.st_mode));
		if (r < 0)
			return r;
	}
	target = S_ISDIR(st.st_mode) ? open_dir(dst) : open(dst, O_PATH | O_CLOEXEC);
	if (target < 0)
		return S_ISDIR(st.st_mode) ? target : -errno;
	return move_mount(w->mount, "", target, "",
			  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		       ? -errno
		       : 0;
}

static int put_main(void *data)
{
	return -put(data);
}

static int place(const struct bind_how *how, int mount, struct err *e)
{
	auto_inside struct proc_as who = INSIDE_OURS;
	auto_fd int mounts = -1;
	struct child child = CHILD_NONE;
	struct work w = { .how = how, .mount = mount };
	char name[48];
	int keep[3];
	int code = 0;
	int r = inside_open(how->init, how->uid, how->gid, &who);

	(void)snprintf(name, sizeof(name), "/proc/%d/ns/mnt", (int)how->init);
	mounts = r < 0 ? -1 : open(name, O_RDONLY | O_CLOEXEC);
	if (mounts < 0)
		return err_set(e, r < 0 ? -r : errno, "the sandbox is just ending");
	w.mounts = mounts;
	w.who = who;
	keep[0] = mount;
	keep[1] = mounts;
	keep[2] = who.userns;
	r = proc_fork(put_main, &w, keep, who.userns >= 0 ? 3 : 2, &child, e);
	if (r == 0)
		r = proc_wait(&child, &code, e);
	if (r < 0 || code == 0)
		return r;
	return err_set(e, code, "cannot show it at %s inside: %s", how->dst, strerrordesc_np(code));
}

int run_bind(const struct bind_how *how, struct err *e)
{
	auto_fd int mount = -1;
	int r = how->starter->n > 0 ? container_lend(how->starter, how->src, &mount, e)
				    : get_own(how, &mount, e);

	return r < 0 ? r : place(how, mount, e);
}
