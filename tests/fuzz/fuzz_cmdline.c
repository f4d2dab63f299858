/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte holds the options, the rest are words that end with NUL. No word is lost but the
 * directory and at most one "--", none is changed, and a command excludes arguments of the agent.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec.h"

#define N_WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_words(const uint8_t *data, size_t size, struct arena *a, char **words)
{
	int n = 0;

	while (size > 0 && n < N_WORDS_MAX) {
		size_t len = strnlen((const char *)data, size);

		words[n++] = arena_strndup(a, (const char *)data, len);
		len += len < size;
		data += len;
		size -= len;
	}
	return n;
}

/* The last words are @kept, in order. */
static void check_kept(char *const *words, int n, const struct strv *kept)
{
	if (kept->n > (size_t)n)
		abort();
	for (size_t i = 0; i < kept->n; i++)
		if (kept->items[i] != words[(size_t)n - kept->n + i])
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	char *words[N_WORDS_MAX + 1] = { NULL };
	uint8_t options = size > 0 ? data[0] : 0;
	int n = size > 0 ? read_words(data + 1, size - 1, &a, words) : 0;
	const struct config c = { .exec = options & 1, .args = options & 2, .shell = options & 4 };
	bool dashes = options & 8;
	struct cmdline l = { 0 };
	struct err e = { 0 };
	int r = cmdline_split(&c, words, n, dashes, &a, &l, &e);

	if (r < 0) {
		if (r != e.code || e.msg[0] == '\0' || l.project)
			abort();
		return 0;
	}
	if (!l.project || l.project[0] == '\0' || (l.command.n > 0 && l.agent_args.n > 0))
		abort();
	if (l.command.n + l.agent_args.n + 2 < (size_t)n)
		abort();
	check_kept(words, n, &l.command);
	check_kept(words, n, &l.agent_args);
	return 0;
}
