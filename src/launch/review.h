/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of the word "review" share. */
#pragma once

#include "border/review.h"
#include "launch/launch.h"

/* Row by row, on the terminal; the exit status. */
int review_ask(struct launch *l, struct review *r);

/* Brings the rows for which @chosen is true into the project; the exit status. */
int review_accept_rows(struct launch *l, struct review *r, const bool *chosen);

/* Whether the rows are told and answered together: what is free in one git directory. */
bool review_same_group(const struct review_row *a, const struct review_row *b);
bool review_is_told(const struct review *r, size_t i);
void review_group_line(struct launch *l, const struct review *r, size_t first, struct buf *b);

/* The unified diff of two texts, for a terminal; nothing for what is no file. */
void review_diff(struct launch *l, const struct review *r, const struct review_row *row,
		 struct buf *b);
