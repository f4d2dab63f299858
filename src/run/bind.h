/* SPDX-License-Identifier: Apache-2.0 */
/* A directory or file of the host, shown in a sandbox that runs already. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/strv.h"

struct bind_how {
	const char *src; /* on the host, resolved */
	const char *dst; /* absolute; made inside where it is not there */
	pid_t init;      /* the sandbox's first process */
	uid_t uid;       /* the user there */
	gid_t gid;
	const struct strv
		*starter; /* of a container (plan/plan.h); empty: the files inside are ours */
};

/* Read-only, without devices and set-user-ID programs, with what is mounted below. */
int run_bind(const struct bind_how *how, struct err *e);
