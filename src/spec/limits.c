/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory. A limit of the whole sandbox can only be held by a control group. Where there is none,
 * resource limits of single processes are what is left, and they are weaker:
 *
 * RLIMIT_NPROC  is counted per user and user namespace (user_namespaces(7), since Linux 5.14), and
 *               the sandbox has a namespace of its own: it holds the sandbox and nobody else. It does
 *               not bind uid 0 of the host, in whatever namespace (kernel/fork.c, INIT_USER).
 * RLIMIT_DATA   counts private writable memory, reserved or used, of one process. AddressSanitizer
 *               reserves terabytes and cannot run under it, so no level sets it.
 * RLIMIT_FSIZE  is the size of one file, not of all.
 *
 * The tmpfs mounts are sized so that all of them together stay below the memory limit: their pages
 * count as the sandbox's memory, and no killed process gives them back.
 */
#include "spec/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/auto.h"
#include "spec/config.h"
#include "spec/facts.h"
#include "spec/spec.h"

#define MIB (UINT64_C(1) << 20)

/* What a level gives where nothing was asked for; 0: no limit. */
static const struct level_limits {
	uint64_t memory_percent;
	uint64_t pids, pids_per_cpu; /* the greater one: a build uses threads by processors */
	uint64_t files;
	bool spares_a_cpu;
	uint64_t cpu_weight;
} by_level[N_LEVELS] = {
	[LEVEL_STRICT] = { 50, 1024, 16, 16384, true, 25 },
	[LEVEL_DEFAULT] = { 75, 4096, 64, 65536, false, 50 },
	[LEVEL_COMPAT] = { 0 },
};

/* Parts of the memory limit, in 64ths. The home is added by name; what is not listed gets OTHER. */
static const struct {
	const char *dst;
	unsigned part;
} tmpfs_parts[] = { { "/tmp", 24 }, { "/dev/shm", 8 }, { "/var/tmp", 8 }, { "/run", 1 } };

#define HOME_PART 8
#define OTHER_PART 2

/* Of every process, at all levels but compat. What a host sets lower stays lower. */
static const struct {
	int resource;
	uint64_t max;
	const char *name, *unit, *why;
} fixed[] = {
	{ RLIMIT_RTPRIO, 0, "real-time priority", "",
	  "a real-time loop would take a processor from everybody" },
	{ RLIMIT_NICE, 0, "priority", "", "may be lowered, never raised" },
	{ RLIMIT_MEMLOCK, 8 * MIB, "locked memory", "bytes",
	  "cannot be swapped or reclaimed; the kernel's own default" },
	{ RLIMIT_MSGQUEUE, 819200, "message queues", "bytes",
	  "kernel memory; the kernel's own default" },
	{ RLIMIT_SIGPENDING, 16384, "queued signals", "",
	  "kernel memory; also the number of timers" },
};

struct work {
	const struct config_result *result;
	const struct config *c;
	const struct facts *f;
	struct arena *a;
	struct spec *s;
	struct limits *l;
	unsigned held; /* controllers of the way */
};

/* A number and where it comes from. */
struct wish {
	uint64_t value; /* 0: no limit */
	const char *why;
	const char *asked; /* NULL: nobody asked; else by which option or key, for a message */
};

const char *limit_way_name(enum limit_way way)
{
	static const char *const names[] = {
		[LIMIT_WAY_NONE] = "process limits",
		[LIMIT_WAY_CGROUP1] = "cgroup version 1",
		[LIMIT_WAY_CGROUP2] = "cgroup",
		[LIMIT_WAY_SYSTEMD] = "systemd scope",
	};

	return names[way];
}

static void add_row(struct work *w, struct limit_row row)
{
	if (w->l->n_rows < LIMIT_ROWS_MAX)
		w->l->rows[w->l->n_rows++] = row;
}

static void add_rlimit(struct work *w, int resource, uint64_t max)
{
	if (w->l->n_rlimits < RLIMIT_NLIMITS)
		w->l->rlimits[w->l->n_rlimits++] =
			(struct wire_limit){ .resource = resource, .soft = max, .hard = max };
}

static bool has(const struct work *w, enum limit_controller c)
{
	return w->held >> c & 1;
}

/* What was asked for, else what the level gives. A project's own file can only lower the latter. */
static struct wish wish_for(const struct work *w, const char *name, uint64_t by_level_value,
			    const char *why)
{
	const struct field *row = field_find(config_fields, name);
	size_t index = field_index(config_fields, row);
	const char *origin = w->result->origin[index];
	uint64_t asked = *(const uint64_t *)field_of(row, w->c);
	bool from_project = field_mask_has(&w->result->tightened, index);

	if (!origin || (from_project && by_level_value && asked > by_level_value))
		return (struct wish){ by_level_value, why, NULL };
	return (struct wish){ asked, arena_printf(w->a, "asked for (%s)", origin),
			      row->flags & FIELD_NO_OPTION
				      ? arena_printf(w->a, "'%s' (from %s)", row->name, origin)
				      : arena_printf(w->a, "--%s (from %s)",
						     field_option(row, w->a), origin) };
}

