/* SPDX-License-Identifier: Apache-2.0 */
#include "run/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/layer.h"
#include "border/login_text.h"

#define COPY_MAX ((off_t)64 * 1024 * 1024)

int files_prepare(const struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->n_dirs; i++) {
		int r = io_mkdir_all(s->dirs[i].path, 0700, e);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < s->n_files; i++) {
		const struct host_file *f = &s->files[i];
		int r;

		if (access(f->path, F_OK) == 0)
			continue;
		r = io_write_file(f->path, f->text, strlen(f->text), 0600, e);
		if (r < 0)
			return r;
	}
	return s->layer ? layer_sync(s->layer, e) : 0;
}

/* A host file that the wrapper copies: regular, bounded, and opened once. */
static int open_file(const char *path, int *ret_fd, struct err *e)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s is not a regular file", path);
	if (st.st_size > COPY_MAX)
		return err_set(e, EFBIG, "%s is larger than %d MiB", path, (int)(COPY_MAX >> 20));
	*ret_fd = take_fd(&fd);
	return 0;
}

/*
 * Without the refresh token, which the keeper of logins has outside. What is no login has nothing to hide;
 * what we cannot read we cannot clean, so nothing of it goes in.
 */
static int open_login(const struct plan_fd *row, int *ret_fd, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login login = { 0 };
	struct err unread = { 0 };
	const char *shown = "{}";
	char *text = NULL;
	size_t len = 0;
	int r = io_read_file(AT_FDCWD, row->path, LOGIN_FILE_MAX, false, &a, &text, &len, e);

	if (r < 0)
		return r;
	if (login_parse(text, len, &a, &login, &unread) == 0)
		shown = login_shown(&login, &a);
	return io_memfd(row->what, shown, strlen(shown), ret_fd, e);
}

static int open_row(const struct plan_fd *row, const struct plan_ends *ends, int *ret_fd,
		    struct err *e)
{
	switch (row->kind) {
	case PLAN_FD_CHANNEL:
		*ret_fd = ends->channel;
		return 0;
	case PLAN_FD_COOKIE:
		*ret_fd = ends->cookie;
		return 0;
	case PLAN_FD_INFO:
	case PLAN_FD_GREETING:
		*ret_fd = ends->info;
		return 0;
	case PLAN_FD_SOURCE:
		*ret_fd = open(row->path, O_PATH | O_CLOEXEC);
		return *ret_fd < 0 ? err_sys(e, "cannot open %s", row->path) : 0;
	case PLAN_FD_TEXT:
		return io_memfd(row->what, row->text, strlen(row->text), ret_fd, e);
	case PLAN_FD_FILE:
		return open_file(row->path, ret_fd, e);
	case PLAN_FD_LOGIN:
		return open_login(row, ret_fd, e);
	}
	abort();
}

int files_open(const struct plan *plan, const struct plan_ends *ends, struct plan_files *ret,
	       struct err *e)
{
	struct plan_files files = { .map = calloc(plan->n_fds + 1, sizeof(*files.map)) };

	if (!files.map)
		abort();
	for (size_t i = 0; i < plan->n_fds; i++) {
		struct proc_fd *fd = &files.map[i];
		int r = open_row(&plan->fds[i], ends, &fd->from, e);

		if (r < 0) {
			files_close(&files, ends);
			return r;
		}
		fd->to = plan->fds[i].number;
		files.n++;
	}
	*ret = files;
	return 0;
}

void files_close(struct plan_files *files, const struct plan_ends *ends)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->map[i].from != ends->channel && files->map[i].from != ends->info &&
		    files->map[i].from != ends->cookie)
			(void)close(files->map[i].from);
	free(files->map);
	*files = PLAN_FILES_NONE;
}
