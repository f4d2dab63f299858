/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that belong to the sandbox's user namespace. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct userns_limits {
	/* Half of the inotify instances and watches that the user has on the host, where it would
	 * otherwise take all of them from his editors. */
	bool shares_inotify;
	/* It may make namespaces for a browser: only those, and so many. The filter's second wall. */
	bool nests;
	/* It makes none below itself; bubblewrap sees to that by itself. The filter's second wall. */
	bool is_last;
};

/* @pidfd: a process inside, before anything of the payload runs there. */
int userns_limit(int pidfd, struct userns_limits limits, struct err *e);
