/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/planted.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"

#define REFUSED(pattern, group, why)                 \
	{                                            \
		pattern, PLANTED_REFUSED, group, why \
	}
#define REPORTED(pattern, group, why)                 \
	{                                             \
		pattern, PLANTED_REPORTED, group, why \
	}

/* clang-format off */
const struct planted_name planted_names[] = {
	/* Hooks of git by way of a manager; git's own are planted_git_place()'s */
	REFUSED(".husky", "git", "git runs it at commit and push"),
	REFUSED(".pre-commit-config.yaml", "git", "pre-commit runs it at commit"),
	REFUSED(".pre-commit-hooks.yaml", "git", "pre-commit runs it at commit"),
	REFUSED("lefthook*.y*ml", "git", "lefthook runs it at commit"), REFUSED(".lefthook*", "git", "lefthook runs it at commit"),
	REFUSED(".overcommit.yml", "git", "overcommit runs it at commit"),
	REFUSED(".githooks", "git", "git runs it if core.hooksPath names it"),
	REPORTED(".gitattributes", "git", "binds filters of your own git configuration"),
	REPORTED(".gitmodules", "git", "names the repositories of submodules"),

	/* Agents: hooks, servers and commands that they start */
	REFUSED(".claude/settings*.json", "agent", "Claude Code runs its hooks"),
	REFUSED(".claude/hooks", "agent", "Claude Code runs it"), REFUSED(".claude/commands", "agent", "Claude Code obeys it"),
	REFUSED(".claude/agents", "agent", "Claude Code obeys it"), REFUSED(".claude/skills", "agent", "Claude Code runs it"),
	REFUSED(".claude/plugins", "agent", "Claude Code runs it"), REFUSED(".claude/workflows", "agent", "Claude Code runs it"),
	REFUSED(".claude/output-styles", "agent", "Claude Code obeys it"), REFUSED(".claude/rules", "agent", "Claude Code obeys it"),
	REFUSED(".claude/statusline*", "agent", "Claude Code runs it"), REFUSED(".claude/.mcp.json", "agent", "Claude Code starts its servers"),
	REFUSED(".mcp.json", "agent", "Claude Code starts its servers"), REFUSED(".claude-plugin", "agent", "Claude Code runs it"),
	REFUSED(".codex", "agent", "Codex starts its servers"), REFUSED(".gemini", "agent", "Gemini CLI starts its servers"),
	REFUSED(".cursor", "agent", "Cursor starts its servers and hooks"), REFUSED(".windsurf", "agent", "Windsurf obeys it"),
	REFUSED(".aider.conf.yml", "agent", "aider runs its commands"), REFUSED(".continue", "agent", "Continue starts its servers"),
	REFUSED(".opencode", "agent", "OpenCode runs its plugins"), REFUSED("opencode.json*", "agent", "OpenCode starts its servers"),
	REFUSED(".roo", "agent", "Roo Code starts its servers"), REFUSED(".kiro", "agent", "Kiro runs its hooks"),
	REFUSED(".claude-sandbox.json", "agent", "claude-sandbox reads it at the next start"),
	REPORTED("CLAUDE.md", "agent", "Claude Code obeys it"), REPORTED("CLAUDE.local.md", "agent", "Claude Code obeys it"),
	REPORTED("AGENTS.md", "agent", "agents obey it"), REPORTED("GEMINI.md", "agent", "Gemini CLI obeys it"),
	REPORTED(".env", "agent", "agents and programs load it"), REPORTED(".env.*", "agent", "agents and programs load it"),

	/* Editors: tasks, language servers, code in the configuration */
	REFUSED(".vscode", "editor", "VS Code runs its tasks and settings"), REFUSED("*.code-workspace", "editor", "VS Code runs its tasks"),
	REFUSED(".idea", "editor", "JetBrains editors run its configurations"), REFUSED("*.iml", "editor", "JetBrains editors load it"),
	REFUSED(".zed", "editor", "Zed runs its tasks"), REFUSED(".fleet", "editor", "Fleet runs its tasks"),
	REFUSED(".helix", "editor", "Helix starts its language servers"), REFUSED(".nvim.lua", "editor", "Neovim runs it (exrc)"),
	REFUSED(".nvimrc", "editor", "Neovim runs it (exrc)"), REFUSED(".exrc", "editor", "vi runs it (exrc)"),
	REFUSED(".vimrc", "editor", "Vim runs it (exrc)"), REFUSED("_vimrc", "editor", "Vim runs it"),
	REFUSED(".gvimrc", "editor", "Vim runs it"), REFUSED(".lvimrc", "editor", "Vim runs it (localvimrc)"),
	REFUSED(".vim", "editor", "Vim loads it"), REFUSED(".dir-locals*.el", "editor", "Emacs runs it"),
	REFUSED(".projectile", "editor", "Emacs obeys it"), REFUSED("*.sublime-project", "editor", "Sublime Text runs its build systems"),
	REFUSED(".clangd", "editor", "clangd starts the compiler it names"), REFUSED(".devcontainer*", "editor", "VS Code runs initializeCommand on the host"),
	REFUSED("*.desktop", "editor", "desktops start it"), REFUSED(".directory", "editor", "file managers obey it"),
	REPORTED(".editorconfig", "editor", "editors obey it"), REPORTED("compile_commands.json", "editor", "clangd asks the compilers it names"),

	/* What shells, debuggers and interpreters load from the current directory */
	REFUSED(".envrc", "shell", "direnv runs it"), REFUSED(".direnv", "shell", "direnv loads it"),
	REFUSED("*mise.toml", "shell", "mise runs its hooks"), REFUSED("mise.*.toml", "shell", "mise runs its hooks"),
	REFUSED(".mise*", "shell", "mise runs its hooks"), REFUSED(".config/mise*", "shell", "mise runs its hooks"),
	REFUSED(".tool-versions", "shell", "mise and asdf run its plugins"), REFUSED(".rtx.toml", "shell", "mise runs its hooks"),
	REFUSED(".autoenv*", "shell", "autoenv runs it"), REFUSED(".env.leave", "shell", "autoenv runs it"),
	REFUSED(".bashrc", "shell", "bash runs it"), REFUSED(".bash_*", "shell", "bash runs it"), REFUSED(".profile", "shell", "shells run it"),
	REFUSED(".zsh*", "shell", "zsh runs it"), REFUSED(".zprofile", "shell", "zsh runs it"), REFUSED(".zlog*", "shell", "zsh runs it"),
	REFUSED(".kshrc", "shell", "ksh runs it"), REFUSED(".cshrc", "shell", "csh runs it"), REFUSED(".tcshrc", "shell", "tcsh runs it"),
	REFUSED(".login", "shell", "csh runs it"), REFUSED(".inputrc", "shell", "readline obeys it"),
	REFUSED(".tmux.conf", "shell", "tmux runs it"), REFUSED(".screenrc", "shell", "screen runs it"),
	REFUSED(".gdbinit", "shell", "gdb runs it"), REFUSED(".lldbinit", "shell", "lldb runs it"), REFUSED(".pdbrc*", "shell", "pdb runs it"),
	REFUSED(".pythonrc*", "shell", "python runs it"), REFUSED(".irbrc", "shell", "irb runs it"), REFUSED(".pryrc", "shell", "pry runs it"),
	REFUSED(".psqlrc", "shell", "psql runs it"), REFUSED(".netrc", "shell", "curl and git take logins from it"),
	REFUSED(".curlrc", "shell", "curl obeys it"), REFUSED(".wgetrc", "shell", "wget obeys it"),

	/* Configuration of package managers that names programs or servers */
	REFUSED(".npmrc", "package", "npm runs the shell it names"), REFUSED(".yarnrc*", "package", "yarn runs the program it names"),
	REFUSED(".yarn/releases", "package", "yarn runs it"), REFUSED(".yarn/plugins", "package", "yarn runs it"),
	REFUSED(".pnpmfile.*", "package", "pnpm runs it"), REFUSED("bunfig.toml", "package", "bun preloads what it names"),
	REFUSED(".cargo", "package", "cargo runs the linker and runner it names"), REFUSED("pip.conf", "package", "pip takes packages from where it says"),
	REFUSED(".pypirc", "package", "twine sends logins where it says"), REFUSED(".condarc", "package", "conda takes packages from where it says"),
	REFUSED(".gemrc", "package", "gem takes packages from where it says"), REFUSED(".bundle", "package", "bundler obeys it"),
	REFUSED(".mvn", "package", "maven loads its extensions"), REFUSED("sitecustomize.py", "package", "python runs it at each start"),
	REFUSED("usercustomize.py", "package", "python runs it at each start"),

	/* The build itself */
	REPORTED("*makefile", "build", "make runs it"), REPORTED("*.mk", "build", "make runs it"),
	REPORTED("package.json", "build", "npm runs its scripts"), REPORTED("setup.py", "build", "pip runs it"),
	REPORTED("setup.cfg", "build", "pip obeys it"), REPORTED("pyproject.toml", "build", "pip runs its build system"),
	REPORTED("conftest.py", "build", "pytest runs it"), REPORTED("tox.ini", "build", "tox runs its commands"),
	REPORTED("noxfile.py", "build", "nox runs it"), REPORTED("CMakeLists.txt", "build", "cmake runs it"),
	REPORTED("CMakePresets.json", "build", "cmake obeys it"), REPORTED("meson.build", "build", "meson runs it"),
	REPORTED("configure", "build", "run to build"), REPORTED("build.rs", "build", "cargo runs it"), REPORTED("Cargo.toml", "build", "cargo obeys it"),
	REPORTED("*.gradle*", "build", "gradle runs it"), REPORTED("gradlew*", "build", "run to build"), REPORTED("gradle", "build", "gradle runs it"),
	REPORTED("pom.xml", "build", "maven runs it"), REPORTED("mvnw*", "build", "run to build"), REPORTED("build.xml", "build", "ant runs it"),
	REPORTED("Rakefile", "build", "rake runs it"), REPORTED("Gemfile", "build", "bundler runs it"), REPORTED("*.gemspec", "build", "bundler runs it"),
	REPORTED("*justfile", "build", "just runs it"), REPORTED("Taskfile*.y*ml", "build", "task runs it"),
	REPORTED("*Dockerfile*", "build", "docker runs it"), REPORTED("*compose*.y*ml", "build", "docker runs it"),
	REPORTED("flake.nix", "build", "nix evaluates it"), REPORTED("default.nix", "build", "nix evaluates it"), REPORTED("shell.nix", "build", "nix runs it"),
	REPORTED("WORKSPACE*", "build", "bazel runs it"), REPORTED("MODULE.bazel", "build", "bazel runs it"), REPORTED(".bazelrc", "build", "bazel obeys it"),
	REPORTED(".github/workflows", "build", "GitHub runs it with your secrets after a push"), REPORTED(".github/actions", "build", "GitHub runs it after a push"),
	REPORTED(".gitlab-ci.yml", "build", "GitLab runs it after a push"), REPORTED(".circleci", "build", "CircleCI runs it after a push"),
	REPORTED("Jenkinsfile", "build", "Jenkins runs it after a push"), REPORTED("azure-pipelines.yml", "build", "Azure runs it after a push"),
	REPORTED(".lintstagedrc*", "build", "lint-staged runs it at commit"), REPORTED("Procfile", "build", "foreman runs it"),
	{ .pattern = NULL },
};
/* clang-format on */

