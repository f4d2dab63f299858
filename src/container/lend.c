/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts for a container that runs already: its keeper puts them into their places. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/auto.h"
#include "base/wire.h"
#include "container/container.h"

/* From a mount namespace of the caller's: so what is mounted upon it is locked, as it is in a container. */
int lend(const struct handover *h, struct err *e)
{
	const struct wire_msg msg = { .kind = WIRE_DONE };
	int r = unshare(CLONE_NEWNS) < 0 ? -errno : 0;

	for (size_t i = 0; i < h->n && r == 0; i++) {
		auto_fd int fd = -1;
		char path[40];

		(void)snprintf(path, sizeof(path), STAGE "/%zu", i);
		fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		r = fd < 0 ? -errno : wire_send(h->first[HANDOVER_CHANNEL], &msg, &fd, 1);
	}
	return r < 0 ? err_set(e, -r, "cannot lend a mount: %s", strerrordesc_np(-r)) : 0;
}
