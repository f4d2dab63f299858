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
	bool yolo, dry_run;
	uint64_t cpus, memory_mib;
	const char *agent, *token;
	unsigned network;
	struct strv extra_bind, packages;
};

static const char *const network_names[] = { "none", "filtered", "nat", "host", NULL };

static const struct field rows[] = {
	F_BOOL(struct settings, yolo),
	F_BOOL(struct settings, dry_run, .flags = FIELD_NO_KEY),
	F_UINT(struct settings, cpus, .min = 1, .max = 64),
	F_UINT(struct settings, memory_mib, .option = "memory", .flags = FIELD_SIZE, .min = 16,
	       .max = 4096),
	F_STR(struct settings, agent),
	F_STR(struct settings, token, .flags = FIELD_SECRET),
	F_ENUM(struct settings, network, .names = network_names),
	F_LIST(struct settings, extra_bind, .alias = "extra_binds"),
	F_MAP(struct settings, packages, .flags = FIELD_NO_OPTION),
	F_END,
};

static int parse(const char *text, size_t len, struct settings *s, struct field_mask *set,
		 struct arena *a, struct err *e)
{
	return field_parse_json(rows, s, set, "cfg.json", text, len, a, e);
}

/* The rows that the text has set, as JSON. */
static void print_set(const struct settings *s, const struct field_mask *set, struct buf *b)
{
	for (size_t i = 0; rows[i].name; i++) {
		if (!field_mask_has(set, i))
			continue;
		buf_addf(b, "%s%s=", b->len ? " " : "", rows[i].name);
		field_print_json(&rows[i], s, b);
	}
}

static void accepted(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "{}", "" },
		{ " \r\n\t{ } \n", "" },
		{ "{\"yolo\": true}", "yolo=true" },
		{ "{\"yolo\": false}", "yolo=false" },
		{ "{\"cpus\": 64, \"yolo\": true}", "yolo=true cpus=64" },
		{ "{\"memory_mib\": 512}", "memory_mib=512" },
		{ "{\"memory_mib\": \"4G\"}", "memory_mib=4096" },
		{ "{\"agent\": \"\"}", "agent=\"\"" },
		{ "{\"agent\": \"a\\\"\\\\\\u00e9\"}", "agent=\"a\\\"\\\\\xc3\xa9\"" },
		{ "{\"\\u0061gent\": \"x\"}", "agent=\"x\"" },
		{ "{\"network\": \"nat\"}", "network=\"nat\"" },
		{ "{\"extra_bind\": []}", "extra_bind=[]" },
		{ "{\"extra_bind\": [\"/a\", \"/b\"]}", "extra_bind=[\"/a\", \"/b\"]" },
		{ "{\"extra_binds\": [\"/a\"]}", "extra_bind=[\"/a\"]" },
		{ "{\"packages\": {}}", "packages={}" },
		{ "{\"packages\": {\"full\": [\"gcc\", \"a=b\"], \"none\": [], \"x\": [\"y\"]}}",
		  "packages={\"full\": [\"gcc\", \"a=b\"], \"x\": [\"y\"]}" },
		{ "{\"token\": \"hunter2\"}", "token=null" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf got = BUF_INIT(1024);
		struct settings s = { 0 };
		struct err e = { 0 };
		struct field_mask set = { 0 };

		assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &s, &set, &a, &e), 0);
		assert_string_equal(e.msg, "");
		print_set(&s, &set, &got);
		assert_string_equal(buf_text(&got), cases[i].want);
	}
}

struct refusal {
	const char *text;
	const char *msg; /* behind "cfg.json:" */
};

static void check_refusals(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct settings s = { 0 };
		struct err e = { 0 };
		struct field_mask set = { 0 };

		assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &s, &set, &a, &e),
				 -EINVAL);
		assert_int_equal(e.code, -EINVAL);
		assert_string_equal(e.msg, arena_printf(&a, "cfg.json:%s", cases[i].msg));
		assert_int_equal(set.words[0], 0);
	}
}

