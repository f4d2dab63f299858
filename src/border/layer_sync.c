/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a start: what changed on the host goes into the project's layer, but for what was changed
 * inside. When nothing has changed, which is nearly always, this is one stat(2) per file and no write.
 *
 * A sandbox of the same project may be writing there at the same time. It can make any single step
 * fail; then its own version stays.
 */
#include "border/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/layer_parts.h"

static bool is_same_stamp(const struct layer_stamp *x, const struct layer_stamp *y)
{
	return x->size == y->size && x->ino == y->ino && x->mode == y->mode &&
	       x->mtime_ns == y->mtime_ns && x->ctime_ns == y->ctime_ns;
}

static struct layer_stamp stamp_or_none(const struct layer_entry *entry)
{
	return entry ? entry->stamp : (struct layer_stamp){ 0 };
}

enum layer_verdict layer_compare(struct layer_sides *s, const char *name, struct layer_pair *ret)
{
	const struct layer_entry *host = layer_tree_find(&s->host, name);
	const struct layer_entry *ours = layer_tree_find(&s->ours, name);
	const struct layer_item *old = layer_book_find(&s->book, name);
	struct layer_pair p = {
		.item = { .name = name, .host = stamp_or_none(host), .ours = stamp_or_none(ours) }
	};
	bool host_same, ours_same;

	if (host && host->kind == LAYER_OTHER)
		host = NULL; /* a fifo or a socket of the host's is nothing to copy */
	if (old)
		p.item.base = old->base;
	host_same = old && is_same_stamp(&old->host, &p.item.host);
	ours_same = old && is_same_stamp(&old->ours, &p.item.ours);
	p.is_new = !ours_same;
	if (host_same && ours_same) {
		p.item = *old;
		p.is_known = true;
		*ret = p;
		return old->changed ? LAYER_KEEP : LAYER_SAME;
	}
	layer_read(&s->host, host, s->arena, &p.host);
	if (ours_same && !old->changed)
		p.ours.digest = old->base;
	else
		layer_read(&s->ours, ours, s->arena, &p.ours);
	*ret = p;
	return layer_decide(&p.item.base, &p.ours.digest, &p.host.digest);
}

/* The host's version of what nobody changed inside. */
static void take(struct layer_sides *s, struct layer_pair *p)
{
	int r = 0;

	if (p->host.digest.hex[0])
		r = layer_put(&s->ours, p->item.name, &p->host, &p->item.ours);
	else
		r = layer_remove(&s->ours, p->item.name);
	if (r < 0 && r != -ENOENT) {
		p->item.changed = true;
		if (r == -ENOSPC || r == -EDQUOT || r == -EROFS)
			s->failed = r;
		return;
	}
	p->item.base = p->host.digest;
}

static void settle(struct layer_sides *s, const char *name, struct layer_book *next)
{
	struct layer_pair p;
	enum layer_verdict verdict = layer_compare(s, name, &p);

	switch (verdict) {
	case LAYER_SAME:
		if (!p.is_known)
			p.item.base = p.host.digest;
		break;
	case LAYER_TAKE:
		take(s, &p);
		if (!p.item.changed && !p.item.base.hex[0])
			return; /* gone on both sides */
		break;
	case LAYER_KEEP:
		p.item.changed = true;
		break;
	case LAYER_FORGET:
		return;
	}
	next->items = arena_grow(s->arena, next->items, next->n, sizeof(p.item));
	next->items[next->n++] = p.item;
}

/* Of sorted lists' heads, NULL where one has ended: the smallest. */
static const char *first_of(const char *const *heads, size_t n)
{
	const char *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (heads[i] && (!first || strcmp(heads[i], first) < 0))
			first = heads[i];
	return first;
}

void layer_each(struct layer_sides *s,
		void (*visit)(struct layer_sides *s, const char *name, void *data), void *data)
{
	const struct layer_tree *h = &s->host;
	const struct layer_tree *o = &s->ours;
	size_t i = 0, j = 0, k = 0;

	for (;;) {
		const char *const heads[] = { i < h->n ? h->entries[i].name : NULL,
					      j < o->n ? o->entries[j].name : NULL,
					      k < s->book.n ? s->book.items[k].name : NULL };
		const char *name = first_of(heads, N_ELEMENTS(heads));

		if (!name)
			return;
		i += heads[0] && strcmp(heads[0], name) == 0;
		j += heads[1] && strcmp(heads[1], name) == 0;
		k += heads[2] && strcmp(heads[2], name) == 0;
		visit(s, name, data);
	}
}

