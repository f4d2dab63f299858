/* SPDX-License-Identifier: Apache-2.0 */
#include "run/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/io.h"

#define COPY_MAX ((size_t)64 * 1024 * 1024)

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
	return 0;
}

static int open_row(const struct plan_fd *row, int channel, int *ret_fd, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	char *text = NULL;
	size_t len = 0;
	int r;

	switch (row->kind) {
	case PLAN_FD_CHANNEL:
		*ret_fd = channel;
		return 0;
	case PLAN_FD_TEXT:
		return io_memfd(row->what, row->text, strlen(row->text), ret_fd, e);
	case PLAN_FD_FILE:
		r = io_read_file(AT_FDCWD, row->path, COPY_MAX, false, &a, &text, &len, e);
		return r < 0 ? r : io_memfd(row->what, text, len, ret_fd, e);
	}
	abort();
}

int files_open(const struct plan *plan, int channel, struct plan_files *ret, struct err *e)
{
	struct plan_files files = { .map = calloc(plan->n_fds + 1, sizeof(*files.map)) };

	if (!files.map)
		abort();
	for (size_t i = 0; i < plan->n_fds; i++) {
		struct proc_fd *fd = &files.map[i];
		int r = open_row(&plan->fds[i], channel, &fd->from, e);

		if (r < 0) {
			files_close(&files, channel);
			return r;
		}
		fd->to = plan->fds[i].number;
		files.n++;
	}
	*ret = files;
	return 0;
}

void files_close(struct plan_files *files, int channel)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->map[i].from != channel)
			(void)close(files->map[i].from);
	free(files->map);
	*files = PLAN_FILES_NONE;
}
