/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that belong to the sandbox's user namespace. */
#pragma once

#include "base/err.h"

/*
 * Leaves the sandbox half of the inotify instances and watches that the user has on the host, where
 * it would otherwise take all of them from his editors. @pidfd: a process inside, before anything
 * of the payload runs there.
 */
int userns_share_inotify(int pidfd, struct err *e);
