/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a repository's own configuration that may be set from inside a sandbox. */
#pragma once

#include <stdbool.h>

/* Is there a row for @name ("section.key", "section.subsection.key"), whatever the value? */
bool gitmediate_is_listed(const char *name);

/*
 * Why @name may not be set to @value (NULL: the key alone) in @file, an absolute path; NULL if it
 * may.
 */
const char *gitmediate_objection(const char *file, const char *name, const char *value);