/* One component of each, ended by a slash or the end. */
static bool component_matches(const char *pattern, size_t pattern_len, const char *name,
			      size_t name_len)
{
	char p[64];
	char n[256];

	if (pattern_len >= sizeof(p) || name_len >= sizeof(n))
		return false;
	if (!memchr(pattern, '*', pattern_len))
		return pattern_len == name_len && strncasecmp(pattern, name, name_len) == 0;
	*(char *)mempcpy(p, pattern, pattern_len) = '\0';
	*(char *)mempcpy(n, name, name_len) = '\0';
	return fnmatch(p, n, FNM_CASEFOLD) == 0;
}

/* Whether @path begins with the components of @pattern. */
static bool begins_with(const char *path, const char *pattern)
{
	for (;;) {
		size_t p = strcspn(pattern, "/");
		size_t n = strcspn(path, "/");

		if (!component_matches(pattern, p, path, n))
			return false;
		if (pattern[p] == '\0')
			return true;
		if (path[n] == '\0')
			return false;
		pattern += p + 1;
		path += n + 1;
	}
}

static const char *next_component(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash ? slash + 1 : NULL;
}

static bool is_allowed(const char *path, const char *pattern, const struct strv *allowed)
{
	for (size_t i = 0; allowed && i < allowed->n; i++)
		if (strcasecmp(allowed->items[i], pattern) == 0 ||
		    begins_with(path, allowed->items[i]))
			return true;
	return false;
}

