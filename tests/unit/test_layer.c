/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/layer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

static struct layer_digest digest(const char *content)
{
	struct layer_digest d = { "" };

	if (content[0])
		hash_hex(content, strlen(content), d.hex);
	return d;
}

/* Every way in which three versions can be alike or absent (""). */
static void decisions(void **state)
{
	static const struct {
		const char *base, *ours, *host;
		enum layer_verdict want;
	} rows[] = {
		{ "a", "a", "a", LAYER_SAME }, { "a", "a", "b", LAYER_TAKE },
		{ "a", "a", "", LAYER_TAKE }, /* removed on the host */
		{ "a", "b", "a", LAYER_KEEP }, { "a", "b", "c", LAYER_KEEP },
		{ "a", "b", "b", LAYER_SAME }, /* promoted, or done on both sides */
		{ "a", "b", "", LAYER_KEEP },  { "a", "", "a", LAYER_KEEP },
		{ "a", "", "b", LAYER_KEEP }, /* removed inside stays so */
		{ "a", "", "", LAYER_FORGET }, { "", "", "a", LAYER_TAKE },
		{ "", "a", "", LAYER_KEEP },   { "", "a", "b", LAYER_KEEP },
		{ "", "a", "a", LAYER_SAME },  { "", "", "", LAYER_FORGET },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct layer_digest base = digest(rows[i].base), ours = digest(rows[i].ours);
		struct layer_digest host = digest(rows[i].host);

		if (layer_decide(&base, &ours, &host) != rows[i].want)
			fail_msg("'%s' '%s' '%s': got %d, want %d", rows[i].base, rows[i].ours,
				 rows[i].host, layer_decide(&base, &ours, &host), rows[i].want);
	}
}

static void large_trees(void **state)
{
	static const struct {
		const char *name;
		bool is_dir, want;
	} rows[] = {
		{ "plugins/marketplaces", true, false },
		{ "plugins/marketplaces/m", true, true },
		{ "plugins/cache/m", true, false },
		{ "plugins/cache/m/p", true, false },
		{ "plugins/cache/m/p/1.0.0", true, true },
		{ "plugins/cache/m/p/1.0.0", false, false },
		{ "plugins/installed_plugins.json", false, false },
		{ "skills/x", true, false },
		{ "skills/x/node_modules", true, true },
		{ "skills/x/.git", true, true },
		{ "skills/x/.git", false, false },
		{ "skills/.github", true, false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (layer_links(rows[i].name, rows[i].is_dir) != rows[i].want)
			fail_msg("%s: want %d", rows[i].name, rows[i].want);
}

static void names(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "settings.json", "settings.json" },
		{ "~/.claude/settings.json", "settings.json" },
		{ "/home/ann/.claude/skills/x", "skills/x" },
		{ ".claude/skills", "skills" },
		{ "skills/", "skills/" },
		{ "settings.json/x", NULL },
		{ "settings.jsonx", NULL },
		{ "skillset", NULL },
		{ "/home/bob/.claude/skills", NULL },
		{ "projects", NULL },
		{ ".credentials.json", NULL },
		{ "../x", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const char *got = layer_plain_name("/home/ann", rows[i].text);

		if (!got != !rows[i].want || (got && strcmp(got, rows[i].want) != 0))
			fail_msg("%s: got %s, want %s", rows[i].text, got ? got : "none",
				 rows[i].want ? rows[i].want : "none");
	}
}

static void book_round_trip(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct layer_item items[] = {
		{ .name = "skills/a b\n\xff/S",
		  .base = digest("x"),
		  .host = { 1, UINT64_MAX >> 1, 0100644, -5, INT64_MAX },
		  .ours = { 0, 2, 3, 4, 5 },
		  .changed = true },
		{ .name = "CLAUDE.md" },
	};
	struct layer_book book = { items, 2 }, back;
	auto_buf struct buf b = BUF_INIT(4096);
	const struct layer_item *item;

	(void)state;
	layer_book_print(&book, &b);
	assert_int_equal(layer_book_parse(buf_text(&b), b.len, &a, &back), 0);
	assert_int_equal(back.n, 2);
	assert_string_equal(back.items[0].name, "CLAUDE.md"); /* sorted */
	item = layer_book_find(&back, items[0].name);
	assert_non_null(item);
	assert_string_equal(item->base.hex, items[0].base.hex);
	assert_memory_equal(&item->host, &items[0].host, sizeof(item->host));
	assert_memory_equal(&item->ours, &items[0].ours, sizeof(item->ours));
	assert_true(item->changed);
	assert_null(layer_book_find(&back, "settings.json"));
}

/* Cut off anywhere it is either a shorter book or none. */
static void damaged_books(void **state)
{
	struct layer_item item = { .name = "settings.json", .base = digest("x") };
	struct layer_book book = { &item, 1 }, back;
	auto_buf struct buf b = BUF_INIT(4096);
	size_t head = strlen(buf_text(&b));

	(void)state;
	layer_book_print(&book, &b);
	head = strlen(buf_text(&b)) + 1;
	for (size_t len = 0; len < b.len; len++) {
		auto_arena struct arena a = ARENA_INIT;
		char *copy = test_malloc(len + 1);

		memcpy(copy, buf_text(&b), len);
		if (layer_book_parse(copy, len, &a, &back) != (len == head ? 0 : -EBADMSG))
			fail_msg("%zu of %zu bytes", len, b.len);
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),     cmocka_unit_test(large_trees),
		cmocka_unit_test(names),         cmocka_unit_test(book_round_trip),
		cmocka_unit_test(damaged_books),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
