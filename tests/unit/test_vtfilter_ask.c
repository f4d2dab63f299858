/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the terminal, and their answers. */
#include "base/vtfilter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "vtfilter_feed.h"

/* Only so many questions may wait for an answer. */
static void floods_of_questions(void **state)
{
	auto_buf struct buf out = BUF_INIT(65536);
	struct vtfilter f;

	(void)state;
	vtfilter_init(&f, 0);
	for (int i = 0; i < 1000; i++)
		feed(&f, "\033[6n", 4, 4, 64, &out);
	assert_int_equal(out.len, 4 * VTFILTER_QUERIES_MAX);
	assert_int_equal(vtfilter_stopped(&f, VT_QUERY_FLOOD), 1000 - VTFILTER_QUERIES_MAX);
	/* Answers make room, one each; a key makes room for one. */
	assert_false(vtfilter_input(&f, "\033[1;1R\033[1;1R", 12));
	assert_false(vtfilter_input(&f, "x", 1));
	out.len = 0;
	for (int i = 0; i < 10; i++)
		feed(&f, "\033[6n", 4, 4, 64, &out);
	assert_int_equal(out.len, 3 * 4);
}

static void questions_that_nobody_hears(void **state)
{
	auto_buf struct buf out = BUF_INIT(4096);
	struct vtfilter f;
	const char in[] = "a\033[6n\033[c\033]11;?\a\033[?u\033_Ga=q,i=1;AAAA\033\\b";

	(void)state;
	vtfilter_init(&f, 0);
	vtfilter_queries_allow(&f, false);
	feed(&f, in, sizeof(in) - 1, 7, 64, &out);
	assert_string_equal(buf_text(&out), "ab");
	assert_int_equal(vtfilter_stopped(&f, VT_QUERY_UNREAD), 5);
	assert_false(vtfilter_is_owed(&f));
	vtfilter_queries_allow(&f, true);
	feed(&f, "\033[6n", 4, 7, 64, &out);
	assert_string_equal(buf_text(&out), "ab\033[6n");
}

/* At the end, answers that are still on their way are waited for. */
static void answers_are_waited_for(void **state)
{
	auto_buf struct buf out = BUF_INIT(4096), ask = BUF_INIT(64);
	struct vtfilter f;

	(void)state;
	run(&f, "text\033[1m", &out);
	assert_false(vtfilter_is_owed(&f));
	run(&f, "\033[6n", &out);
	assert_true(vtfilter_is_owed(&f));
	(void)vtfilter_input(&f, "\033[A\033[A\033[A", 9); /* keys prove nothing */
	assert_true(vtfilter_is_owed(&f));
	vtfilter_barrier(&f, &ask);
	assert_string_equal(buf_text(&ask), "\033[c");
	assert_false(vtfilter_input(&f, "\033[5;5R\033[?6", 10));
	assert_true(vtfilter_input(&f, "2;22c", 5));
	assert_false(vtfilter_is_owed(&f));
	/* The payload's own DA1 is answered first: that is not the barrier's. */
	run(&f, "\033[c\033[6n", &out);
	vtfilter_barrier(&f, &ask);
	assert_false(vtfilter_input(&f, "\033[?62c\033[5;5R", 12));
	assert_true(vtfilter_input(&f, "\033[?62c", 6));
	/* A DA1 that was answered tells that nothing is owed; and one mode that speaks unasked does. */
	run(&f, "\033]11;?\a\033[c", &out);
	assert_true(vtfilter_input(&f, "\033]11;rgb:0/0/0\a\033[?1;2c", 22));
	assert_false(vtfilter_is_owed(&f));
	run(&f, "\033[?1003h", &out);
	assert_true(vtfilter_is_owed(&f));
	run(&f, "\033[?1003h\033[?1003l", &out);
	assert_false(vtfilter_is_owed(&f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floods_of_questions),
		cmocka_unit_test(questions_that_nobody_hears),
		cmocka_unit_test(answers_are_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
