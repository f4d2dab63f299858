/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/guard_parts.h"
#include "spec/gitmediate.h"

#define CONFIG_MAX ((size_t)1 << 20)
#define HOOKS_MAX 256

static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of HEAD, objects and refs. */
static unsigned git_parts(int dir)
{
	return (unsigned)exists(dir, "HEAD") + (unsigned)exists(dir, "objects") +
	       (unsigned)exists(dir, "refs");
}

/* The new text as a repository that did not exist would get it. */
static bool config_is_clean(int dir, const char *name)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(CONFIG_MAX);
	struct strv refused = STRV_INIT(&a);
	struct err e;
	char *text;
	size_t len;

	if (!exists(dir, name))
		return true;
	return io_read_file(dir, name, CONFIG_MAX, true, &a, &text, &len, &e) == 0 &&
	       gitconfig_mediate("/", true, "", 0, text, len, &a, &out, &refused, &e) == 0;
}

static bool hooks_are_samples(int dir)
{
	int fd = openat(dir, "hooks", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *entry;
	unsigned n = 0;
	bool clean = true;
	DIR *d;

	if (fd < 0)
		return errno == ENOENT;
	d = fdopendir(fd);
	if (!d) {
		(void)close(fd);
		return false;
	}
	while (clean && (entry = readdir(d))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			clean = dot && strcmp(dot, ".sample") == 0 && ++n < HOOKS_MAX;
	}
	(void)closedir(d);
	return clean;
}

bool guard_git_dir_is_clean(int dir)
{
	return config_is_clean(dir, "config") && config_is_clean(dir, "config.worktree") &&
	       hooks_are_samples(dir) && !exists(dir, "info/attributes");
}

/* What of the place lies below a directory that looks like a repository's own; NULL: none does. */
static const char *below_git_dir(const struct guard_place *p)
{
	const char *slash = strrchr(p->rel, '/');
	const char *name = slash ? slash + 1 : p->rel;
	auto_fd int above = -1;

	if (git_parts(p->parent) >= 2)
		return name;
	if (!slash)
		return NULL;
	above = openat(p->parent, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || git_parts(above) < 2)
		return NULL;
	while (slash > p->rel && slash[-1] != '/')
		slash--;
	return slash;
}

/* A name that means something to git, and only then the disk is asked. */
static bool may_be_gits(const struct guard_place *p)
{
	static const char *const names[] = { "hooks",     "config",  "config.worktree",
					     "commondir", "gitdir",  "info",
					     "worktrees", "remotes", "branches" };
	const char *slash = strrchr(p->rel, '/');
	const char *above = slash;

	while (above && above > p->rel && above[-1] != '/')
		above--;
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		size_t len = strlen(names[i]);

		if (strcasecmp(p->name, names[i]) == 0 ||
		    (above && strncasecmp(above, names[i], len) == 0 && above[len] == '/'))
			return true;
	}
	return false;
}

bool guard_is_delicate(const struct guard_place *p)
{
	return p->root->care == CARE_JUDGE && (may_be_gits(p) || planted_makes_git_dir(p->name));
}

static bool judge_git(enum git_place place, enum guard_role role, bool moved_dir, bool is_top,
		      enum guard_verdict *ret)
{
	switch (place) {
	case GIT_NOTHING:
		return false;
	case GIT_DIR:
		/* A directory of another name would bring hooks along; a link leads to any place; and
		 * without its repository the project would be in the one above it. */
		*ret = (role == ROLE_MOVED && moved_dir) || role == ROLE_SYMLINK ||
				       (role == ROLE_SOURCE && is_top)
			       ? VERDICT_REFUSE
			       : VERDICT_ALLOW;
		return true;
	case GIT_CONFIG:
		*ret = role == ROLE_MOVED && !moved_dir ? VERDICT_MEDIATE : VERDICT_REFUSE;
		return true;
	case GIT_KEPT_DIR:
		*ret = role == ROLE_DIR ? VERDICT_ALLOW : VERDICT_REFUSE;
		return true;
	case GIT_REFUSED:
		*ret = VERDICT_REFUSE;
		return true;
	}
	return false;
}

/* A repository below the project: what it has is put away at the end instead of being refused. */
static bool in_nested_repository(const struct guard_place *p)
{
	auto_fd int at = fcntl(p->parent, F_DUPFD_CLOEXEC, 3);
	struct stat root;
	struct stat here;

	if (stat(p->root->path, &root) < 0)
		return false;
	for (int depth = 0; depth < PATH_MAX / 2 && at >= 0; depth++) {
		int above;

		if (fstat(at, &here) < 0 ||
		    (here.st_ino == root.st_ino && here.st_dev == root.st_dev))
			return false;
		if (exists(at, ".git"))
			return true;
		above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(at);
		at = above;
	}
	return false;
}

/* The third part of a repository that is being put together piece by piece. */
static bool completes_dirty_git_dir(const struct guard_place *p, enum guard_role role)
{
	return role != ROLE_SOURCE && planted_makes_git_dir(p->name) &&
	       !exists(p->parent, p->name) && git_parts(p->parent) >= 1 &&
	       !guard_git_dir_is_clean(p->parent);
}

struct guard_judgement guard_judge(const struct guard *g, const struct guard_place *p,
				   enum guard_role role, bool moved_dir)
{
	struct guard_judgement j = { .verdict = VERDICT_ALLOW };
	const char *rest;

	if (p->root->care != CARE_JUDGE)
		return j;
	rest = may_be_gits(p) ? below_git_dir(p) : NULL;
	if (strncmp(p->name, GUARD_TEMP, strlen(GUARD_TEMP)) == 0 ||
	    completes_dirty_git_dir(p, role)) {
		j.verdict = VERDICT_REFUSE;
		return j;
	}
	if (judge_git(planted_git_place(p->rel, rest, g->allowed), role, moved_dir,
		      !strchr(p->rel, '/'), &j.verdict) ||
	    planted_in_git(p->rel))
		return j;
	j.row = planted_find(p->rel, g->allowed);
	if (j.row && (g->strict || j.row->class == PLANTED_REFUSED)) {
		j.is_held = in_nested_repository(p);
		j.verdict = j.is_held ? VERDICT_ALLOW : VERDICT_REFUSE;
	} else if (j.row) {
		j.is_reported = role != ROLE_SOURCE;
	} else if ((role == ROLE_SYMLINK || (role == ROLE_MOVED && moved_dir)) &&
		   planted_is_prefix(p->rel, g->strict)) {
		j.verdict = VERDICT_REFUSE;
	}
	return j;
}
