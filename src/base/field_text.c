/* SPDX-License-Identifier: Apache-2.0 */
/* Texts made from the rows: --help, man page (scdoc), bash completion, markdown tables. */
#include "base/field.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"

#define HELP_COLUMN 27
#define HELP_WIDTH 80
#define ROW_MAX 4096 /* of one option with its text */

static bool has_option(const struct field *row)
{
	return !(row->flags & FIELD_NO_OPTION);
}

static const char *group_of(const struct field *row)
{
	return row->group ? row->group : "Options";
}

/* True where a heading is due: @last is the row printed before, NULL at first. */
static bool is_new_group(const struct field *row, const struct field *last)
{
	return !last || strcmp(group_of(row), group_of(last)) != 0;
}

static void add_names(const struct field *row, const char *between, struct buf *b)
{
	for (size_t i = 0; row->names[i]; i++)
		buf_addf(b, "%s%s", i > 0 ? between : "", row->names[i]);
}

/* What stands after the option: "DIR", "none|nat|host"; nothing for a bool. */
static void add_arg(const struct field *row, struct buf *b)
{
	static const char *const words[] = {
		[FIELD_UINT] = "N",
		[FIELD_STR] = "TEXT",
		[FIELD_LIST] = "TEXT",
		[FIELD_MAP] = "KEY=VALUE",
	};

	if (row->type == FIELD_BOOL)
		return;
	if (row->arg)
		buf_puts(b, row->arg);
	else if (row->type == FIELD_ENUM)
		add_names(row, "|", b);
	else
		buf_puts(b, row->flags & FIELD_SIZE ? "SIZE" : words[row->type]);
}

static void add_option(const struct field *row, struct buf *b)
{
	auto_arena struct arena a = ARENA_INIT;

	buf_addf(b, "--%s", field_option(row, &a));
}

/* The row's line, its values if the argument does not list them, and what holds it back. */
static void add_text(const struct field *row, struct buf *b)
{
	buf_puts(b, row->help ? row->help : "");
	if (row->type == FIELD_ENUM && row->arg) {
		buf_puts(b, ": ");
		add_names(row, ", ", b);
	}
	if (row->later)
		buf_addf(b, " (it %s)", row->later);
}

/* Help. */

/* Words of @text from HELP_COLUMN on; the cursor is at @column. */
static void wrap(const char *text, size_t column, struct buf *b)
{
	if (column + 2 > HELP_COLUMN) {
		buf_puts(b, "\n");
		column = 0;
	}
	buf_addf(b, "%*s", (int)(HELP_COLUMN - column), "");
	column = HELP_COLUMN;
	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH) {
			buf_addf(b, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		if (column > HELP_COLUMN)
			buf_puts(b, " ");
		column += len + (column > HELP_COLUMN);
		buf_add(b, text, len);
		text += len;
		text += strspn(text, " ");
	}
	buf_puts(b, "\n");
}

static void help_row(const struct field *row, struct buf *b)
{
	auto_buf struct buf left = BUF_INIT(ROW_MAX);
	auto_buf struct buf text = BUF_INIT(ROW_MAX);

	if (row->letter)
		buf_addf(&left, "  -%c, ", row->letter);
	else
		buf_puts(&left, "      ");
	add_option(row, &left);
	if (row->type != FIELD_BOOL)
		buf_puts(&left, " ");
	add_arg(row, &left);
	add_text(row, &text);
	if (row->env)
		buf_addf(&text, " [$%s]", row->env);
	buf_puts(b, buf_text(&left));
	wrap(buf_text(&text), left.len, b);
}

void field_help(const struct field *rows, struct buf *b)
{
	const struct field *last = NULL;

	for (const struct field *row = rows; row->name; row++) {
		if (!has_option(row))
			continue;
		if (is_new_group(row, last))
			buf_addf(b, "\n%s:\n", group_of(row));
		help_row(row, b);
		last = row;
	}
}

/* @text with a backslash in front of each of @special. */
static void add_escaped(const char *text, const char *special, struct buf *b)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			buf_puts(b, "\\");
		buf_add(b, text, 1);
	}
}

