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

struct settings {
	bool verbose, token_ok;
	uint64_t cpus, memory_mib;
	const char *agent, *token;
	unsigned network;
	struct strv extra_bind, packages;
};

static const char *const network_names[] = { "none", "nat", "host", NULL };

static const struct field rows[] = {
	F_BOOL(struct settings, verbose, .letter = 'v', .group = "Output", .env = "X_VERBOSE",
	       .flags = FIELD_NO_KEY, .help = "text"),
	F_BOOL(struct settings, token_ok, .group = "Output", .tighten = TIGHTEN_FALSE,
	       .help = "words that reach the eightieth column, just that, and no more"),
	F_UINT(struct settings, cpus, .group = "Limits", .letter = 'c', .min = 1, .max = 64,
	       .tighten = TIGHTEN_LOWER, .later = "is not here yet", .help = "processors"),
	F_UINT(struct settings, memory_mib, .group = "Limits", .option = "memory",
	       .flags = FIELD_SIZE, .min = 16, .max = 4096, .help = "a *limit* | of sorts"),
	F_STR(struct settings, agent, .group = "Rest", .arg = "NAME", .help = "who",
	      .env = "X_AGENT"),
	F_STR(struct settings, token, .group = "Rest", .flags = FIELD_SECRET, .help = "a secret"),
	F_ENUM(struct settings, network, .group = "Rest", .names = network_names, .env = "X_NET",
	       .tighten = TIGHTEN_STRICTER, .help = "reach"),
	F_LIST(struct settings, extra_bind, .group = "Rest", .arg = "DIR", .alias = "binds",
	       .tighten = TIGHTEN_ADD, .help = "also DIR", .env = "X_BIND"),
	F_MAP(struct settings, packages, .group = "Rest", .flags = FIELD_NO_OPTION,
	      .help = "more of them"),
	F_END,
};

static void finds_rows(void **state)
{
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	assert_int_equal(field_count(rows), 9);
	assert_ptr_equal(field_find(rows, "cpus"), &rows[2]);
	assert_null(field_find(rows, "memory"));
	assert_null(field_find(rows, "binds"));
	assert_null(field_find(rows, ""));
	assert_int_equal(field_index(rows, &rows[4]), 4);
	assert_string_equal(field_option(&rows[1], &a), "token-ok");
	assert_string_equal(field_option(&rows[3], &a), "memory");
}

