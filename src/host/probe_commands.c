/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files the command rules are about. Names are looked for in the directories of commands;
 * these are listed only if a rule's name is a glob, or a file found has more names: links to a program that
 * does what its name says, and hard links.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "spec/guarded.h"

#define SCRIPT_MAX ((size_t)1 << 20)

static const char *const usual_dirs[] = {
	"/run/current-system/sw/bin",
	"/usr/local/bin",
	"/usr/bin",
	"/bin",
	"/usr/local/sbin",
	"/usr/sbin",
	"/sbin",
	"/usr/games",
	"/usr/local/games",
	"/usr/lib/git-core",
};

struct search {
	struct facts *f;
	struct arena *a;
	struct strv dirs; /* real paths */
	struct rules rules;
};

static void add_dir(struct search *x, const char *dir)
{
	const char *real = dir[0] == '/' ? probe_real(x->a, dir) : NULL;

	if (real && !strv_has(&x->dirs, real))
		strv_add(&x->dirs, real);
}

static void add_list(struct search *x, const char *list)
{
	for (size_t len; list && *list; list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		add_dir(x, path_expand_home(x->a, x->f->home, arena_strndup(x->a, list, len)));
	}
}

static void add_dirs(struct search *x, const struct config *c)
{
	for (size_t i = 0; i < N_ELEMENTS(usual_dirs); i++)
		add_dir(x, usual_dirs[i]);
	for (size_t i = 0; i < c->extra_path.n; i++)
		add_list(x, c->extra_path.items[i]);
	add_list(x, env_get(&x->f->env, "CLAUDE_SANDBOX_EXTRA_PATH"));
	add_list(x, env_get(&x->f->env, "PATH"));
}

static bool begins_script(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char head[2] = "";

	return fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) && head[0] == '#' &&
	       head[1] == '!';
}

/* The text of a script; what is larger or holds a NUL is taken for a binary, of which nothing is read. */
static const char *read_script(const char *path, struct arena *a)
{
	struct err ignored;
	size_t len = 0;
	char *text;

	if (!begins_script(path) ||
	    io_read_file(AT_FDCWD, path, SCRIPT_MAX, false, a, &text, &len, &ignored) < 0 ||
	    strlen(text) != len)
		return NULL;
	return text;
}

static void add_command(struct search *x, const char *dir, const char *name, const struct stat *st)
{
	const char *real = probe_real(x->a, path_join(x->a, dir, name));
	struct facts *f = x->f;

	if (!real)
		return;
	for (size_t i = 0; i < f->n_commands; i++)
		if (strcmp(f->commands[i].real, real) == 0 &&
		    strcmp(f->commands[i].name, name) == 0)
			return;
	f->commands = arena_grow(x->a, f->commands, f->n_commands, sizeof(*f->commands));
	f->commands[f->n_commands++] = (struct command_fact){ .name = arena_strdup(x->a, name),
							      .real = real,
							      .dev = st->st_dev,
							      .ino = st->st_ino,
							      .script = read_script(real, x->a),
							      .is_partial = st->st_nlink > 1 };
}

static bool is_program(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_mode & 0111;
}

static void try_name(struct search *x, const char *dir, const char *name)
{
	struct stat st;

	if (stat(path_join(x->a, dir, name), &st) == 0 && is_program(&st))
		add_command(x, dir, name, &st);
}

static bool is_ruled(const struct search *x, const char *name)
{
	for (size_t i = 0; i < x->rules.n; i++)
		if (rule_names(&x->rules.items[i], name))
			return true;
	return false;
}

/* Whether it is the same file as one of the first @n commands. */
static bool is_known(const struct search *x, const struct stat *st, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x->f->commands[i].dev == st->st_dev && x->f->commands[i].ino == st->st_ino)
			return true;
	return false;
}

/* Each program of @dir that a rule names or, with @n > 0, that is the same file as one of the first @n. */
static void list_dir(struct search *x, const char *dir, size_t n)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d)) != NULL) {
		struct stat st;

		if (n == 0 && !is_ruled(x, entry->d_name))
			continue;
		if (fstatat(dirfd(d), entry->d_name, &st, 0) < 0 || !is_program(&st))
			continue;
		if (n == 0 || is_known(x, &st, n))
			add_command(x, dir, entry->d_name, &st);
	}
	if (d)
		(void)closedir(d);
}

static void find_ruled(struct search *x)
{
	bool listed = false;

	for (size_t i = 0; i < x->rules.n; i++)
		listed |= !rule_is_literal(&x->rules.items[i]);
	for (size_t d = 0; d < x->dirs.n; d++) {
		if (listed)
			list_dir(x, x->dirs.items[d], 0);
		for (size_t i = 0; !listed && i < x->rules.n; i++)
			try_name(x, x->dirs.items[d], x->rules.items[i].name);
	}
}

/* Hard links: more files to guard. Other names of what does as its name says: to leave them alone. */
static void find_siblings(struct search *x)
{
	size_t n = x->f->n_commands;
	bool wanted = false;

	for (size_t i = 0; i < n; i++) {
		const struct command_fact *c = &x->f->commands[i];
		const char *dir = path_parent(x->a, c->real);

		wanted |= c->is_partial || guarded_is_by_name(c->real);
		if (c->is_partial && dir)
			add_dir(x, dir);
	}
	for (size_t d = 0; wanted && d < x->dirs.n; d++)
		list_dir(x, x->dirs.items[d], n);
}

/* How many real paths were found for one file, against its number of links. */
static void count_links(struct search *x)
{
	struct facts *f = x->f;

	for (size_t i = 0; i < f->n_commands; i++) {
		struct stat st;
		size_t found = 0;

		if (!f->commands[i].is_partial)
			continue;
		for (size_t j = 0; j < f->n_commands; j++) {
			bool first = f->commands[j].dev == f->commands[i].dev &&
				     f->commands[j].ino == f->commands[i].ino;

			for (size_t k = 0; first && k < j; k++)
				first = strcmp(f->commands[k].real, f->commands[j].real) != 0;
			found += first;
		}
		f->commands[i].is_partial =
			stat(f->commands[i].real, &st) == 0 && st.st_nlink > found;
	}
}

void probe_commands(struct facts *f, const struct config *c, struct arena *a)
{
	struct search x = { .f = f, .a = a, .dirs = STRV_INIT(a) };
	struct err told_later; /* the spec reads the rules again */

	if (c->blocked_commands.n == 0 ||
	    rules_parse(&c->blocked_commands, a, &x.rules, &told_later) < 0)
		return;
	add_dirs(&x, c);
	find_ruled(&x);
	find_siblings(&x);
	count_links(&x);
}
