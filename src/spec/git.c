/* SPDX-License-Identifier: Apache-2.0 */
/* git's own places: the user's settings, cleaned, and a repository that lies beside the project. */
#include "spec/git.h"

#include "spec/gitconfig.h"
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
