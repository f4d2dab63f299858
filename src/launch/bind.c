/* SPDX-License-Identifier: Apache-2.0 */
/* "claude-sandbox bind DIR HOST-PATH [PATH]": shows a part of the host in DIR's sandbox, while it runs. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "host/probe.h"
#include "launch/launch.h"
#include "run/bind.h"
#include "run/run.h"
#include "spec/identity.h"
#include "spec/project.h"

static int usage(void)
{
	say("bind: the form is: bind DIR HOST-PATH [PATH]; HOST-PATH is shown read-only in DIR's "
	    "sandbox, at PATH or under the same name");
	return EXIT_REFUSED;
}

/* As for a mount that a start is asked for. */
static int read_source(struct launch *l, const char *word, const char **ret, struct err *e)
{
	char real[PATH_MAX];
	if (!realpath(word, real))
		return err_sys(e, "bind: %s", word);
	*ret = arena_strdup(l->arena, real);
	return project_check(&l->options, &l->facts, "bind", *ret, l->arena, e);
}

static int ask(struct launch *l, const char *name, struct info *ret, struct err *e)
{
	auto_registry struct registry r = REGISTRY_NONE;
	auto_fd int keeper = -1;
	int code = registry_open(l->facts.runtime_root, false, &r, e);

	if (code == 0)
		code = registry_connect(&r, name, &keeper, e);
	return code < 0 ? code : run_ask(keeper, l->arena, ret, e);
}

static int bind_into(struct launch *l, const struct info *info, const char *src, const char *dst,
		     struct err *e)
{
	struct strv starter = STRV_INIT(l->arena);
	struct bind_how how = { .src = src,
				.dst = dst,
				.init = (pid_t)info->init_pid,
				.uid = l->facts.uid,
				.gid = l->facts.gid,
				.starter = &starter };
	struct config c;
	int r = 0;

	if (info->init_pid == 0)
		return err_set(
			e, EAGAIN,
			"bind: the sandbox is just starting, or has no service outside by which "
			"its first process would be known: try again, or start it with --extra-ro");
	if (strcmp(info->backend, backend_names[BACKEND_CONTAINER]) == 0) {
		config_init(&c, l->arena);
		c.backend = BACKEND_CONTAINER;
		probe_container(&l->facts, &c, l->arena);
		r = plan_starter(&l->facts, l->arena, &starter, e);
	}
	return r < 0 ? r : run_bind(&how, e);
}

int word_bind(struct launch *l, int n, char *const words[])
{
	struct info info = { 0 };
	const char *src = NULL;
	struct err e;
	int r;

	if (n < 2 || n > 3)
		return usage();
	r = probe_project(&l->facts, words[0], l->arena, &e);
	if (r == 0)
		r = read_source(l, words[1], &src, &e);
	if (r < 0)
		return fail(&e, EXIT_REFUSED);
	if (n == 3 && words[2][0] != '/') {
		(void)err_set(&e, EINVAL, "bind: %s is no absolute path", words[2]);
		return fail(&e, EXIT_REFUSED);
	}
	r = ask(l, identity_name(&l->facts, l->arena), &info, &e);
	if (r == -ENOENT) {
		say(arena_printf(l->arena, "No live sandbox for %s; --list shows those that run",
				 l->facts.project));
		return EXIT_REFUSED;
	}
	if (r == 0)
		r = bind_into(l, &info, src, n == 3 ? path_clean(l->arena, words[2]) : src, &e);
	return r < 0 ? fail(&e, EXIT_REFUSED) : 0;
}
