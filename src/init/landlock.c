/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock around a payload, from raw system calls: a ruleset, a rule for each place, and the
 * payload shuts itself in (landlock(7)). What is asked for was cut to this kernel's ABI outside, by
 * spec/landlock.c; a kernel that knows less refuses it here, and the payload does not run.
 *
 * init opens the places before the first payload runs. Later a payload could have moved one aside
 * and put a link to another into its place, and the rules of whoever joins would be for that.
 */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "init/init.h"

/* The kernel takes a longer struct than its own if the rest is zero; the header's may be shorter. */
struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

int landlock_prepare(struct wire_landlock *w)
{
	for (size_t i = 0; i < w->n_rules; i++) {
		w->rules[i].fd = open(w->rules[i].path, O_PATH | O_CLOEXEC);
		/* A device that this host lacks: nothing is granted there. */
		if (w->rules[i].fd < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int add_rule(int ruleset, int fd, uint64_t access)
{
	const struct landlock_path_beneath_attr rule = { .allowed_access = access,
							 .parent_fd = fd };

	if (access == 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

static int add_place(int ruleset, const struct wire_rule *rule)
{
	uint64_t access = rule->access;
	struct stat st;

	if (rule->fd < 0)
		return 0;
	if (fstat(rule->fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		access &= LANDLOCK_FILE_RIGHTS;
	return add_rule(ruleset, rule->fd, access);
}

/* As it was opened: what a descriptor may do, a new one for the same file may do too. */
static uint64_t rights_of(int fd, mode_t mode)
{
	static const uint64_t by_mode[] = {
		[O_RDONLY] = LANDLOCK_ACCESS_FS_READ_FILE,
		[O_WRONLY] = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE,
		[O_RDWR] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			   LANDLOCK_ACCESS_FS_TRUNCATE,
	};
	int flags = fcntl(fd, F_GETFL);
	unsigned how = (unsigned)flags & O_ACCMODE;

	if (flags < 0 || flags & O_PATH || how >= N_ELEMENTS(by_mode))
		return 0;
	return by_mode[how] | (S_ISCHR(mode) ? LANDLOCK_ACCESS_FS_IOCTL_DEV : 0);
}

/*
 * /dev/stdin and /dev/stdout open the file again, which may lie outside (`claude-sandbox -- tee
 * /dev/stderr > log`). That must work, but no better than the descriptor: without Landlock a log
 * that was given for reading could be opened for writing this way. A directory gets no rule: what
 * is beneath it was not given.
 */
static int add_stdio(int ruleset, uint64_t handled)
{
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;
		int r;

		if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode) || S_ISSOCK(st.st_mode))
			continue;
		r = add_rule(ruleset, fd, rights_of(fd, st.st_mode) & handled);
		/* EBADFD: a pipe or memfd lies in no tree, and Landlock leaves it alone. */
		if (r < 0 && r != -EBADFD)
			return r;
	}
	return 0;
}

int landlock_raise(const struct wire_landlock *w)
{
	const struct ruleset attr = { .handled_access_fs = w->fs, .scoped = w->scoped };
	auto_fd int ruleset = -1;
	int r = 0;

	if (w->fs == 0 && w->scoped == 0)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return -errno;
	for (size_t i = 0; i < w->n_rules && r == 0; i++)
		r = add_place(ruleset, &w->rules[i]);
	if (r == 0)
		r = add_stdio(ruleset, w->fs);
	if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, w->flags) < 0)
		r = -errno;
	return r;
}
