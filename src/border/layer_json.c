/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ~/.claude.json: the client's own state, in which it also keeps what it runs (MCP servers) and whom
 * it trusts. The sandbox has its own, which is kept; what changes on the host comes to it member by
 * member. Of other projects it is told nothing. It never goes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/merge.h"
#include "border/layer.h"

#define JSON_MAX ((size_t)16 << 20)

static struct merge_text read_text(int dir, const char *path, bool nofollow, struct arena *a)
{
	struct merge_text t = { 0 };
	struct err ignored; /* what cannot be read counts as missing */
	char *text = NULL;

	if (io_read_file(dir, path, JSON_MAX, nofollow, a, &text, &t.len, &ignored) == 0)
		t.text = text;
	return t;
}

/* The base is a copy of the host's file, with its time. */
static bool is_current(const struct stat *host, const char *base)
{
	struct stat st;

	return stat(base, &st) == 0 && st.st_size == host->st_size &&
	       st.st_mtim.tv_sec == host->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == host->st_mtim.tv_nsec;
}

static int write_base(const char *path, const struct merge_text *t, const struct stat *host,
		      struct err *e)
{
	const struct timespec times[2] = { host->st_mtim, host->st_mtim };
	int r = io_write_file(path, t->text, t->len, 0600, e);

	if (r == 0 && utimensat(AT_FDCWD, path, times, 0) < 0)
		r = err_sys(e, "cannot set the time of %s", path);
	return r;
}

int layer_sync_json(const struct layer *l, int dir, struct arena *a, struct err *e)
{
	const struct layer_tree tree = { .fd = dir, .is_ours = true };
	const struct merge_filter filter = { "projects", l->project };
	const char *base = arena_printf(a, "%s/" LAYER_JSON, l->book);
	auto_buf struct buf merged = BUF_INIT(JSON_MAX);
	struct merge_text old, ours, host;
	struct layer_content content = { .kind = LAYER_FILE };
	struct layer_stamp stamp;
	struct stat st, mine;
	int r;

	if (stat(l->json, &st) < 0 ||
	    (is_current(&st, base) && fstatat(dir, LAYER_JSON, &mine, AT_SYMLINK_NOFOLLOW) == 0 &&
	     S_ISREG(mine.st_mode)))
		return 0;
	host = read_text(AT_FDCWD, l->json, false, a);
	old = read_text(AT_FDCWD, base, true, a);
	ours = read_text(dir, LAYER_JSON, true, a);
	/* A host file that the client cannot read either: ours stays, and the client tells. */
	if (merge_json(&old, &ours, &host, &filter, &merged) < 0)
		return 0;
	content.data = buf_text(&merged);
	content.len = merged.len;
	r = layer_put(&tree, LAYER_JSON, &content, &stamp);
	if (r < 0)
		return err_set(e, -r, "cannot write %s/" LAYER_JSON ": %s; remove it", l->dir,
			       strerrordesc_np(-r));
	return write_base(base, &host, &st, e);
}
