/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of a process that asks. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* False: it was forked and has executed no program since. True also where that cannot be learnt. */
bool peer_has_executed(pid_t pid);

/* Whether it is in the user namespace of the first process inside; not where that cannot be learnt. */
bool peer_shares_userns(pid_t pid, pid_t init);
