/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way out of NETWORK_NAT: pasta (package passt), which makes an ordinary connection of the host out of each
 * that somebody inside makes. It needs no right on the host.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/proc.h"
#include "spec/spec.h"

/*
 * Raises the wall of netns_wall() first, then starts @program and waits until the way is there: 0.05 s. @pidfd,
 * @pid: a process inside @spec's sandbox. *ret holds pasta: it ends together with that child, whatever ends that child, which
 * ends with the caller. If pasta ends by itself the child does so too, and nothing inside has a way out any more.
 */
int pasta_start(const char *program, int pidfd, pid_t pid, const struct spec *spec,
		struct child *ret, struct err *e);