/* A directory of ours in what the sandbox can write; whatever else stands there gives way. */
static int own_dir(int dir, const char *name)
{
	int fd = layer_open(dir, name, O_RDONLY | O_DIRECTORY);

	if (fd == -ENOTDIR || fd == -ELOOP)
		(void)unlinkat(dir, name, 0); /* what could not be removed makes the next fail */
	if (fd < 0 && mkdirat(dir, name, 0700) < 0)
		return -errno;
	return fd < 0 ? layer_open(dir, name, O_RDONLY | O_DIRECTORY) : fd;
}

/* Links inside lead to them: mkdir(2) does not make a directory through a link that leads nowhere. */
static void make_dirs(int dir, const struct layer_name *rows)
{
	struct stat st;

	for (; rows->name; rows++)
		if (rows->is_dir && fstatat(dir, rows->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			(void)mkdirat(dir, rows->name, 0700); /* missed, it is an error inside */
}

static void read_book(struct layer_sides *s, const struct layer *l)
{
	struct err ignored; /* without a book everything is compared anew */
	char *text = NULL;
	size_t len = 0;

	if (io_read_file(AT_FDCWD, arena_printf(s->arena, "%s/book", l->book), LAYER_BOOK_MAX, true,
			 s->arena, &text, &len, &ignored) == 0 &&
	    layer_book_parse(text, len, s->arena, &s->book) == 0)
		s->old_book = text;
	s->old_book_len = s->old_book ? len : 0;
}

int layer_sides_open(const struct layer *l, struct arena *a, struct layer_sides *ret, struct err *e)
{
	struct layer_sides s = LAYER_SIDES_NONE;
	int fd;

	s.arena = a;
	s.host = (struct layer_tree){ .fd = open(l->host, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
				      .links = l->links,
				      .arena = a };
	s.dir = open(l->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd = s.dir < 0 ? -errno : own_dir(s.dir, LAYER_CONFIG);
	if (fd < 0) {
		layer_sides_done(&s);
		return err_set(e, -fd,
			       "cannot open the project's layer of ~/.claude in %s: %s; "
			       "mend or remove that directory",
			       l->dir, strerrordesc_np(-fd));
	}
	s.ours = (struct layer_tree){ .fd = fd, .is_ours = true, .arena = a };
	layer_tree_read(&s.host);
	layer_tree_read(&s.ours);
	read_book(&s, l);
	*ret = s;
	return 0;
}

void layer_sides_done(struct layer_sides *s)
{
	layer_tree_done(&s->host);
	layer_tree_done(&s->ours);
	close_fd(&s->dir);
}

static void settle_one(struct layer_sides *s, const char *name, void *data)
{
	settle(s, name, data);
}

int layer_write_book(struct layer_sides *s, const struct layer *l, const struct layer_book *next,
		     struct err *e)
{
	auto_buf struct buf text = BUF_INIT(LAYER_BOOK_MAX);

	layer_book_print(next, &text);
	if (s->old_book && text.len == s->old_book_len &&
	    memcmp(buf_text(&text), s->old_book, text.len) == 0)
		return 0;
	return io_write_file(arena_printf(s->arena, "%s/book", l->book), buf_text(&text), text.len,
			     0600, e);
}

int layer_sync(const struct layer *l, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_fd int lock = open(l->book, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct layer_sides s = LAYER_SIDES_NONE;
	struct layer_book next = { 0 };
	int r;

	/* Of two starts at once the second finds the first one's work done. */
	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return err_sys(e, "cannot lock %s", l->book);
	r = layer_sides_open(l, &a, &s, e);
	if (r < 0)
		return r;
	make_dirs(s.dir, layer_scratch);
	make_dirs(s.ours.fd, layer_names);
	layer_each(&s, settle_one, &next);
	r = layer_write_book(&s, l, &next, e);
	if (r == 0)
		r = layer_sync_json(l, s.dir, &a, e);
	if (r == 0 && s.failed)
		r = err_set(e, -s.failed,
			    "cannot copy ~/.claude into the project's layer in %s: %s", l->dir,
			    strerrordesc_np(-s.failed));
	layer_sides_done(&s);
	return r;
}