static void unknown_keys(void **state)
{
	static const struct refusal cases[] = {
		{ "{\n  \"netwrok\": 1\n}",
		  "2:3: unknown key 'netwrok' (did you mean 'network'?)" },
		{ "{\"cpu\": 1}", "1:2: unknown key 'cpu' (did you mean 'cpus'?)" },
		{ "{\"extra-binds\": 1}",
		  "1:2: unknown key 'extra-binds' (did you mean 'extra_bind'?)" },
		{ "{\"memory\": 1}", "1:2: unknown key 'memory' (did you mean 'memory_mib'?)" },
		{ "{\"cpus\": 1, \"Yol\": {\"a\": [1, 2]}}", "1:13: unknown key 'Yol'" },
		{ "{\"zzz\": 1}", "1:2: unknown key 'zzz'" },
		{ "{\"\": 1}", "1:2: unknown key ''" },
		/* The command line's own: neither a key, nor offered as one. */
		{ "{\"dry_run\": true}", "1:2: unknown key 'dry_run'" },
		{ "{\"dry_rum\": true}", "1:2: unknown key 'dry_rum'" },
		/* Hostile: escapes are shown, length is bounded. */
		{ "{\"\\u001b[2J\": 1}", "1:2: unknown key '\\x1b[2J'" },
		{ "{\"0123456789012345678901234567890123456789"
		  "01234567890123456789012345678901234567890123456789\": 1}",
		  "1:2: unknown key '0123456789012345678901234567890123456789...'" },
		{ "{\"packages\": {\"x}\\\"]\": [\"]\\\\\"]}, \"oops\": 1}",
		  "1:34: unknown key 'oops'" },
	};

	(void)state;
	check_refusals(cases, N_ELEMENTS(cases));
}

static void wrong_values(void **state)
{
	static const struct refusal cases[] = {
		{ "{\n  \"yolo\": true,\n  \"network\": \"hosty\"}",
		  "3:14: 'network' must be one of none, filtered, nat, host, not \"hosty\"" },
		{ "{\"network\": 3}",
		  "1:13: 'network' must be one of none, filtered, nat, host, not 3" },
		{ "{\"yolo\": \"true\"}", "1:10: 'yolo' must be true or false, not \"true\"" },
		{ "{\"yolo\": 1}", "1:10: 'yolo' must be true or false, not 1" },
		{ "{\"yolo\":\n\n\tnull}", "3:2: 'yolo' must be true or false, not null" },
		{ "{\"cpus\": 0}", "1:10: 'cpus' must be a whole number from 1 to 64, not 0" },
		{ "{\"cpus\": -1}", "1:10: 'cpus' must be a whole number from 1 to 64, not -1" },
		{ "{\"cpus\": 1.50}",
		  "1:10: 'cpus' must be a whole number from 1 to 64, not 1.50" },
		{ "{\"cpus\": \"4\"}",
		  "1:10: 'cpus' must be a whole number from 1 to 64, not \"4\"" },
		{ "{\"memory_mib\": \"9G\"}",
		  "1:16: 'memory_mib' must be a size from 16M to 4096M (a number of MiB, or text "
		  "such as 512M, 4G or 1T), not \"9G\"" },
		{ "{\"agent\": {\"a\": 1}}", "1:11: 'agent' must be a string, not an object" },
		{ "{\"agent\": []}", "1:11: 'agent' must be a string, not a list" },
		{ "{\"extra_bind\": \"/a\"}",
		  "1:16: 'extra_bind' must be a list of strings, not \"/a\"" },
		{ "{\"extra_bind\": [\"/a\", 5]}",
		  "1:23: items of 'extra_bind' must be non-empty strings, not 5" },
		{ "{\"extra_binds\": [\"\"]}",
		  "1:18: items of 'extra_bind' must be non-empty strings, not \"\"" },
		{ "{\"packages\": []}",
		  "1:14: 'packages' must be an object of lists of strings, not a list" },
		{ "{\"packages\": {\"a\": [\"x\"], \"b\": 7}}",
		  "1:32: 'packages.b' must be a list of strings, not 7" },
		{ "{\"packages\": {\"a\": [\"x\", [0]]}}",
		  "1:26: items of 'packages.a' must be non-empty strings, not a list" },
		{ "{\"packages\": {\"a=b\": []}}",
		  "1:15: key 'a=b' of 'packages' must not be empty or contain '='" },
		{ "{\"packages\": {\"\": []}}",
		  "1:15: key '' of 'packages' must not be empty or contain '='" },
		/* Columns count characters, not bytes; a secret is not repeated. */
		{ "{\"agent\": \"\xc3\xa9\xe2\x82\xac\", \"cpus\": 99}",
		  "1:25: 'cpus' must be a whole number from 1 to 64, not 99" },
		{ "{\"token\": 12345}", "1:11: 'token' must be a string" },
		{ "{\"yolo\": \"012345678901234567890123456789012345678\xc3\xa9\"}",
		  "1:10: 'yolo' must be true or false, not "
		  "\"012345678901234567890123456789012345678..." },
		{ "{\"yolo\": \"\xc2\x9b\x7f\"}",
		  "1:10: 'yolo' must be true or false, not \"\\xc2\\x9b\\x7f\"" },
	};

	(void)state;
	check_refusals(cases, N_ELEMENTS(cases));
}

