/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of git's configuration syntax (git-config(1)): one setting after the other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define GITCONFIG_TEXT_MAX ((size_t)1 << 20)

struct gitconfig_reader {
	const char *file; /* for messages: "FILE:LINE: ..." */
	const char *text;
	size_t len, pos;
	size_t line;
	bool at_end; /* the last '\n' stood for the end of the text */
};

/* One setting. The name is "section.key" or "section.subsection.key", as git has it. */
struct gitconfig_entry {
	struct buf name;
	size_t section_len; /* of the part before the key's dot */
	struct buf value;
	bool has_value; /* "key" alone means true */
	size_t line;
};

/* A name between its dots: "a.b.c.key" has the section "a" and the subsection "b.c". */
struct gitconfig_name {
	const char *section, *sub, *key; /* @sub is NULL if there is none */
	size_t section_len, sub_len;
};

#define auto_gitconfig_entry __attribute__((cleanup(gitconfig_entry_done)))

void gitconfig_entry_init(struct gitconfig_entry *entry);
void gitconfig_entry_done(struct gitconfig_entry *entry);

/* @text stays the caller's. Fails if it is too long or no text. */
int gitconfig_reader_init(struct gitconfig_reader *r, const char *file, const char *text,
			  size_t len, struct err *e);

/* 1: *entry is the next setting; 0: the end; -EINVAL if git would not read it either. */
int gitconfig_next(struct gitconfig_reader *r, struct gitconfig_entry *entry, struct err *e);

struct gitconfig_name gitconfig_split(const char *name);

/*
 * Is it @row of a list? "section.key" has no subsection, "section..key" has any; '*' as the key is
 * any key.
 */
bool gitconfig_matches(const struct gitconfig_name *name, const char *row);
