/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "claude-sandbox net": what a project's sandbox may reach. Rules are kept in the project's state on the host,
 * which no sandbox sees, and hold from the next start on; one that runs is told at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "launch/launch.h"
#include "launch/net.h"
#include "run/run.h"
#include "spec/identity.h"

#define RULES_FILE_MAX ((size_t)1 << 20)

/* The settings that hold the lists. */
static const char *const rows[N_NET_LISTS] = {
	[NET_ALLOW] = "allow_hosts", [NET_DENY] = "deny_hosts", [NET_LOCAL] = "allow_local"
};

static struct strv *list_at(struct config *c, enum net_list list)
{
	return field_at(field_find(config_fields, rows[list]), c);
}

/* -ENOENT: none runs. */
int net_connect(struct launch *l, int *ret_fd, struct err *e)
{
	auto_registry struct registry r = REGISTRY_NONE;
	int keeper = -1;
	int code = registry_open(l->facts.runtime_root, false, &r, e);

	if (code == 0)
		code = registry_connect(&r, identity_name(&l->facts, l->arena), &keeper, e);
	if (code == 0)
		code = run_network(keeper, ret_fd, e);
	close_fd(&keeper);
	return code;
}

/* The project's own file as it is; an absent one is empty. */
static int read_own(struct launch *l, struct config *ret, struct err *e)
{
	const char *path = net_rules_path(&l->facts, l->arena);
	struct field_mask ignored = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r = io_read_file(AT_FDCWD, path, RULES_FILE_MAX, true, l->arena, &text, &len, e);

	config_init(ret, l->arena);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r
		     : field_parse_json(config_fields, ret, &ignored, path, text, len, l->arena, e);
}

static void write_list(const struct config *c, enum net_list list, struct buf *b)
{
	const struct strv *rules = field_of(field_find(config_fields, rows[list]), c);

	buf_addf(b, "%s  \"%s\": [", list ? ",\n" : "", rows[list]);
	for (size_t n = 0; n < rules->n; n++) {
		buf_puts(b, n ? ", " : "");
		buf_json(b, rules->items[n]);
	}
	buf_puts(b, "]");
}

static int write_own(struct launch *l, const struct config *c, struct err *e)
{
	const char *path = net_rules_path(&l->facts, l->arena);
	auto_buf struct buf b = BUF_INIT(RULES_FILE_MAX);
	int r = io_mkdir_all(path_parent(l->arena, path), 0700, e);

	buf_puts(&b, "{\n");
	for (enum net_list list = 0; list < N_NET_LISTS; list++)
		write_list(c, list, &b);
	buf_puts(&b, "\n}\n");
	if (r == 0 && buf_full(&b))
		r = err_set(e, E2BIG, "%s would become longer than 1 MiB; forget some rules", path);
	return r < 0 ? r : io_write_file(path, buf_text(&b), b.len, 0600, e);
}

static void take_out(struct strv *list, const char *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], rule) != 0)
			list->items[n++] = list->items[i];
	list->n = n;
}

/* One answer of one line. */
static int order(int fd, const char *line, struct arena *a, struct err *e)
{
	auto_buf struct buf b = BUF_INIT((size_t)8192);
	char chunk[1024];
	int r = io_write_all(fd, line, strlen(line), e);

	while (r == 0 && !strchr(buf_text(&b), '\n')) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n <= 0)
			return err_set(e, EPIPE,
				       "the sandbox has no network any more, so it was not told");
		buf_add(&b, chunk, (size_t)n);
	}
	if (r < 0 || strcmp(buf_text(&b), "ok\n") == 0)
		return r;
	return err_set(e, EINVAL, "%s",
		       arena_strndup(a, buf_text(&b), strcspn(buf_text(&b), "\n")));
}

/* What holds from now on in a sandbox that runs. */
static int tell(struct launch *l, enum net_list list, const char *rule, struct err *e)
{
	auto_fd int fd = -1;
	int r = net_connect(l, &fd, e);

	if (r == -ENOENT || r == -ENOTCONN)
		return 0; /* none runs, or not with a network that is filtered */
	if (r == 0)
		r = order(fd, arena_printf(l->arena, "%s %s\n", net_list_words[list], rule),
			  l->arena, e);
	if (r == 0)
		say("the sandbox that runs was told");
	return r;
}

