/* SPDX-License-Identifier: Apache-2.0 */
/* What a stored acceptance gives: what it names, for one hash, and nothing if it is odd. */
#include "spec/accepted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/config.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static size_t index_of(const char *name)
{
	return field_index(config_fields, field_find(config_fields, name));
}

static size_t count(const char *text, const char *hash, const char *name)
{
	struct arena a = ARENA_INIT;
	struct field_mask m = accepted_parse(arena_strdup(&a, text), hash);
	size_t n = 0;

	for (size_t i = 0; config_fields[i].name; i++)
		n += field_mask_has(&m, i);
	if (name)
		assert_true(field_mask_has(&m, index_of(name)));
	arena_done(&a);
	return n;
}

static void what_is_written_is_read(void **state)
{
	auto_buf struct buf b = BUF_INIT(4096);
	struct field_mask m = { 0 };

	(void)state;
	field_mask_put(&m, index_of("network"), true);
	field_mask_put(&m, index_of("env"), true);
	accepted_text(HASH, &m, &b);
	assert_int_equal(count(buf_text(&b), HASH, "network"), 2);
	assert_int_equal(count(buf_text(&b), "another", NULL), 0);
}

static void odd_texts_give_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"x",
		"claude-sandbox acceptance 1",
		"claude-sandbox acceptance 2\n" HASH "\nnetwork\n",
		"claude-sandbox acceptance 1\n\nnetwork\n",
		"claude-sandbox acceptance 1\n" HASH " \nnetwork\n",
		"claude-sandbox acceptance 1\n" HASH "\nnonsense\n network\nnetwork \n",
		"claude-sandbox acceptance 1\n" HASH "\nlevel\nbackend\nreview\nallow_degraded\n"
		"allow_unsafe_project\nuntrusted_projects\n",
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		assert_int_equal(count(texts[i], HASH, NULL), 0);
}

static void each_project_has_its_own(void **state)
{
	struct arena a = ARENA_INIT;
	struct facts one = { .state_root = "/s", .project = "/p/one" };
	struct facts two = { .state_root = "/s", .project = "/p/two" };

	(void)state;
	assert_string_not_equal(accepted_path(&one, &a), accepted_path(&two, &a));
	assert_int_equal(strncmp(accepted_path(&one, &a), "/s/accepted/", 12), 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(odd_texts_give_nothing),
		cmocka_unit_test(each_project_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
