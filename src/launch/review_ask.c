/* SPDX-License-Identifier: Apache-2.0 */
/* claude-sandbox review accept on a terminal: one question per file, or per git repository. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "launch/review.h"

/* The first letter of an answer; 'q' at the end of input. */
static char ask(const char *question)
{
	char line[64];

	(void)fprintf(stderr, "%s", question);
	if (!fgets(line, sizeof(line), stdin))
		return 'q';
	for (const char *end = line; !strchr(end, '\n');) {
		char more[64];

		/* The rest of a long line is no answer to the next question. */
		if (!fgets(more, sizeof(more), stdin) || strchr(more, '\n'))
			break;
	}
	return line[0];
}

static bool is_group(const struct review_row *row)
{
	return review_same_group(row, row);
}

/* y, n, a, or q. */
static char ask_row(struct launch *l, const struct review *r, size_t i)
{
	const struct review_row *row = &r->rows[i];

	for (;;) {
		auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
		char answer;

		if (is_group(row))
			review_group_line(l, r, i, &b);
		else
			review_line(row, &b);
		buf_puts(&b, "\naccept it? [y]es, [n]o, [d]iff, [a]ll that is harmless from here "
			     "on, [q]uit: ");
		answer = ask(buf_text(&b));
		if (answer && strchr("ynaq", answer))
			return answer;
		if (answer == 'd') {
			auto_buf struct buf diff = BUF_INIT(OUTPUT_MAX);

			review_diff(l, r, row, &diff);
			(void)fprintf(stderr, "%s", buf_text(&diff));
		}
	}
}

static void choose_group(const struct review *r, size_t i, bool *chosen)
{
	chosen[i] = true;
	for (size_t k = i + 1; k < r->n; k++)
		if (review_same_group(&r->rows[i], &r->rows[k]))
			chosen[k] = true;
}

/* Rows of @answer; false when the person wants no more questions. */
static bool ask_all(struct launch *l, const struct review *r, enum review_answer kind, bool *chosen)
{
	bool all = false;

	for (size_t i = 0; i < r->n; i++) {
		char answer = 'y';

		if (r->rows[i].answer != kind || review_is_told(r, i))
			continue;
		if (!all || kind != REVIEW_FREE)
			answer = ask_row(l, r, i);
		if (answer == 'q')
			return false;
		all |= answer == 'a';
		/* "all" never takes what asks for its name. */
		if (answer == 'y' || (answer == 'a' && kind == REVIEW_FREE))
			choose_group(r, i, chosen);
		if (answer == 'a' && kind != REVIEW_FREE)
			return true;
	}
	return true;
}

int review_ask(struct launch *l, struct review *r)
{
	bool *chosen = arena_alloc(l->arena, r->n + 1);

	if (ask_all(l, r, REVIEW_BY_NAME, chosen))
		(void)ask_all(l, r, REVIEW_FREE, chosen);
	return review_accept_rows(l, r, chosen);
}
