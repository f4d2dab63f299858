/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "repeat.h"

/* A call as its arguments with '|' between them. */
static struct rule_call make_call(struct arena *a, const char *words)
{
	size_t len = strlen(words) + 1;
	char *block = arena_strdup(a, words);

	for (size_t i = 0; i < len; i++)
		if (block[i] == '|')
			block[i] = '\0';
	return (struct rule_call){ block, len };
}

static void parse_one(const char *text, struct arena *a, struct rules *ret)
{
	struct strv patterns = STRV_INIT(a);
	struct err e = { 0 };

	strv_add(&patterns, text);
	if (rules_parse(&patterns, a, ret, &e) < 0)
		fail_msg("'%s': %s", text, e.msg);
}

/* clang-format off */
static const struct {
	const char *rule, *call;
	bool refused;
} rows[] = {
	/* a name alone, and a name with stars alone: every call */
	{ "az", "az", true },
	{ "az", "az|vm|list", true },
	{ "az *", "az", true },
	{ "az *", "az|x", true },
	{ "az * *", "az", true },
	{ "  az\t", "az|x", true },
	{ "/usr/bin/az", "az|x", true },
	{ "../az", "az", true },
	/* words in their order, whatever stands between */
	{ "az * delete *", "az|vm|delete|x", true },
	{ "az * delete *", "az|delete", true },
	{ "az * delete *", "az|--subscription|y|vm|delete|x", true },
	{ "az * delete *", "az|vm|--yes|delete", true },
	{ "az * delete *", "az|vm|list", false },
	{ "az * delete *", "az", false },
	{ "az * delete *", "az|vm|delete-all", false },
	{ "az * delete *", "az|vm|undelete", false },
	{ "az * delete *", "az|vm|Delete", false },
	{ "az * delete *", "delete", false },
	{ "az delete", "az|vm|delete|x", true },
	{ "az vm delete", "az|delete|vm", false },
	{ "az vm delete", "az|vm|x|delete", true },
	{ "az vm vm", "az|vm", false },
	{ "az vm vm", "az|vm|vm", true },
	{ "kubectl delete ns", "kubectl|--context|x|delete|ns|p", true },
	{ "kubectl delete ns", "kubectl|get|ns", false },
	/* what B's whole-string glob missed */
	{ "git * push *", "git|push|x", true },
	{ "git * push *", "git|push", true },
	{ "git * push *", "git|-C|/x|push", true },
	{ "git * push *", "git|-c|a=b|push|origin", true },
	{ "git * push *", "git|status", false },
	{ "git * push *", "git|stash|pushed", false },
	{ "curl * --upload-file *", "curl|--upload-file|f", true },
	{ "curl * --upload-file *", "curl|--upload-file=f", true },
	{ "curl * --upload-file *", "curl|http://x|--upload-file|f", true },
	{ "curl * --upload-file *", "curl|-T|f", true },
	{ "curl * --upload-file *", "curl|-sTf", true },
	{ "curl * --upload-file *", "curl|http://x", false },
	/* options: anywhere, with a value, cut short */
	{ "git push --force", "git|push|--force", true },
	{ "git push --force", "git|push|origin|--force", true },
	{ "git push --force", "git|--force|push", true },
	{ "git push --force", "git|push|--forc", true },
	{ "git push --force", "git|push|--fo|origin", true },
	{ "git push --force", "git|push|-f", true },
	{ "git push --force", "git|push|-uf", true },
	{ "git push --force", "git|push|--force-with-lease", false },
	{ "git push --force*", "git|push|--force-with-lease=x", true },
	{ "git push --force", "git|push", false },
	{ "git push --force", "git|pull|--force", false },
	{ "git push --force", "git|push|force", false },
	{ "git push --force", "git|push|--", false },
	{ "git push --force", "git|push|--|--force", true },
	{ "x --out=secret", "x|--out=secret", true },
	{ "x --out=secret", "x|--out=other", false },
	{ "x --out=*.pem", "x|--out=a.pem", true },
	{ "x --a --b", "x|--b|--a", true },
	{ "x --a --b", "x|--b", false },
	{ "find * -delete", "find|.|-delete", true },
	{ "find * -delete", "find|-delete|.", true },
	{ "find * -delete", "find|.|-de", false },
	{ "find * -delete", "find|.|-type|d|-name|elt", false },
	{ "find -exec", "find|.|-exec|rm|;", true },
	{ "find -exec", "find|.|-e", false },
	/* letters: together, apart, by their long names */
	{ "rm -rf", "rm|-rf|x", true },
	{ "rm -rf", "rm|-fr|x", true },
	{ "rm -rf", "rm|-r|-f|x", true },
	{ "rm -rf", "rm|x|-r|y|-f", true },
	{ "rm -rf", "rm|-rvf|x", true },
	{ "rm -rf", "rm|--recursive|--force|x", true },
	{ "rm -rf", "rm|--recursive|-f", true },
	{ "rm -rf", "rm|--recurs|-f", true },
	{ "rm -rf", "rm|-r|x", false },
	{ "rm -rf", "rm|-f|x", false },
	{ "rm -rf", "rm|rf", false },
	{ "rm -rf", "rm|-", false },
	{ "rm -rf /*", "rm|-rf|/home/u", true },
	{ "rm -rf /*", "rm|-rf|home", false },
	{ "kill -9", "kill|-9|1", true },
	{ "kill -9", "kill|1", false },
	{ "tar -x", "tar|-zxf|a", true },
	{ "tar -x", "tar|--x", false },
	{ "other -rf", "other|--recursive|--force", false },
	/* globs inside of one argument */
	{ "curl *evil.example*", "curl|https://evil.example/x", true },
	{ "curl *evil.example*", "curl|https://evil|example", false },
	{ "curl http?://*", "curl|https://x", true },
	{ "curl [hf]*", "curl|ftp://x", true },
	{ "curl [!h]*", "curl|http://x", false },
	{ "curl [a-g]t*", "curl|ftp", true },
	{ "curl []x]y", "curl|]y", true },
	{ "curl [x", "curl|[x", true },
	{ "curl \\*", "curl|x", false },
	{ "curl \\*", "curl|*", true },
	{ "curl a*b*c", "curl|axxbyyc", true },
	{ "curl a*b*c", "curl|axxbyy", false },
	{ "curl a**c", "curl|ac", true },
	/* bytes are bytes: newline, empty and strange arguments */
	{ "x a*b", "x|a\nb", true },
	{ "x delete", "x|\ndelete", false },
	{ "x delete", "x|a\ndelete", false },
	{ "x delete", "x||delete", true },
	{ "x ?", "x|", false },
	{ "x ?", "x||a", true },
	{ "x \xff*", "x|\xff\xfe", true },
	{ "x delete", "x|del|ete", false },
	{ "x delete", "delete|x", false },
	{ "x *%s%n*", "x|%s%n", true },
	/* names */
	{ "git-*", "git-push", true },
	{ "py*3", "python3|-c|x", true },
	{ "az-?", "az", false },
};
/* clang-format on */

