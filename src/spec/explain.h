/* SPDX-License-Identifier: Apache-2.0 */
/* What both forms of --explain (explain.c, explain_json.c) have in common. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/field.h"
#include "spec/config.h"
#include "spec/spec.h"

typedef void explain_print_fn(const struct field *row, const void *values, struct buf *b);

/* Settings that can stand in a file, and options of this run that somebody gave. */
bool explain_shows(const struct field *row, const char *origin);

/* The setting as @print has it: field_print() or field_print_json(). */
const char *explain_value(const struct field *row, const struct config *c, struct arena *a,
			  explain_print_fn *print);
