/* SPDX-License-Identifier: Apache-2.0 */
#include "border/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/quarantine.h"

#define TOLD_MAX 12
#define UNTOLD "untold"
#define UNTOLD_MAX ((size_t)64 << 10)

struct entry {
	enum record_kind kind;
	const char *root, *path, *text;
};

struct entries {
	struct arena *arena;
	struct entry *items;
	size_t n;
};

static bool is_known(const struct entries *all, const struct entry *entry)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].kind == entry->kind &&
		    strcmp(all->items[i].path, entry->path) == 0 &&
		    strcmp(all->items[i].text, entry->text) == 0)
			return true;
	return false;
}

static void add(struct entries *all, const struct entry *entry)
{
	if (is_known(all, entry))
		return;
	all->items = arena_grow(all->arena, all->items, all->n, sizeof(*entry));
	all->items[all->n++] = *entry;
}

/*
 * Entries below a directory that was to get another name are looked for in both places: the rename was
 * noted before it was tried. The guard bounds how many that makes.
 */
static void follow_move(struct entries *all, const struct entry *move)
{
	size_t len = strlen(move->path);

	for (size_t i = 0, n = all->n; i < n; i++) {
		struct entry entry = all->items[i];

		if (entry.kind == RECORD_REFUSED || strcmp(entry.root, move->root) != 0 ||
		    strncmp(entry.path, move->path, len) != 0 ||
		    (entry.path[len] != '/' && entry.path[len] != '\0'))
			continue;
		entry.path = arena_printf(all->arena, "%s%s", move->text, entry.path + len);
		add(all, &entry);
	}
}

/* A half entry at the end is one that was being written when its guard was killed. */
static void parse(const char *text, size_t len, struct entries *all)
{
	const char *end = text + len;

	for (const char *at = text; at < end;) {
		const char *fields[4] = { 0 };
		struct entry entry;

		for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
			const char *nul = memchr(at, '\0', (size_t)(end - at));

			if (!nul)
				return;
			fields[i] = at;
			at = nul + 1;
		}
		entry = (struct entry){ (enum record_kind)(fields[0][0] - '0'), fields[1],
					fields[2], fields[3] };
		if (entry.kind == RECORD_MOVED)
			follow_move(all, &entry);
		else
			add(all, &entry);
	}
}

/* False: there was nothing to put away any more. */
static bool put_away(const char *state, const struct entry *entry, bool is_told, struct buf *out)
{
	struct err e;
	int r = quarantine_put(state, entry->root, entry->path, &e);

	if (r == -ENOENT || r == -EISDIR) /* what is in a directory has its own entries */
		return false;
	if (r < 0)
		buf_addf(out, "%s was written and could not be put away: %s\n", entry->path, e.msg);
	else if (is_told)
		buf_addf(out, "put away %s (%s); 'claude-sandbox check' shows how to get it back\n",
			 entry->path, entry->text);
	return r == 0;
}

static bool still_there(const struct entry *entry, struct arena *a)
{
	struct stat st;

	return lstat(arena_printf(a, "%s/%s", entry->root, entry->path), &st) == 0;
}

/* What a package manager unpacked: told by number, or one install would hide all else. */
static bool is_of_package(const char *path)
{
	static const char *const dirs[] = { "node_modules", "site-packages", "vendor" };

	for (size_t i = 0; i < N_ELEMENTS(dirs); i++) {
		const char *at = strstr(path, dirs[i]);

		if (at && (at == path || at[-1] == '/') && at[strlen(dirs[i])] == '/')
			return true;
	}
	return false;
}

static void tell(const char *state, const struct entries *all, struct buf *out)
{
	size_t told[RECORD_MOVED] = { 0 };
	size_t n_packages = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct entry *entry = &all->items[i];

		if (entry->kind == RECORD_HELD)
			told[RECORD_HELD] +=
				put_away(state, entry, told[RECORD_HELD] < TOLD_MAX, out);
		else if (entry->kind == RECORD_CHANGED && !still_there(entry, all->arena))
			continue;
		else if (entry->kind == RECORD_CHANGED && is_of_package(entry->path))
			n_packages++;
		else if (told[entry->kind]++ < TOLD_MAX)
			buf_addf(out, "%s %s: %s\n",
				 entry->kind == RECORD_REFUSED ? "refused to write" : "changed",
				 entry->path, entry->text);
	}
	if (told[RECORD_REFUSED] > TOLD_MAX)
		buf_addf(out, "refused to write %zu more such files\n",
			 told[RECORD_REFUSED] - TOLD_MAX);
	if (told[RECORD_CHANGED] > TOLD_MAX)
		buf_addf(out, "changed %zu more files that run on the host\n",
			 told[RECORD_CHANGED] - TOLD_MAX);
	if (n_packages > 0)
		buf_addf(out, "changed %zu files that run on the host in installed packages\n",
			 n_packages);
	if (told[RECORD_HELD] > TOLD_MAX)
		buf_addf(out, "put away %zu more files; 'claude-sandbox check' lists them\n",
			 told[RECORD_HELD] - TOLD_MAX);
}

static void settle(const char *state, int dir, const char *name, struct buf *out)
{
	auto_arena struct arena a = ARENA_INIT;
	struct entries all = { .arena = &a };
	auto_fd int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct err ignored;
	char *text;
	size_t len;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return; /* of a sandbox that runs */
	if (io_read_file(dir, name, RECORD_MAX, true, &a, &text, &len, &ignored) < 0)
		return; /* it stays for the next one who tries */
	parse(text, len, &all);
	tell(state, &all, out);
	(void)unlinkat(dir, name, 0);
}

static void take_untold(int dir, struct buf *out)
{
	auto_arena struct arena a = ARENA_INIT;
	struct err ignored;
	char *text;
	size_t len;

	if (io_read_file(dir, UNTOLD, UNTOLD_MAX, true, &a, &text, &len, &ignored) < 0)
		return;
	buf_add(out, text, len);
	(void)unlinkat(dir, UNTOLD, 0);
}

void record_keep(const char *state, const struct buf *sentences)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/" RECORD_DIR, state);
	auto_fd int fd = -1;
	struct stat st;
	struct err ignored;

	if (io_mkdir_all(dir, 0700, &ignored) < 0)
		return;
	fd = open(arena_printf(&a, "%s/" UNTOLD, dir),
		  O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size + sentences->len <= UNTOLD_MAX)
		(void)io_write_all(fd, buf_text(sentences), sentences->len, &ignored);
}

void record_settle(const char *state, struct buf *out)
{
	auto_arena struct arena a = ARENA_INIT;
	const struct dirent *entry;
	DIR *d = opendir(arena_printf(&a, "%s/" RECORD_DIR, state));

	if (d)
		take_untold(dirfd(d), out);
	while (d && (entry = readdir(d))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && strcmp(dot, ".record") == 0)
			settle(state, dirfd(d), entry->d_name, out);
	}
	if (d)
		(void)closedir(d);
}
