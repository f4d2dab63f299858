/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second listening socket of a server whose first one is open to the sandbox: its file is gone as soon as it is
 * bound, so that nobody but who holds this can connect, and as often as it likes.
 */
#pragma once

#include "base/err.h"

struct private_listener {
	int fd;    /* listens; -1: none */
	int place; /* O_PATH of the file that is no more */
};

#define PRIVATE_LISTENER_NONE ((struct private_listener){ .fd = -1, .place = -1 })

/* @dir is on the host, ours, and closed to others. Both descriptors are the caller's. */
int private_listener_open(const char *dir, struct private_listener *ret, struct err *e);

/* *ret_fd waits to be accepted; what is written is kept until then. */
int private_listener_connect(const struct private_listener *p, int *ret_fd, struct err *e);
