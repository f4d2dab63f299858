/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file has its own name and those of links that lead to it. A rule for any of them holds for the
 * file, however it is called. Only for programs that do what argv[0] says, argv[0] decides:
 * a rule for reboot leaves `systemctl status` alone. A name that is none of its links is
 * held to be all of them.
 *
 * A program under another name than its own may take that for its first argument: git-push is `git
 * push`, reboot is `systemctl reboot`. So the call is judged in this form, too.
 */
#include "spec/guarded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/wire_rules.h"
#include "spec/spec.h"

#define GUARDS_MAX 128
#define STUBS_DIR "/run/claude-sandbox/stubs"

static const char *const by_name[] = { "busybox",
				       "toybox",
				       "coreutils",
				       "systemctl",
				       "kmod",
				       "dash",
				       "bash",
				       "mksh",
				       "ksh",
				       "zsh",
				       "xtables-nft-multi",
				       "xtables-legacy-multi",
				       "lvm" };

bool guarded_is_by_name(const char *real)
{
	for (size_t i = 0; i < N_ELEMENTS(by_name); i++)
		if (strcmp(path_base(real), by_name[i]) == 0)
			return true;
	return false;
}

/* --- judging ------------------------------------------------------------------------------- */

/* Whether the rule is about this file when it is called @name. */
static bool is_about(const struct rule *rule, const struct guarded *g, const char *name)
{
	if (rule_names(rule, g->names.items[0]))
		return true;
	if (g->by_name && strv_has(&g->names, name))
		return rule_names(rule, name);
	for (size_t i = 1; i < g->names.n; i++)
		if (rule_names(rule, g->names.items[i]))
			return true;
	return false;
}

/* "git-push" of git is "push", "reboot" of systemctl "reboot". */
static const char *applet(const char *name, const char *own)
{
	size_t len = strlen(own);

	return strncmp(name, own, len) == 0 && name[len] == '-' ? name + len + 1 : name;
}

/* The call with its name's applet as first argument; false without memory. */
static bool with_applet(const struct rule_call *call, const char *word, char **ret_block,
			struct rule_call *ret)
{
	size_t name = strlen(call->block) + 1;
	size_t more = strlen(word) + 1;
	char *block = malloc(call->len + more);

	if (!block)
		return false;
	memcpy(block, call->block, name);
	memcpy(block + name, word, more);
	memcpy(block + name + more, call->block + name, call->len - name);
	*ret_block = block;
	*ret = (struct rule_call){ block, call->len + more };
	return true;
}

const struct rule *guarded_judge(const struct guarded *g, const struct rules *rules,
				 const struct rule_call *call)
{
	const char *own = g->names.items[0];
	const char *name = rule_call_name(call);
	auto_free char *block = NULL;
	struct rule_call other;
	bool is_other = strcmp(name, own) != 0;

	if (is_other && !with_applet(call, applet(name, own), &block, &other))
		abort();
	for (size_t i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->items[i];

		if (is_about(rule, g, name) &&
		    (rule_refuses(rule, call) || (is_other && rule_refuses(rule, &other))))
			return rule;
	}
	return NULL;
}

/* --- finding the files inside -------------------------------------------------------------- */

static bool is_same(const struct command_fact *x, const struct command_fact *y)
{
	return x->dev == y->dev && x->ino == y->ino;
}

/* The deepest mount at or above @path. */
static const struct mount *top_mount(const struct spec *s, const char *path)
{
	const struct mount *top = NULL;

	for (size_t i = 0; i < s->n_mounts; i++)
		if (path_below(path, s->mounts[i].dst) &&
		    (!top || strlen(s->mounts[i].dst) >= strlen(top->dst)))
			top = &s->mounts[i];
	return top;
}

/* Where mount @m shows the host's @real inside; NULL: it does not, or another mount is over it. */
static const char *shown_at(const struct spec *s, const struct mount *m, const char *real,
			    struct arena *a)
{
	const char *path;

	if ((m->kind != MOUNT_RO && m->kind != MOUNT_RW) || !path_below(real, m->src))
		return NULL;
	path = path_clean(a, arena_printf(a, "%s%s", m->dst, real + strlen(m->src)));
	return top_mount(s, path) == m ? path : NULL;
}

static void collect_names(const struct facts *f, const struct command_fact *fact, struct strv *ret)
{
	strv_add(ret, path_base(fact->real));
	for (size_t i = 0; i < f->n_commands; i++)
		if (is_same(&f->commands[i], fact) && !strv_has(ret, f->commands[i].name))
			strv_add(ret, f->commands[i].name);
}

/* "#! /usr/bin/env  node\n" as the kernel takes it: the interpreter and at most one argument. */
static struct strv read_interpreter(const char *script, struct arena *a)
{
	static const char blanks[] = " \t";
	struct strv words = STRV_INIT(a);
	const char *line = arena_strndup(a, script + 2, strcspn(script + 2, "\n"));
	const char *word = line + strspn(line, blanks);
	size_t len = strcspn(word, blanks);
	const char *rest = word + len + strspn(word + len, blanks);
	size_t rest_len = strlen(rest);

	while (rest_len > 0 && strchr(blanks, rest[rest_len - 1]))
		rest_len--;
	strv_add(&words, arena_strndup(a, word, len));
	if (rest_len > 0)
		strv_add(&words, arena_strndup(a, rest, rest_len));
	return words;
}

