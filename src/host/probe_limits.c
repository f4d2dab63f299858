/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can hold the limits of a sandbox here. A handful of calls: the tree of version 2 is where
 * everybody mounts it, and a manager that can be asked has a socket.
 *
 * A systemd manager comes first, since the tree is its own (systemd.io/CGROUP_DELEGATION: one writer
 * per group) and it removes a scope by itself. Without one an own group can be made below our own
 * group or beside it, if that has been delegated: we may write there, and its controllers are
 * switched on for its children. (Below a group that has processes they cannot be: cgroups(7), the
 * rule of no internal processes.) Version 1 lets only root make groups.
 */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cgroup_text.h"
#include "base/path.h"
#include "host/probe_parts.h"

#define GROUPS "sys/fs/cgroup"

static const char *const controller_names[N_LIMIT_CONTROLLERS] = {
	[LIMIT_MEMORY] = "memory",
	[LIMIT_PIDS] = "pids",
	[LIMIT_CPU] = "cpu",
	[LIMIT_CPUACCT] = "cpuacct",
};

/* io_read_file() wants a size that the kernel's files do not tell; these are short. */
static size_t read_short(const char *path, char *text, size_t max)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, max);

	return n > 0 ? (size_t)n : 0;
}

static unsigned controllers_in(const char *path)
{
	char text[256];
	size_t len = read_short(path, text, sizeof(text));
	unsigned set = 0;

	for (unsigned i = 0; i <= LIMIT_CPU; i++)
		if (cgroup_text_word(text, len, controller_names[i]))
			set |= 1U << i;
	return set;
}

/* The manager of this user (or of the machine), if it may hand out controllers. */
static bool find_systemd(const struct facts *f, const char *root, struct arena *a,
			 struct limit_facts *ret)
{
	const char *runtime = env_get(&f->env, "XDG_RUNTIME_DIR");
	const char *group = "";

	if (f->uid == 0) {
		ret->socket = path_join(a, root, "run/systemd/private");
	} else {
		if (!runtime || runtime[0] != '/')
			runtime = arena_printf(a, "%srun/user/%u", root, f->uid);
		ret->socket = path_join(a, runtime, "systemd/private");
		group = arena_printf(a, "/user.slice/user-%u.slice/user@%u.service", f->uid,
				     f->uid);
	}
	if (access(ret->socket, W_OK) < 0)
		return false;
	ret->controllers =
		controllers_in(arena_printf(a, "%s" GROUPS "%s/cgroup.controllers", root, group));
	ret->way = LIMIT_WAY_SYSTEMD;
	return ret->controllers != 0;
}

static bool may_group_below(const char *dir, struct arena *a, struct limit_facts *ret)
{
	ret->controllers = controllers_in(path_join(a, dir, "cgroup.subtree_control"));
	ret->dirs[0] = dir;
	ret->way = LIMIT_WAY_CGROUP2;
	return ret->controllers && access(dir, W_OK) == 0 &&
	       access(path_join(a, dir, "cgroup.procs"), W_OK) == 0;
}

/* Our own group, or the one that it lies in: that is ours too where a service was delegated. */
static bool find_cgroup2(const char *root, const char *own, size_t len, struct arena *a,
			 struct limit_facts *ret)
{
	const char *path = cgroup_text_path(own, len, NULL, a);
	const char *dir;

	if (!path)
		return false;
	dir = arena_printf(a, "%s" GROUPS "%s", root, strcmp(path, "/") == 0 ? "" : path);
	return may_group_below(dir, a, ret) ||
	       (strcmp(path, "/") != 0 && may_group_below(path_parent(a, dir), a, ret));
}

/* Where this hierarchy is mounted and our own group in it, so that limits above it stay in force. */
static const char *find_cgroup1(const char *root, const char *name, const char *own, size_t len,
				struct arena *a)
{
	const char *mount = arena_printf(a, "%s" GROUPS "/%s", root, name);
	const char *path = cgroup_text_path(own, len, name, a);
	const char *dir =
		path && strcmp(path, "/") != 0 ? arena_printf(a, "%s%s", mount, path) : mount;

	if (access(path_join(a, dir, "cgroup.procs"), W_OK) == 0)
		return dir;
	/* A container whose own group is its mount's root, but is named as outside. */
	return access(path_join(a, mount, "cgroup.procs"), W_OK) == 0 ? mount : NULL;
}

static bool find_cgroups1(const char *root, const char *own, size_t len, struct arena *a,
			  struct limit_facts *ret)
{
	ret->controllers = 0;
	ret->way = LIMIT_WAY_CGROUP1;
	for (unsigned i = 0; i < N_LIMIT_CONTROLLERS; i++) {
		ret->dirs[i] = find_cgroup1(root, controller_names[i], own, len, a);
		if (ret->dirs[i])
			ret->controllers |= 1U << i;
	}
	return ret->controllers != 0;
}

/* A container has less than the machine; the root of a real tree has no such file. */
static uint64_t memory_here(const char *root, bool is_v2, struct arena *a)
{
	const char *path = arena_printf(a, "%s" GROUPS "/%s", root,
					is_v2 ? "memory.max" : "memory/memory.limit_in_bytes");
	char text[32] = "bytes ";
	size_t len = read_short(path, text + 6, sizeof(text) - 6);
	uint64_t all = 0;
	struct sysinfo info;
	uint64_t limit;

	if (sysinfo(&info) == 0)
		all = info.totalram * info.mem_unit >> 20;
	if (cgroup_text_value(text, len + 6, "bytes", &limit) && limit >> 20 < all)
		return limit >> 20;
	return all;
}

static unsigned cpus_here(void)
{
	cpu_set_t set;

	/* It fails where there are more than 1024 processors. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	return CPU_SETSIZE;
}

static const char *why_not(const struct facts *f, bool is_v2, struct arena *a)
{
	if (!is_v2)
		return f->uid == 0 ? "no control groups are mounted on /sys/fs/cgroup"
				   : "its control groups are those of version 1, which are root's";
	return arena_printf(a,
			    "no systemd manager of yours answers (no socket %s), and your own "
			    "control group has not been delegated to you",
			    f->limits.socket);
}

void probe_limits(struct facts *f, const char *root, struct arena *a)
{
	struct limit_facts *l = &f->limits;
	char own[4096];
	/* Beside version 1 its tree is mounted elsewhere, and has no controllers to give. */
	bool is_v2 = access(arena_printf(a, "%s" GROUPS "/cgroup.controllers", root), F_OK) == 0;
	size_t len;

	*l = (struct limit_facts){ .memory_mib = memory_here(root, is_v2, a), .cpus = cpus_here() };
	if (is_v2 && find_systemd(f, root, a, l))
		return;
	if (!is_v2 && f->uid != 0) {
		l->why_not = why_not(f, is_v2, a);
		return;
	}
	len = read_short(arena_printf(a, "%sproc/self/cgroup", root), own, sizeof(own));
	if (is_v2 ? find_cgroup2(root, own, len, a, l) : find_cgroups1(root, own, len, a, l))
		return;
	l->way = LIMIT_WAY_NONE;
	l->controllers = 0;
	l->why_not = why_not(f, is_v2, a);
}
