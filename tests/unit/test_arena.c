/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zeroed_and_aligned(void **state)
{
	/* Around the block size of 16 KiB too. */
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 16383, 16384, 16385, 100000, 3 };
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *p = arena_alloc(&a, sizes[i]);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xa5, sizes[i]);
	}
}

static void strings_are_copied(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	char text[] = "hello";
	char *copy = arena_strdup(&a, text);
	char *part = arena_strndup(&a, text, 4);
	char *printed = arena_printf(&a, "%s-%d", text, 42);

	(void)state;
	text[0] = 'j';
	assert_string_equal(copy, "hello");
	assert_string_equal(part, "hell");
	assert_string_equal(printed, "hello-42");
	assert_string_equal(arena_strdup(&a, ""), "");
}

static void done_leaves_an_empty_arena(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	arena_done(&a);
	(void)arena_alloc(&a, 10);
	arena_done(&a);
	assert_null(a.head);
	arena_done(&a);
}

/* A guard right behind each array that arena_grow() makes tells a capacity that is too small. */
static void grow_makes_room_at_every_boundary(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	uint32_t *items = NULL;
	char *guard = NULL;

	(void)state;
	for (uint32_t n = 0; n < 300; n++) {
		uint32_t *before = items;

		items = arena_grow(&a, items, n, sizeof(*items));
		/* It moves when the capacity, a power of two from 4 up, has been reached. */
		if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
			assert_ptr_not_equal(items, before);
			guard = arena_strdup(&a, "guard");
		} else {
			assert_ptr_equal(items, before);
		}
		items[n] = ~n;
		assert_string_equal(guard, "guard");
		for (uint32_t i = 0; i <= n; i++)
			assert_int_equal(items[i], ~i);
	}
}

static void grow_works_across_blocks(void **state)
{
	struct big {
		char bytes[1000];
	} *items = NULL;
	auto_arena struct arena a = ARENA_INIT;

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		items = arena_grow(&a, items, n, sizeof(*items));
		memset(&items[n], (int)n + 1, sizeof(items[n]));
	}
	for (size_t n = 0; n < 40; n++) {
		assert_int_equal(items[n].bytes[0], n + 1);
		assert_int_equal(items[n].bytes[999], n + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(done_leaves_an_empty_arena),
		cmocka_unit_test(grow_makes_room_at_every_boundary),
		cmocka_unit_test(grow_works_across_blocks),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
