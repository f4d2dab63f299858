/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes groups and puts the first process in. The kernel's documents: Documentation/admin-guide/
 * cgroup-v2.rst and cgroup-v1/.
 */
#include "run/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cgroup_text.h"
#include "run/cgroup_parts.h"
#include "run/scope.h"

#define MAKE_TRIES 8

int cgroup_dir(const struct cgroup *g, enum limit_controller c)
{
	if (g->way == LIMIT_WAY_NONE)
		return -1;
	return g->parts[g->way == LIMIT_WAY_CGROUP1 ? c : 0].dir;
}

int cgroup_write(int dir, const char *file, const char *text)
{
	auto_fd int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

size_t cgroup_reread(int fd, char text[static CGROUP_TEXT_MAX])
{
	ssize_t n = pread(fd, text, CGROUP_TEXT_MAX, 0);

	return n > 0 ? (size_t)n : 0;
}

size_t cgroup_read(int dir, const char *file, char text[static CGROUP_TEXT_MAX])
{
	auto_fd int fd = dir < 0 ? -1 : openat(dir, file, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? 0 : cgroup_reread(fd, text);
}

/* A number of struct limits and the file that takes it. */
struct setting {
	enum limit_controller controller;
	const char *file;
	uint64_t value;
	const char *suffix;
	bool may_lack; /* depends on how the kernel was built or started */
};

static int apply(const struct cgroup *g, const struct setting *settings, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct setting *s = &settings[i];
		char text[64];
		int r;

		if (!s->file)
			continue;
		(void)snprintf(text, sizeof(text), "%" PRIu64 "%s", s->value,
			       s->suffix ? s->suffix : "");
		r = cgroup_write(cgroup_dir(g, s->controller), s->file, text);
		if (r < 0 && !(s->may_lack && (r == -ENOENT || r == -EOPNOTSUPP)))
			return err_set(e, -r,
				       "cannot write %s to %s of the sandbox's control group: %s",
				       text, s->file, strerrordesc_np(-r));
	}
	return 0;
}

/* A file that is not to be written is NULL. Swap comes last: in version 1 it may not be the lower. */
static int set_limits(const struct cgroup *g, struct err *e)
{
	const struct limits *l = &g->limits;
	uint64_t memory = l->memory_mib << 20;
	uint64_t swap = l->swap_mib << 20;
	const struct setting v2[] = {
		{ LIMIT_MEMORY, memory ? "memory.max" : NULL, memory, NULL, false },
		{ LIMIT_MEMORY, memory ? "memory.swap.max" : NULL, swap, NULL, true },
		{ LIMIT_PIDS, l->pids ? "pids.max" : NULL, l->pids, NULL, false },
		{ LIMIT_CPU, l->cpu_percent ? "cpu.max" : NULL, l->cpu_percent * 1000, " 100000",
		  false },
		{ LIMIT_CPU, l->cpu_weight ? "cpu.weight" : NULL, l->cpu_weight, NULL, false },
	};
	const struct setting v1[] = {
		{ LIMIT_MEMORY, memory ? "memory.limit_in_bytes" : NULL, memory, NULL, false },
		{ LIMIT_MEMORY, memory ? "memory.memsw.limit_in_bytes" : NULL, memory + swap, NULL,
		  true },
		{ LIMIT_PIDS, l->pids ? "pids.max" : NULL, l->pids, NULL, false },
		{ LIMIT_CPU, l->cpu_percent ? "cpu.cfs_quota_us" : NULL, l->cpu_percent * 1000,
		  NULL, false },
		{ LIMIT_CPU, l->cpu_weight ? "cpu.shares" : NULL, l->cpu_weight * 1024 / 100, NULL,
		  false },
	};

	return g->way == LIMIT_WAY_CGROUP1 ? apply(g, v1, N_ELEMENTS(v1), e)
					   : apply(g, v2, N_ELEMENTS(v2), e);
}

/* The lock tells that the group has an owner. A sweep may have come between mkdir and lock. */
static int make_locked(const char *path)
{
	struct stat made;
	struct stat there;

	for (int i = 0; i < MAKE_TRIES; i++) {
		auto_fd int fd = -1;

		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &made) == 0 &&
		    stat(path, &there) == 0 && made.st_ino == there.st_ino)
			return take_fd(&fd);
	}
	return -EBUSY;
}

/* Two controllers may share a hierarchy ("cpu,cpuacct"); then the group is there already. */
static int find_part(const struct cgroup *g, const char *path)
{
	struct stat there;
	struct stat st;

	if (stat(path, &there) < 0)
		return -1;
	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++)
		if (g->parts[i].dir >= 0 && fstat(g->parts[i].dir, &st) == 0 &&
		    st.st_ino == there.st_ino && st.st_dev == there.st_dev)
			return fcntl(g->parts[i].dir, F_DUPFD_CLOEXEC, 0);
	return -1;
}

static int make_part(struct cgroup *g, size_t i, struct err *e)
{
	auto_free char *path = NULL;
	int fd;

	cgroup_sweep(g->facts->dirs[i]);
	if (asprintf(&path, "%s/" CGROUP_PREFIX "%s", g->facts->dirs[i], g->id) < 0)
		abort();
	fd = find_part(g, path);
	if (fd < 0)
		fd = make_locked(path);
	if (fd < 0)
		return err_set(e, -fd, "cannot make the control group %s: %s", path,
			       strerrordesc_np(-fd));
	g->parts[i] = (struct cgroup_part){ .dir = fd, .path = take_ptr(path) };
	return 0;
}

