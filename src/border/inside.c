/* SPDX-License-Identifier: Apache-2.0 */
#include "border/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

/*
 * The owner of a process's mounts: the first process inside stands in a user namespace below it, which owns nothing.
 */
int inside_open(pid_t init, uid_t uid, gid_t gid, struct proc_as *ret)
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
	*ret = (struct proc_as){ ioctl(mounts, NS_GET_USERNS), uid, gid };
	return ret->userns < 0 ? -errno : 0;
}

void inside_done(struct proc_as *who)
{
	close_fd(&who->userns);
}

/* With bubblewrap nobody has joined its user namespace yet. */
static int join_owner(int ns)
{
	auto_fd int user = ioctl(ns, NS_GET_USERNS);

	return user < 0 || setns(user, CLONE_NEWUSER) < 0 ? -errno : 0;
}

int inside_enter(const struct proc_as *who, int mounts)
{
	int r = who->userns >= 0 ? proc_become(who) : join_owner(mounts);

	return r < 0 ? r : setns(mounts, CLONE_NEWNS) < 0 ? -errno : 0;
}

struct call {
	const struct proc_as *who;
	int (*act)(void *data);
	void *data;
};

static int call_main(void *data)
{
	const struct call *call = data;
	int r = proc_become(call->who);

	return r < 0 ? r : call->act(call->data);
}

int inside_do(const struct proc_as *who, int (*act)(void *data), void *data)
{
	struct call call = { who, act, data };

	return who->userns < 0 ? act(data) : proc_aside(call_main, &call);
}
