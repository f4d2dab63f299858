/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field_parse_args() over any words: one per line of the input. Whatever is accepted, the
 * parser stops at a word that is no option, and says truly whether it swallowed a "--".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_WORDS 32

struct settings {
	bool verbose, quiet;
	uint64_t cpus, memory_mib;
	const char *agent;
	unsigned network;
	struct strv extra_ro_binds, labels, only_in_file;
};

static const char *const network_names[] = { "none", "filtered", "host", NULL };

static const struct field rows[] = {
	F_BOOL(struct settings, verbose, .letter = 'v'),
	F_BOOL(struct settings, quiet, .letter = 'q'),
	F_UINT(struct settings, cpus, .letter = 'c', .min = 1, .max = 64),
	F_UINT(struct settings, memory_mib, .option = "memory", .flags = FIELD_SIZE, .min = 16,
	       .max = 4096),
	F_STR(struct settings, agent, .letter = 'a'),
	F_ENUM(struct settings, network, .letter = 'n', .names = network_names),
	F_LIST(struct settings, extra_ro_binds, .option = "extra-ro"),
	F_MAP(struct settings, labels),
	F_LIST(struct settings, only_in_file, .letter = 'o', .flags = FIELD_NO_OPTION),
	F_END,
};

static void expect(bool is_true)
{
	if (!is_true)
		abort();
}

static int split(const uint8_t *data, size_t size, char **argv, struct arena *a)
{
	char *text = arena_strndup(a, (const char *)data, size);
	int argc = 0;

	argv[argc++] = arena_strdup(a, "program");
	while (text && argc < MAX_WORDS)
		argv[argc++] = strsep(&text, "\n");
	argv[argc] = NULL;
	return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	char *argv[MAX_WORDS + 1];
	int argc = split(data, size, argv, &a);
	struct settings s = { 0 };
	struct field_mask set = { 0 };
	struct err e = { 0 };
	bool dashes = false;
	int next = 0;

	if (field_parse_args(rows, &s, &set, argc, argv, &a, &next, &dashes, &e) < 0) {
		expect(e.code < 0 && *e.msg);
		return 0;
	}
	expect(next >= 1 && next <= argc);
	expect(!field_mask_has(&set, 8) && s.only_in_file.n == 0);
	if (dashes)
		expect(next >= 2 && strcmp(argv[next - 1], "--") == 0);
	else if (next < argc)
		expect(argv[next][0] != '-' || argv[next][1] == '\0');
	expect(!field_mask_has(&set, 2) || (s.cpus >= 1 && s.cpus <= 64));
	expect(s.network < 3);
	return 0;
}