static int make_parts(struct cgroup *g, struct err *e)
{
	int r = 0;

	if (g->way == LIMIT_WAY_CGROUP2)
		return make_part(g, 0, e);
	for (size_t i = 0; r == 0 && i < N_LIMIT_CONTROLLERS; i++)
		if (g->facts->controllers >> i & 1)
			r = make_part(g, i, e);
	return r;
}

/* No group, if the user accepts that; else the error, with that way out. */
static int give_up(struct cgroup *g, struct err *e)
{
	bool may_fail = g->limits.may_fail;
	const struct err why = *e;

	cgroup_done(g);
	if (!may_fail)
		return err_set(e, -why.code, "%.*s; --allow-degraded starts without the limits",
			       ERR_MSG_MAX / 2, why.msg);
	g->excuse = why;
	return 0;
}

int cgroup_make(const struct limits *limits, const struct limit_facts *facts, const char *id,
		struct cgroup *ret, struct err *e)
{
	struct cgroup g = { .way = limits->way, .limits = *limits, .facts = facts, .id = id };
	int r = 0;

	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++)
		g.parts[i].dir = -1;
	for (size_t i = 0; i < CGROUP_POLLS; i++)
		g.strikes[i] = (struct cgroup_strike){ .fd = -1, .counts = -1 };
	if (g.way == LIMIT_WAY_CGROUP1 || g.way == LIMIT_WAY_CGROUP2) {
		r = make_parts(&g, e);
		if (r == 0)
			r = set_limits(&g, e);
		if (r == 0)
			cgroup_watch(&g);
	}
	if (r < 0)
		r = give_up(&g, e);
	if (r == 0)
		*ret = g;
	return r;
}

/* Root's groups lie anywhere, a user's below his manager: the kernel says where it was put. */
static int open_scope(struct cgroup *g, pid_t pid, struct err *e)
{
	char path[CGROUP_TEXT_MAX + 32];
	int fd;

	if (scope_path(pid, path, sizeof(path)) < 0)
		return err_set(e, EIO,
			       "systemd says that the sandbox's scope has been started, but its "
			       "process is not in it");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot open the sandbox's control group %s", path);
	g->parts[0].dir = fd;
	cgroup_watch(g);
	return 0;
}

static int admit_to_scope(struct cgroup *g, pid_t pid, struct err *e)
{
	int r = scope_start(g->facts->socket, g->id, &g->limits, pid, e);

	return r < 0 ? r : open_scope(g, pid, e);
}

static int admit_to_parts(const struct cgroup *g, pid_t pid, struct err *e)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++) {
		const struct cgroup_part *part = &g->parts[i];
		int r = part->dir < 0 ? 0 : cgroup_write(part->dir, "cgroup.procs", text);

		if (r < 0)
			return err_set(e, -r,
				       "cannot put the sandbox into the control group %s: %s",
				       part->path, strerrordesc_np(-r));
	}
	return 0;
}

/* struct cmd's admit: the child @pid exists and is blocked. */
static int admit(void *group, pid_t pid, struct err *e)
{
	struct cgroup *g = group;
	int r = g->way == LIMIT_WAY_SYSTEMD ? admit_to_scope(g, pid, e) : admit_to_parts(g, pid, e);

	return r < 0 ? give_up(g, e) : 0;
}

/*
 * Moving a process takes a lock that waits for all processors, 8 ms where nothing has been moved for
 * a while; a process that is born in its group is not moved.
 */
void cgroup_cmd(struct cgroup *g, struct cmd *cmd)
{
	switch (g->way) {
	case LIMIT_WAY_NONE:
		break;
	case LIMIT_WAY_CGROUP2:
		cmd->into_cgroup = g->parts[0].dir;
		break;
	case LIMIT_WAY_CGROUP1:
	case LIMIT_WAY_SYSTEMD:
		cmd->admit = admit;
		cmd->admit_arg = g;
		break;
	}
}

int cgroup_admit(struct cgroup *g, pid_t pid, struct err *e)
{
	switch (g->way) {
	case LIMIT_WAY_NONE:
		return 0;
	case LIMIT_WAY_SYSTEMD:
		return scope_attach(g->facts->socket, g->id, pid, e);
	case LIMIT_WAY_CGROUP1:
	case LIMIT_WAY_CGROUP2:
		return admit_to_parts(g, pid, e);
	}
	return 0;
}

bool cgroup_holds(const struct cgroup *g, pid_t pid)
{
	char text[CGROUP_TEXT_MAX];
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", (int)pid);
	for (size_t i = 0; i < N_LIMIT_CONTROLLERS && g->way != LIMIT_WAY_NONE; i++) {
		int dir = g->parts[i].dir;

		if (dir >= 0 &&
		    !cgroup_text_word(text, cgroup_read(dir, "cgroup.procs", text), number))
			return false;
	}
	return true;
}

void cgroup_done(struct cgroup *g)
{
	if (g->way == LIMIT_WAY_NONE)
		return;
	for (size_t i = 0; i < N_LIMIT_CONTROLLERS; i++) {
		struct cgroup_part *part = &g->parts[i];

		if (part->dir >= 0)
			cgroup_kill(part->dir);
		if (part->path)
			cgroup_remove(part->path);
		free(part->path);
		auto_fd_done(&part->dir);
	}
	for (size_t i = 0; i < CGROUP_POLLS; i++) {
		if (g->strikes[i].counts != g->strikes[i].fd)
			auto_fd_done(&g->strikes[i].counts);
		auto_fd_done(&g->strikes[i].fd);
	}
	*g = CGROUP_NONE;
}
