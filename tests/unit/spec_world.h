/* SPDX-License-Identifier: Apache-2.0 */
/* A spec that one part of spec/ is to be added to, with all that it is made of. After <cmocka.h>. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/facts.h"
#include "spec/spec.h"

struct world {
	struct arena a;
	struct config c;
	struct facts f;
	struct spec s;
	struct err e;
};

/* The config of the default level, an empty spec of it, and the facts as they are handed over. NULL without memory. */
static inline struct world *world_new(struct facts f)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	config_of_level(LEVEL_DEFAULT, &w->a, &w->c);
	w->f = f;
	w->f.home = "/home/ann";
	w->f.env = STRV_INIT(&w->a);
	w->s = (struct spec){ .config = &w->c,
			      .notes = STRV_INIT(&w->a),
			      .details = STRV_INIT(&w->a) };
	return w;
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	arena_done(&w->a);
	free(w);
	return 0;
}
