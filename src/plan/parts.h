/* SPDX-License-Identifier: Apache-2.0 */
/* What the backends have in common; they alone. */
#pragma once

#include "plan/plan.h"

/* Our own programs and those that serve a network; the backend's own is its own to check. */
int plan_check_programs(const struct spec *s, const struct facts *f, struct err *e);

/* The job, and the programs outside that serve the sandbox. */
void plan_fill(const struct spec *s, const struct facts *f, struct arena *a, struct plan *p);

/* For plan_print(). */
void plan_print_container(const struct plan *p, struct buf *b);

/* Its number as a word. */
const char *plan_add_fd(struct plan *p, struct arena *a, struct plan_fd fd);

/* Data follows the channel, and what else has a number of its own, without gaps. */
int plan_next_number(const struct plan *p);
