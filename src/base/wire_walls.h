/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every payload of a sandbox puts up around itself, on its way from outside to init: the
 * filter, Landlock's rules, limits. It travels once, in a sealed memfd, so whoever is started later
 * stands behind the same walls by construction. base/wire.h has the messages.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"

/* Beneath @path (or on it, if it is no directory) a payload may do @access, LANDLOCK_ACCESS_FS_*. */
struct wire_rule {
	uint64_t access;
	const char *path;
	int fd; /* init's own, see landlock_prepare(); -1: not opened, or not there */
};

/* Neither fs nor scoped: this kernel has no Landlock that could be used. */
struct wire_landlock {
	uint64_t fs;     /* rights that are refused where no rule gives them */
	uint64_t scoped; /* LANDLOCK_SCOPE_* */
	uint32_t flags;  /* LANDLOCK_RESTRICT_SELF_* */
	struct wire_rule *rules;
	size_t n_rules;
};

/* setrlimit(2); RLIM_INFINITY is all ones. */
struct wire_limit {
	int resource;
	uint64_t soft, hard;
};

/* What a service listens on: a socket that init makes, or (without a path) something else of init's. */
struct wire_listen {
	enum wire_service service;
	int type;         /* SOCK_STREAM or SOCK_SEQPACKET; 0: no socket */
	const char *path; /* "" or absolute, in a directory that is there */
};

struct wire_walls {
	const void *filter; /* struct sock_filter[], whole */
	size_t filter_size; /* bytes */
	struct wire_landlock landlock;
	struct wire_limit *limits;
	size_t n_limits;
	struct wire_listen *services;
	size_t n_services;
};

/* One block that malloc() made. NULL without memory. The rules' fd does not travel. */
void *wire_walls_pack(const struct wire_walls *walls, size_t *ret_size);

/*
 * Reads such a block. Filter and paths in *ret point into @block; rules, limits and
 * services are arrays that wire_walls_done() frees. -EBADMSG, with nothing to free, if it is torn or has a byte too many.
 */
int wire_walls_unpack(const void *block, size_t size, struct wire_walls *ret);

void wire_walls_done(struct wire_walls *walls);
