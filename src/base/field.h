/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field table: one row per setting gives the option, the config key, the environment
 * variable, the help line, the man page, the completion and the JSON in and out. A row whose
 * type differs from the member's does not compile. Six types, and no seventh: write a function.
 *
 * A set of values is a plain struct plus a mask that says which rows were set; so layers
 * (defaults, files, environment, options) are values of one type that are merged in order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

enum field_type {
	FIELD_BOOL, /* bool */
	FIELD_UINT, /* uint64_t, .min to .max */
	FIELD_STR,  /* const char * */
	FIELD_ENUM, /* unsigned, an index into .names */
	FIELD_LIST, /* struct strv; layers add up */
	FIELD_MAP,  /* struct strv of "key=value"; in JSON an object of lists; layers add up */
};

/* What a project's own file may do with the row (it may only tighten). */
enum field_tighten {
	TIGHTEN_NEVER,    /* not at all */
	TIGHTEN_TRUE,     /* may switch it on */
	TIGHTEN_FALSE,    /* may switch it off */
	TIGHTEN_LOWER,    /* may lower the number */
	TIGHTEN_STRICTER, /* enum: may move towards index 0; the names stand strictest first */
	TIGHTEN_ADD,      /* may add items */
};

enum {
	FIELD_NO_OPTION = 1 << 0, /* config file only */
	FIELD_NO_KEY = 1 << 1,    /* command line (and environment) only */
	FIELD_SIZE = 1 << 2,      /* FIELD_UINT in MiB, with M, G, T */
	FIELD_SECRET = 1 << 3,    /* never printed */
	FIELD_SESSION = 1 << 4,   /* concerns one command in a sandbox, not the sandbox */
};

struct field {
	const char *name; /* the member; the JSON key; with '-' for '_' the option */
	enum field_type type;
	size_t offset;
	char letter;              /* short option, 0: none */
	const char *option;       /* other option name than the member's */
	const char *alias;        /* second JSON key with the same meaning (system B's name) */
	const char *arg;          /* what the help calls the value; enums list their names */
	const char *group;        /* heading in help and man page */
	const char *help;         /* one line, no full stop */
	const char *env;          /* environment variable */
	const char *const *names; /* FIELD_ENUM, NULL-terminated */
	uint64_t min, max;
	unsigned flags;
	enum field_tighten tighten;
	const char *later; /* set: parsed and documented, but refused with this reason when used */
};

#define FIELD_OFF(T, m, t)                                                                \
	(offsetof(T, m) +                                                                 \
	 0 * sizeof(struct {                                                              \
		 _Static_assert(__builtin_types_compatible_p(__typeof__(((T *)0)->m), t), \
				#m ": the row and the member differ in type");            \
		 int unused;                                                              \
	 }))

#define F_ROW(T, m, ctype, ftype, ...)                                                     \
	{                                                                                  \
		.name = #m, .type = (ftype), .offset = FIELD_OFF(T, m, ctype), __VA_ARGS__ \
	}
#define F_BOOL(T, m, ...) F_ROW(T, m, bool, FIELD_BOOL, __VA_ARGS__)
#define F_UINT(T, m, ...) F_ROW(T, m, uint64_t, FIELD_UINT, __VA_ARGS__)
#define F_STR(T, m, ...) F_ROW(T, m, const char *, FIELD_STR, __VA_ARGS__)
#define F_ENUM(T, m, ...) F_ROW(T, m, unsigned, FIELD_ENUM, __VA_ARGS__)
#define F_LIST(T, m, ...) F_ROW(T, m, struct strv, FIELD_LIST, __VA_ARGS__)
#define F_MAP(T, m, ...) F_ROW(T, m, struct strv, FIELD_MAP, __VA_ARGS__)
#define F_END                \
	{                    \
		.name = NULL \
	}

#define FIELD_MAX 128 /* rows in a table */

/* Some rows of a table, by their index. */
struct field_mask {
	uint64_t words[FIELD_MAX / 64];
};

size_t field_count(const struct field *rows);
const struct field *field_find(const struct field *rows, const char *name); /* by member name */
size_t field_index(const struct field *rows, const struct field *row);

static inline bool field_mask_has(const struct field_mask *m, size_t index)
{
	return m->words[index / 64] >> index % 64 & 1;
}

static inline void field_mask_put(struct field_mask *m, size_t index, bool is_in)
{
	const uint64_t bit = UINT64_C(1) << index % 64;

	m->words[index / 64] = (m->words[index / 64] & ~bit) | (is_in ? bit : 0);
}

static inline void *field_at(const struct field *row, void *values)
{
	return (char *)values + row->offset;
}

static inline const void *field_of(const struct field *row, const void *values)
{
	return (const char *)values + row->offset;
}

/*
 * Sets one row from text (an option's argument, an environment value, a level's preset);
 * lists get one more item; a bool takes true, false, 1, 0, yes, no. The text is copied into @a.
 * The message names the accepted values but not the row: the caller wraps it.
 */
int field_set(const struct field *row, void *values, const char *text, struct arena *a,
	      struct err *e);

/* What the row takes, to follow "must be": "one of none, host", "a whole number from 1 to 64". */
void field_accepts(const struct field *row, struct buf *b);

/* The JSON key that was probably meant by @word, an option's name included; NULL: none is near. */
const char *field_guess(const struct field *rows, const char *word, struct arena *a);

/* Copies row by row what @set marks in @from over @to; lists and maps are appended. */
void field_merge(const struct field *rows, void *to, const void *from, const struct field_mask *set,
		 struct arena *a);

/* The value as text (lists: items joined by ", "), or as JSON. */
void field_print(const struct field *row, const void *values, struct buf *b);
void field_print_json(const struct field *row, const void *values, struct buf *b);

/* The option as typed, without dashes: "extra-bind". Written into @a. */
const char *field_option(const struct field *row, struct arena *a);

/*
 * Parses options up to the first word that is none (getopt_long underneath, exact names only).
 * *ret_next is the index of that word; *ret_dashes tells whether a "--" just before it was
 * swallowed. Errors name the word and what to do: "unknown option '--x' (see --help)".
 */
int field_parse_args(const struct field *rows, void *values, struct field_mask *set, int argc,
		     char *const argv[], struct arena *a, int *ret_next, bool *ret_dashes,
		     struct err *e);

/* Reads every row's .env that is set in @env and not empty. Errors name the variable. */
int field_parse_env(const struct field *rows, void *values, struct field_mask *set,
		    const struct strv *env, struct arena *a, struct err *e);

/*
 * Reads a JSON object (jansson; duplicate keys refused). @file is only used in messages:
 * "FILE:LINE:COLUMN: unknown key 'x'" and so on, also for wrong types and values out of range.
 */
int field_parse_json(const struct field *rows, void *values, struct field_mask *set,
		     const char *file, const char *text, size_t len, struct arena *a,
		     struct err *e);

/* Texts made from a table: groups as headings, in the order of the rows. */
void field_help(const struct field *rows, struct buf *b); /* for --help, 80 columns */
void field_man(const struct field *rows, struct buf *b);  /* scdoc */
void field_bash(const struct field *rows, const char *program, struct buf *b); /* completion */
void field_markdown(const struct field *rows, struct buf *b); /* configuration reference */
