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

/* One descriptor per row of plan->fds; @channel stands in for PLAN_FD_CHANNEL and stays the caller's. */
int files_open(const struct plan *plan, int channel, struct plan_files *ret, struct err *e);
void files_close(struct plan_files *files, int channel);
