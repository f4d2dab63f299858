/* SPDX-License-Identifier: Apache-2.0 */
/* Files, with bounds. Descriptors are O_CLOEXEC from birth. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Reads a regular file of at most @max bytes into @a; *ret_text is NUL-terminated.
 * The last component is opened with O_NOFOLLOW if @nofollow (a file that a sandbox can
 * write); never blocks on a fifo. -ENOENT if absent, -EFBIG if larger, -EINVAL if not regular.
 * @dirfd as for openat(2).
 */
int io_read_file(int dirfd, const char *path, size_t max, bool nofollow, struct arena *a,
		 char **ret_text, size_t *ret_len, struct err *e);

/* All of @len bytes, whatever signals arrive. */
int io_write_all(int fd, const void *data, size_t len, struct err *e);

/* A memfd that holds @data, rewound, sealed against change. *ret_fd belongs to the caller. */
int io_memfd(const char *name, const void *data, size_t len, int *ret_fd, struct err *e);

/* mkdir -p; directories made get @mode. An existing one that is a symlink is followed. */
int io_mkdir_all(const char *path, mode_t mode, struct err *e);

/* Writes @path by temporary file, fsync and rename. */
int io_write_file(const char *path, const void *data, size_t len, mode_t mode, struct err *e);
