/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promises of one spec, tried: the lines that the probe gets, its answers, the judgement, the report.
 * Pure; launch/security_test.c does what is to be done with them.
 */
#pragma once

#include "spec/promises.h"

enum trial_answer { TRIAL_HELD, TRIAL_FELL, TRIAL_NOT_TRIED, N_TRIAL_ANSWERS };

struct trial {
	const struct promise *promise;
	const char *outside_line, *inside_line; /* for probe --batch, without "\n" */
	const char *outside, *inside;           /* what the probe said; NULL: nothing */
	enum trial_answer answer;
	const char *why;
};

struct trials {
	struct trial *items;
	size_t n;
};

/* What was seen on the host, besides the probe's answers. */
struct trial_host {
	bool is_reached; /* a listener counted more connections after the run inside than before */
	bool is_victim_gone; /* the process that was to stay alive has ended */
};

/*
 * One trial for each promise of @s. @ground: "NAME=VALUE" of what the probe has made on the host. What cannot be
 * tried is judged here and has no lines.
 */
void trials_init(const struct spec *s, const struct facts *f, const struct strv *ground,
		 struct arena *a, struct trials *ret);

/* Lines for the probe outside; for inside only those that were done outside. */
void trials_batch(const struct trials *t, bool inside, struct buf *b);

/*
 * Reads the probe's answers; other lines (notes of the launcher) are passed over. How many lines of the batch
 * are left without an answer.
 */
size_t trials_read(struct trials *t, bool inside, const char *text, struct arena *a);

void trials_judge(struct trials *t, const struct trial_host *host, struct arena *a);

size_t trials_count(const struct trials *t, enum trial_answer answer);
void trials_print(const struct trials *t, struct buf *b);
void trials_print_json(const struct trials *t, struct buf *b);
