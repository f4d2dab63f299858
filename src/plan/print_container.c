/* SPDX-License-Identifier: Apache-2.0 */
/* A plan of the container backend, to read: no shell can do what the helper does. */
#include "plan/parts.h"

#include <inttypes.h>

static const char *const names[] = {
	[BLUEPRINT_BIND] = "bind",     [BLUEPRINT_TMPFS] = "tmpfs",
	[BLUEPRINT_DIR] = "directory", [BLUEPRINT_SYMLINK] = "symlink",
	[BLUEPRINT_FILE] = "file",     [BLUEPRINT_PROGRAM] = "program",
	[BLUEPRINT_MASK] = "mask",     [BLUEPRINT_LAYER] = "layer",
};

static const struct plan_fd *handed(const struct plan *p, uint32_t place)
{
	for (size_t i = 0; i < p->n_fds; i++)
		if (p->fds[i].number == PLAN_FIRST_DATA_FD + (int)place)
			return &p->fds[i];
	return NULL;
}

static void print_content(const struct plan *p, const struct blueprint_row *row, struct buf *b)
{
	const struct plan_fd *source = handed(p, row->source);
	const struct plan_fd *file = handed(p, row->file);
	const struct plan_fd *over = handed(p, row->over);

	if (row->target[0]) {
		buf_puts(b, " to ");
		buf_shell(b, row->target);
	}
	if (source) {
		buf_addf(b, " %s ", source->is_writable ? "rw" : "ro");
		buf_shell(b, source->path);
	}
	if (over) {
		buf_puts(b, " under ");
		buf_shell(b, over->path);
	}
	if (file && file->path) {
		buf_puts(b, " from ");
		buf_shell(b, file->path);
	}
	if (row->mode)
		buf_addf(b, " mode %04o", row->mode);
	if (row->size)
		buf_addf(b, " size %" PRIu64, row->size);
}

static void print_words(const char *what, const struct strv *argv, struct buf *b)
{
	buf_addf(b, "# %s:\n#  ", what);
	for (size_t i = 0; i < argv->n; i++) {
		buf_puts(b, " ");
		buf_shell(b, argv->items[i]);
	}
	buf_puts(b, "\n");
}

void plan_print_container(const struct plan *p, struct buf *b)
{
	const struct blueprint *bp = &p->blueprint;

	buf_puts(b,
		 "# What is done, to read: it cannot be pasted, since files are handed over open.\n"
		 "# 'bind' shows them inside as the user's, on the host they stay yours.\n");
	print_words("as root, for a moment, and without arguments", &p->starter, b);
	buf_addf(b, "# then, in a user namespace with user %u and group %u%s, a root is made:\n",
		 bp->uid, bp->gid, bp->own_network ? ", and a network of its own" : "");
	for (size_t i = 0; i < bp->n_rows; i++) {
		buf_addf(b, "#   %-9s ", names[bp->rows[i].op]);
		buf_shell(b, bp->rows[i].dst);
		print_content(p, &bp->rows[i], b);
		buf_puts(b, "\n");
	}
	print_words("and in the same namespace", &p->argv, b);
	print_words("whose first process is told to start", &p->job.argv, b);
	buf_puts(b, "# in ");
	buf_shell(b, p->job.cwd);
	buf_puts(b, "\n");
}
