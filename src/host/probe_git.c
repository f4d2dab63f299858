/* SPDX-License-Identifier: Apache-2.0 */
/* What of git's own files a start depends on. They are the user's, and read with bounds. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "spec/gitconfig.h"
#include "spec/worktree.h"

#define GITCONFIG_MAX ((size_t)1 << 20)
#define WORKTREE_MAX ((size_t)8 << 10) /* one path */
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

/* A small file that others may have written; NULL if it is none. */
static const char *read_small(const char *dir, const char *name, size_t max, struct arena *a)
{
	struct err e = { 0 };
	char *text = NULL;
	size_t len;

	if (io_read_file(AT_FDCWD, path_join(a, dir, name), max, true, a, &text, &len, &e) < 0)
		return NULL;
	return text;
}

static bool is_own(const char *path, mode_t type, uid_t uid)
{
	struct stat st;

	return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == uid;
}

static bool is_whole(const char *common, uid_t uid, struct arena *a)
{
	return is_own(common, S_IFDIR, uid) && is_own(path_join(a, common, "HEAD"), S_IFREG, uid) &&
	       is_own(path_join(a, common, "objects"), S_IFDIR, uid) &&
	       is_own(path_join(a, common, "refs"), S_IFDIR, uid);
}

void probe_worktree(struct facts *f, struct arena *a)
{
	struct worktree_facts *w = &f->worktree;
	const char *text = read_small(f->project, ".git", WORKTREE_MAX, a);
	const char *dir, *back;

	w->pointer = worktree_pointer(text, f->project, a);
	dir = w->pointer ? probe_real(a, w->pointer) : NULL;
	if (!dir || !is_own(dir, S_IFDIR, f->uid))
		return;
	w->common = worktree_common(dir, a);
	if (!w->common)
		return;
	back = worktree_back(dir, read_small(dir, "gitdir", WORKTREE_MAX, a),
			     read_small(dir, "config", GITCONFIG_MAX, a), a);
	w->back = back ? probe_real(a, back) : NULL;
	w->is_whole = is_whole(w->common, f->uid, a);
}