static void sets_from_text(void **state)
{
	static const struct {
		const char *name, *text;
		const char *want; /* printed, or the message */
		int result;
	} cases[] = {
		{ "verbose", "true", "true", 0 },
		{ "verbose", "yes", "true", 0 },
		{ "verbose", "1", "true", 0 },
		{ "verbose", "false", "false", 0 },
		{ "verbose", "no", "false", 0 },
		{ "verbose", "0", "false", 0 },
		{ "verbose", "on", "must be true, false, 1, 0, yes or no, not 'on'", -EINVAL },
		{ "verbose", "", "must be true, false, 1, 0, yes or no, not ''", -EINVAL },
		{ "cpus", "64", "64", 0 },
		{ "cpus", "65", "'65' is out of range: a whole number from 1 to 64", -ERANGE },
		{ "cpus", "x", "'x' is not a whole number from 1 to 64", -EINVAL },
		{ "memory_mib", "1G", "1024M", 0 },
		{ "memory_mib", "8G", "'8G' is out of range: a size from 16M to 4096M", -ERANGE },
		{ "agent", "claude", "claude", 0 },
		{ "agent", "", "", 0 },
		{ "token", "hunter2", "(secret)", 0 },
		{ "network", "nat", "nat", 0 },
		{ "network", "NAT", "must be one of none, nat, host, not 'NAT'", -EINVAL },
		{ "network", "na", "must be one of none, nat, host, not 'na'", -EINVAL },
		{ "extra_bind", "/a", "/a", 0 },
		{ "extra_bind", "", "must not be empty", -EINVAL },
		{ "packages", "full=gcc", "full=gcc", 0 },
		{ "packages", "full", "must be KEY=VALUE", -EINVAL },
		{ "packages", "=gcc", "must be KEY=VALUE", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const struct field *row = field_find(rows, cases[i].name);
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf got = BUF_INIT(1024);
		struct settings s = { 0 };
		struct err e = { 0 };

		assert_int_equal(field_set(row, &s, cases[i].text, &a, &e), cases[i].result);
		if (cases[i].result == 0)
			field_print(row, &s, &got);
		assert_string_equal(cases[i].result == 0 ? buf_text(&got) : e.msg, cases[i].want);
	}
}

/* The value outlives the text that it came from. */
static void copies_the_text(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct settings s = { 0 };
	struct err e = { 0 };
	char text[] = "abc";

	(void)state;
	assert_int_equal(field_set(&rows[4], &s, text, &a, &e), 0);
	assert_int_equal(field_set(&rows[7], &s, text, &a, &e), 0);
	text[0] = 'x';
	assert_string_equal(s.agent, "abc");
	assert_string_equal(s.extra_bind.items[0], "abc");
}

static void prints_json(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct settings s = { .verbose = true, .memory_mib = 64, .token = "hunter2", .network = 2 };
	struct strv empty = STRV_INIT(&a);
	static const char *const want[] = {
		"true",
		"false",
		"0",
		"64",
		"null",
		"null",
		"\"host\"",
		"[\"a\\\"b\", \"c\"]",
		"{\"x\": [\"1\", \"a=b\"], \"y\": [\"2\"]}",
	};

	(void)state;
	s.extra_bind = s.packages = empty;
	strv_add(&s.extra_bind, "a\"b", "c");
	strv_add(&s.packages, "x=1", "y=2", "x=a=b");
	for (size_t i = 0; rows[i].name; i++) {
		auto_buf struct buf got = BUF_INIT(1024);

		field_print_json(&rows[i], &s, &got);
		assert_string_equal(buf_text(&got), want[i]);
	}
}

static void a_mask_has_what_was_put_into_it(void **state)
{
	static const size_t some[] = { 0, 1, 63, 64, 65, FIELD_MAX - 1 };
	struct field_mask m = { 0 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(some); i++) {
		field_mask_put(&m, some[i], true);
		for (size_t k = 0; k < N_ELEMENTS(some); k++)
			assert_int_equal(field_mask_has(&m, some[k]), k == i);
		field_mask_put(&m, some[i], false);
	}
}

static void merges_what_is_set(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct settings to = { .cpus = 1, .agent = "old", .network = 1 };
	struct settings from = { .verbose = true, .cpus = 2, .agent = "new", .memory_mib = 64 };

	(void)state;
	from.extra_bind = from.packages = STRV_INIT(&a);
	strv_add(&from.extra_bind, "/a", "/b");
	strv_add(&from.packages, "x=1");
	field_merge(rows, &to, &from,
		    &(struct field_mask){ { 1 << 0 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7 } }, &a);
	field_merge(rows, &to, &from, &(struct field_mask){ { 1 << 7 } }, &a);
	assert_true(to.verbose);
	assert_int_equal(to.cpus, 1);
	assert_int_equal(to.memory_mib, 64);
	assert_string_equal(to.agent, "new");
	assert_int_equal(to.network, 0);
	assert_int_equal(to.extra_bind.n, 4);
	assert_string_equal(to.extra_bind.items[3], "/b");
	assert_int_equal(to.packages.n, 0);
	assert_int_equal(from.extra_bind.n, 2);
}

static void reads_the_environment(void **state)
{
	static const struct {
		const char *variable;
		uint64_t set;
		const char *msg;
	} cases[] = {
		{ "X_AGENT=claude", 1 << 4, "" },
		{ "X_AGENT=", 0, "" },
		{ "X_VERBOSE=1", 1 << 0, "" },
		{ "X_BIND=/a", 1 << 7, "" },
		{ "X_AGENTS=claude", 0, "" },
		{ "agent=claude", 0, "" },
		{ "X_NET=lan", 0,
		  "environment variable X_NET: must be one of none, nat, host, not 'lan'" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct strv env = STRV_INIT(&a);
		struct settings s = { 0 };
		struct err e = { 0 };
		struct field_mask set = { 0 };

		strv_add(&env, "HOME=/root", cases[i].variable);
		assert_int_equal(field_parse_env(rows, &s, &set, &env, &a, &e),
				 *cases[i].msg ? -EINVAL : 0);
		assert_int_equal(set.words[0], cases[i].set);
		assert_string_equal(e.msg, cases[i].msg);
	}
}

static void guesses_keys(void **state)
{
	static const struct {
		const char *word, *want;
	} cases[] = {
		{ "cpu", "cpus" },
		{ "pcus", "cpus" },
		{ "netwrk", "network" },
		{ "memory", "memory_mib" },
		{ "binds", "extra_bind" },
		{ "agnet", "agent" },
		{ "extra-bind", "extra_bind" },
		{ "x", NULL },
		{ "", NULL },
		{ "verbos", NULL },
		{ "something_else", NULL },
	};
	auto_arena struct arena a = ARENA_INIT;
	char *many = arena_alloc(&a, 200);

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const char *got = field_guess(rows, cases[i].word, &a);

		assert_string_equal(got ? got : "-", cases[i].want ? cases[i].want : "-");
	}
	memset(many, 'a', 199);
	assert_null(field_guess(rows, many, &a));
}

static void writes_help(void **state)
{
	static const char want[] =
		"\n"
		"Output:\n"
		"  -v, --verbose            text [$X_VERBOSE]\n"
		"      --token-ok           words that reach the eightieth column, just that, and\n"
		"                           no more\n"
		"\n"
		"Limits:\n"
		"  -c, --cpus N             processors (it is not here yet)\n"
		"      --memory SIZE        a *limit* | of sorts\n"
		"\n"
		"Rest:\n"
		"      --agent NAME         who [$X_AGENT]\n"
		"      --token TEXT         a secret\n"
		"      --network none|nat|host\n"
		"                           reach [$X_NET]\n"
		"      --extra-bind DIR     also DIR [$X_BIND]\n";
	auto_buf struct buf got = BUF_INIT(4096);

	(void)state;
	field_help(rows, &got);
	assert_string_equal(buf_text(&got), want);
}

static void writes_man(void **state)
{
	static const char want[] =
		"## Output\n\n"
		"*-v*, *--verbose*\n\ttext. Environment: *X\\_VERBOSE*.\n\n"
		"*--token-ok*\n\twords that reach the eightieth column, just that, and no more. "
		"Key: *token\\_ok*.\n\n"
		"## Limits\n\n"
		"*-c*, *--cpus* _N_\n\tprocessors (it is not here yet). Key: *cpus*.\n\n"
		"*--memory* _SIZE_\n\ta \\*limit\\* | of sorts. Key: *memory\\_mib*.\n\n"
		"## Rest\n\n"
		"*--agent* _NAME_\n\twho. Key: *agent*. Environment: *X\\_AGENT*.\n\n"
		"*--token* _TEXT_\n\ta secret. Key: *token*.\n\n"
		"*--network* _none|nat|host_\n\treach. Key: *network*. Environment: *X\\_NET*.\n\n"
		"*--extra-bind* _DIR_\n\talso DIR. Key: *extra\\_bind*. Environment: "
		"*X\\_BIND*.\n\n"
		"*packages* (configuration file only)\n\tmore of them.\n\n";
	auto_buf struct buf got = BUF_INIT(4096);

	(void)state;
	field_man(rows, &got);
	assert_string_equal(buf_text(&got), want);
}

#define HEAD "| key | option | values | meaning | a project's own file |\n|---|---|---|---|---|\n"

static void writes_markdown(void **state)
{
	static const char want[] =
		"### Output\n\n" HEAD
		"|  | `--verbose`, `-v` |  | text; environment: `X_VERBOSE` |  |\n"
		"| `token_ok` | `--token-ok` | `true`, `false` | words that reach the eightieth "
		"column, "
		"just that, and no more | may switch it off |\n"
		"\n### Limits\n\n" HEAD
		"| `cpus` | `--cpus`, `-c` | 1 to 64 | processors (it is not here yet) | "
		"may lower it |\n"
		"| `memory_mib` | `--memory` | 16M to 4096M | a \\*limit\\* \\| of sorts | no |\n"
		"\n### Rest\n\n" HEAD
		"| `agent` | `--agent` | text | who; environment: `X_AGENT` | no |\n"
		"| `token` | `--token` | text | a secret | no |\n"
		"| `network` | `--network` | `none`, `nat`, `host` | reach; environment: `X_NET` | "
		"may choose one further left |\n"
		"| `extra_bind`, `binds` | `--extra-bind` | list of texts | also DIR; environment: "
		"`X_BIND` | may add |\n"
		"| `packages` |  | object of lists of texts | more of them | no |\n";
	auto_buf struct buf got = BUF_INIT(4096);

	(void)state;
	field_markdown(rows, &got);
	assert_string_equal(buf_text(&got), want);
}

static void writes_completion(void **state)
{
	static const char *const lines[] = {
		"\n_my_tool()\n{\n",
		"\ncomplete -o default -F _my_tool my-tool\n",
		/* What takes a value; what would be refused is not offered. */
		"\t\t--= | --cpus | -c | --memory | --agent | --token | --network | --extra",
		"words='--verbose --token-ok --memory --agent --token --network --extra-bind'\n",
		"\t--network)\n\t\twords='none nat host'\n\t\t;;\n\t*)\n",
	};
	auto_buf struct buf got = BUF_INIT(8192);

	(void)state;
	field_bash(rows, "my-tool", &got);
	for (size_t i = 0; i < N_ELEMENTS(lines); i++)
		if (!strstr(buf_text(&got), lines[i]))
			fail_msg("no '%s' in:\n%s", lines[i], buf_text(&got));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_rows),
		cmocka_unit_test(sets_from_text),
		cmocka_unit_test(copies_the_text),
		cmocka_unit_test(prints_json),
		cmocka_unit_test(a_mask_has_what_was_put_into_it),
		cmocka_unit_test(merges_what_is_set),
		cmocka_unit_test(reads_the_environment),
		cmocka_unit_test(guesses_keys),
		cmocka_unit_test(writes_help),
		cmocka_unit_test(writes_man),
		cmocka_unit_test(writes_markdown),
		cmocka_unit_test(writes_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