static void broken_texts(void **state)
{
	static const struct refusal cases[] = {
		{ "", "1:1: unexpected token near end of file" },
		{ "\n  \n", "3:1: unexpected token near end of file" },
		{ "[]", "1:1: the file must be one object: { ... }, not a list" },
		{ "\n \"x\"", "2:2: the file must be one object: { ... }, not \"x\"" },
		{ "{} x", "1:4: end of file expected near 'x'" },
		{ "{}{}", "1:3: end of file expected near '{'" },
		{ "{\"cpus\": 1,}", "1:12: string or '}' expected near '}'" },
		{ "{\"cpus\": 1\n \"yolo\": true}", "2:2: '}' expected near '\"yolo\"'" },
		{ "{cpus: 1}", "1:2: string or '}' expected near 'cpus'" },
		{ "{\"yolo\": tru}", "1:10: invalid token near 'tru'" },
		{ "{\"yolo\": abcdefghijklmnopqrstuvwxyz}", "1:35: invalid token" },
		{ "// note\n{}", "1:1: invalid token near '/'" },
		{ "{\"yolo\": \x1b[2J}", "1:10: invalid token near '\\x1b'" },
		{ "{\"cpus\": 99999999999999999999}",
		  "1:10: too big integer near '99999999999999999999'" },
		{ "{\"cpus\": 1e999}", "1:10: real number overflow near '1e999'" },
		{ "{\"agent\": \"x", "1:11: premature end of input near '\"x'" },
		{ "{\"agent\": \"x\\u0000\"}",
		  "1:11: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"x\\u0000\"'" },
		{ "{\"cpus\": 1, \"cpus\": 1}", "1:13: key 'cpus' is given twice" },
		{ "{\"packages\": {\"a\\\"\\\\\": [],\n\"a\\\"\\\\\": []}}",
		  "2:1: key 'a\\\"\\\\' is given twice" },
		{ "{\"extra_bind\": [], \"extra_binds\": []}",
		  "1:20: 'extra_bind' and 'extra_binds' are the same setting: keep one" },
		{ "{\"a\": [[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]}",
		  "1:22: nested more than 16 levels deep" },
		{ "{\"agent\": \"[[[[[[[[[[[[[[[[[[[[\", \"x\": 1}", "1:35: unknown key 'x'" },
	};

	(void)state;
	check_refusals(cases, N_ELEMENTS(cases));
}

static void bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *msg;
	} cases[] = {
		{ "{\"agent\":\n\"a\0b\"}", 16, "cfg.json:2:3: NUL byte" },
		{ "{}\0", 3, "cfg.json:1:3: NUL byte" },
		{ "\0", 1, "cfg.json:1:1: NUL byte" },
		{ "{}x", 2, "" },
		{ NULL, 0, "cfg.json:1:1: unexpected token near end of file" },
		{ "{\"agent\": \"\xff\"}", 14,
		  "cfg.json:1:11: unable to decode byte 0xff near '\"'" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct settings s = { 0 };
		struct err e = { 0 };
		struct field_mask set = { 0 };

		assert_int_equal(parse(cases[i].text, cases[i].len, &s, &set, &a, &e),
				 *cases[i].msg ? -EINVAL : 0);
		assert_string_equal(e.msg, cases[i].msg);
	}
}

/* What was set before stays set, and lists add up. */
static void adds_to_what_is_set(void **state)
{
	static const char text[] = "{\"extra_bind\": [\"/b\"]}";
	auto_arena struct arena a = ARENA_INIT;
	struct settings s = { .cpus = 3, .extra_bind = STRV_INIT(&a) };
	struct err e = { 0 };
	struct field_mask set = { { 1 << 2 } };

	(void)state;
	strv_add(&s.extra_bind, "/a");
	assert_int_equal(parse(text, strlen(text), &s, &set, &a, &e), 0);
	assert_int_equal(set.words[0], 1 << 2 | 1 << 7);
	assert_int_equal(s.cpus, 3);
	assert_int_equal(s.extra_bind.n, 2);
	assert_string_equal(s.extra_bind.items[0], "/a");
	assert_string_equal(s.extra_bind.items[1], "/b");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(broken_texts),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(adds_to_what_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