/*
 * What this host cannot hold: an error if it was asked for, a note if the user accepts that, and
 * a word in --explain if only the level wanted it. @instead: what is done in its place, or NULL.
 */
static int not_held(struct work *w, const struct limit_row *row, const struct wish *wish,
		    const char *instead, struct err *e)
{
	const char *why_not = w->f->limits.why_not;

	if (!why_not)
		why_not = arena_printf(w->a, "a %s holds no limit of this kind here",
				       limit_way_name(w->f->limits.way));
	add_row(w, *row);
	if (wish->asked && !w->c->allow_degraded)
		return err_set(
			e, ENOTSUP,
			"%s cannot be held on this host: %s (claude-sandbox --test tells what to "
			"do); start without it, or accept that with --allow-degraded%s%s",
			wish->asked, why_not, instead ? ", and then " : "", instead ? instead : "");
	strv_add(wish->asked ? &w->s->notes : &w->s->details,
		 arena_printf(
			 w->a, "%s%s of %s is not held on this host: %s%s%s",
			 wish->asked ? "degraded: the limit " : "the level's limit ",
			 wish->asked ? wish->asked : row->name,
			 arena_printf(w->a, "%llu %s", (unsigned long long)row->value, row->unit),
			 why_not, instead ? "; instead, " : "", instead ? instead : ""));
	return 0;
}

static int add_memory(struct work *w, const struct level_limits *level, struct err *e)
{
	uint64_t part = w->f->limits.memory_mib * level->memory_percent / 100;
	struct wish wish =
		wish_for(w, "memory_mib", part,
			 arena_printf(w->a,
				      "%u %% of this machine's memory, so that the rest of "
				      "it goes on working",
				      (unsigned)level->memory_percent));
	struct limit_row row = { "memory", wish.value, "MiB", NULL, wish.why };

	if (wish.value == 0)
		return 0;
	if (has(w, LIMIT_MEMORY)) {
		w->l->memory_mib = wish.value;
		row.by = limit_way_name(w->f->limits.way);
		add_row(w, row);
		add_row(w, (struct limit_row){ "swap", 0, "MiB", row.by,
					       "a hog is stopped before the disk crawls" });
		return 0;
	}
	if (!wish.asked)
		return not_held(w, &row, &wish, NULL, e);
	add_rlimit(w, RLIMIT_DATA, wish.value * MIB);
	return not_held(w, &row, &wish, "each process alone is held to it", e);
}

static int add_pids(struct work *w, const struct level_limits *level, struct err *e)
{
	uint64_t by_cpus = level->pids_per_cpu * w->f->limits.cpus;
	struct wish wish = wish_for(w, "pids", by_cpus > level->pids ? by_cpus : level->pids,
				    "stops a fork bomb; enough for builds");
	struct limit_row row = { "processes and threads", wish.value, "", NULL, wish.why };

	if (wish.value == 0)
		return 0;
	if (has(w, LIMIT_PIDS)) {
		w->l->pids = wish.value;
		row.by = limit_way_name(w->f->limits.way);
	} else if (w->f->uid != 0) {
		add_rlimit(w, RLIMIT_NPROC, wish.value);
		row.by = "process limit, counted per sandbox";
	} else {
		return not_held(w, &row, &wish, NULL, e);
	}
	add_row(w, row);
	return 0;
}

static int add_cpus(struct work *w, const struct level_limits *level, struct err *e)
{
	unsigned n = w->f->limits.cpus;
	struct wish wish = wish_for(w, "cpus", level->spares_a_cpu && n > 1 ? n - 1 : 0,
				    "all but one, which stays yours");
	struct limit_row row = { "processors", wish.value, "", NULL, wish.why };

	if (level->cpu_weight && has(w, LIMIT_CPU)) {
		w->l->cpu_weight = level->cpu_weight;
		add_row(w, (struct limit_row){ "processor share", level->cpu_weight, "of 100",
					       limit_way_name(w->f->limits.way),
					       "what you do goes first" });
	}
	if (wish.value == 0)
		return 0;
	if (!has(w, LIMIT_CPU))
		return not_held(w, &row, &wish, NULL, e);
	w->l->cpu_percent = wish.value * 100;
	row.by = limit_way_name(w->f->limits.way);
	add_row(w, row);
	return 0;
}