/* Nothing of it ever runs: then it need not be read either. */
static bool is_banned(const struct rules *rules, const struct guarded *g)
{
	for (size_t i = 0; i < rules->n && !g->by_name; i++)
		if (rules->items[i].n_words == 0 && is_about(&rules->items[i], g, ""))
			return true;
	return false;
}

static void cover_script(const char *script, struct guarded *g, struct arena *a, struct spec *s)
{
	g->stub = arena_printf(a, STUBS_DIR "/%zu", s->n_guarded);
	g->interpreter = read_interpreter(script, a);
	strv_add(&g->interpreter, g->path);
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_SCRIPT,
				   .dst = g->path,
				   .text = arena_printf(a, "#!%s%s", g->stub,
							script + strcspn(script, "\n")),
				   .share = "rules",
				   .why = "begins with the stub that asks the rules" });
}

static void add_guard(const struct facts *f, const struct command_fact *fact, const char *path,
		      struct arena *a, struct spec *s)
{
	struct guarded g = { .path = path,
			     .stub = path,
			     .real = fact->real,
			     .names = STRV_INIT(a),
			     .interpreter = STRV_INIT(a),
			     .by_name = guarded_is_by_name(fact->real) };

	collect_names(f, fact, &g.names);
	if (fact->script && !is_banned(&s->rules, &g))
		cover_script(fact->script, &g, a, s);
	else
		/* The real file is executed outside of the root's mounts, where only a rule for its
		 * directory reaches it. */
		landlock_add(&s->landlock, a, path_parent(a, path), LANDLOCK_EXECUTE);
	s->guarded = arena_grow(a, s->guarded, s->n_guarded, sizeof(g));
	s->guarded[s->n_guarded++] = g;
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_STUB,
				   .src = f->stub,
				   .dst = g.stub,
				   .share = "rules",
				   .why = arena_printf(a, "asks the rules before %s runs",
						       path_base(fact->real)) });
}

static void add_fact(const struct facts *f, const struct command_fact *fact, size_t n_mounts,
		     struct arena *a, struct spec *s)
{
	for (size_t i = 0; i < n_mounts; i++) {
		const struct mount m = s->mounts[i];
		const char *path = shown_at(s, &s->mounts[i], fact->real, a);

		if (!path)
			continue;
		if (m.kind == MOUNT_RW || strcmp(path, m.dst) == 0)
			strv_add(&s->notes,
				 arena_printf(
					 a, "blocked_commands: %s is not guarded, because %s", path,
					 m.kind == MOUNT_RW ? "the sandbox can write its directory"
							    : "it is shown without its directory"));
		else
			add_guard(f, fact, path, a, s);
	}
	if (fact->is_partial)
		strv_add(&s->details,
			 arena_printf(a,
				      "blocked_commands: %s has more names (hard links) "
				      "than were found in the "
				      "directories of commands; under those it is not "
				      "guarded",
				      fact->real));
}

static bool is_first(const struct facts *f, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(f->commands[i].real, f->commands[at].real) == 0)
			return false;
	return true;
}

static bool is_guarded(const struct spec *s, const struct rule *rule)
{
	for (size_t i = 0; i < s->n_guarded; i++)
		for (size_t j = 0; j < s->guarded[i].names.n; j++)
			if (rule_names(rule, s->guarded[i].names.items[j]))
				return true;
	return false;
}

static int check_guards(const struct facts *f, struct arena *a, struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->rules.n; i++)
		if (!is_guarded(s, &s->rules.items[i]))
			strv_add(&s->details,
				 arena_printf(a,
					      "blocked_commands: no command '%s' of the host is "
					      "shown inside; one that is installed "
					      "inside is not guarded",
					      s->rules.items[i].name));
	if (s->n_guarded > GUARDS_MAX)
		return err_set(e, E2BIG,
			       "blocked_commands: the rules name %zu programs of this host, and at "
			       "most %d can be guarded; write names that fit fewer",
			       s->n_guarded, GUARDS_MAX);
	if (s->n_guarded > 0 && !f->stub)
		return err_set(e, ENOENT,
			       "our own program libexec/claude-sandbox/stub is missing; build or "
			       "install claude-sandbox again, in its source directory with: "
			       "./dev build");
	return 0;
}

int spec_add_guarded(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		     struct err *e)
{
	size_t n_mounts = s->n_mounts;
	int r = rules_parse(&c->blocked_commands, a, &s->rules, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < f->n_commands; i++)
		if (is_first(f, i))
			add_fact(f, &f->commands[i], n_mounts, a, s);
	r = check_guards(f, a, s, e);
	if (r < 0 || s->n_guarded == 0)
		return r;
	spec_dir(s, a,
		 (struct host_dir){ arena_printf(a, "%s/rules", s->state),
				    "what the command rules refused" });
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_DIR,
				   .dst = STUBS_DIR,
				   .mode = 0755,
				   .why = "interpreters of guarded scripts" });
	spec_service(s, a,
		     (struct service_want){ .service = SERVICE_RULES,
					    .type = SOCK_SEQPACKET,
					    .path = RULES_SOCKET,
					    .why = "judges calls of guarded commands" });
	return r;
}
