/* SPDX-License-Identifier: Apache-2.0 */
#include "border/review_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"

#define SESSIONS_MAX ((size_t)1 << 20)
#define STEP_MS 10
#define PATIENCE_MS 1000 /* a sandbox that is just ending gives its layer back within that */

static bool has_entries(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	bool found = false;

	while (dir && !found && (d = readdir(dir)))
		found = strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	if (dir)
		(void)closedir(dir);
	return found;
}

bool review_is_waiting(const struct review_dirs *d)
{
	return d->dir && has_entries(d->upper);
}

int review_hold(const struct review_dirs *d, int *ret_lock, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *path = arena_printf(&a, "%s/lock", d->dir);
	auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += STEP_MS) {
		if (errno != EWOULDBLOCK)
			return err_sys(e, "cannot lock %s", path);
		if (waited >= PATIENCE_MS)
			return err_set(e, EBUSY,
				       "the layer over this project is in use by a sandbox or by "
				       "another review; end that first (--list, --stop)");
		(void)poll(NULL, 0, STEP_MS); /* flock() has no event that could be waited for */
	}
	*ret_lock = take_fd(&fd);
	return 0;
}

/*
 * The time as the file system that is compared with sees it: the clock of mtime and ctime runs some
 * milliseconds behind the one that clock_gettime() reads.
 */
static int note_time(const struct review_dirs *d, bool is_first, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *path = arena_printf(&a, "%s/sessions", d->dir);
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	auto_fd int fd = open(path, flags | (is_first ? O_TRUNC : 0), 0600);
	struct stat st;

	if (fd < 0 || futimens(fd, NULL) < 0 || fstat(fd, &st) < 0 ||
	    dprintf(fd, "%lld.%09ld\n", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec) < 0)
		return err_sys(e, "cannot write %s", path);
	return 0;
}

int review_begin(const struct review_dirs *d, const char *project, int *ret_lock, struct err *e)
{
	auto_fd int lock = -1;
	struct stat st;
	int r = review_hold(d, &lock, e);

	if (r < 0)
		return r;
	/* The layer's own directory is what the project's looks like inside. */
	if (stat(project, &st) < 0 || chmod(d->upper, (st.st_mode & 0777) | 0700) < 0)
		return err_sys(e, "cannot give %s the mode of %s", d->upper, project);
	r = note_time(d, !has_entries(d->upper), e);
	if (r == 0)
		*ret_lock = take_fd(&lock);
	return r;
}

void review_times_read(const struct review_dirs *d, struct arena *a, struct review_times *ret)
{
	const char *path = arena_printf(a, "%s/sessions", d->dir);
	char *text = NULL;
	size_t len;
	struct err ignored;

	*ret = (struct review_times){ 0 };
	if (io_read_file(AT_FDCWD, path, SESSIONS_MAX, true, a, &text, &len, &ignored) < 0)
		return;
	for (char *line; (line = strsep(&text, "\n"));) {
		char *end;
		long long sec = strtoll(line, &end, 10);

		if (end == line || *end != '.')
			continue;
		ret->items = arena_grow(a, ret->items, ret->n, sizeof(*ret->items));
		ret->items[ret->n++] =
			(struct timespec){ .tv_sec = sec, .tv_nsec = strtol(end + 1, NULL, 10) };
	}
}

struct timespec review_times_before(const struct review_times *times, struct timespec t)
{
	struct timespec found = { 0 };

	for (size_t i = 0; i < times->n; i++) {
		struct timespec x = times->items[i];

		if (i == 0 || x.tv_sec < t.tv_sec ||
		    (x.tv_sec == t.tv_sec && x.tv_nsec <= t.tv_nsec))
			found = x;
	}
	return found;
}
