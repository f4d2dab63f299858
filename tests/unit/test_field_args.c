/* SPDX-License-Identifier: Apache-2.0 */
#include "base/field.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define MAX_WORDS 8

struct settings {
	bool verbose, quiet, gpu;
	uint64_t cpus, memory_mib;
	const char *agent;
	unsigned network;
	struct strv extra_ro_binds, labels, only_in_file;
};

static const char *const network_names[] = { "none", "filtered", "host", NULL };

static const struct field rows[] = {
	F_BOOL(struct settings, verbose, .letter = 'v'),
	F_BOOL(struct settings, quiet, .letter = 'q'),
	F_BOOL(struct settings, gpu, .later = "is not here yet"),
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

struct run {
	int argc;
	char *argv[MAX_WORDS + 2];
	struct settings settings;
	struct field_mask set;
	int next;
	bool dashes;
	struct err e;
};

static int run(struct run *r, const char *const *words, struct arena *a)
{
	*r = (struct run){ .argc = 1, .next = -1 };
	r->argv[0] = arena_strdup(a, "program");
	for (size_t i = 0; words[i]; i++)
		r->argv[r->argc++] = arena_strdup(a, words[i]);
	return field_parse_args(rows, &r->settings, &r->set, r->argc, r->argv, a, &r->next,
				&r->dashes, &r->e);
}

struct accepted {
	const char *words[MAX_WORDS];
	const char *want; /* the rows that were set */
	int next;
	bool dashes;
};

static void check_accepted(const struct accepted *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf got = BUF_INIT(1024);
		struct run r;

		assert_int_equal(run(&r, cases[i].words, &a), 0);
		assert_string_equal(r.e.msg, "");
		for (size_t k = 0; rows[k].name; k++) {
			if (!field_mask_has(&r.set, k))
				continue;
			buf_addf(&got, "%s%s=", got.len ? " " : "", rows[k].name);
			field_print(&rows[k], &r.settings, &got);
		}
		assert_string_equal(buf_text(&got), cases[i].want);
		assert_int_equal(r.next, cases[i].next);
		assert_int_equal(r.dashes, cases[i].dashes);
	}
}

static void accepted(void **state)
{
	static const struct accepted cases[] = {
		{ { NULL }, "", 1, false },
		{ { "." }, "", 1, false },
		{ { "-" }, "", 1, false },
		{ { "" }, "", 1, false },
		{ { "--verbose" }, "verbose=true", 2, false },
		{ { "-v", "dir" }, "verbose=true", 2, false },
		{ { "-vq" }, "verbose=true quiet=true", 2, false },
		{ { "-vc4", "x" }, "verbose=true cpus=4", 2, false },
		{ { "-vc", "4", "x" }, "verbose=true cpus=4", 3, false },
		{ { "--cpus", "4" }, "cpus=4", 3, false },
		{ { "--cpus=4", "--cpus=5" }, "cpus=5", 3, false },
		{ { "--memory", "1G" }, "memory_mib=1024M", 3, false },
		{ { "--agent=" }, "agent=", 2, false },
		{ { "--agent=a=b" }, "agent=a=b", 2, false },
		{ { "--agent", "--verbose", "x" }, "agent=--verbose", 3, false },
		{ { "--network", "host" }, "network=host", 3, false },
		{ { "-n", "none" }, "network=none", 3, false },
		{ { "--extra-ro", "/a", "--extra-ro=/b" }, "extra_ro_binds=/a, /b", 4, false },
		{ { "--labels=a=1", "--labels", "b=" }, "labels=a=1, b=", 4, false },
		/* Not this parser's to refuse. */
		{ { "--gpu" }, "gpu=true", 2, false },
	};

	(void)state;
	check_accepted(cases, N_ELEMENTS(cases));
}

static void ends_of_options(void **state)
{
	static const struct accepted cases[] = {
		/* Options end at the first word that is none. */
		{ { "dir", "--verbose" }, "", 1, false },
		{ { "dir", "--", "x" }, "", 1, false },
		{ { "-v", "dir", "--nonsense" }, "verbose=true", 2, false },
		/* "--" is swallowed where it ends the options, and only there. */
		{ { "--" }, "", 2, true },
		{ { "--", "--verbose" }, "", 2, true },
		{ { "--", "--" }, "", 2, true },
		{ { "-v", "--", "ls" }, "verbose=true", 3, true },
		{ { "--agent", "--" }, "agent=--", 3, false },
		{ { "--agent", "--", "ls" }, "agent=--", 3, false },
		{ { "-va", "--", "ls" }, "verbose=true agent=--", 3, false },
		{ { "-a--", "ls" }, "agent=--", 2, false },
		{ { "--agent=--", "ls" }, "agent=--", 2, false },
		{ { "--agent", "--", "--", "ls" }, "agent=--", 4, true },
	};

	(void)state;
	check_accepted(cases, N_ELEMENTS(cases));
}

