/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/err.h"

/*
 * A memfd with an Xauthority file (Xsecurity(7), MIT-MAGIC-COOKIE-1) for the display @number ("0") on any host:
 * with the keys for it in the file @path, or (NULL) one that nobody has seen before. -EBADMSG: that is no such
 * file. *ret_fd belongs to the caller.
 */
int cookie_open(const char *path, const char *number, int *ret_fd, struct err *e);
