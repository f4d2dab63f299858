/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened goes into the record before it happens, so that it is there however the sandbox ends
 * (border/record.h). The record is locked as long as the guard lives.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/hash.h"
#include "base/io.h"
#include "border/guard_parts.h"
#include "border/record.h"

#define SEEN_MAX 8192
/* What is only told may fill half of the record; without the other half something would not be put away. */
#define TOLD_SIZE (RECORD_MAX / 2)

/* A path that the record has: as it was written, and as moves of what is above it may have made it. */
struct noted {
	const struct guard_root *root;
	char *rel;
	const char *text;
};

struct noted_list {
	struct noted items[SEEN_MAX];
	size_t n;
};

static int record = -1;
static size_t written;
static char (*seen)[HASH_HEX_SIZE];
static size_t n_seen;
static struct noted_list *held, *changed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * Whoever settles takes the lock too, then removes the name: a record that has lost it is made again.
 * One of a guard that was killed and had the same pid is gone on with, and settled with ours.
 */
static int open_locked(const char *path, struct err *e)
{
	struct stat st = { 0 };

	while (st.st_nlink == 0) {
		close_fd(&record);
		record = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (record < 0 || flock(record, LOCK_EX) < 0 || fstat(record, &st) < 0)
			return err_sys(e, "make the record of what is written in the project");
	}
	written = (size_t)st.st_size;
	return 0;
}

int guard_notes_open(const struct spec *s, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/" RECORD_DIR, s->state);
	int r = io_mkdir_all(dir, 0700, e);

	if (r == 0)
		r = open_locked(arena_printf(&a, "%s/%d.record", dir, getpid()), e);
	if (r < 0)
		return r;
	seen = calloc(SEEN_MAX, sizeof(*seen));
	held = calloc(1, sizeof(*held));
	changed = calloc(1, sizeof(*changed));
	if (!seen || !held || !changed)
		abort();
	return 0;
}

/* A refusal that comes again and again is told once. */
static bool is_new(const struct buf *b)
{
	char hex[HASH_HEX_SIZE];

	hash_hex(buf_text(b), b->len, hex);
	for (size_t i = 0; i < n_seen; i++)
		if (memcmp(seen[i], hex, sizeof(hex)) == 0)
			return false;
	if (n_seen == SEEN_MAX)
		return false;
	memcpy(seen[n_seen++], hex, sizeof(hex));
	return true;
}

static void entry(enum record_kind kind, const char *root, const char *path, const char *text,
		  struct buf *b)
{
	const char digit[2] = { (char)('0' + kind), '\0' };
	const char *const fields[] = { digit, root, path, text };

	for (size_t i = 0; i < N_ELEMENTS(fields); i++)
		buf_add(b, fields[i], strlen(fields[i]) + 1);
}

/* All of it or nothing: half an entry would spoil those behind it. */
static int append(const struct buf *b, size_t max)
{
	struct err e;

	if (buf_full(b) || written + b->len > max)
		return -EDQUOT;
	if (io_write_all(record, buf_text(b), b->len, &e) < 0) {
		(void)!ftruncate(record, (off_t)written);
		return -EDQUOT;
	}
	written += b->len;
	return 0;
}

static bool is_listed(const struct noted_list *list, const struct guard_root *root, const char *rel)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].root == root && strcmp(list->items[i].rel, rel) == 0)
			return true;
	return false;
}

/* False: there is no room. */
static bool list_add(struct noted_list *list, const struct guard_root *root, const char *rel,
		     const char *text)
{
	if (is_listed(list, root, rel))
		return true;
	if (list->n == SEEN_MAX)
		return false;
	list->items[list->n] = (struct noted){ root, strdup(rel), text };
	if (!list->items[list->n++].rel)
		abort();
	return true;
}

static int add(struct noted_list *list, enum record_kind kind, const struct guard_place *p,
	       const char *text)
{
	auto_buf struct buf b = BUF_INIT((size_t)4 * PATH_MAX);
	int r = 0;

	entry(kind, p->root->path, p->rel, text, &b);
	(void)pthread_mutex_lock(&lock);
	if (!is_listed(list, p->root, p->rel))
		r = list->n == SEEN_MAX ? -EDQUOT
					: append(&b, kind == RECORD_HELD ? RECORD_MAX : TOLD_SIZE);
	if (r == 0)
		(void)list_add(list, p->root, p->rel, text);
	(void)pthread_mutex_unlock(&lock);
	return r;
}

void guard_note_refused(const struct guard_place *p, const char *why)
{
	auto_buf struct buf b = BUF_INIT((size_t)4 * PATH_MAX);

	entry(RECORD_REFUSED, p->root->path, p->rel, why, &b);
	(void)pthread_mutex_lock(&lock);
	if (is_new(&b))
		(void)append(&b, TOLD_SIZE);
	(void)pthread_mutex_unlock(&lock);
}

void guard_note_changed(const struct guard_place *p, const char *what)
{
	(void)add(changed, RECORD_CHANGED, p, what);
}

int guard_note_done(const struct guard_place *p, const struct guard_judgement *j)
{
	if (j->is_held)
		return add(held, RECORD_HELD, p, j->row->why);
	if (j->is_reported)
		guard_note_changed(p, j->row->why);
	return 0;
}

/* NULL: @noted is not below @dir. */
static const char *rest_below(const struct noted *noted, const struct guard_place *dir)
{
	size_t len = strlen(dir->rel);

	return noted->root == dir->root && strncmp(noted->rel, dir->rel, len) == 0 &&
			       (noted->rel[len] == '/' || noted->rel[len] == '\0')
		       ? noted->rel + len
		       : NULL;
}

/*
 * Each path below @from is to be known by its new name too; the old one stays, since the rename may
 * fail. How many are new; < 0: there is no room.
 */
static int list_move(struct noted_list *list, const struct guard_place *from,
		     const struct guard_place *to)
{
	size_t before = list->n;

	for (size_t i = 0; i < before; i++) {
		auto_buf struct buf b = BUF_INIT((size_t)2 * PATH_MAX);
		const char *rest = rest_below(&list->items[i], from);

		if (!rest)
			continue;
		buf_addf(&b, "%s%s", to->rel, rest);
		if (buf_full(&b) || !list_add(list, to->root, buf_text(&b), list->items[i].text))
			return -EDQUOT;
	}
	return (int)(list->n - before);
}

static void list_cut(struct noted_list *list, size_t n)
{
	while (list->n > n)
		free(list->items[--list->n].rel);
}

static int note_move(struct noted_list *list, const struct guard_place *from,
		     const struct guard_place *to, size_t max)
{
	auto_buf struct buf b = BUF_INIT((size_t)4 * PATH_MAX);
	size_t before = list->n;
	int r = list_move(list, from, to);

	entry(RECORD_MOVED, from->root->path, from->rel, to->rel, &b);
	if (r > 0)
		r = append(&b, max);
	if (r < 0)
		list_cut(list, before);
	return r;
}

int guard_note_moved(const struct guard_place *from, const struct guard_place *to)
{
	int r;

	if (from->root != to->root)
		return 0; /* another mount: EXDEV */
	(void)pthread_mutex_lock(&lock);
	r = note_move(held, from, to, RECORD_MAX);
	if (r >= 0)
		(void)note_move(changed, from, to, TOLD_SIZE);
	(void)pthread_mutex_unlock(&lock);
	return r < 0 ? r : 0;
}
