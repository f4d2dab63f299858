/* SPDX-License-Identifier: Apache-2.0 */
#include "border/review.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/beneath.h"

int review_open(const struct review_dirs *d, const char *project, struct arena *a,
		struct review *ret, struct err *e)
{
	auto_review struct review r = REVIEW_NONE;
	int code;

	r.a = a;
	r.dirs = *d;
	r.layer = open(d->upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r.layer < 0 && errno == ENOENT)
		return err_set(e, ENOENT,
			       "nothing waits for review: no sandbox with --review has run in %s",
			       project);
	if (r.layer < 0)
		return err_sys(e, "cannot open %s", d->upper);
	r.project = open(project, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.project < 0)
		return err_sys(e, "cannot open %s", project);
	review_times_read(d, a, &r.times);
	code = review_walk(&r, e);
	if (code < 0)
		return code;
	*ret = r;
	r = REVIEW_NONE;
	return 0;
}

void review_close(struct review *r)
{
	close_fd(&r->layer);
	close_fd(&r->project);
}

static void add_size(uint64_t bytes, struct buf *b)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	uint64_t tenths = bytes * 10 / 1024;

	if (bytes < 1024) {
		buf_addf(b, "%u B", (unsigned)bytes);
		return;
	}
	for (; tenths >= 10240 && unit + 1 < N_ELEMENTS(units); unit++)
		tenths /= 1024;
	buf_addf(b, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10), units[unit]);
}

static char type_letter(mode_t mode)
{
	static const struct {
		mode_t type;
		char letter;
	} rows[] = { { S_IFREG, '-' },  { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFIFO, 'p' },
		     { S_IFSOCK, 's' }, { S_IFCHR, 'c' }, { S_IFBLK, 'b' } };

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if ((mode & S_IFMT) == rows[i].type)
			return rows[i].letter;
	return '?';
}

static const char letters[] = {
	[REVIEW_SAME] = ' ',    [REVIEW_ADDED] = 'A',    [REVIEW_MODIFIED] = 'M',
	[REVIEW_DELETED] = 'D', [REVIEW_REPLACED] = 'R', [REVIEW_MODE] = 'm'
};

void review_line(const struct review_row *row, struct buf *b)
{
	const struct review_side *s = row->kind == REVIEW_DELETED ? &row->host : &row->layer;
	auto_buf struct buf size = BUF_INIT(64);

	if (S_ISDIR(s->mode) && row->kind != REVIEW_DELETED)
		buf_puts(&size, "-");
	else
		add_size(s->size, &size);
	buf_addf(b, "%c  %c%04o  %10s  ", letters[row->kind], type_letter(s->mode),
		 (unsigned)(s->mode & 07777), buf_text(&size));
	buf_visible(b, row->path);
	if (S_ISDIR(s->mode))
		buf_puts(b, "/");
	if (row->n_below)
		buf_addf(b, " and %zu in it", row->n_below);
	if (row->kind != REVIEW_DELETED && s->link) {
		buf_puts(b, " -> ");
		buf_visible(b, s->link);
	}
	if (row->why)
		buf_addf(b, "  [%s]", row->why);
}

void review_summary(const struct review *r, struct buf *b)
{
	static const struct {
		enum review_kind kind;
		const char *word;
	} words[] = { { REVIEW_ADDED, "added" },
		      { REVIEW_MODIFIED, "changed" },
		      { REVIEW_DELETED, "deleted" },
		      { REVIEW_REPLACED, "replaced" },
		      { REVIEW_MODE, "with another mode" } };
	bool is_first = true;

	for (size_t i = 0; i < N_ELEMENTS(words); i++) {
		size_t n = 0;

		for (size_t k = 0; k < r->n; k++)
			n += r->rows[k].kind == words[i].kind;
		if (n > 0) {
			buf_addf(b, "%s%zu %s", is_first ? "" : ", ", n, words[i].word);
			is_first = false;
		}
	}
	buf_puts(b, is_first ? "no changes (" : " (");
	add_size(r->bytes, b);
	buf_puts(b, ")");
}

void review_report(const struct spec *s, struct buf *out)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_review struct review r = REVIEW_NONE;
	auto_buf struct buf dir = BUF_INIT(16384);
	struct err e;

	if (!s->review.dir)
		return;
	if (review_open(&s->review, s->project, &a, &r, &e) < 0) {
		buf_addf(out, "review: %s\n", e.msg);
		return;
	}
	if (r.n == 0)
		return;
	buf_puts(out, "review: ");
	review_summary(&r, out);
	buf_shell(&dir, s->project);
	buf_addf(out, "; nothing of it is in the project yet. See: claude-sandbox review %s\n",
		 buf_text(&dir));
}
