/* SPDX-License-Identifier: Apache-2.0 */
/* Which standard descriptors may go to the payload as they are. */
#pragma once

#include "base/err.h"

/*
 * A payload can do with a descriptor whatever openat(2) does with it. From a directory that is every file of
 * the host below and, by "..", above it, with the rights of the user: past every mount. So a directory as
 * descriptor 0, 1 or 2 is refused. -EPERM with @e filled; 0: none is one.
 */
int stdio_check(struct err *e);
