/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G-*: files in the project that tools on the host would run by themselves. Each is made in a new directory
 * of the project and taken away again with it, so nothing stays where it can be made.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/probe.h"

static const char *const names[] = {
	".git/hooks/pre-commit",
	".git/config",
	".claude/settings.json",
	".mcp.json",
	".vscode/tasks.json",
	".envrc",
	".npmrc",
	".husky/pre-commit",
	".devcontainer/devcontainer.json",
	"notes.desktop",
	".claude-sandbox.json",
};

/* All directories of @path below the first @base bytes; -1 with errno. */
static int make_parents(char *path, size_t base)
{
	for (char *slash = strchr(path + base + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = '\0';
		r = mkdir(path, 0755);
		*slash = '/';
		if (r < 0)
			return -1;
	}
	return 0;
}

/* And back, to where @path is @base bytes long. */
static void remove_all(char *path, size_t base)
{
	(void)unlink(path);
	for (;;) {
		char *slash = strrchr(path, '/');

		if (!slash || (size_t)(slash - path) < base)
			return;
		*slash = '\0';
		(void)rmdir(path);
	}
}

static struct verdict plant_file(const struct attempt *at)
{
	char path[PATH_MAX];
	struct stat before;
	int base = snprintf(path, sizeof(path), "%s/csb-plant-%d", at->args[0], (int)getpid());
	struct verdict v = done();
	int fd = -1;
	int n;

	if (base < 0 || base >= (int)sizeof(path) || stat(at->args[0], &before) < 0 ||
	    mkdir(path, 0755) < 0)
		return cannot("no directory can be made in the project");
	n = snprintf(path + base, sizeof(path) - (size_t)base, "/%s", names[at->attack->value]);
	if (n < 0 || n >= (int)sizeof(path) - base)
		return cannot("the project's path is too long");
	if (make_parents(path, (size_t)base) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0)
		v = refused(errno);
	else
		(void)close(fd);
	remove_all(path, (size_t)base);
	(void)utimensat(AT_FDCWD, at->args[0],
			(const struct timespec[]){ before.st_atim, before.st_mtim }, 0);
	return v;
}

/* clang-format off */
#define PLANT(id, name, text, which) { id, "plant-" name, "makes " text " in the project", plant_file, which, 1, true }
const struct attack plant_attacks[] = {
	PLANT("G-01a", "hook", "a git hook", 0),
	PLANT("G-02a", "git-config", "a repository's configuration", 1),
	PLANT("G-07a", "agent", "settings of the agent", 2),
	PLANT("G-07b", "mcp", "a list of MCP servers", 3),
	PLANT("G-08a", "editor", "an editor's tasks", 4),
	PLANT("G-09a", "shell", "what direnv runs", 5),
	PLANT("G-10a", "package", "npm's settings", 6),
	PLANT("G-11a", "hook-manager", "a hook of husky", 7),
	PLANT("G-12a", "container", "a dev container", 8),
	PLANT("G-14a", "desktop", "a desktop entry", 9),
	PLANT("G-15a", "profile", "a profile of ours", 10),
	{ .name = NULL },
};
/* clang-format on */
