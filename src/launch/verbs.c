/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be done with sandboxes that run: --list, --stop, --enter, --attach, --freeze, --thaw. They
 * read no config: a running sandbox is what it is, and whoever enters it gets just that.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/path.h"
#include "host/probe.h"
#include "launch/launch.h"
#include "run/run.h"
#include "run/stdio.h"
#include "spec/identity.h"

struct target {
	const char *name; /* in the registry */
	const char *what; /* for people: the project, or the name as typed */
};

bool verb_is_asked(const struct config *o)
{
	return o->list || o->stop || o->enter || o->attach || o->freeze || o->thaw;
}

static bool is_registered(const struct registry *r, const char *name, struct arena *a)
{
	struct strv names = STRV_INIT(a);
	struct err ignored;

	return registry_names(r, &names, &ignored) == 0 && strv_has(&names, name);
}

/* The word is an id as --list shows it, or a project directory, even one that has been deleted. */
static int find_target(struct launch *l, const struct registry *r, struct target *ret,
		       struct err *e)
{
	const char *word = l->cmdline.project;
	int code;

	if (is_registered(r, word, l->arena)) {
		*ret = (struct target){ word, word };
		return 0;
	}
	code = probe_project(&l->facts, word, l->arena, e);
	if (code < 0)
		return code;
	*ret = (struct target){ identity_name(&l->facts, l->arena), l->facts.project };
	return 0;
}

static void age(uint64_t started_s, char ret[static 32])
{
	time_t now = time(NULL);
	uint64_t s = (uint64_t)now > started_s ? (uint64_t)now - started_s : 0;

	if (s < 120)
		(void)snprintf(ret, 32, "%" PRIu64 " s", s);
	else if (s < 7200)
		(void)snprintf(ret, 32, "%" PRIu64 " min", s / 60);
	else if (s < 172800)
		(void)snprintf(ret, 32, "%" PRIu64 " h", s / 3600);
	else
		(void)snprintf(ret, 32, "%" PRIu64 " days", s / 86400);
}

static void list_line(const struct info *info, struct buf *b)
{
	char since[32];
	char memory[32] = "-"; /* nobody counts it */
	auto_buf struct buf project = BUF_INIT(8192);

	age(info->started_s, since);
	if (info->memory_bytes)
		(void)snprintf(memory, sizeof(memory), "%" PRIu64 " MiB", info->memory_bytes >> 20);
	buf_visible(&project, info->project);
	buf_addf(b, "%-40s %-8s %-10s %8zu %8s  %-8s %-8s %s\n", info->id, info->level,
		 info->backend, info->n_sessions, memory, since,
		 info->is_frozen ? "frozen" : "running", buf_text(&project));
}