/* Man page. */

#define SCDOC_SPECIAL "\\*_"

static void man_bold(const char *text, struct buf *b)
{
	buf_puts(b, "*");
	add_escaped(text, SCDOC_SPECIAL, b);
	buf_puts(b, "*");
}

static void man_title(const struct field *row, struct buf *b)
{
	auto_buf struct buf name = BUF_INIT(ROW_MAX);
	auto_buf struct buf arg = BUF_INIT(ROW_MAX);

	if (!has_option(row)) {
		man_bold(row->name, b);
		buf_puts(b, " (configuration file only)\n");
		return;
	}
	add_option(row, &name);
	add_arg(row, &arg);
	if (row->letter)
		buf_addf(b, "*-%c*, ", row->letter);
	man_bold(buf_text(&name), b);
	if (arg.len > 0) {
		buf_puts(b, " _");
		add_escaped(buf_text(&arg), SCDOC_SPECIAL, b);
		buf_puts(b, "_");
	}
	buf_puts(b, "\n");
}

static void man_row(const struct field *row, struct buf *b)
{
	auto_buf struct buf text = BUF_INIT(ROW_MAX);
	bool has_key = has_option(row) && !(row->flags & FIELD_NO_KEY);

	man_title(row, b);
	add_text(row, &text);
	buf_puts(b, "\t");
	add_escaped(buf_text(&text), SCDOC_SPECIAL, b);
	buf_puts(b, ".");
	if (has_key) {
		buf_puts(b, " Key: ");
		man_bold(row->name, b);
		buf_puts(b, ".");
	}
	if (row->env) {
		buf_puts(b, " Environment: ");
		man_bold(row->env, b);
		buf_puts(b, ".");
	}
	buf_puts(b, "\n\n");
}

void field_man(const struct field *rows, struct buf *b)
{
	const struct field *last = NULL;

	for (const struct field *row = rows; row->name; row++) {
		if (is_new_group(row, last))
			buf_addf(b, "## %s\n\n", group_of(row));
		man_row(row, b);
		last = row;
	}
}

/* Completion. */

static void bash_name(const char *program, struct buf *b)
{
	buf_puts(b, "_");
	for (const char *c = program; *c; c++)
		buf_add(b, *c == '-' || *c == '.' ? "_" : c, 1);
}

static bool is_offered(const struct field *row)
{
	return has_option(row) && !row->later;
}

/* The values of the enums, for the word after the option. */
static void bash_values(const struct field *rows, struct buf *b)
{
	for (const struct field *row = rows; row->name; row++) {
		if (!is_offered(row) || row->type != FIELD_ENUM)
			continue;
		buf_puts(b, "\t");
		add_option(row, b);
		if (row->letter)
			buf_addf(b, " | -%c", row->letter);
		buf_puts(b, ")\n\t\twords='");
		add_names(row, " ", b);
		buf_puts(b, "'\n\t\t;;\n");
	}
}

/* Options that take the next word, as a pattern; "--=" cannot occur and keeps it from being empty. */
static void bash_takers(const struct field *rows, struct buf *b)
{
	buf_puts(b, "--=");
	for (const struct field *row = rows; row->name; row++) {
		if (!has_option(row) || row->type == FIELD_BOOL)
			continue;
		buf_puts(b, " | ");
		add_option(row, b);
		if (row->letter)
			buf_addf(b, " | -%c", row->letter);
	}
}

static void bash_options(const struct field *rows, struct buf *b)
{
	const char *space = "";

	for (const struct field *row = rows; row->name; row++) {
		if (!is_offered(row))
			continue;
		buf_puts(b, space);
		add_option(row, b);
		space = " ";
	}
}

/*
 * What the function does not complete is left to bash: files and directories. It stops at the
 * first word that is no option, because what follows belongs to another program.
 */
