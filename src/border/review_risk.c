/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that tools of the host execute or obey when somebody merely enters, opens or builds the project.
 * They are never accepted along with others. Pure. Compared without case: macOS and some mounts have
 * file systems that do the same.
 */
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "border/review.h"
#include "spec/planted.h"

/* Below a git directory, which itself may be called anything in a bare repository. */
static const char *const in_git[] = {
	"hooks",
	"config",
	"config.worktree",
	"info/attributes",
	"info/sparse-checkout",
	"gitdir",
	"commondir",
	"worktrees/*/gitdir",
	"worktrees/*/commondir",
	"worktrees/*/config.worktree",
	"modules/*/config",
	"modules/*/hooks/*",
	"modules/*/info/attributes",
	"modules/*/config.worktree",
	"objects/info/alternates",
	"objects/info/http-alternates",
	"rebase-merge/git-rebase-todo",
	"rebase-apply/*",
};

static bool component_is(const char *at, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(at, name, len) == 0;
}

size_t review_git_dir(const char *path)
{
	for (const char *at = path; *at;) {
		size_t len = strcspn(at, "/");

		if (component_is(at, len, ".git"))
			return (size_t)(at - path) + len;
		at += len + (at[len] == '/');
	}
	return 0;
}

static bool is_git_risk(const char *path, size_t git)
{
	const char *rest = path + git;

	if (!*rest)
		return false; /* the directory; a file of that name is asked for by the caller */
	rest++;
	for (size_t i = 0; i < N_ELEMENTS(in_git); i++) {
		size_t len = strlen(in_git[i]);

		if (fnmatch(in_git[i], rest, FNM_CASEFOLD) == 0 ||
		    (strncasecmp(rest, in_git[i], len) == 0 && rest[len] == '/'))
			return true;
	}
	return false;
}

/* With objects and refs beside it any directory is a git repository, hooks and all. */
static bool is_head(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcasecmp(slash ? slash + 1 : path, "HEAD") == 0;
}

bool review_is_risk(const char *path)
{
	const struct planted_name *row;
	size_t git = review_git_dir(path);

	if (git > 0 && path[git] && is_git_risk(path, git))
		return true;
	/* What lies in a git directory is called by git. */
	if (git > 0 && path[git])
		return false;
	row = planted_find(path, NULL);
	/* What builds is read in the difference; what is obeyed without a build is asked for by name. */
	return is_head(path) || (row && strcmp(row->group, "build") != 0);
}
