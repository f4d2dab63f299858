/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of the host that lead into a sandbox with a network of its own (--publish). A process outside carries the
 * connections, in the sandbox's network and without any right in it: whatever it is made to dial is inside.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/proc.h"
#include "run/carry.h"
#include "spec/net.h"

struct publish {
	struct carry_port ports[CARRY_MAX_PORTS]; /* until the child has them */
	size_t n_ports;
	struct child child;
};

#define PUBLISH_NONE ((struct publish){ .child = CHILD_NONE })

/*
 * Opens what listens on the host, before anything of the sandbox is there: a port that is taken is a reason not to
 * start. Connections wait until publish_start().
 */
int publish_listen(struct publish *p, const struct spec_net *net, struct err *e);

/*
 * @pidfd, @pid: a process inside. The child ends with the caller, or when @end is readable or at its end (-1: it
 * has none). Without ports nothing is done.
 */
int publish_start(struct publish *p, int pidfd, pid_t pid, int end, struct err *e);

/* Ends the child and closes what listens. */
void publish_done(struct publish *p);
