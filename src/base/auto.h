/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound ownership: a local that owns something says so where it is declared and
 * gives it away with take_fd() or take_ptr() at the last step that can fail no more.
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

static inline void auto_free_done(void *p)
{
	free(*(void **)p);
}

static inline void auto_fd_done(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* Closes a descriptor that outlives its scope in a struct; it reads -1 afterwards. */
static inline void close_fd(int *fd)
{
	auto_fd_done(fd);
	*fd = -1;
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define auto_free __attribute__((cleanup(auto_free_done)))
#define auto_fd __attribute__((cleanup(auto_fd_done)))

#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

#define N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))
