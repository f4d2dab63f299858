/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the texts that are made from tables, so that none of them is kept by hand:
 *   generate options | shares | levels | planted | presets | bus | bash | man
 * tools/generate.sh writes them into the tree; tests/drift.sh fails if they differ.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/io.h"
#include "spec/bus.h"
#include "spec/config.h"
#include "spec/net_preset.h"
#include "spec/planted.h"
#include "spec/shares.h"

#define TEXT_MAX ((size_t)1 << 20)

static void options(struct arena *a, struct buf *b)
{
	(void)a;
	field_markdown(config_fields, b);
}

static void man(struct arena *a, struct buf *b)
{
	(void)a;
	field_man(config_fields, b);
}

static void bash(struct arena *a, struct buf *b)
{
	(void)a;
	field_bash(config_fields, "claude-sandbox", b);
}

static const char *value(const struct field *row, const struct config *c, struct arena *a)
{
	struct buf b = BUF_INIT((size_t)1 << 12);
	const char *text;

	field_print(row, c, &b);
	text = arena_strdup(a, buf_text(&b));
	buf_done(&b);
	return text;
}

/* What the levels differ in. */
static void levels(struct arena *a, struct buf *b)
{
	static const unsigned order[] = { LEVEL_COMPAT, LEVEL_DEFAULT, LEVEL_STRICT };
	struct config c[N_LEVELS];

	for (unsigned l = 0; l < N_LEVELS; l++)
		config_of_level(l, a, &c[l]);
	buf_puts(b, "| setting | compat | default | strict |\n|---|---|---|---|\n");
	for (const struct field *row = config_fields; row->name; row++) {
		const char *texts[N_ELEMENTS(order)];

		for (size_t l = 0; l < N_ELEMENTS(order); l++)
			texts[l] = value(row, &c[order[l]], a);
		if (strcmp(row->name, "level") != 0 &&
		    (strcmp(texts[0], texts[1]) != 0 || strcmp(texts[1], texts[2]) != 0))
			buf_addf(b, "| `%s` | %s | %s | %s |\n", row->name, texts[0], texts[1],
				 texts[2]);
	}
}

static void planted(struct arena *a, struct buf *b)
{
	(void)a;
	planted_markdown(b);
}

static void bus(struct arena *a, struct buf *b)
{
	(void)a;
	bus_markdown(b);
}

static void presets(struct arena *a, struct buf *b)
{
	(void)a;
	buf_puts(b, "| preset | what it is for | rules |\n|---|---|---|\n");
	for (const struct net_preset *p = net_presets; p->name; p++) {
		buf_addf(b, "| `@%s` | %s |", p->name, p->why);
		for (const char *const *rule = p->rules; *rule; rule++)
			buf_addf(b, "%s `%s`", rule == p->rules ? "" : ",", *rule);
		buf_puts(b, " |\n");
	}
}

static const struct {
	const char *name;
	void (*print)(struct arena *a, struct buf *b);
} texts[] = {
	{ "planted", planted }, { "options", options }, { "shares", shares_markdown },
	{ "levels", levels },   { "bash", bash },       { "man", man },
	{ "presets", presets }, { "bus", bus },
};

int main(int argc, char *argv[])
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf b = BUF_INIT(TEXT_MAX);
	struct err e;

	for (size_t i = 0; argc == 2 && i < N_ELEMENTS(texts); i++) {
		if (strcmp(argv[1], texts[i].name) != 0)
			continue;
		texts[i].print(&a, &b);
		return io_write_all(STDOUT_FILENO, buf_text(&b), b.len, &e) < 0;
	}
	(void)fprintf(
		stderr,
		"usage: generate options | shares | levels | planted | presets | bash | man\n");
	return 1;
}
