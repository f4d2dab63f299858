/* SPDX-License-Identifier: Apache-2.0 */
#include "border/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"

/*
 * The owner of a process's mounts: the first process inside stands in a user namespace below it, which owns nothing.
 */
int inside_open(pid_t init, uid_t uid, gid_t gid, struct inside *ret)
{
	auto_fd int dir = -1;
	auto_fd int mounts = -1;
	char name[32];
	struct stat st;

	(void)snprintf(name, sizeof(name), "/proc/%d", (int)init);
	dir = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) < 0)
		return -errno;
	*ret = INSIDE_OURS;
	if (st.st_uid == geteuid())
		return 0;
	mounts = openat(dir, "ns/mnt", O_RDONLY | O_CLOEXEC);
	if (mounts < 0)
		return -errno;
	*ret = (struct inside){ ioctl(mounts, NS_GET_USERNS), uid, gid };
	return ret->userns < 0 ? -errno : 0;
}

void inside_done(struct inside *w)
{
	close_fd(&w->userns);
}

int inside_join_owner(int ns)
{
	auto_fd int user = ioctl(ns, NS_GET_USERNS);

	return user < 0 || setns(user, CLONE_NEWUSER) < 0 ? -errno : 0;
}

/* The C library's own would have all threads of the memory's owner do the same. Nobody comes from id 0, so capabilities stay. */
int inside_become(uid_t uid, gid_t gid)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, gid, gid, gid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	return 0;
}

struct call {
	const struct inside *who;
	int (*act)(void *data);
	void *data;
};

static int call_main(void *data)
{
	const struct call *call = data;
	const struct inside *w = call->who;
	int r = setns(w->userns, CLONE_NEWUSER) < 0 ? -errno : 0;

	if (r == 0)
		r = inside_become(w->uid, w->gid);
	return r < 0 ? r : call->act(call->data);
}

int inside_do(const struct inside *w, int (*act)(void *data), void *data)
{
	struct call call = { w, act, data };

	return w->userns < 0 ? act(data) : proc_aside(call_main, &call);
}
