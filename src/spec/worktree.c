/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/worktree.h"

#include <string.h>

#include "base/path.h"
#include "spec/gitconfig_read.h"

/* The one line of @text after @prefix, as a path from @dir on. */
static const char *path_line(const char *text, const char *prefix, const char *dir, struct arena *a)
{
	size_t skip = strlen(prefix);
	size_t len;

	if (!text || strncmp(text, prefix, skip) != 0)
		return NULL;
	text += skip;
	len = strcspn(text, "\r\n");
	/* A name with a line break in it is no honest one. */
	if (len == 0 || text[len + strspn(text + len, "\r\n")] != '\0')
		return NULL;
	return path_join(a, dir, arena_strndup(a, text, len));
}

const char *worktree_pointer(const char *text, const char *project, struct arena *a)
{
	return path_line(text, "gitdir: ", project, a);
}

static bool is_linked(const char *dir, struct arena *a)
{
	const char *parent = path_parent(a, dir);

	return parent && strcmp(path_base(parent), "worktrees") == 0;
}

const char *worktree_common(const char *dir, struct arena *a)
{
	if (is_linked(dir, a))
		return path_parent(a, path_parent(a, dir));
	return strstr(dir, "/modules/") ? dir : NULL;
}

/* The last value of core.worktree. */
static const char *configured(const char *dir, const char *config, struct arena *a)
{
	auto_gitconfig_entry struct gitconfig_entry entry;
	struct gitconfig_reader r;
	const char *tree = NULL;
	struct err e = { 0 };
	int more;

	gitconfig_entry_init(&entry);
	if (gitconfig_reader_init(&r, "config", config, strlen(config), &e) < 0)
		return NULL;
	while ((more = gitconfig_next(&r, &entry, &e)) > 0)
		if (strcmp(buf_text(&entry.name), "core.worktree") == 0 && entry.value.len > 0)
			tree = path_join(a, dir, buf_text(&entry.value));
	return more == 0 ? tree : NULL;
}

const char *worktree_back(const char *dir, const char *gitdir, const char *config, struct arena *a)
{
	const char *file;

	if (!is_linked(dir, a))
		return config ? configured(dir, config, a) : NULL;
	file = path_line(gitdir, "", dir, a);
	return file && strcmp(path_base(file), ".git") == 0 ? path_parent(a, file) : NULL;
}
