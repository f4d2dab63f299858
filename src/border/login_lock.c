/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"

#define STALE_SECONDS 10
/* We hold it for 15 s at most (login_http.c) and cannot touch it meanwhile: it is dated ahead. */
#define AHEAD_SECONDS 15
#define STEP_MS 20

static bool is_stale(int dir, const char *name)
{
	struct timespec now = { 0 };
	struct stat st;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mtim.tv_sec + STALE_SECONDS < now.tv_sec;
}

/* 1: somebody else has it. */
static int take(int dir, const char *name, struct err *e)
{
	struct timespec times[2] = { { 0 } };

	if (mkdirat(dir, name, 0755) < 0) {
		if (errno != EEXIST)
			return err_sys(e, "cannot make %s", name);
		if (!is_stale(dir, name) || unlinkat(dir, name, AT_REMOVEDIR) < 0 ||
		    mkdirat(dir, name, 0755) < 0)
			return 1;
	}
	(void)clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec += AHEAD_SECONDS;
	times[1] = times[0];
	(void)utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW); /* else it ends sooner */
	return 0;
}

/* Not a blocking flock(): nobody may make us wait for ever. */
static int take_own(int dir, int wait_ms, struct err *e)
{
	int64_t end = clock_ms() + wait_ms;

	while (flock(dir, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, "cannot lock the login");
		if (clock_ms() >= end)
			return 1;
		(void)poll(NULL, 0, STEP_MS);
	}
	return 0;
}

int login_lock(struct login_lock *l, const char *dir, int wait_ms, struct err *e)
{
	auto_free char *real = realpath(dir, NULL);
	auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0 || !real)
		return err_sys(e, "cannot open %s", dir);
	if (snprintf(l->second_path, sizeof(l->second_path), "%s.lock", real) >=
	    (int)sizeof(l->second_path))
		return err_set(e, ENAMETOOLONG, "the name of %s is too long", dir);
	r = take_own(fd, wait_ms, e);
	if (r == 0)
		r = take(fd, LOGIN_AGENT_LOCK, e);
	if (r != 0)
		return r;
	r = take(AT_FDCWD, l->second_path, e);
	if (r > 0) {
		(void)unlinkat(fd, LOGIN_AGENT_LOCK, AT_REMOVEDIR);
		return r;
	}
	/* Where it cannot be made the agent goes without it, too. */
	l->second = r == 0 ? l->second_path : NULL;
	l->dir = take_fd(&fd);
	return 0;
}

void login_unlock(struct login_lock *l)
{
	if (l->dir < 0)
		return;
	if (l->second)
		(void)unlinkat(AT_FDCWD, l->second, AT_REMOVEDIR);
	(void)unlinkat(l->dir, LOGIN_AGENT_LOCK, AT_REMOVEDIR);
	close_fd(&l->dir);
}