const struct planted_name *planted_find(const char *path, const struct strv *allowed)
{
	for (const char *at = path; at; at = next_component(at))
		for (const struct planted_name *row = planted_names; row->pattern; row++)
			if (begins_with(at, row->pattern) &&
			    !is_allowed(path, row->pattern, allowed))
				return row;
	return NULL;
}

static bool is(const char *component, const char *name)
{
	size_t len = strcspn(component, "/");

	return len == strlen(name) && strncasecmp(component, name, len) == 0;
}

static bool is_last(const char *component)
{
	return strchr(component, '/') == NULL;
}

/* The directories that are made where they stand, and never put there whole. */
static bool is_kept_dir(const char *rest)
{
	static const char *const kept[] = { "hooks", "info", "worktrees", "remotes", "branches" };

	for (size_t i = 0; i < N_ELEMENTS(kept); i++)
		if (is_last(rest) && is(rest, kept[i]))
			return true;
	return false;
}

/* @rest: below a repository's own directory. */
static enum git_place place_in_git_dir(const char *rest)
{
	const char *below = next_component(rest);

	if (is_kept_dir(rest))
		return GIT_KEPT_DIR;
	if (is(rest, "hooks"))
		return is_last(below) && fnmatch("*.sample", below, 0) == 0 ? GIT_NOTHING
									    : GIT_REFUSED;
	if (!below && (is(rest, "config") || is(rest, "config.worktree")))
		return GIT_CONFIG;
	if (!below && (is(rest, "commondir") || is(rest, "gitdir")))
		return GIT_REFUSED;
	/* gitremote-layout: files that say where to push, past the configuration */
	if (below && (is(rest, "remotes") || is(rest, "branches")))
		return GIT_REFUSED;
	if (below && is(rest, "info") && is_last(below) && is(below, "attributes"))
		return GIT_REFUSED;
	/* worktrees/NAME/config.worktree */
	if (below && is(rest, "worktrees") && next_component(below) &&
	    is(next_component(below), "config.worktree"))
		return GIT_CONFIG;
	return GIT_NOTHING;
}

