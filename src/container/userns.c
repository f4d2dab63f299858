/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_namespaces(7). Who makes one owns it: so a child becomes the user first, and keeps the one capability that makes one
 * where users may not (kernel.unprivileged_userns_clone, AppArmor); in the new namespace that is worth nothing outside.
 * Then this process, which may, writes the maps.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"

#define TTY_GID 5U /* systemd-nspawn's devpts; Debian's, Fedora's and everybody's */

struct maps {
	char uid[96], gid[96];
};

static int keep_capability(unsigned cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	data[0].effective = data[0].permitted = 1U << cap;
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

static int become(uid_t uid, gid_t gid)
{
	return setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
			       setresuid(uid, uid, uid) < 0
		       ? -errno
		       : 0;
}

static int own_namespace(const struct handover *h)
{
	int r = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? -errno : 0;

	if (r == 0)
		r = become(h->uid, h->gid);
	if (r == 0)
		r = keep_capability(CAP_SYS_ADMIN);
	return r < 0 ? r : unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
}

struct birth {
	const struct handover *h;
	int (*main)(const struct handover *h); /* NULL: it waits to be killed */
	int made[2], mapped[2];
};

static _Noreturn void child(struct birth *b)
{
	char byte = 0;

	(void)close(b->made[0]);
	(void)close(b->mapped[1]);
	if (own_namespace(b->h) < 0 || write(b->made[1], &byte, 1) != 1)
		_exit(1);
	(void)close(b->made[1]);
	/* End of file: there will be no maps. */
	if (read(b->mapped[0], &byte, 1) != 1 || !b->main || become(0, 0) < 0)
		_exit(1);
	(void)close(b->mapped[0]);
	_exit(b->main(b->h));
}

static int write_map(pid_t pid, const char *what, const char *text, struct err *e)
{
	auto_fd int fd = -1;
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return err_sys(e, "cannot write the %s of the container's user namespace", what);
	return 0;
}

static int write_maps(pid_t pid, const struct maps *maps, struct err *e)
{
	int r = write_map(pid, "gid_map", maps->gid, e);

	return r < 0 ? r : write_map(pid, "uid_map", maps->uid, e);
}

static void end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* The process waits for a byte on *ret_go. */
static int give_birth(struct birth *b, const struct maps *maps, pid_t *ret_pid, int *ret_go,
		      struct err *e)
{
	char byte;
	pid_t pid;
	int r;

	if (pipe2(b->made, O_CLOEXEC) < 0 || pipe2(b->mapped, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	pid = fork();
	if (pid == 0)
		child(b);
	(void)close(b->made[1]);
	(void)close(b->mapped[0]);
	if (pid < 0)
		return err_sys(e, "cannot fork");
	r = read(b->made[0], &byte, 1) == 1
		    ? write_maps(pid, maps, e)
		    : err_set(e, EPERM,
			      "cannot make a user namespace: the kernel refuses it, or its limit "
			      "(sysctl user.max_user_namespaces) is reached");
	(void)close(b->made[0]);
	if (r < 0) {
		end(pid);
		return r;
	}
	*ret_go = b->mapped[1];
	*ret_pid = pid;
	return 0;
}

int userns_for_mounts(const struct handover *h, int *ret_fd, struct err *e)
{
	struct birth b = { .h = h };
	struct maps maps;
	auto_fd int go = -1;
	char path[48];
	pid_t pid = 0;
	int r;

	(void)snprintf(maps.uid, sizeof(maps.uid), "%u %u 1\n", h->uid,
		       handover_id(h->uid, HANDOVER_ID_USER));
	(void)snprintf(maps.gid, sizeof(maps.gid), "%u %u 1\n", h->gid,
		       handover_id(h->uid, HANDOVER_ID_USER));
	r = give_birth(&b, &maps, &pid, &go, e);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret_fd < 0)
		r = err_sys(e, "cannot open a user namespace");
	end(pid);
	return r;
}

/* Inside, the user keeps the number, and root is nobody else. */
static void container_maps(const struct handover *h, struct maps *ret)
{
	uint32_t root = handover_id(h->uid, HANDOVER_ID_ROOT);
	uint32_t user = handover_id(h->uid, HANDOVER_ID_USER);
	struct buf uid = BUF_INIT(sizeof(ret->uid) - 1), gid = BUF_INIT(sizeof(ret->gid) - 1);

	buf_addf(&uid, "%u %u 1\n", h->uid, user);
	buf_addf(&gid, "%u %u 1\n", h->gid, user);
	if (h->uid != 0)
		buf_addf(&uid, "0 %u 1\n", root);
	if (h->gid != 0)
		buf_addf(&gid, "0 %u 1\n", root);
	if (h->gid != TTY_GID)
		buf_addf(&gid, "%u %u 1\n", TTY_GID, handover_id(h->uid, HANDOVER_ID_TTY));
	(void)snprintf(ret->uid, sizeof(ret->uid), "%s", buf_text(&uid));
	(void)snprintf(ret->gid, sizeof(ret->gid), "%s", buf_text(&gid));
	buf_done(&uid);
	buf_done(&gid);
}

int userns_start(const struct handover *h, int (*main)(const struct handover *h), pid_t *ret_pid,
		 struct err *e)
{
	struct birth b = { .h = h, .main = main };
	struct maps maps;
	auto_fd int go = -1;
	int r;

	container_maps(h, &maps);
	r = give_birth(&b, &maps, ret_pid, &go, e);
	if (r == 0 && write(go, "", 1) != 1)
		r = err_sys(e, "cannot let the container go");
	return r;
}
