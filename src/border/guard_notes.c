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

static int record = -1;
static size_t written;
static char (*seen)[HASH_HEX_SIZE];
static size_t n_seen;
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
	if (!seen)
		abort();
	return 0;
}

/* A thing that is done again and again is told once. */
static bool is_new(const struct buf *b)
{
	char hex[HASH_HEX_SIZE];

	hash_hex(buf_text(b), b->len, hex);
	for (size_t i = 0; i < n_seen; i++)
		if (memcmp(seen[i], hex, sizeof(hex)) == 0)
			return false;
	if (n_seen < SEEN_MAX)
		memcpy(seen[n_seen++], hex, sizeof(hex));
	return true;
}

static void add(enum record_kind kind, const char *root, const char *path, const char *text)
{
	auto_buf struct buf b = BUF_INIT((size_t)4 * PATH_MAX);
	const char digit[2] = { (char)('0' + kind), '\0' };
	const char *const fields[] = { digit, root, path, text };
	struct err ignored;

	for (size_t i = 0; i < N_ELEMENTS(fields); i++)
		buf_add(&b, fields[i], strlen(fields[i]) + 1);
	(void)pthread_mutex_lock(&lock);
	if (written + b.len <= RECORD_MAX && (kind == RECORD_MOVED || is_new(&b))) {
		(void)io_write_all(record, buf_text(&b), b.len, &ignored);
		written += b.len;
	}
	(void)pthread_mutex_unlock(&lock);
}

void guard_note_refused(const struct guard_place *p, const char *why)
{
	add(RECORD_REFUSED, p->root->path, p->rel, why);
}

void guard_note_changed(const struct guard_place *p, const char *what)
{
	add(RECORD_CHANGED, p->root->path, p->rel, what);
}

void guard_note_done(const struct guard_place *p, const struct guard_judgement *j)
{
	if (j->is_held || j->is_reported)
		add(j->is_held ? RECORD_HELD : RECORD_CHANGED, p->root->path, p->rel, j->row->why);
}

void guard_note_moved(const struct guard_place *from, const struct guard_place *to)
{
	if (from->root == to->root)
		add(RECORD_MOVED, from->root->path, from->rel, to->rel);
}