static int list(struct launch *l, const struct registry *r)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	struct strv names = STRV_INIT(l->arena);
	bool json = l->options.json;
	size_t n = 0;
	struct err e;

	if (registry_names(r, &names, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	buf_puts(&b, json ? "[" : "");
	for (size_t i = 0; i < names.n; i++) {
		auto_fd int channel = -1;
		struct info info;

		if (registry_connect(r, names.items[i], &channel, &e) < 0) {
			registry_release(r, names.items[i], true);
			continue;
		}
		if (run_ask(channel, l->arena, &info, &e) < 0)
			continue; /* it ends just now */
		if (n++ == 0 && !json)
			buf_addf(&b, "%-40s %-8s %-10s %8s %8s  %-8s %-8s %s\n", "ID", "LEVEL",
				 "BACKEND", "SESSIONS", "MEMORY", "AGE", "STATE", "PROJECT");
		else if (json)
			buf_puts(&b, n > 1 ? ",\n " : "");
		if (json)
			info_json(&info, &b);
		else
			list_line(&info, &b);
	}
	buf_puts(&b, json ? "]\n" : "");
	return print(&b);
}

static int stop(struct launch *l, int channel, const struct target *t)
{
	struct info info;
	struct err e;

	if (run_ask(channel, l->arena, &info, &e) < 0)
		return 0; /* it was faster */
	say(arena_printf(l->arena, "Stopping sandbox for %s (pid %" PRIu64 ")", t->what, info.pid));
	run_stop(channel, say);
	return 0;
}

/* What the first session got, but for the terminal's own variables. */
static void make_job(struct launch *l, const struct info *info, struct job *ret)
{
	static const char *const terminal[] = { "TERM", "COLORTERM", "NO_COLOR" };

	*ret = (struct job){ .argv = STRV_INIT(l->arena),
			     .env = STRV_INIT(l->arena),
			     .cwd = info->cwd };
	strv_addn(&ret->env, info->env.items, info->env.n);
	for (size_t i = 0; i < N_ELEMENTS(terminal); i++) {
		const char *value = env_get(&l->facts.env, terminal[i]);

		if (value)
			env_set(&ret->env, terminal[i], value);
	}
	if (l->cmdline.command.n > 0)
		strv_addn(&ret->argv, l->cmdline.command.items, l->cmdline.command.n);
	else
		strv_add(&ret->argv, info->shell);
}

/* Both are sessions in a sandbox of which only its keeper knows what it is. Takes @channel. */
static int go_in(struct launch *l, int channel)
{
	struct run_how how = { .env = &l->facts.env, .say = say };
	struct info info = { 0 };
	struct err e = { 0 };
	struct job job;
	int status = 0;
	int r = run_ask(channel, l->arena, &info, &e);

	if (r == 0)
		r = stdio_check(&e);
	if (r < 0) {
		close_fd(&channel);
		return fail(&e, EXIT_REFUSED);
	}
	how.raw = info.is_raw;
	make_job(l, &info, &job);
	if (l->options.enter)
		r = run_job(channel, &job, &how, &status, &e);
	else
		r = run_attach(channel, &how, &status, &e);
	return finish(l, r, status, &e);
}

static int none_runs(const struct launch *l, const struct target *t)
{
	const char *text = arena_printf(l->arena, "No live sandbox for %s", t->what);

	if (l->options.stop) {
		say(text);
		return 0;
	}
	say(arena_printf(l->arena, "%s; --list shows those that run", text));
	return EXIT_REFUSED;
}

static int on_target(struct launch *l, const struct registry *r)
{
	struct target t = { 0 };
	int channel = -1;
	struct err e;
	int code = find_target(l, r, &t, &e);

	if (code == 0)
		code = registry_connect(r, t.name, &channel, &e);
	if (code == -ENOENT && t.name)
		return none_runs(l, &t);
	if (code < 0)
		return fail(&e, EXIT_REFUSED);
	if (l->options.enter || l->options.attach)
		return go_in(l, channel);
	if (l->options.stop)
		code = stop(l, channel, &t);
	else if (run_freeze(channel, l->options.freeze, &e) < 0)
		code = fail(&e, EXIT_REFUSED);
	close_fd(&channel);
	return code;
}

int verb_run(struct launch *l)
{
	auto_registry struct registry r = REGISTRY_NONE;
	struct err e;

	if (config_check_actions(&l->options, l->arena, &e) < 0 ||
	    cmdline_split(&l->options, l->words, l->n_words, l->dashes, l->arena, &l->cmdline, &e) <
		    0 ||
	    registry_open(l->facts.runtime_root, false, &r, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (l->cmdline.agent_args.n > 0 || (l->cmdline.command.n > 0 && !l->options.enter)) {
		const char *word = l->cmdline.agent_args.n > 0 ? l->cmdline.agent_args.items[0]
							       : l->cmdline.command.items[0];

		(void)err_set(&e, EINVAL, "'%s' is too much: there is nothing to pass it to%s",
			      word, l->options.enter ? "; a command follows after --" : "");
		return fail(&e, EXIT_REFUSED);
	}
	return l->options.list ? list(l, &r) : on_target(l, &r);
}
