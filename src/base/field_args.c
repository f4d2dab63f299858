/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options from the command line. getopt_long finds the options and their arguments; what it
 * would say, and the abbreviations it would accept, are replaced: a long option is looked up
 * here, by its full name, before getopt sees it.
 *
 * getopt keeps its place in optind. 0 makes it start anew (glibc), so that this may be called
 * more than once. At each call optind names either a fresh word, or the cluster of short
 * options ("-vx") that is being read; a cluster never begins with "--", so a word that does
 * is fresh, and a "--" found there is the end of the options and nobody's argument.
 */
#include "base/field.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

#define LONG_BASE 256 /* getopt's value for row i without a letter: LONG_BASE + i */

struct options {
	const struct field *rows;
	struct option longs[FIELD_MAX + 1];
	char shorts[2 + 2 * FIELD_MAX + 1];
	struct arena *arena;
};

static bool takes_value(const struct field *row)
{
	return row->type != FIELD_BOOL;
}

static void options_init(struct options *o, const struct field *rows, struct arena *a)
{
	size_t n_longs = 0;
	size_t n_shorts = 0;

	*o = (struct options){ .rows = rows, .arena = a };
	o->shorts[n_shorts++] = '+';
	o->shorts[n_shorts++] = ':';
	for (int i = 0; rows[i].name; i++) {
		if (rows[i].flags & FIELD_NO_OPTION)
			continue;
		o->longs[n_longs++] = (struct option){
			.name = field_option(&rows[i], a),
			.has_arg = takes_value(&rows[i]) ? required_argument : no_argument,
			.val = LONG_BASE + i,
		};
		if (!rows[i].letter)
			continue;
		o->shorts[n_shorts++] = rows[i].letter;
		if (takes_value(&rows[i]))
			o->shorts[n_shorts++] = ':';
	}
}

/* The row behind a value that getopt returned or left in optopt; NULL if there is none. */
static const struct field *find_row(const struct options *o, int value)
{
	if (value >= LONG_BASE)
		return &o->rows[value - LONG_BASE];
	for (const struct field *row = o->rows; row->name; row++)
		if (row->letter && row->letter == value && !(row->flags & FIELD_NO_OPTION))
			return row;
	return NULL;
}

/* @word begins with "--" and more follows. */
static int check_long(const struct options *o, const char *word, struct err *e)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "=");

	for (const struct option *l = o->longs; l->name; l++) {
		if (strlen(l->name) != len || memcmp(l->name, name, len) != 0)
			continue;
		if (l->has_arg == no_argument && name[len] == '=')
			return err_set(e, EINVAL, "option '--%s' takes no value", l->name);
		return 0;
	}
	return err_set(e, EINVAL, "unknown option '--%.*s' (see --help)",
		       (int)(len ? len : strlen(name)), name);
}

static int unknown_letter(const char *word, int letter, struct err *e)
{
	/* Half a character, or "--" for the dash in "-v-", misleads; the whole word does not. */
	if (letter == '-' || letter < ' ' || letter > '~')
		return err_set(e, EINVAL, "unknown option '%s' (see --help)", word);
	return err_set(e, EINVAL, "unknown option '-%c' (see --help)", letter);
}

/* The option as it was typed: the letter if it was the letter. */
static const char *typed_name(const struct options *o, const struct field *row, int value)
{
	if (value < LONG_BASE)
		return arena_printf(o->arena, "-%c", value);
	return arena_printf(o->arena, "--%s", field_option(row, o->arena));
}

static int apply(const struct options *o, int value, void *values, struct field_mask *set,
		 struct err *e)
{
	const struct field *row = find_row(o, value);

	assert(row);
	if (field_set(row, values, takes_value(row) ? optarg : "true", o->arena, e) < 0)
		return err_wrap(e, "option '%s'", typed_name(o, row, value));
	field_mask_put(set, field_index(o->rows, row), true);
	return 0;
}

static int missing_value(const struct options *o, int value, struct err *e)
{
	const struct field *row = find_row(o, value);
	auto_buf struct buf accepts = BUF_INIT(512);

	assert(row);
	field_accepts(row, &accepts);
	if (row->type == FIELD_STR || row->type == FIELD_LIST || row->type == FIELD_MAP)
		return err_set(e, EINVAL, "option '%s' needs a value", typed_name(o, row, value));
	return err_set(e, EINVAL, "option '%s' needs a value: %s", typed_name(o, row, value),
		       buf_text(&accepts));
}

/*
 * Nine parameters, three past the limit: the caller's state, the words, and two results.
 * A struct for them would be filled and emptied again at each of the few calls.
 */
/* NOLINTNEXTLINE(readability-function-size) */
int field_parse_args(const struct field *rows, void *values, struct field_mask *set, int argc,
		     char *const argv[], struct arena *a, int *ret_next, bool *ret_dashes,
		     struct err *e)
{
	struct options o;

	assert(field_count(rows) <= FIELD_MAX);
	options_init(&o, rows, a);
	optind = 0;
	for (;;) {
		int at = optind ? optind : 1;
		const char *word = at < argc ? argv[at] : "";
		bool is_dashes = strcmp(word, "--") == 0;
		int value;
		int r = 0;

		if (strncmp(word, "--", 2) == 0 && !is_dashes)
			r = check_long(&o, word, e);
		if (r < 0)
			return r;
		value = getopt_long(argc, argv, o.shorts, o.longs, NULL);
		if (value == -1) {
			*ret_next = optind < argc ? optind : argc;
			*ret_dashes = is_dashes;
			return 0;
		}
		if (value == '?')
			return unknown_letter(word, optopt, e);
		r = value == ':' ? missing_value(&o, optopt, e) : apply(&o, value, values, set, e);
		if (r < 0)
			return r;
	}
}
