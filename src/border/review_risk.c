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

/* What stands anywhere in a path: a whole component, or a component followed by another. */
static const char *const components[] = {
	".claude",
	".mcp.json",
	"CLAUDE.md",
	"AGENTS.md",
	".codex",
	".gemini",
	".cursor",
	".cursorrules",
	".envrc",
	".direnv",
	".vscode",
	".idea",
	".zed",
	".fleet",
	".nvim.lua",
	".nvimrc",
	".exrc",
	".vimrc",
	".lvimrc",
	".dir-locals.el",
	".husky",
	".githooks",
	".gitattributes",
	".gitmodules",
	".gitconfig",
	".bashrc",
	".bash_profile",
	".profile",
	".zshrc",
	".zshenv",
	".tmux.conf",
	".tool-versions",
	"mise.toml",
	".mise.toml",
	".npmrc",
	".yarnrc",
	".yarnrc.yml",
	".pre-commit-config.yaml",
	".devcontainer",
	".github",
	".claude-sandbox.json",
	".env",
	"lefthook.yml",
	".lefthook.yml",
	".vsls.json",
	"HEAD", /* with objects and refs beside it any directory is a git repository, hooks and all */
};

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

bool review_is_risk(const char *path)
{
	size_t git = review_git_dir(path);

	if (git > 0 && path[git] && is_git_risk(path, git))
		return true;
	/* What lies in a git directory is called by git. */
	for (const char *at = path; *at && (git == 0 || at < path + git);) {
		size_t len = strcspn(at, "/");

		for (size_t i = 0; i < N_ELEMENTS(components); i++)
			if (component_is(at, len, components[i]))
				return true;
		at += len + (at[len] == '/');
	}
	return false;
}