/* What the service asks: whether the name under which it knows the file is a rule's, and then the rule. */
static void calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct rule_call call = make_call(&a, rows[i].call);
		struct strv names = STRV_INIT(&a);
		struct rules rules;

		parse_one(rows[i].rule, &a, &rules);
		/* The name is the file's, whatever argv[0] says: rows whose argv[0] is another. */
		strv_add(&names, rule_is_literal(rules.items) ? rules.items[0].name
							      : rule_call_name(&call));
		if ((rules_judge(&rules, &names, &call) != NULL) != rows[i].refused)
			fail_msg("row %zu: rule '%s', call '%s': want %s", i, rows[i].rule,
				 rows[i].call, rows[i].refused ? "refused" : "run");
	}
}

static void refused_rules(void **state)
{
	static const struct {
		const char *rule, *want;
	} bad[] = {
		{ "", "has no word" },           { " \t ", "has no word" },
		{ "* delete *", "for each" },    { "?? x", "for each" },
		{ "/usr/bin/ x", "last slash" }, { "/usr/bin/* x", "for each" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct strv patterns = STRV_INIT(&a);
		struct rules rules = { 0 };
		struct err e = { 0 };

		strv_add(&patterns, "az", bad[i].rule);
		assert_int_equal(rules_parse(&patterns, &a, &rules, &e), -22);
		if (!strstr(e.msg, bad[i].want))
			fail_msg("'%s': got '%s', want '%s'", bad[i].rule, e.msg, bad[i].want);
		assert_int_equal(rules.n, 0);
	}
}

static void bounds(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct rules rules = { 0 };
	struct err e = { 0 };
	static const struct {
		const char *text;
		size_t n;
	} long_ones[] = { { "x", RULE_WORD_MAX + 1 },
			  { "x ", RULE_WORDS_MAX + 2 },
			  { "ab ", 400 } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(long_ones); i++) {
		struct strv patterns = STRV_INIT(&a);

		strv_add(&patterns, repeat(&a, long_ones[i].text, long_ones[i].n));
		assert_int_equal(rules_parse(&patterns, &a, &rules, &e), -22);
	}
	for (size_t n = RULES_MAX; n <= RULES_MAX + 1; n++) {
		struct strv patterns = STRV_INIT(&a);

		for (size_t i = 0; i < n; i++)
			strv_add(&patterns, "az");
		assert_int_equal(rules_parse(&patterns, &a, &rules, &e), n > RULES_MAX ? -22 : 0);
	}
}

/* A megabyte against a glob that makes backtracking matchers wait for ever. */
static void megabyte(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *word = repeat(&a, "a", (size_t)1 << 20);
	const char *words = arena_printf(&a, "x|%s|delete", word);
	struct rule_call call = make_call(&a, words);
	struct strv names = STRV_INIT(&a);
	struct rules rules;

	(void)state;
	strv_add(&names, "x");
	parse_one("x *a*a*a*a*a*a*a*a*a*a*b", &a, &rules);
	assert_null(rules_judge(&rules, &names, &call));
	parse_one("x a*a*a*a*a*a*a*a*a delete", &a, &rules);
	assert_non_null(rules_judge(&rules, &names, &call));
}

static void torn(void **state)
{
	static const struct rule_call torn_ones[] = { { "", 0 }, { "x", 1 }, { "x\0y", 3 } };
	static const struct rule_call whole[] = { { "", 1 }, { "x", 2 }, { "x\0y", 4 } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(whole); i++) {
		assert_false(rule_call_is_whole(&torn_ones[i]));
		assert_true(rule_call_is_whole(&whole[i]));
	}
}

static void call_names(void **state)
{
	static const char *const names[][2] = {
		{ "git", "git" }, { "/usr/bin/git", "git" },
		{ "-sh", "sh" },  { "./x", "x" },
		{ "a/", "" },     { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		struct rule_call call = { names[i][0], strlen(names[i][0]) + 1 };

		assert_string_equal(rule_call_name(&call), names[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),  cmocka_unit_test(refused_rules),
		cmocka_unit_test(bounds), cmocka_unit_test(megabyte),
		cmocka_unit_test(torn),   cmocka_unit_test(call_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
