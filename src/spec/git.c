/* SPDX-License-Identifier: Apache-2.0 */
/* git's own places: the user's settings, cleaned, and a repository that lies beside the project. */
#include "spec/git.h"

#include <string.h>

#include "base/path.h"
#include "spec/gitconfig.h"
#include "spec/project.h"
#include "spec/shares.h"

#define GITCONFIG_MAX ((size_t)1 << 20)

/* Where git inside looks for git-lfs first; also asked about by shares_paths(). */
static bool has_lfs(const struct facts *f)
{
	for (size_t i = 0; shares_lfs[i]; i++)
		if (facts_path(f, shares_lfs[i])->kind == PATH_FILE)
			return true;
	return false;
}

static int add_gitconfig(const struct config *c, const struct facts *f, struct arena *a,
			 struct spec *s, struct err *e)
{
	auto_buf struct buf text = BUF_INIT(GITCONFIG_MAX);
	struct gitconfig_user user = facts_gitconfig(f);
	struct strv dropped = STRV_INIT(a);
	int r;

	user.has_lfs = has_lfs(f);
	user.has_agent = c->ssh_agent != AGENT_NONE && env_get(&f->env, "SSH_AUTH_SOCK");
	r = gitconfig_clean(&user, a, &text, &dropped, e);
	if (r < 0)
		return r;
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_TEXT,
				   .dst = arena_printf(a, "%s/.gitconfig", f->home),
				   .text = arena_strdup(a, buf_text(&text)),
				   .mode = 0444,
				   .share = "git-config",
				   .why = "git's configuration, harmless keys only" });
	for (size_t i = 0; i < dropped.n; i++)
		strv_add(&s->details,
			 arena_printf(a, "git: %s is not passed on", dropped.items[i]));
	return 0;
}

int git_add_mounts(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		   struct err *e)
{
	return c->git_config == GIT_CLEANED ? add_gitconfig(c, f, a, s, e) : 0;
}

/* A writable mount that has @path in it, or lies in it; NULL if there is none. */
static const struct mount *overlaps(const struct spec *s, const char *path)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];

		if (m->kind == MOUNT_RW && (path_below(path, m->dst) || path_below(m->dst, path)))
			return m;
	}
	return NULL;
}

/* Why the repository is not mounted; NULL if nothing speaks against it. */
static const char *objection(const struct config *c, const struct facts *f, struct arena *a,
			     const struct spec *s)
{
	const struct worktree_facts *w = &f->worktree;
	const struct mount *other;
	struct err e = { 0 };

	if (!w->common)
		return "is no git directory of yours for a linked worktree or a submodule";
	if (!w->back || strcmp(w->back, f->project) != 0)
		return "does not point back to this project";
	if (!w->is_whole)
		return "belongs to no repository with HEAD, objects and refs that are yours";
	if (path_below(f->project, w->common))
		return "belongs to a repository around the project";
	if (project_check(c, f, "its repository", w->common, a, &e) < 0)
		return arena_printf(a, "cannot be let in (%s)", e.msg);
	other = overlaps(s, w->common);
	return other ? arena_printf(a, "is mixed up with %s", other->dst) : NULL;
}

/* Is @path in what is writable at its own place anyway? */
static bool is_shown(const struct spec *s, const struct facts *f, const char *path)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];

		if (m->kind == MOUNT_RW && path_below(path, m->dst) && strcmp(m->src, m->dst) == 0)
			return true;
	}
	return path_below(path, f->project);
}

void git_add_repository(const struct config *c, const struct facts *f, struct arena *a,
			struct spec *s)
{
	const struct worktree_facts *w = &f->worktree;
	const char *why_not;

	if (!w->pointer || is_shown(s, f, w->common ? w->common : w->pointer))
		return;
	why_not = objection(c, f, a, s);
	if (why_not) {
		strv_add(&s->notes,
			 arena_printf(a,
				      "git does not work inside: the project's .git file names %s, "
				      "which %s",
				      w->pointer, why_not));
		return;
	}
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_RW,
				   .src = w->common,
				   .dst = w->common,
				   .share = "git-common-dir",
				   .why = "the repository that this work tree belongs to" });
	strv_add(&s->git_dirs, w->common);
}
