/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that command rules hold for. A rule names a command; its file is covered inside by a stub
 * that asks (border/rules.c) before the real one runs, so it does not matter by which path or name it is
 * reached.
 *
 * A script is read by its interpreter, and finds its neighbours by its own path; so it cannot be
 * covered. It is shown with another first line, which names a stub for the interpreter.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/rules.h"

struct config;
struct facts;
struct spec;

struct guarded {
	const char *path;  /* inside */
	const char *stub;  /* inside: path, or for a script the interpreter in its first line */
	const char *real;  /* on the host */
	struct strv names; /* by which it is known, its own first */
	struct strv interpreter; /* of a script: what runs it, the script's path included */
	bool by_name; /* it is another command under each of its names: sh and dash, reboot and systemctl */
};

/*
 * Reads the rules and adds a guard, a mount and a rule of Landlock for each file, and the service. After
 * the mounts and s->landlock. -EINVAL for a rule that cannot be held.
 */
int spec_add_guarded(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		     struct err *e);

/* Whether the program at @real is one of those that do what their name says. */
bool guarded_is_by_name(const char *real);

/* The rule that refuses @call, a whole one, of the guard's command; NULL: it may run. */
const struct rule *guarded_judge(const struct guarded *g, const struct rules *rules,
				 const struct rule_call *call);
