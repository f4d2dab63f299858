/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call that would land in the project is done here, on the path that was judged, and the caller gets
 * the result: it can change its memory, its directories and its descriptors meanwhile as it likes.
 * Any other call goes on, and if it lands in the project after all, Landlock refuses it.
 *
 * Between looking and doing nothing may move: whoever gives a thing another name, or makes one that
 * means something to git, does it alone (the lock is held for writing).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_act.h"

#define FILES_MAX ((uint64_t)1 << 18)

static pthread_rwlock_t names = PTHREAD_RWLOCK_INITIALIZER;

/*
 * What the guard makes in memory (the sandbox's home) is charged to us and not to the sandbox's limits, so it
 * is bounded here: some 300 MB of the kernel's. What a file holds is charged to whoever writes it.
 */
static bool is_full(const struct guard_answer *w, const struct guard_place *p)
{
	bool makes = w->c->op == OP_OPEN ? (w->c->flags & O_CREAT) != 0
					 : w->c->op != OP_RENAME && w->c->op != OP_TRUNCATE;
	struct statfs st;

	return makes && p->root->care == CARE_DO && fstatfs(p->parent, &st) == 0 &&
	       st.f_type == TMPFS_MAGIC && st.f_files - st.f_ffree > FILES_MAX;
}

int guard_act_find(const struct guard_answer *w, int dirfd, uint64_t address, bool follow,
		   struct guard_place *ret)
{
	static const char *const plain[] = { "/dev/null", "/dev/tty" }; /* written all the time */
	char text[PATH_MAX];
	int r;

	if (guard_read_path(w->c->tid, address, text) < 0 || text[0] == '\0')
		return GO_ON;
	for (size_t i = 0; i < N_ELEMENTS(plain); i++)
		if (strcmp(text, plain[i]) == 0)
			return GO_ON;
	/* No file is opened by such a path, and the kernel says which error that is. */
	if (w->c->op == OP_OPEN && text[strlen(text) - 1] == '/')
		return GO_ON;
	r = guard_find(w->g, w->c->tid, dirfd, text, follow, ret);
	if (r <= 0)
		return r < 0 ? r : GO_ON;
	return is_full(w, ret) ? -ENOSPC : 0;
}

int guard_act_refuse(const struct guard_place *p, const struct guard_judgement *j)
{
	guard_note_refused(p, j->row ? j->row->why : "git executes or obeys it");
	return REFUSED;
}

int guard_act_judge(const struct guard_answer *w, const struct guard_place *p, enum guard_role role,
		    bool moved_dir, struct guard_judgement *ret)
{
	*ret = guard_judge(w->g, p, role, moved_dir);
	return ret->verdict == VERDICT_REFUSE ? guard_act_refuse(p, ret) : 0;
}

static mode_t masked(const struct guard_answer *w)
{
	return w->c->mode & 07777 & ~guard_umask(w->g, w->c->tid);
}