static void refused(void **state)
{
	static const struct {
		const char *words[MAX_WORDS];
		const char *msg;
	} cases[] = {
		{ { "--nonsense" }, "unknown option '--nonsense' (see --help)" },
		{ { "--nonsense=1" }, "unknown option '--nonsense' (see --help)" },
		{ { "-v", "--Verbose" }, "unknown option '--Verbose' (see --help)" },
		{ { "-x" }, "unknown option '-x' (see --help)" },
		{ { "-vx" }, "unknown option '-x' (see --help)" },
		{ { "-v-" }, "unknown option '-v-' (see --help)" },
		{ { "-:" }, "unknown option '-:' (see --help)" },
		{ { "-?" }, "unknown option '-?' (see --help)" },
		{ { "-\xc3\xa9" }, "unknown option '-\xc3\xa9' (see --help)" },
		{ { "---verbose" }, "unknown option '---verbose' (see --help)" },
		{ { "--=x" }, "unknown option '--=x' (see --help)" },
		/* Full names only, and no name but the option's own. */
		{ { "--verb" }, "unknown option '--verb' (see --help)" },
		{ { "--net", "host" }, "unknown option '--net' (see --help)" },
		{ { "--net=host" }, "unknown option '--net' (see --help)" },
		{ { "--extra-ro-binds=/a" }, "unknown option '--extra-ro-binds' (see --help)" },
		{ { "--extra_ro=/a" }, "unknown option '--extra_ro' (see --help)" },
		{ { "--memory-mib=64" }, "unknown option '--memory-mib' (see --help)" },
		{ { "--only-in-file=x" }, "unknown option '--only-in-file' (see --help)" },
		{ { "-o", "x" }, "unknown option '-o' (see --help)" },
		{ { "--verbose=true" }, "option '--verbose' takes no value" },
		{ { "--verbose=" }, "option '--verbose' takes no value" },
		{ { "--agent" }, "option '--agent' needs a value" },
		{ { "-va" }, "option '-a' needs a value" },
		{ { "--extra-ro" }, "option '--extra-ro' needs a value" },
		{ { "--network" },
		  "option '--network' needs a value: one of none, filtered, host" },
		{ { "-n" }, "option '-n' needs a value: one of none, filtered, host" },
		{ { "--cpus" }, "option '--cpus' needs a value: a whole number from 1 to 64" },
		{ { "--network", "hosty" },
		  "option '--network': must be one of none, filtered, host, not 'hosty'" },
		{ { "-nhosty" }, "option '-n': must be one of none, filtered, host, not 'hosty'" },
		{ { "--network=" },
		  "option '--network': must be one of none, filtered, host, not ''" },
		{ { "--cpus", "--" }, "option '--cpus': '--' is not a whole number from 1 to 64" },
		{ { "-c65" }, "option '-c': '65' is out of range: a whole number from 1 to 64" },
		{ { "--memory=1P" },
		  "option '--memory': '1P' is not a size from 16M to 4096M, "
		  "such as 512M, 4G or 1T" },
		{ { "--extra-ro=" }, "option '--extra-ro': must not be empty" },
		{ { "--labels", "x" }, "option '--labels': must be KEY=VALUE" },
		{ { "--labels", "=x" }, "option '--labels': must be KEY=VALUE" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct run r;

		assert_int_equal(run(&r, cases[i].words, &a) < 0, true);
		assert_string_equal(r.e.msg, cases[i].msg);
		assert_int_equal(r.next, -1);
	}
}

/* No word but the program's name, and not even that. */
static void few_words(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	char *const argv[] = { NULL };
	struct settings s = { 0 };
	struct field_mask set = { 0 };
	struct err e = { 0 };
	bool dashes = true;
	int next = -1;

	(void)state;
	assert_int_equal(field_parse_args(rows, &s, &set, 0, argv, &a, &next, &dashes, &e), 0);
	assert_int_equal(next, 0);
	assert_false(dashes);
	assert_int_equal(set.words[0], 0);
}

/* A run that stopped within a cluster leaves nothing behind for the next one. */
static void runs_are_independent(void **state)
{
	static const char *const bad[] = { "-vxq", NULL };
	static const char *const good[] = { "-q", "dir", NULL };
	auto_arena struct arena a = ARENA_INIT;
	struct run r;

	(void)state;
	assert_int_equal(run(&r, bad, &a), -EINVAL);
	assert_int_equal(run(&r, good, &a), 0);
	assert_false(r.settings.verbose);
	assert_true(r.settings.quiet);
	assert_int_equal(r.next, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(ends_of_options),
		cmocka_unit_test(refused),
		cmocka_unit_test(few_words),
		cmocka_unit_test(runs_are_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