/* There is no limit of bytes on a disk for an ordinary user: quotas are root's, by file system. */
static int add_disk(struct work *w, struct err *e)
{
	struct wish wish = wish_for(w, "disk_mib", 0, NULL);

	if (wish.value == 0)
		return 0;
	add_row(w, (struct limit_row){ "disk", wish.value, "MiB", NULL, wish.why });
	if (!w->c->allow_degraded)
		return err_set(
			e, ENOTSUP,
			"%s cannot be held by the bubblewrap backend: a limit of what is written "
			"to "
			"a disk takes a quota, which only root can set; start without it (/tmp and "
			"the home inside are bounded anyway), or accept with --allow-degraded that "
			"only each single file is held to it",
			wish.asked);
	add_rlimit(w, RLIMIT_FSIZE, wish.value * MIB);
	strv_add(&w->s->notes, arena_printf(w->a,
					    "degraded: %s: only each single file is held to %llu "
					    "MiB, not all of them together",
					    wish.asked, (unsigned long long)wish.value));
	return 0;
}

static void add_files(struct work *w, const struct level_limits *level)
{
	struct wish wish = wish_for(w, "open_files", level->files,
				    "kernel memory; programs that close all numbers stay fast");

	if (wish.value == 0)
		return;
	add_rlimit(w, RLIMIT_NOFILE, wish.value);
	add_row(w, (struct limit_row){ "open files of a process", wish.value, "", "process limit",
				       wish.why });
}

static void add_fixed(struct work *w)
{
	add_rlimit(w, RLIMIT_CORE, 0);
	add_row(w, (struct limit_row){ "core dumps", 0, "bytes", "process limit",
				       "memory of the agent, secrets included, on the disk" });
	if (w->c->level == LEVEL_COMPAT)
		return;
	for (size_t i = 0; i < N_ELEMENTS(fixed); i++) {
		add_rlimit(w, fixed[i].resource, fixed[i].max);
		add_row(w, (struct limit_row){ fixed[i].name, fixed[i].max, fixed[i].unit,
					       "process limit", fixed[i].why });
	}
	w->l->shares_inotify = true;
	add_row(w, (struct limit_row){ "inotify instances and watches", 50, "% of yours",
				       "user namespace", "editors outside need the other half" });
	w->l->oom_score_adj = 200;
}

static unsigned tmpfs_part(const struct work *w, const struct mount *m)
{
	for (size_t i = 0; i < N_ELEMENTS(tmpfs_parts); i++)
		if (strcmp(m->dst, tmpfs_parts[i].dst) == 0)
			return tmpfs_parts[i].part;
	return strcmp(m->dst, w->s->home) == 0 ? HOME_PART : OTHER_PART;
}

/* The memory that the mounts share: the limit, be it held or not. */
static uint64_t memory_of(const struct work *w)
{
	for (size_t i = 0; i < w->l->n_rows; i++)
		if (strcmp(w->l->rows[i].name, "memory") == 0)
			return w->l->rows[i].value;
	return 0;
}

static void size_mounts(struct work *w)
{
	uint64_t memory = memory_of(w);

	for (size_t i = 0; i < w->s->n_mounts; i++) {
		struct mount *m = &w->s->mounts[i];
		unsigned part = tmpfs_part(w, m);
		struct wish wish = { .value = memory * part / 64,
				     .why = arena_printf(w->a, "%u/64 of the memory limit", part) };

		if (m->kind != MOUNT_TMPFS)
			continue;
		if (memory && wish.value == 0)
			wish.value = 1;
		if (strcmp(m->dst, "/tmp") == 0)
			wish = wish_for(w, "tmp_mib", wish.value, wish.why);
		else if (strcmp(m->dst, "/dev/shm") == 0)
			wish = wish_for(w, "shm_mib", wish.value, wish.why);
		if (wish.value == 0)
			continue;
		m->size_mib = wish.value;
		add_row(w, (struct limit_row){ m->dst, wish.value, "MiB", "mount", wish.why });
	}
}

int spec_add_limits(const struct config_result *result, const struct facts *f, struct arena *a,
		    struct spec *s, struct err *e)
{
	const struct level_limits *level = &by_level[result->config.level];
	struct work w = { .result = result,
			  .c = &result->config,
			  .f = f,
			  .a = a,
			  .s = s,
			  .l = &s->limits,
			  .held = f->limits.way == LIMIT_WAY_NONE ? 0 : f->limits.controllers };
	int r = add_memory(&w, level, e);

	if (r == 0)
		r = add_pids(&w, level, e);
	if (r == 0)
		r = add_cpus(&w, level, e);
	if (r == 0)
		r = add_disk(&w, e);
	if (r < 0)
		return r;
	add_files(&w, level);
	size_mounts(&w);
	add_fixed(&w);
	if (w.l->memory_mib || w.l->pids || w.l->cpu_percent || w.l->cpu_weight)
		w.l->way = f->limits.way;
	w.l->may_fail = w.c->allow_degraded;
	return 0;
}
