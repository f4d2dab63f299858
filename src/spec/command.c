/* SPDX-License-Identifier: Apache-2.0 */
/* The payload's argv: the agent with its notice, a shell, or a command as it was given. */
#include <errno.h>
#include <string.h>

#include "spec/agent.h"
#include "spec/notice.h"
#include "spec/spec.h"

const char *spec_shell(const struct facts *f)
{
	return facts_path(f, "/bin/bash")->kind == PATH_ABSENT ? "/bin/sh" : "/bin/bash";
}

static void note_yolo(const struct config *c, struct arena *a, struct spec *s)
{
	if (c->yolo)
		strv_add(&s->notes,
			 arena_printf(a, "yolo is ignored: it is an option of the agent, and %s",
				      c->shell ? "a shell was asked for" : "a command was given"));
}

static int unknown_agent(const char *name, struct arena *a, struct err *e)
{
	const char *known = agents[0].name;

	for (const struct agent *agent = agents + 1; agent->name; agent++)
		known = arena_printf(a, "%s, %s", known, agent->name);
	return err_set(e, EINVAL, "there is no agent '%s'; known are: %s", name, known);
}

static int add_agent(const struct config *c, const struct facts *f, const struct cmdline *l,
		     struct arena *a, struct spec *s, struct err *e)
{
	const struct agent *agent = agent_find(c->agent);

	if (!agent)
		return unknown_agent(c->agent, a, e);
	if (!f->agent.program)
		return err_set(e, ENOENT,
			       "%s is not installed: it is not on PATH, in ~/.local/bin or where "
			       "npm installs; install it with 'npm install -g %s', or start with "
			       "'./dev run', which fetches it",
			       agent->program, agent->package);
	strv_add(&s->command, arena_printf(a, AGENT_BIN_DIR "/%s", agent->program));
	if (c->yolo && agent->yolo_flag)
		strv_add(&s->command, agent->yolo_flag);
	if (agent->notice_flag)
		strv_add(&s->command, agent->notice_flag, notice_text(s, c, a));
	strv_addn(&s->command, l->agent_args.items, l->agent_args.n);
	s->command_why = arena_printf(a, "the agent %s (%s)", agent->name, f->agent.program);
	return 0;
}

int spec_add_command(const struct config *c, const struct facts *f, const struct cmdline *l,
		     struct arena *a, struct spec *s, struct err *e)
{
	s->command = STRV_INIT(a);
	if (l->command.n > 0) {
		strv_addn(&s->command, l->command.items, l->command.n);
		s->command_why = "the command that was given";
	} else if (c->shell) {
		strv_add(&s->command, spec_shell(f));
		s->command_why = "--shell";
	} else {
		return add_agent(c, f, l, a, s, e);
	}
	note_yolo(c, a, s);
	return 0;
}
