/* SPDX-License-Identifier: Apache-2.0 */
/* The tools that each profile promises, and the Debian packages that bring them. */
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "host/doctor_parts.h"

struct tool {
	enum profile profile;    /* the smallest that has it */
	const char *programs[2]; /* one of them is enough */
	const char *package;
};

static const struct tool tools[] = {
	{ PROFILE_MINIMAL, { "bash" }, "bash" },
	{ PROFILE_MINIMAL, { "ls" }, "coreutils" },
	{ PROFILE_MINIMAL, { "find" }, "findutils" },
	{ PROFILE_MINIMAL, { "grep" }, "grep" },
	{ PROFILE_MINIMAL, { "sed" }, "sed" },
	{ PROFILE_MINIMAL, { "awk" }, "gawk" },
	{ PROFILE_MINIMAL, { "git" }, "git" },
	{ PROFILE_MINIMAL, { "rg" }, "ripgrep" },
	{ PROFILE_MINIMAL, { "fd", "fdfind" }, "fd-find" },
	{ PROFILE_MINIMAL, { "jq" }, "jq" },
	{ PROFILE_MINIMAL, { "curl" }, "curl" },
	{ PROFILE_DEFAULT, { "gcc" }, "gcc" },
	{ PROFILE_DEFAULT, { "make" }, "make" },
	{ PROFILE_DEFAULT, { "cmake" }, "cmake" },
	{ PROFILE_DEFAULT, { "python3" }, "python3" },
	{ PROFILE_DEFAULT, { "node" }, "nodejs" },
	{ PROFILE_DEFAULT, { "tree" }, "tree" },
	{ PROFILE_DEFAULT, { "less" }, "less" },
	{ PROFILE_DEFAULT, { "diff" }, "diffutils" },
	{ PROFILE_DEFAULT, { "patch" }, "patch" },
	{ PROFILE_DEFAULT, { "tar" }, "tar" },
	{ PROFILE_DEFAULT, { "gzip" }, "gzip" },
	{ PROFILE_DEFAULT, { "which" }, "debianutils" },
	{ PROFILE_DEFAULT, { "file" }, "file" },
	{ PROFILE_DEFAULT, { "ps" }, "procps" },
	{ PROFILE_FULL, { "clang" }, "clang" },
	{ PROFILE_FULL, { "rustc" }, "rustc" },
	{ PROFILE_FULL, { "cargo" }, "cargo" },
	{ PROFILE_FULL, { "go" }, "golang-go" },
	{ PROFILE_FULL, { "ninja" }, "ninja-build" },
	{ PROFILE_FULL, { "pkg-config", "pkgconf" }, "pkg-config" },
	{ PROFILE_FULL, { "nvim" }, "neovim" },
	{ PROFILE_FULL, { "tmux" }, "tmux" },
	{ PROFILE_FULL, { "htop" }, "htop" },
	{ PROFILE_FULL, { "wget" }, "wget" },
	{ PROFILE_FULL, { "ssh" }, "openssh-client" },
	{ PROFILE_FULL, { "docker" }, "docker.io" },
};

/* Where the sandbox's PATH will look. Who owns a tool does not matter: it only runs inside. */
static const char *const tool_dirs[] = {
	"/usr/local/sbin",
	"/usr/local/bin",
	"/usr/sbin",
	"/usr/bin",
	"/sbin",
	"/bin",
	"/run/current-system/sw/bin",
	"/nix/var/nix/profiles/default/bin",
};

static bool has_program(const struct doctor *d, const char *name)
{
	for (size_t i = 0; i < N_ELEMENTS(tool_dirs); i++)
		if (access(arena_printf(d->a, "%s%s/%s", d->root, tool_dirs[i] + 1, name), X_OK) ==
		    0)
			return true;
	for (size_t i = 0; i < d->c->extra_path.n; i++) {
		const char *dir = path_expand_home(d->a, d->f->home, d->c->extra_path.items[i]);

		if (access(path_join(d->a, dir, name), X_OK) == 0)
			return true;
	}
	return false;
}

static bool has_tool(const struct doctor *d, const struct tool *tool)
{
	return has_program(d, tool->programs[0]) ||
	       (tool->programs[1] && has_program(d, tool->programs[1]));
}

struct finding check_tools(const struct doctor *d)
{
	static const char *const names[] = { "minimal", "default", "full" };
	const char *missing = "";
	const char *packages = "";
	unsigned n = 0;

	for (size_t i = 0; i < N_ELEMENTS(tools); i++) {
		if (tools[i].profile > d->c->profile)
			continue;
		n++;
		if (has_tool(d, &tools[i]))
			continue;
		missing = arena_printf(d->a, "%s %s", missing, tools[i].programs[0]);
		packages = arena_printf(d->a, "%s %s", packages, tools[i].package);
	}
	if (missing[0])
		return finding_warn(arena_printf(d->a, "of profile %s these are missing:%s",
						 names[d->c->profile], missing),
				    arena_printf(d->a, "sudo apt install%s", packages));
	return finding_pass(arena_printf(d->a, "all %u of profile %s", n, names[d->c->profile]));
}
