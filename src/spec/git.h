/* SPDX-License-Identifier: Apache-2.0 */
/* What of git's own places is mounted. */
#pragma once

#include "spec/spec.h"

int git_add_mounts(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		   struct err *e);
