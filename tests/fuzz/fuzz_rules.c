/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text up to the first newline is a rule, the rest a call whose arguments end with NUL. A rule that was
 * read has a name, never refuses more for a call of fewer arguments at its end, and one without
 * words refuses everything.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spec/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is refused stays refused with one more argument behind it. */
static void check_longer(const struct rule *rule, const struct rule_call *call, struct arena *a)
{
	char *block = arena_alloc(a, call->len + 2);
	struct rule_call longer = { block, call->len + 2 };

	memcpy(block, call->block, call->len);
	block[call->len] = 'x';
	if (rule_refuses(rule, call) && !rule_refuses(rule, &longer))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	struct strv patterns = STRV_INIT(&a);
	struct rules rules = { 0 };
	struct rule_call call;
	struct err e = { 0 };
	char *block;

	if (!end)
		return 0;
	strv_add(&patterns, arena_strndup(&a, (const char *)data, (size_t)(end - data)));
	if (rules_parse(&patterns, &a, &rules, &e) < 0) {
		if (e.code == 0 || e.msg[0] == '\0' || rules.n != 0)
			abort();
		return 0;
	}
	if (rules.n != 1 || rules.items[0].name[0] == '\0' || strchr(rules.items[0].name, '/'))
		abort();
	/* A block of its own size, so that a read past its end is seen. */
	size -= (size_t)(end + 1 - data);
	block = malloc(size + 1);
	if (!block)
		abort();
	if (size > 0)
		memcpy(block, end + 1, size);
	block[size] = '\0';
	call = (struct rule_call){ block, size + 1 };
	if (!rule_call_is_whole(&call))
		abort();
	(void)rule_call_name(&call);
	check_longer(&rules.items[0], &call, &a);
	if (rules.items[0].n_words == 0 && !rule_refuses(&rules.items[0], &call))
		abort();
	free(block);
	return 0;
}
