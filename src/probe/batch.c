/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many attacks in one call, for a start that is to be tried as a whole. A line is
 *
 *   ID <tab> plain or namespace <tab> NAME <tab> ARG...
 *
 * and its answer "ID <tab> DONE", "ID <tab> REFUSED why" or "ID <tab> CANNOT why". Only attacks that change
 * nothing are taken: whoever sends the lines need not be believed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/probe.h"

#define LINE_SIZE 8192
#define MAX_WORDS 32

/* Ends @words with NULL; how many there are, or 0 if there are too many. */
static size_t split(char *line, char *words[MAX_WORDS])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *word = strsep(&line, "\t"); word; word = strsep(&line, "\t")) {
		if (n == MAX_WORDS - 1)
			return 0;
		words[n++] = word;
	}
	words[n] = NULL;
	return n;
}

static struct verdict answer(char *const words[])
{
	struct attempt at = { .attack = attack_find(words[2]),
			      .args = words + 3,
			      .caller = getppid() };

	errno = 0;
	if (!at.attack)
		return cannot("there is no such attack");
	if (!at.attack->inert)
		return cannot("it would change something");
	if (attempt_args(&at) < at.attack->n_args)
		return cannot("arguments are missing");
	return attack_try(&at, strcmp(words[1], "namespace") == 0);
}

int batch(void)
{
	static char line[LINE_SIZE];
	char *words[MAX_WORDS];

	while (fgets(line, sizeof(line), stdin)) {
		struct verdict v;

		if (split(line, words) < 3)
			return 2;
		v = answer(words);
		(void)printf("%s\t", words[0]);
		verdict_print(&v);
		(void)fflush(stdout); /* no child may take it along */
	}
	return ferror(stdin) ? 2 : 0;
}
