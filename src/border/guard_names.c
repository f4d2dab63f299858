/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that give a file another name: rename(2) and link(2) with their variants. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_act.h"

static bool is_dir(const struct guard_place *p)
{
	struct stat st;

	return fstatat(p->parent, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* renameat2 with RENAME_EXCHANGE: each of the two takes the other's place. */
static int judge_rename(const struct guard_answer *w, const struct guard_place *from,
			const struct guard_place *to, struct guard_judgement *ret)
{
	bool exchange = (unsigned)w->c->flags & RENAME_EXCHANGE;
	struct guard_judgement other = { 0 };
	int r = guard_act_judge(w, from, ROLE_SOURCE, false, &other);

	if (r == 0 && exchange)
		r = guard_act_judge(w, from, ROLE_MOVED, is_dir(to), &other);
	if (r == 0 && exchange && other.verdict == VERDICT_MEDIATE)
		return guard_act_refuse(from, &other);
	if (r == 0)
		r = guard_act_judge(w, to, ROLE_MOVED, is_dir(from), ret);
	if (r == 0 && exchange && ret->verdict == VERDICT_MEDIATE)
		return guard_act_refuse(to, ret);
	return r;
}

/* Under another name of what it lies in, a guarded place would not be known any more. */
static bool holds_guarded(const struct guard *g, const struct guard_place *p)
{
	size_t len = strlen(p->path);

	for (size_t i = 0; i < g->n_roots; i++)
		if (g->roots[i].care == CARE_JUDGE &&
		    strncmp(g->roots[i].path, p->path, len) == 0 &&
		    (g->roots[i].path[len] == '/' || g->roots[i].path[len] == '\0'))
			return true;
	return false;
}

static int note_rename(const struct guard_answer *w, const struct guard_place *from,
		       const struct guard_place *to, const struct guard_judgement *j)
{
	int r = guard_note_done(to, j);

	if (r == 0 && is_dir(from))
		r = guard_note_moved(from, to);
	if (r == 0 && (unsigned)w->c->flags & RENAME_EXCHANGE && is_dir(to))
		r = guard_note_moved(to, from);
	return r;
}

int guard_rename(const struct guard_answer *w)
{
	auto_place struct guard_place from = GUARD_PLACE_NONE;
	auto_place struct guard_place to = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	int r = guard_act_find(w, w->c->dir_a, w->c->path_a, false, &from);
	int r2 = guard_act_find(w, w->c->dir_b, w->c->path_b, false, &to);

	if (r == -ENOENT || r2 == -ENOENT)
		return -ENOENT;
	/* Between the project and what is not: other mounts, whatever their names are. */
	if (r != 0 || r2 != 0)
		return GO_ON;
	if (holds_guarded(w->g, &from) || holds_guarded(w->g, &to))
		return -EBUSY; /* as for a mount point itself */
	r = judge_rename(w, &from, &to, &j);
	if (r != 0)
		return r;
	if (j.verdict == VERDICT_MEDIATE)
		return guard_put_config(&from, &to);
	r = note_rename(w, &from, &to, &j);
	if (r < 0)
		return r;
	return syscall(SYS_renameat2, from.parent, from.name, to.parent, to.name, w->c->flags) < 0
		       ? -errno
		       : 0;
}

/*
 * linkat(2): a descriptor's file gets a name by way of /proc/self/fd, which is the caller's. It is held
 * first, since another thread may put another file under that number.
 */
static int hold_fd(const struct guard_answer *w, const char *text, struct stat *ret_st)
{
	static const char prefix[] = "/proc/self/fd/";
	char entry[PATH_MAX + 32];
	auto_fd int fd = -1;

	if (strncmp(text, prefix, strlen(prefix)) != 0 || strchr(text + strlen(prefix), '/'))
		return -1;
	(void)snprintf(entry, sizeof(entry), "%d/fd/%s", w->c->tid, text + strlen(prefix));
	fd = openat(w->g->proc, entry, O_PATH | O_CLOEXEC);
	return fd < 0 || fstat(fd, ret_st) < 0 ? -1 : take_fd(&fd);
}

/* A second name for a file that may not be written by its first. */
static int link_named(const struct guard_answer *w, const char *text, bool follow,
		      const struct guard_place *to)
{
	auto_place struct guard_place from = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	int r = guard_find(w->g, w->c->tid, w->c->dir_a, text, follow, &from);

	if (r <= 0)
		return r < 0 ? r : GO_ON;
	r = guard_act_judge(w, &from, ROLE_SOURCE, false, &j);
	if (r < 0)
		return r;
	return linkat(from.parent, from.name, to->parent, to->name, 0) < 0 ? -errno : 0;
}

/* One that has a name already is judged by that; a new one (O_TMPFILE) has none. */
static int link_from_fd(const struct guard_answer *w, const char *text,
			const struct guard_place *to)
{
	char name[PATH_MAX];
	char number[16];
	struct stat st;
	auto_fd int fd = hold_fd(w, text, &st);
	ssize_t n;

	if (fd < 0)
		return GO_ON;
	(void)snprintf(number, sizeof(number), "%d", fd);
	if (st.st_nlink == 0)
		return linkat(w->g->self_fds, number, to->parent, to->name, AT_SYMLINK_FOLLOW) < 0
			       ? -errno
			       : 0;
	n = readlinkat(w->g->self_fds, number, name, sizeof(name) - 1);
	if (n <= 0)
		return GO_ON;
	name[n] = '\0';
	return link_named(w, name, false, to);
}

int guard_link(const struct guard_answer *w)
{
	auto_place struct guard_place to = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	char text[PATH_MAX];
	int r = guard_act_find(w, w->c->dir_b, w->c->path_b, false, &to);

	if (r == 0)
		r = guard_read_path(w->c->tid, w->c->path_a, text);
	if (r == 0)
		r = guard_act_judge(w, &to, ROLE_MOVED, false, &j);
	if (r == 0 && j.verdict == VERDICT_MEDIATE)
		r = guard_act_refuse(&to, &j);
	if (r == 0)
		r = guard_note_done(&to, &j);
	if (r != 0)
		return r;
	if (w->c->flags & AT_SYMLINK_FOLLOW && strncmp(text, "/proc/", strlen("/proc/")) == 0)
		return link_from_fd(w, text, &to);
	return link_named(w, text, w->c->flags & AT_SYMLINK_FOLLOW, &to);
}
