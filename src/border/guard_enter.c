/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard writes in the project for others, so it must be able to do no more than they: it joins
 * their mount namespace, so it has their view of the files, in a container as their user, and keeps no capability but the one to read
 * the memory of the sandbox's processes (yama, and programs that are not dumpable). It
 * cannot join their Landlock domain: from there the kernel lets nobody look at a process that is not in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_parts.h"
#include "border/inside.h"

static int keep_one_capability(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	data[0].effective = data[0].permitted = 1U << CAP_SYS_PTRACE;
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

/*
 * The user namespace that owns the mount namespace: the first process inside stands in one below it
 * (bubblewrap makes two), which owns nothing.
 */
static int join(int proc, const struct service *s, struct err *e)
{
	auto_inside struct proc_as who = INSIDE_OURS;
	auto_fd int mounts = -1;
	char name[64];
	int r = inside_open(s->init_pid, s->spec->uid, s->spec->gid, &who);

	if (r < 0)
		return err_set(e, -r, "cannot tell whose the sandbox's files are: %s",
			       strerrordesc_np(-r));
	(void)snprintf(name, sizeof(name), "%d/ns/mnt", s->init_pid);
	mounts = openat(proc, name, O_RDONLY | O_CLOEXEC);
	if (mounts < 0)
		return err_sys(e, "open the sandbox's mount namespace");
	r = inside_enter(&who, mounts);
	if (r < 0)
		return err_set(e, -r, "join the sandbox's namespaces: %s", strerrordesc_np(-r));
	return chdir("/") < 0 ? err_sys(e, "enter the sandbox's root") : 0;
}

static int identify(const struct guard *g, const char *what, struct guard_file *ret, struct err *e)
{
	char name[64];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%d/%s", g->service->init_pid, what);
	if (fstatat(g->proc, name, &st, 0) < 0)
		return err_sys(e, "look at the sandbox's %s", what);
	*ret = (struct guard_file){ st.st_dev, st.st_ino };
	return 0;
}

int guard_enter(struct guard *g, struct err *e)
{
	pid_t keeper = getppid();
	int r;

	g->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	g->self_fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (g->proc < 0 || g->self_fds < 0)
		return err_sys(e, "open /proc");
	r = identify(g, "root", &g->root, e);
	if (r == 0)
		r = identify(g, "ns/net", &g->network, e);
	if (r == 0)
		r = join(g->proc, g->service, e);
	if (r < 0)
		return r;
	(void)umask(0);
	if (keep_one_capability() < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "give up capabilities");
	/* prctl(2): joining a user namespace clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != keeper)
		return err_set(e, ESRCH, "the keeper has gone");
	return 0;
}
