/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One change of a layer: shown, copied to the host, or let go. What is copied is what was read once, from a
 * regular file, without following a link; the host gets new bytes with plain modes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "base/proc.h"
#include "border/layer.h"
#include "border/layer_parts.h"

#define DIFF_MAX ((size_t)4 << 20)
#define DIFF_MS 10000
#define FIRST_FD 10

static int memfd_of(const struct layer_content *c, int *ret_fd, struct err *e)
{
	bool has_text = c->kind == LAYER_FILE || c->kind == LAYER_LINK;

	return io_memfd("claude-sandbox-diff", has_text ? c->data : "", has_text ? c->len : 0,
			ret_fd, e);
}

/* Line by line, so that the lines stay. */
static void add_visible(char *text, struct buf *out)
{
	for (char *at = text, *line; (line = strsep(&at, "\n"));) {
		if (!at && !*line)
			break;
		for (char *tab = line, *part; (part = strsep(&tab, "\t"));) {
			buf_visible(out, part);
			buf_puts(out, tab ? "\t" : "\n");
		}
	}
}

static int run_diff(const char *diff, const char *name, const int fds[2], struct buf *out,
		    struct err *e)
{
	static const char *const no_env[] = { "LC_ALL=C", NULL };
	const struct proc_fd map[] = { { fds[0], FIRST_FD }, { fds[1], FIRST_FD + 1 } };
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf shown = BUF_INIT(PATH_MAX * 4);
	auto_free char *text = NULL;
	struct strv argv = STRV_INIT(&a);
	struct cmd cmd = { .envp = no_env, .fds = map, .n_fds = 2, .die_with_parent = true };
	int status = 0;
	int r;

	/* A name may hold a newline, and more lines of a diff than there are. */
	buf_visible(&shown, name);
	name = buf_text(&shown);
	strv_add(&argv, diff, "-u", "--label", arena_printf(&a, "~/.claude/%s", name), "--label",
		 arena_printf(&a, "~/.claude/%s (inside)", name), "--", "/proc/self/fd/10",
		 "/proc/self/fd/11");
	cmd.argv = strv_argv(&argv);
	r = proc_output(&cmd, DIFF_MAX, DIFF_MS, &text, &status, e);
	if (r == 0 && status > 1)
		r = err_set(e, EIO, "%s ended with status %d", diff, status);
	if (r == 0 && text)
		add_visible(text, out);
	return r;
}

int layer_diff(const struct layer_loaded *change, const char *diff, struct buf *out, struct err *e)
{
	int fds[2] = { -1, -1 };
	int r = memfd_of(&change->host, &fds[0], e);

	if (r == 0)
		r = memfd_of(&change->ours, &fds[1], e);
	if (r == 0)
		r = run_diff(diff, change->name, fds, out, e);
	if (r == 0 && change->ours.is_program && !change->host.is_program)
		buf_puts(out, "It is executable.\n");
	close_fd(&fds[0]);
	close_fd(&fds[1]);
	return r;
}

/* Where the host really has it: through the links that its owner made, even if the file is new. */
static const char *host_path(const struct layer *l, const char *name, struct arena *a)
{
	const char *path = arena_printf(a, "%s/%s", l->host, name);
	auto_free char *real = realpath(path, NULL);

	return real ? arena_strdup(a, real) : path;
}

static int backup(const struct layer *l, const char *name, const struct layer_content *host,
		  struct arena *a, const char **ret_path, struct err *e)
{
	struct timespec now;
	const char *path;
	int r;

	if (host->kind != LAYER_FILE)
		return 0;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return err_sys(e, "cannot read the clock");
	path = arena_printf(a, "%s/replaced/%lld.%09ld/%s", l->book, (long long)now.tv_sec,
			    now.tv_nsec, name);
	r = io_mkdir_all(path_parent(a, path), 0700, e);
	if (r == 0)
		r = io_write_file(path, host->data, host->len, host->is_program ? 0700 : 0600, e);
	if (r == 0)
		*ret_path = path;
	return r;
}

static int write_host(const char *path, const struct layer_content *ours, struct arena *a,
		      struct err *e)
{
	struct stat st;
	mode_t mode = ours->is_program ? 0755 : 0644;
	int r = io_mkdir_all(path_parent(a, path), 0755, e);

	/* A file that was private stays so. */
	if (stat(path, &st) == 0)
		mode = (st.st_mode & 0666) | (ours->is_program ? 0100 : 0);
	return r < 0 ? r : io_write_file(path, ours->data, ours->len, mode, e);
}

void layer_load(struct layer_sides *s, const struct layer *l, const struct layer_change *change,
		struct layer_loaded *ret)
{
	const struct layer_entry *host = layer_tree_find(&s->host, change->name);
	const struct layer_entry *ours = layer_tree_find(&s->ours, change->name);

	*ret = (struct layer_loaded){ .name = change->name,
				      .is_removed = !ours,
				      .host_has = host != NULL,
				      .path = host_path(l, change->name, s->arena) };
	layer_read(&s->host, host, s->arena, &ret->host);
	layer_read(&s->ours, ours, s->arena, &ret->ours);
}

int layer_promote(const struct layer *l, const struct layer_loaded *c, struct arena *a,
		  const char **ret_backup, struct err *e)
{
	const char *kept = NULL;
	int r;

	if (!c->is_removed && c->ours.kind != LAYER_FILE)
		return err_set(e, EINVAL,
			       "what is in its place inside is no regular file of at most %zu MiB",
			       LAYER_FILE_MAX >> 20);
	if (c->host_has && c->host.kind != LAYER_FILE)
		return err_set(e, EINVAL,
			       "%s is no regular file of at most %zu MiB; change it by hand",
			       c->path, LAYER_FILE_MAX >> 20);
	r = backup(l, c->name, &c->host, a, &kept, e);
	if (r == 0 && !c->is_removed)
		r = write_host(c->path, &c->ours, a, e);
	else if (r == 0 && unlink(c->path) < 0 && errno != ENOENT)
		r = err_sys(e, "cannot remove %s", c->path);
	if (r == 0)
		*ret_backup = kept;
	return r;
}

int layer_discard(struct layer_sides *s, const struct layer *l, const struct layer_change *change,
		  struct err *e)
{
	struct layer_book next = { 0 };
	int r = change->what == LAYER_REMOVED ? 0 : layer_remove(&s->ours, change->name);

	if (r < 0 && r != -ENOENT)
		return err_set(e, -r, "cannot remove it from the project's layer in %s: %s", l->dir,
			       strerrordesc_np(-r));
	for (size_t i = 0; i < s->book.n; i++) {
		if (strcmp(s->book.items[i].name, change->name) == 0)
			continue;
		next.items = arena_grow(s->arena, next.items, next.n, sizeof(*next.items));
		next.items[next.n++] = s->book.items[i];
	}
	r = layer_write_book(s, l, &next, e);
	if (r < 0)
		return r;
	/* For the next of several. */
	s->book = next;
	return 0;
}