bool planted_in_git(const char *path)
{
	for (const char *at = path; at; at = next_component(at))
		if (is(at, ".git") && next_component(at))
			return true;
	return false;
}

static bool is_hook(const char *path)
{
	for (const char *at = path; at; at = next_component(at))
		if (is(at, "hooks"))
			return true;
	return false;
}

enum git_place planted_git_place(const char *path, const char *rest, const struct strv *allowed)
{
	enum git_place place = rest ? place_in_git_dir(rest) : GIT_NOTHING;

	for (const char *at = path; at && place == GIT_NOTHING; at = next_component(at)) {
		if (!is(at, ".git"))
			continue;
		if (!next_component(at))
			return GIT_DIR;
		place = place_in_git_dir(next_component(at));
	}
	if (place == GIT_CONFIG && is_allowed(path, ".git/config", allowed))
		return GIT_NOTHING;
	if (place != GIT_NOTHING && is_allowed(path, ".git/hooks", allowed) && is_hook(path))
		return GIT_NOTHING;
	return place;
}

bool planted_is_prefix(const char *path, bool strict)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	for (const struct planted_name *row = planted_names; row->pattern; row++) {
		size_t first = strcspn(row->pattern, "/");

		if ((strict || row->class == PLANTED_REFUSED) && row->pattern[first] == '/' &&
		    component_matches(row->pattern, first, name, strlen(name)))
			return true;
	}
	return false;
}

bool planted_makes_git_dir(const char *name)
{
	return is(name, "HEAD") || is(name, "objects") || is(name, "refs");
}

void planted_markdown(struct buf *b)
{
	static const char *const classes[N_PLANTED_CLASSES] = {
		[PLANTED_REFUSED] = "refused",
		[PLANTED_REPORTED] = "reported",
	};

	buf_puts(b, "| name | group | from inside | why |\n|---|---|---|---|\n");
	for (const struct planted_name *row = planted_names; row->pattern; row++)
		buf_addf(b, "| `%s` | %s | %s | %s |\n", row->pattern, row->group,
			 classes[row->class], row->why);
}
