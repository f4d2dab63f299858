/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "claude-sandbox promote": what a project's sandbox changed of ~/.claude, shown, copied to the host
 * or let go. The host runs these files, so nothing is copied that was not shown, and nothing without
 * a yes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "border/layer.h"
#include "border/login_promote.h"
#include "host/probe.h"
#include "host/program.h"
#include "launch/launch.h"
#include "spec/claude.h"

struct promote {
	struct launch *l;
	struct layer layer;
	struct layer_sides sides;
	struct layer_changes changes;
	const char *dir, *name; /* .name: NULL: all */
	const char *diff;
	bool discard, yes;
};

static int usage(const char *what)
{
	auto_buf struct buf b = BUF_INIT(ERR_MSG_MAX);

	buf_addf(&b,
		 "promote: %s; the forms are: promote [DIR], promote [DIR] NAME [yes], "
		 "promote discard [DIR] NAME [yes]",
		 what);
	say(buf_text(&b));
	return EXIT_REFUSED;
}

/* Not by its name as a file: what was made of that is not shown as a difference. */
static const char login_name[] = "login";

static const char *plain_name(const char *home, const char *word)
{
	return strcmp(word, login_name) == 0 ? login_name : layer_plain_name(home, word);
}

/* A single word that is a name of ~/.claude is one; a directory of that name is written ./skills. */
static int read_words(struct promote *p, int n, char *const words[])
{
	const char *home = p->l->facts.home;

	p->dir = ".";
	if (n > 0 && strcmp(words[0], "discard") == 0) {
		p->discard = true;
		words++;
		n--;
	}
	if (n > 0 && strcmp(words[n - 1], "yes") == 0) {
		p->yes = true;
		n--;
	}
	if (n > 2)
		return usage("too many words");
	if (n == 2 || (n == 1 && !plain_name(home, words[0])))
		p->dir = words[0];
	if (n == 2 || (n == 1 && p->dir != words[0]))
		p->name = plain_name(home, words[n - 1]);
	if (n == 2 && !p->name)
		return usage("NAME is the name of something in ~/.claude, as settings.json or "
			     "skills/x, or the word login");
	if (!p->name && (p->discard || p->yes))
		return usage("a NAME is needed");
	return 0;
}

static bool is_meant(const struct promote *p, const struct layer_change *c)
{
	size_t len = p->name ? strlen(p->name) : 0;

	while (len > 0 && p->name[len - 1] == '/')
		len--;
	return !p->name || (strncmp(c->name, p->name, len) == 0 &&
			    (c->name[len] == '\0' || c->name[len] == '/'));
}

static bool has_login(const struct promote *p)
{
	return access(claude_own_login(&p->l->facts, p->l->arena), F_OK) == 0;
}

static int list(const struct promote *p)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

	for (size_t i = 0; i < p->changes.n; i++) {
		const struct layer_change *c = &p->changes.items[i];

		buf_addf(&b, "%-8s ", c->what == LAYER_ODD ? "no file" : layer_what_names[c->what]);
		buf_visible(&b, c->name);
		buf_puts(&b, "\n");
	}
	if (p->changes.is_full)
		buf_puts(&b, "and more than is looked at\n");
	if (has_login(p))
		buf_addf(&b, "%-8s %s\n", layer_what_names[LAYER_MADE], login_name);
	else if (p->changes.n == 0)
		buf_puts(&b, "Nothing of ~/.claude was changed inside.\n");
	return print(&b);
}

/* True for a yes: by word, or typed at a terminal. */
static bool agrees(const struct promote *p, const char *question)
{
	auto_buf struct buf b = BUF_INIT((size_t)4 * ERR_MSG_MAX);
	char answer[16] = "";

	if (p->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		say("nothing was done: stdin is no terminal to ask at; add the word yes");
		return false;
	}
	buf_visible(&b, question);
	(void)printf("%s [y/N] ", buf_text(&b));
	(void)fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0;
}

static int show(const struct promote *p, const struct layer_loaded *loaded, struct err *e)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	int r = layer_diff(loaded, p->diff, &b, e);

	if (r < 0)
		return fail(e, EXIT_REFUSED);
	return print(&b);
}

static int do_one(struct promote *p, const struct layer_change *c)
{
	struct arena *a = p->l->arena;
	struct layer_loaded loaded;
	const char *kept = NULL;
	struct err e;
	int r;

	layer_load(&p->sides, &p->layer, c, &loaded);
	if (show(p, &loaded, &e) != 0)
		return EXIT_REFUSED;
	if (p->discard) {
		if (!agrees(p, arena_printf(a, "Let go of what was done to %s inside?", c->name)))
			return EXIT_REFUSED;
		r = layer_discard(&p->sides, &p->layer, c, &e);
	} else {
		if (!agrees(p, arena_printf(a,
					    c->what == LAYER_REMOVED ? "Remove %s?"
								     : "Copy this to %s?",
					    loaded.path)))
			return EXIT_REFUSED;
		r = layer_promote(&p->layer, &loaded, a, &kept, &e);
	}
	if (r < 0) {
		(void)err_wrap(&e, "promote %s", c->name);
		return fail(&e, EXIT_REFUSED);
	}
	if (kept)
		say(arena_printf(a, "what it replaced is kept in %s", kept));
	return 0;
}

static int do_meant(struct promote *p)
{
	int status = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->changes.n; i++) {
		if (!is_meant(p, &p->changes.items[i]))
			continue;
		n++;
		if (do_one(p, &p->changes.items[i]) != 0)
			status = EXIT_REFUSED;
	}
	if (n > 0)
		return status;
	say(arena_printf(p->l->arena, "promote: no change of %s was made inside", p->name));
	return EXIT_REFUSED;
}

static int do_login(const struct promote *p)
{
	const char *own = claude_own_login(&p->l->facts, p->l->arena);
	const char *claude = p->layer.host;
	struct err e;
	int r;

	if (!has_login(p)) {
		say("promote: this project has no login of its own");
		return EXIT_REFUSED;
	}
	if (!agrees(p, p->discard ? "Let go of the login that was made inside?"
				  : arena_printf(p->l->arena,
						 "Move the login that was made inside to %s?",
						 claude)))
		return EXIT_REFUSED;
	if (p->discard)
		r = unlink(own) < 0 ? err_sys(&e, "cannot remove %s", own) : 0;
	else
		r = login_promote(own, claude, &e);
	if (r < 0)
		(void)err_wrap(&e, "promote login");
	return r < 0 ? fail(&e, EXIT_REFUSED) : 0;
}

static int run(struct promote *p)
{
	struct err e;
	int r;

	layer_locate(&p->l->facts, p->l->arena, &p->layer);
	if (p->name == login_name)
		return do_login(p);
	if (access(p->layer.dir, F_OK) == 0) {
		r = layer_sides_open(&p->layer, p->l->arena, &p->sides, &e);
		if (r < 0)
			return fail(&e, EXIT_REFUSED);
		layer_list(&p->sides, &p->changes);
	}
	if (!p->name)
		return list(p);
	if (program_find("diff", p->l->arena, &p->diff, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	return do_meant(p);
}

int promote_run(struct launch *l, int n, char *const words[])
{
	struct promote p = { .l = l, .sides = LAYER_SIDES_NONE };
	struct err e;
	int status = read_words(&p, n, words);

	if (status != 0)
		return status;
	if (probe_project(&l->facts, p.dir, l->arena, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	status = run(&p);
	layer_sides_done(&p.sides);
	return status;
}
