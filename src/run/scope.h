/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transient scope of a systemd manager (systemd.scope(5)): the manager makes the control group,
 * sets its limits, moves the process in, and removes the group when the last process has ended. So
 * nothing stays however we end. The only file that knows libsystemd, and it loads it when needed.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "spec/limits.h"

/*
 * Asks the manager behind @socket for claude-sandbox-@id.scope with @limits and the process @pid in
 * it, and returns when that is done. At most five seconds.
 */
int scope_start(const char *socket, const char *id, const struct limits *limits, pid_t pid,
		struct err *e);

/* Moves @pid, which is the caller's own process, into that scope, which runs. At most five seconds. */
int scope_attach(const char *socket, const char *id, pid_t pid, struct err *e);

/* Where the group of @pid lies, "/sys/fs/cgroup/...". 0 or a negated errno. */
int scope_path(pid_t pid, char *ret, size_t size);
