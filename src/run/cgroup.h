/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control group that holds a sandbox to its limits: one in version 2 (made by us, or a systemd
 * scope), one per controller in version 1. Its life:
 *
 *     cgroup_make()              before the wrapper is spawned
 *     cgroup_cmd(), proc_spawn() the wrapper is inside before it executes anything
 *     cgroup_polls() ...         while the payload runs
 *     cgroup_done()              at the end
 *
 * However many processes hold a copy of the struct (fork), one cgroup_done() is enough, a second
 * does no harm. If none comes, because all were killed: a scope goes away by itself, and a group of
 * ours is removed by the next cgroup_make() of anybody; the lock on its directory is gone then.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/proc.h"
#include "spec/limits.h"

#define CGROUP_POLLS 2

struct cgroup_part {
	int dir;    /* -1: none */
	char *path; /* to remove; NULL: not ours */
};

struct cgroup_strike {
	int fd;        /* to poll; -1: none */
	int counts;    /* the file with the counter; -1: none */
	short events;  /* POLLPRI, or POLLIN of an eventfd */
	uint64_t told; /* of the counter */
};

struct cgroup {
	enum limit_way way; /* LIMIT_WAY_NONE: there is no group, and all calls do nothing */
	struct limits limits;
	const struct limit_facts *facts;
	const char *id;
	struct cgroup_part parts[N_LIMIT_CONTROLLERS]; /* version 2: the first */
	struct cgroup_strike strikes[CGROUP_POLLS];    /* memory, pids */
	struct err excuse; /* why there is no group although there should be one */
};

#define CGROUP_NONE ((struct cgroup){ .way = LIMIT_WAY_NONE })
#define auto_cgroup __attribute__((cleanup(cgroup_done)))

/*
 * Makes the group for @limits in the way of @facts; @id: letters, digits, '-' and '_'. A scope is made
 * when its first process comes. @facts and @id must outlive *ret. If it cannot be made and
 * limits->may_fail says so, there is none, and cgroup_struck() tells why.
 */
int cgroup_make(const struct limits *limits, const struct limit_facts *facts, const char *id,
		struct cgroup *ret, struct err *e);

/* Makes @cmd's child a member of the group from its first instruction. @g stays where it is. */
void cgroup_cmd(struct cgroup *g, struct cmd *cmd);

/*
 * Makes the process @pid, which started outside, a member too: what it starts from then on is. Its memory counts
 * as it grows from here.
 */
int cgroup_admit(struct cgroup *g, pid_t pid, struct err *e);

/* Whether the limits hold the process @pid; true where there are none. */
bool cgroup_holds(const struct cgroup *g, pid_t pid);

/* What to poll for strikes of limits: fills @polls, returns how many. Each limit wakes up once. */
size_t cgroup_polls(const struct cgroup *g, struct pollfd polls[static CGROUP_POLLS]);

/*
 * Appends to @text one line for each limit that struck since the last call: what, how much, how often
 * up to now, and how to raise it. Returns how many.
 */
unsigned cgroup_struck(struct cgroup *g, struct buf *text);

struct cgroup_usage {
	uint64_t memory_bytes, memory_peak_bytes, pids, cpu_usec; /* 0 where unknown */
};

/* False: there is no group. */
bool cgroup_usage(const struct cgroup *g, struct cgroup_usage *ret);

/* Kills what is left inside, waits for at most a second until it is empty, and removes it. */
void cgroup_done(struct cgroup *g);
