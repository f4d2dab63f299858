/* SPDX-License-Identifier: Apache-2.0 */
/* A doctor who looks at a tree instead of at "/". After <cmocka.h>. */
#pragma once

#include <string.h>

#include "host/doctor_parts.h"
#include "tree.h"

struct bench {
	struct facts f;
	struct config c;
	struct doctor d;
};

static inline void bench_init(struct bench *b, struct tree *t)
{
	*b = (struct bench){ .f = { .uid = 1000, .user = "tess", .env = STRV_INIT(&t->arena) } };
	config_init(&b->c, &t->arena);
	b->f.home = put_dir(t, "home");
	b->f.project = put_dir(t, "project");
	b->f.state_root = at(t, "home/.local/state/claude-sandbox");
	b->d = (struct doctor){ .f = &b->f,
				.c = &b->c,
				.a = &t->arena,
				.root = arena_printf(&t->arena, "%s/", t->root) };
}

static inline struct finding check(const struct bench *b, const char *name)
{
	for (const struct doctor_check *row = doctor_checks; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row->check(&b->d);
	fail_msg("there is no check '%s'", name);
	return finding_pass("");
}

static inline void is(struct finding got, enum finding_result result, const char *detail,
		      const char *remedy)
{
	if (got.result != result || !strstr(got.detail, detail))
		fail_msg("got %d \"%s\", want %d with \"%s\"", (int)got.result, got.detail,
			 (int)result, detail);
	if (result == FINDING_PASS)
		assert_null(got.remedy);
	else if (!got.remedy || !strstr(got.remedy, remedy))
		fail_msg("got remedy \"%s\", want \"%s\" in it", got.remedy ? got.remedy : "none",
			 remedy);
}

/* A program that says @line and ends with @status. */
static inline const char *put_program(struct tree *t, const char *name, const char *line,
				      int status)
{
	return put_file(t, name,
			arena_printf(&t->arena, "#!/bin/sh\necho '%s'\nexit %d\n", line, status),
			0755);
}

/* A test with a tree of its own. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_enter, tree_leave)
