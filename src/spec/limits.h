/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of the machine a sandbox may use: from config and facts, each number with its reason and
 * with what holds it on this host. A number that was asked for and cannot be held is an error.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/wire_walls.h"

struct config_result;
struct facts;
struct spec;

/* What can hold limits of a whole group of processes here; the first that works is taken. */
enum limit_way {
	LIMIT_WAY_NONE,    /* only resource limits of single processes */
	LIMIT_WAY_CGROUP1, /* own groups in the version 1 hierarchies, as root */
	LIMIT_WAY_CGROUP2, /* an own group in a delegated part of the version 2 tree */
	LIMIT_WAY_SYSTEMD, /* a scope that a systemd manager makes for us */
};

enum limit_controller {
	LIMIT_MEMORY,
	LIMIT_PIDS,
	LIMIT_CPU,
	LIMIT_CPUACCT, /* version 1 only: counts, limits nothing */
	N_LIMIT_CONTROLLERS,
};

/* Filled by the probe. */
struct limit_facts {
	enum limit_way way;
	unsigned controllers; /* bit 1 << enum limit_controller: usable in this way */
	const char *socket;   /* LIMIT_WAY_SYSTEMD: the manager's private socket */
	/* CGROUP1: the directory per controller to make a group in; CGROUP2: the first one */
	const char *dirs[N_LIMIT_CONTROLLERS];
	const char *why_not; /* LIMIT_WAY_NONE: what is missing */
	uint64_t memory_mib; /* of this machine, or of the container that we are in; 0: unknown */
	unsigned cpus;       /* that we may use */
};

/* For people: "memory", "12288 MiB", "systemd scope", "three quarters of ..." */
struct limit_row {
	const char *name;
	uint64_t value;
	const char *unit;
	const char *by; /* NULL: nothing holds it here */
	const char *why;
};

#define LIMIT_ROWS_MAX 24

struct limits {
	enum limit_way way; /* NONE: no group is made */
	bool may_fail;      /* --allow-degraded: start without the group if it cannot be had */
	/* what the group holds; 0: no limit, but swap_mib, which counts if memory_mib does */
	uint64_t memory_mib, swap_mib, pids;
	uint64_t cpu_percent; /* of one processor: 150 is one and a half */
	uint64_t cpu_weight;  /* 1 to 10000, 100 is ordinary */
	/* what each process of the sandbox is held to; init sets them */
	struct wire_limit rlimits[RLIMIT_NLIMITS];
	size_t n_rlimits;
	int oom_score_adj;   /* added: who goes first when the machine itself runs out of memory */
	bool shares_inotify; /* at most half of what the user has of inotify is taken */
	struct limit_row rows[LIMIT_ROWS_MAX];
	size_t n_rows;
};

/*
 * Fills s->limits and the sizes of the tmpfs mounts, which must be there. -ENOTSUP: something was
 * asked for that this host cannot hold; with --allow-degraded that becomes a note.
 */
int spec_add_limits(const struct config_result *result, const struct facts *f, struct arena *a,
		    struct spec *s, struct err *e);

/* "systemd scope", "cgroup", ... */
const char *limit_way_name(enum limit_way way);
