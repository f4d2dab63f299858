/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/guarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

/* A file's own name and its links, a rule, and how it was called: '|' between arguments. */
static const struct {
	const char *names[4];
	const char *rule, *call;
	bool by_name, refused;
} rows[] = {
	/* a name of the file is any name of it */
	{ { "git", "git-upload-pack" }, "git push", "git|push", false, true },
	{ { "git" }, "git push", "other|push", false, true },
	{ { "git" }, "git push", "/tmp/az|push", false, true },
	{ { "python3.11", "python3" }, "python3", "python3.11", false, true },
	{ { "python3.11", "python3" }, "python3.11", "python3", false, true },
	{ { "python3.11", "python3" }, "python2", "python3", false, false },
	/* the name as an argument */
	{ { "git" }, "git push", "git-push|origin", false, true },
	{ { "git" }, "git push", "/usr/lib/git-core/git-push", false, true },
	{ { "git" }, "git push", "git-status", false, false },
	{ { "git" }, "git push origin", "git-push|x|origin", false, true },
	/* programs that do what their name says */
	{ { "dash", "sh" }, "sh", "sh|-c|x", true, true },
	{ { "dash", "sh" }, "sh", "-sh", true, true },
	{ { "dash", "sh" }, "sh", "dash", true, false },
	{ { "dash", "sh" }, "dash", "sh", true, true },
	{ { "dash", "sh" }, "sh", "other", true, true },
	{ { "dash", "sh" }, "sh", "", true, true },
	{ { "systemctl", "reboot", "poweroff" }, "reboot", "poweroff", true, false },
	{ { "systemctl", "reboot", "poweroff" }, "reboot", "systemctl|status", true, false },
	{ { "systemctl", "reboot", "poweroff" }, "systemctl reboot", "reboot", true, true },
	{ { "systemctl", "reboot", "poweroff" }, "systemctl reboot", "poweroff", true, false },
	{ { "systemctl", "reboot", "poweroff" }, "reboot", "xreboot", true, true },
};

static struct rule_call make_call(struct arena *a, const char *words)
{
	size_t len = strlen(words) + 1;
	char *block = arena_strdup(a, words);

	for (size_t i = 0; i < len; i++)
		if (block[i] == '|')
			block[i] = '\0';
	return (struct rule_call){ block, len };
}

static void judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct guarded g = { .names = STRV_INIT(&a), .by_name = rows[i].by_name };
		struct strv patterns = STRV_INIT(&a);
		struct rule_call call = make_call(&a, rows[i].call);
		struct rules rules;
		struct err e = { 0 };

		for (size_t n = 0; rows[i].names[n]; n++)
			strv_add(&g.names, rows[i].names[n]);
		strv_add(&patterns, rows[i].rule);
		assert_int_equal(rules_parse(&patterns, &a, &rules, &e), 0);
		if ((guarded_judge(&g, &rules, &call) != NULL) != rows[i].refused)
			fail_msg("row %zu: %s under '%s', called '%s': want %s", i,
				 rows[i].names[0], rows[i].rule, rows[i].call,
				 rows[i].refused ? "refused" : "run");
	}
}

static void by_name(void **state)
{
	(void)state;
	assert_true(guarded_is_by_name("/usr/bin/dash"));
	assert_true(guarded_is_by_name("/bin/busybox"));
	assert_false(guarded_is_by_name("/usr/bin/git"));
	assert_false(guarded_is_by_name("/usr/bin/dash2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge),
		cmocka_unit_test(by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
