/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strv.h"

#include <string.h>

void strv_addn(struct strv *sv, const char *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sv->items = arena_grow(sv->arena, sv->items, sv->n + 1, sizeof(*sv->items));
		sv->items[sv->n++] = items[i];
		sv->items[sv->n] = NULL;
	}
}

bool strv_has(const struct strv *sv, const char *item)
{
	for (size_t i = 0; i < sv->n; i++)
		if (strcmp(sv->items[i], item) == 0)
			return true;
	return false;
}

const char *const *strv_argv(const struct strv *sv)
{
	static const char *const empty[] = { NULL };

	return sv->items ? sv->items : empty;
}

static size_t env_find(const struct strv *env, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->items[i], name, len) == 0 && env->items[i][len] == '=')
			return i;
	return env->n;
}

const char *env_get(const struct strv *env, const char *name)
{
	size_t i = env_find(env, name);

	return i < env->n ? env->items[i] + strlen(name) + 1 : NULL;
}

void env_set(struct strv *env, const char *name, const char *value)
{
	size_t i = env_find(env, name);
	const char *item = arena_printf(env->arena, "%s=%s", name, value);

	if (i < env->n)
		env->items[i] = item;
	else
		strv_add(env, item);
}
