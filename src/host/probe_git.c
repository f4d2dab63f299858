/* SPDX-License-Identifier: Apache-2.0 */
/* What of git's own files a start depends on. They are the user's, and read with bounds. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "spec/gitconfig.h"

#define GITCONFIG_MAX ((size_t)1 << 20)
#define KEY_MAX ((size_t)64 << 10)

static int read_gitconfig(const char *path, struct arena *a, const char **ret_text, struct err *e)
{
	char *text = NULL;
	size_t len;
	int r = io_read_file(AT_FDCWD, path, GITCONFIG_MAX, false, a, &text, &len, e);

	*ret_text = text;
	if (r == 0 || r == -ENOENT || r == -ENOTDIR)
		return 0;
	return err_set(e, -r, "%.*s; mend the file, or start with --git-config none",
		       ERR_MSG_MAX / 2, arena_strdup(a, e->msg));
}

/* A public key; that it cannot be read is no error, since nothing is signed then. */
static void read_key(struct facts *f, struct arena *a)
{
	const struct gitconfig_user user = facts_gitconfig(f);
	const char *name = gitconfig_public_key_file(&user, a);
	char *text = NULL;
	size_t len;
	struct err e = { 0 };

	if (name && io_read_file(AT_FDCWD, path_expand_home(a, f->home, name), KEY_MAX, false, a,
				 &text, &len, &e) == 0)
		f->git_key = text;
}

int probe_git(struct facts *f, const struct config *c, struct arena *a, struct err *e)
{
	const char *xdg = probe_dir(f, a, "XDG_CONFIG_HOME", ".config");
	int r;

	if (c->git_config != GIT_CLEANED)
		return 0;
	r = read_gitconfig(path_join(a, f->home, ".gitconfig"), a, &f->gitconfig, e);
	if (r == 0)
		r = read_gitconfig(path_join(a, xdg, "git/config"), a, &f->gitconfig_xdg, e);
	if (r == 0 && c->ssh_agent != AGENT_NONE)
		read_key(f, a);
	return r;
}
