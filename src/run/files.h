/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan needs on disk and in descriptors before its program starts. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/proc.h"
#include "plan/plan.h"

/* Makes the directories and files of ours that a spec names, where they are missing. */
int files_prepare(const struct spec *s, struct err *e);

struct plan_files {
	struct proc_fd *map; /* from our descriptor to the plan's number */
	size_t n;
};

#define PLAN_FILES_NONE ((struct plan_files){ 0 })

/* The wrapper's ends of what connects it to its keeper. */
struct plan_ends {
	int channel; /* for PLAN_FD_CHANNEL */
	int info;    /* for PLAN_FD_INFO */
	int cookie;  /* for PLAN_FD_COOKIE */
};

/* One descriptor per row of plan->fds; those of @ends stay the caller's. */
int files_open(const struct plan *plan, const struct plan_ends *ends, struct plan_files *ret,
	       struct err *e);
void files_close(struct plan_files *files, const struct plan_ends *ends);
