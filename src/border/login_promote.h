/* SPDX-License-Identifier: Apache-2.0 */
/* The login that one project made inside, given to the host. */
#pragma once

#include "base/err.h"

/*
 * Moves the login file @own to @claude, the host's ~/.claude, which has none: two copies that both renew would
 * end the login. -EEXIST: it has one; -EBUSY: it is being renewed.
 */
int login_promote(const char *own, const char *claude, struct err *e);
