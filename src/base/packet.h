/* SPDX-License-Identifier: Apache-2.0 */
/* A message on a SOCK_SEQPACKET socket with descriptors beside it (unix(7), SCM_RIGHTS). */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#define PACKET_MAX_FDS 200 /* the kernel takes 253 */

/* 0, or a negated errno. @fds stay the caller's. */
int packet_send(int socket, const void *data, size_t size, const int *fds, size_t n_fds);

/*
 * How many bytes have come, with *ret_n_fds descriptors (O_CLOEXEC) that are now the caller's, @max_fds at most; 0: end of file; < 0: a
 * negated errno, -EBADMSG if the message or its descriptors were more than asked for, and are lost.
 */
ssize_t packet_recv(int socket, void *ret, size_t size, int *ret_fds, size_t max_fds,
		    size_t *ret_n_fds);
