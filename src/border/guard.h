/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard of planted files: what would be written in the project under a name that a host tool
 * executes later is refused, at the moment of writing. Two locks: Landlock keeps the payload from making
 * or opening anything for writing there (spec/landlock.c), and a filter hands each such call to this
 * service, which does it in the payload's place if the name is harmless.
 */
#pragma once

#include "border/service.h"

int guard_service(const struct service *s);
