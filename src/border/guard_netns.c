/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser makes namespaces for its own sandbox, so whatever runs inside may: and in a network namespace
 * that it made it may administer devices, queues and routes by netlink. That is much of the kernel, and full of
 * bugs; a browser never does it. What a message says no filter can see, but a socket belongs for ever to
 * the network in which it was made, and a thread that waits for its answer changes no namespace.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "border/guard_parts.h"

bool guard_shares(const struct guard *g, pid_t tid, const char *what, const struct guard_file *own)
{
	char name[64];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%d/%s", tid, what);
	return fstatat(g->proc, name, &st, 0) == 0 && st.st_dev == own->dev &&
	       st.st_ino == own->ino;
}

void guard_netlink(const struct guard *g, int listener, const struct seccomp_notif *n)
{
	struct seccomp_notif_resp resp = { .id = n->id };

	if (guard_shares(g, (pid_t)n->pid, "ns/net", &g->network))
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		resp.error = -EPERM;
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}