int guard_give(const struct guard_answer *w, int fd)
{
	struct seccomp_notif_addfd add = {
		.id = w->c->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = (uint32_t)(w->c->flags & O_CLOEXEC),
	};

	return ioctl(w->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 ? -errno : DONE;
}

/* git stops in the middle of a checkout if one file cannot be made; what it writes there is dropped. */
static bool is_git(const struct guard *g, pid_t tid)
{
	char name[32];
	char exe[PATH_MAX];
	const char *slash;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%d/exe", tid);
	n = readlinkat(g->proc, name, exe, sizeof(exe) - 1);
	if (n <= 0)
		return false;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	return slash && strcmp(slash, "/git") == 0;
}

static int open_refused(const struct guard_answer *w, const struct guard_place *p,
			const struct guard_judgement *j)
{
	auto_fd int fd = -1;

	if (!j->row || !(w->c->flags & O_CREAT) || !is_git(w->g, w->c->tid))
		return guard_act_refuse(p, j);
	guard_note_refused(p, j->row->why);
	fd = openat(p->parent, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd < 0 ? REFUSED : guard_give(w, fd);
}

/* With O_TMPFILE the path is the directory; a name that is not looked for makes it the parent. */
static int open_unnamed(const struct guard_answer *w)
{
	auto_place struct guard_place p = GUARD_PLACE_NONE;
	char text[PATH_MAX + 2];
	auto_fd int fd = -1;
	int r;

	if (guard_read_path(w->c->tid, w->c->path_a, text) < 0 || strlen(text) >= PATH_MAX - 2)
		return GO_ON;
	(void)stpcpy(text + strlen(text), "/-");
	r = guard_find(w->g, w->c->tid, w->c->dir_a, text, false, &p);
	if (r <= 0)
		return r < 0 ? r : GO_ON;
	fd = openat(p.parent, ".", w->c->flags | O_CLOEXEC, masked(w));
	return fd < 0 ? -errno : guard_give(w, fd);
}

static bool is_fifo(const struct guard_place *p)
{
	struct stat st;

	return fstatat(p->parent, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(st.st_mode);
}

static int do_open(const struct guard_answer *w)
{
	auto_place struct guard_place p = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	int flags = w->c->flags;
	bool follow = !(flags & O_NOFOLLOW) && !((flags & O_CREAT) && (flags & O_EXCL));
	auto_fd int fd = -1;
	int r;

	if ((flags & O_TMPFILE) == O_TMPFILE)
		return open_unnamed(w);
	r = guard_act_find(w, w->c->dir_a, w->c->path_a, follow, &p);
	if (r == 0 && !w->alone && guard_is_delicate(&p))
		return ALONE;
	if (r != 0)
		return r;
	j = guard_judge(w->g, &p, ROLE_WRITE, false);
	if (j.verdict != VERDICT_ALLOW)
		return open_refused(w, &p, &j);
	if (is_fifo(&p))
		return guard_open_fifo(w, &p);
	r = guard_note_done(&p, &j);
	if (r < 0)
		return r;
	fd = openat(p.parent, p.name, flags | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | O_NONBLOCK,
		    flags & O_CREAT ? masked(w) : 0);
	if (fd < 0)
		return -errno;
	if (!(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return guard_give(w, fd);
}

static int do_mkdir(const struct guard_answer *w)
{
	auto_place struct guard_place p = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	int r = guard_act_find(w, w->c->dir_a, w->c->path_a, false, &p);

	if (r == 0 && !w->alone && guard_is_delicate(&p))
		return ALONE;
	if (r == 0)
		r = guard_act_judge(w, &p, ROLE_DIR, false, &j);
	if (r == 0)
		r = guard_note_done(&p, &j);
	if (r != 0)
		return r;
	return mkdirat(p.parent, p.name, masked(w)) < 0 ? -errno : 0;
}

static int do_mknod(const struct guard_answer *w)
{
	auto_place struct guard_place p = GUARD_PLACE_NONE;
	mode_t type = w->c->mode & S_IFMT;
	struct guard_judgement j = { 0 };
	int r = guard_act_find(w, w->c->dir_a, w->c->path_a, false, &p);

	if (r == 0 && (type == S_IFCHR || type == S_IFBLK))
		return -EPERM;
	if (r == 0)
		r = guard_act_judge(w, &p, type == 0 || type == S_IFREG ? ROLE_WRITE : ROLE_NODE,
				    false, &j);
	if (r == 0)
		r = guard_note_done(&p, &j);
	if (r != 0)
		return r;
	return mknodat(p.parent, p.name, type | masked(w), 0) < 0 ? -errno : 0;
}

static int do_symlink(const struct guard_answer *w)
{
	auto_place struct guard_place p = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	char text[PATH_MAX];
	int r = guard_act_find(w, w->c->dir_b, w->c->path_b, false, &p);

	if (r == 0)
		r = guard_read_path(w->c->tid, w->c->path_a, text);
	if (r == 0)
		r = guard_act_judge(w, &p, ROLE_SYMLINK, false, &j);
	if (r == 0)
		r = guard_note_done(&p, &j);
	if (r != 0)
		return r;
	return symlinkat(text, p.parent, p.name) < 0 ? -errno : 0;
}

static int do_truncate(const struct guard_answer *w)
{
	auto_place struct guard_place p = GUARD_PLACE_NONE;
	struct guard_judgement j = { 0 };
	auto_fd int fd = -1;
	int r = guard_act_find(w, w->c->dir_a, w->c->path_a, true, &p);

	if (r != 0)
		return r;
	j = guard_judge(w->g, &p, ROLE_WRITE, false);
	if (j.verdict != VERDICT_ALLOW)
		return guard_act_refuse(&p, &j);
	r = guard_note_done(&p, &j);
	if (r < 0)
		return r;
	fd = openat(p.parent, p.name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 || ftruncate(fd, (off_t)w->c->number) < 0 ? -errno : 0;
}

static const struct act {
	int (*act)(const struct guard_answer *w);
	bool alone; /* in any case */
} acts[] = {
	[OP_OPEN] = { do_open, false },         [OP_MKDIR] = { do_mkdir, false },
	[OP_MKNOD] = { do_mknod, true },        [OP_RENAME] = { guard_rename, true },
	[OP_LINK] = { guard_link, true },       [OP_SYMLINK] = { do_symlink, true },
	[OP_TRUNCATE] = { do_truncate, false },
};

static int act(struct guard_answer *w)
{
	int r;

	w->alone = acts[w->c->op].alone;
	if (!w->alone) {
		(void)pthread_rwlock_rdlock(&names);
		r = acts[w->c->op].act(w);
		(void)pthread_rwlock_unlock(&names);
		if (r != ALONE)
			return r;
		w->alone = true;
	}
	(void)pthread_rwlock_wrlock(&names);
	r = acts[w->c->op].act(w);
	(void)pthread_rwlock_unlock(&names);
	return r;
}

void guard_reply(const struct guard_answer *w, int r)
{
	struct seccomp_notif_resp resp = { .id = w->c->id };

	if (r == DONE)
		return;
	if (r == GO_ON)
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		resp.error = r;
	(void)ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

void guard_act(struct guard *g, int listener, const struct guard_call *c)
{
	struct guard_answer w = { .g = g, .listener = listener, .c = c };

	guard_reply(&w, act(&w));
}
