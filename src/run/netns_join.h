/* SPDX-License-Identifier: Apache-2.0 */
/* What a child does that enters the network namespace of a sandbox, which nobody comes back from. */
#pragma once

#include <sys/types.h>

/*
 * Enters the network namespace of @pid, which is still the process of @pidfd, and the user namespace that owns
 * it, with all capabilities there. -errno.
 */
int netns_join(int pidfd, pid_t pid);

/* The same, but the caller's network stays: the descriptor of the sandbox's, to be entered later; or -errno. */
int netns_join_owner(int pidfd, pid_t pid);

/* Gives up all that entering the user namespace gave. -errno. */
int netns_drop_capabilities(void);

/* Until bubblewrap has brought its loopback interface up. -ETIMEDOUT; -ESRCH if the process of @pidfd ends. */
int netns_await_loopback(int pidfd);
