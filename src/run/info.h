/* SPDX-License-Identifier: Apache-2.0 */
/* What a keeper tells about its sandbox: to --list, and to whoever wants to join. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/strv.h"

struct info_session {
	uint64_t job;
	uint64_t started_s; /* Unix time */
	bool is_detached;   /* its terminal is held by the keeper */
	bool is_attached;   /* a client is there */
	const char *command;
};

struct info {
	const char *id; /* its name in the registry */
	const char *project, *backend, *level, *network;
	const char *policy; /* a digest: equal for two launches that ask for the same sandbox */
	const char *shell, *cwd;
	struct strv env; /* of its first session; secret, for joining only */
	uint64_t pid;    /* the keeper's */
	uint64_t
		init_pid; /* of the first process inside; 0: not there yet, or nobody has asked bubblewrap */
	uint64_t started_s;
	bool is_frozen;
	bool is_raw; /* its terminals are not filtered */
	/* of all of it, where a control group counts; else 0 */
	uint64_t memory_bytes, memory_peak_bytes, n_processes, cpu_usec;
	struct info_session *sessions;
	size_t n_sessions;
};

/* As NUL-terminated words. */
void info_pack(const struct info *info, struct buf *b);

/* -EBADMSG if it is torn. *ret points into @block and into @a. */
int info_unpack(const char *block, size_t size, struct arena *a, struct info *ret);

/* One object, without the environment. */
void info_json(const struct info *info, struct buf *b);
