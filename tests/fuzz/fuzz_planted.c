/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path in a project, from inside and so hostile. What a name is to host tools depends neither on the
 * case of its letters nor on the directory it lies in, and what lies below such a name is the name's.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spec/planted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As the guard hands them over: components without "" and "..". */
static bool is_path(const char *path)
{
	return path[0] && path[0] != '/' && path[strlen(path) - 1] != '/' && !strstr(path, "//") &&
	       !strstr(path, "..");
}

static void must_be_same(const char *path, const char *other)
{
	const struct planted_name *row = planted_find(path, NULL);
	const struct planted_name *other_row = planted_find(other, NULL);

	if (!row != !other_row || planted_in_git(path) != planted_in_git(other))
		abort();
	if (planted_git_place(path, NULL, NULL) != planted_git_place(other, NULL, NULL))
		abort();
	if (planted_is_prefix(path, true) != planted_is_prefix(other, true))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *path = arena_strndup(&a, (const char *)data, size);
	char *upper = arena_strdup(&a, path);

	if (!is_path(path))
		return 0;
	for (char *at = upper; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	must_be_same(path, upper);
	must_be_same(path, arena_printf(&a, "some/where/%s", path));
	if (planted_find(path, NULL) && !planted_find(arena_printf(&a, "%s/below", path), NULL))
		abort();
	if (planted_is_prefix(path, false) && !planted_is_prefix(path, true))
		abort();
	return 0;
}