void field_bash(const struct field *rows, const char *program, struct buf *b)
{
	buf_addf(b, "# bash completion for %s: made from the table of options\n", program);
	bash_name(program, b);
	buf_puts(b, "()\n{\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		    "\tlocal i words=\n"
		    "\n"
		    "\tCOMPREPLY=()\n"
		    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		    "\t\tcase ${COMP_WORDS[i]} in\n"
		    "\t\t");
	bash_takers(rows, b);
	buf_puts(b, ")\n"
		    "\t\t\t[[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))\n"
		    "\t\t\t((i++))\n"
		    "\t\t\t;;\n"
		    "\t\t--) return ;;\n"
		    "\t\t-*) ;;\n"
		    "\t\t*) return ;;\n"
		    "\t\tesac\n"
		    "\tdone\n"
		    "\t# bash makes \"=\" a word of its own.\n"
		    "\tif [[ $cur == = ]]; then\n"
		    "\t\tcur=\n"
		    "\telif [[ $prev == = ]]; then\n"
		    "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
		    "\tfi\n"
		    "\tcase $prev in\n");
	bash_values(rows, b);
	buf_puts(b, "\t*)\n"
		    "\t\t[[ $cur != -* ]] || words='");
	bash_options(rows, b);
	buf_puts(b, "'\n"
		    "\t\t;;\n"
		    "\tesac\n"
		    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
		    "}\n"
		    "complete -o default -F ");
	bash_name(program, b);
	buf_addf(b, " %s\n", program);
}

/* Markdown. */

#define MARKDOWN_SPECIAL "\\|<>*_[]`"

static void markdown_values(const struct field *row, struct buf *b)
{
	const char *unit = row->flags & FIELD_SIZE ? "M" : "";

	switch (row->type) {
	case FIELD_BOOL:
		buf_puts(b, row->flags & FIELD_NO_KEY ? "" : "`true`, `false`");
		break;
	case FIELD_UINT:
		buf_addf(b, "%" PRIu64 "%s to %" PRIu64 "%s", row->min, unit, row->max, unit);
		break;
	case FIELD_STR:
		buf_puts(b, "text");
		break;
	case FIELD_ENUM:
		buf_puts(b, "`");
		add_names(row, "`, `", b);
		buf_puts(b, "`");
		break;
	case FIELD_LIST:
		buf_puts(b, "list of texts");
		break;
	case FIELD_MAP:
		buf_puts(b, "object of lists of texts");
		break;
	}
}

static void markdown_row(const struct field *row, struct buf *b)
{
	static const char *const tighten[] = {
		[TIGHTEN_NEVER] = "no",
		[TIGHTEN_TRUE] = "may switch it on",
		[TIGHTEN_FALSE] = "may switch it off",
		[TIGHTEN_LOWER] = "may lower it",
		[TIGHTEN_STRICTER] = "may choose one further left",
		[TIGHTEN_ADD] = "may add",
	};
	bool has_key = !(row->flags & FIELD_NO_KEY);

	buf_puts(b, "| ");
	if (has_key)
		buf_addf(b, "`%s`", row->name);
	if (has_key && row->alias)
		buf_addf(b, ", `%s`", row->alias);
	buf_puts(b, has_option(row) ? " | `" : " | ");
	if (has_option(row))
		add_option(row, b);
	if (has_option(row) && row->letter)
		buf_addf(b, "`, `-%c", row->letter);
	buf_puts(b, has_option(row) ? "` | " : " | ");
	markdown_values(row, b);
	buf_puts(b, " | ");
	add_escaped(row->help ? row->help : "", MARKDOWN_SPECIAL, b);
	if (row->later)
		buf_addf(b, " (it %s)", row->later);
	if (row->env)
		buf_addf(b, "; environment: `%s`", row->env);
	buf_addf(b, " | %s |\n", has_key ? tighten[row->tighten] : "");
}

void field_markdown(const struct field *rows, struct buf *b)
{
	const struct field *last = NULL;

	for (const struct field *row = rows; row->name; row++) {
		if (is_new_group(row, last))
			buf_addf(b,
				 "%s### %s\n\n"
				 "| key | option | values | meaning | a project's own file |\n"
				 "|---|---|---|---|---|\n",
				 last ? "\n" : "", group_of(row));
		markdown_row(row, b);
		last = row;
	}
}