int net_add(struct launch *l, enum net_list list, const char *rule, struct err *e)
{
	struct config own;
	int r = net_rules_check(list, rule, e);

	if (r == 0)
		r = read_own(l, &own, e);
	if (r < 0)
		return r;
	for (enum net_list other = 0; other < N_NET_LISTS; other++)
		take_out(list_at(&own, other), rule);
	strv_add(list_at(&own, list), rule);
	r = write_own(l, &own, e);
	return r < 0 ? r : tell(l, list, rule, e);
}

static int forget(struct launch *l, const char *rule, struct err *e)
{
	struct config own;
	size_t had = 0;
	size_t has = 0;
	int r = read_own(l, &own, e);

	for (enum net_list list = 0; r == 0 && list < N_NET_LISTS; list++) {
		had += list_at(&own, list)->n;
		take_out(list_at(&own, list), rule);
		has += list_at(&own, list)->n;
	}
	if (r == 0 && has == had)
		r = err_set(e, ENOENT,
			    "there is no rule '%s' of this project's own; "
			    "claude-sandbox net rules lists them",
			    rule);
	if (r == 0)
		r = write_own(l, &own, e);
	if (r == 0)
		say("forgotten from the next start on; a sandbox that runs keeps it until it ends");
	return r;
}

/* allow [--local] RULE [DIR], deny RULE [DIR], forget RULE [DIR] */
static int change(struct launch *l, const char *verb, int n, char *const words[], struct err *e)
{
	bool is_local = n > 0 && strcmp(words[0], "--local") == 0;
	const char *rule = n > is_local ? words[is_local] : NULL;
	bool is_deny = strcmp(verb, "deny") == 0;
	enum net_list list = is_local ? NET_LOCAL : is_deny ? NET_DENY : NET_ALLOW;
	int r;

	if (!rule || n > 2 + is_local || (is_local && strcmp(verb, "allow") != 0))
		return err_set(e, EINVAL, "the form is: claude-sandbox net %s RULE [DIR]", verb);
	r = load_config(l, n > 1 + is_local ? words[1 + is_local] : ".", e);
	if (r < 0)
		return r;
	return strcmp(verb, "forget") == 0 ? forget(l, rule, e) : net_add(l, list, rule, e);
}

static int print_rules(struct launch *l, int n, char *const words[], struct err *e)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	struct config own;
	int r = load_config(l, n > 0 ? words[0] : ".", e);

	if (r == 0)
		r = read_own(l, &own, e);
	if (r < 0)
		return r;
	buf_addf(&b, "network: %s\n", network_names[l->config.config.network]);
	for (enum net_list list = 0; list < N_NET_LISTS; list++) {
		const struct strv *rules = list_at(&l->config.config, list);

		for (size_t k = 0; k < rules->n; k++) {
			buf_addf(&b, "%-6s ", net_list_words[list]);
			buf_visible(&b, rules->items[k]);
			buf_puts(&b, strv_has(list_at(&own, list), rules->items[k])
					     ? "  (this project)\n"
					     : "\n");
		}
	}
	return print(&b);
}

static const struct {
	const char *verb;
	int (*run)(struct launch *l, int n, char *const words[], struct err *e);
} verbs[] = {
	{ "rules", print_rules },
	{ "why", net_why },
	{ "log", net_log },
	{ "ask", net_ask },
};

int word_net(struct launch *l, int n, char *const words[])
{
	const char *verb = n > 0 ? words[0] : "";
	struct err e = { 0 };
	int r = -EINVAL;

	(void)err_set(&e, EINVAL,
		      "net: the forms are: net allow [--local] RULE [DIR], net deny RULE [DIR], "
		      "net forget "
		      "RULE [DIR], net rules [DIR], net why HOST[:PORT] [DIR], net log [--json] "
		      "[--follow] "
		      "[DIR], net ask [DIR]");
	if (strcmp(verb, "allow") == 0 || strcmp(verb, "deny") == 0 || strcmp(verb, "forget") == 0)
		r = change(l, verb, n - 1, words + 1, &e);
	for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
		if (strcmp(verb, verbs[i].verb) == 0)
			r = verbs[i].run(l, n - 1, words + 1, &e);
	return r < 0 ? fail(&e, EXIT_REFUSED) : r;
}
