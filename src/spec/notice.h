/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent is told about the place where it runs: generated from the spec, so that it is true. */
#pragma once

#include "base/arena.h"
#include "spec/config.h"
#include "spec/spec.h"

#define NOTICE_MAX 1500

/* Fewer than NOTICE_MAX bytes, one paragraph. Needs the mounts of *s. */
char *notice_text(const struct spec *s, const struct config *c, struct arena *a);
