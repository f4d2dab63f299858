/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "spec/bus.h"

int bus_attributes_parse(const char *text, struct arena *a, struct bus_attributes *ret,
			 struct err *e)
{
	*ret = (struct bus_attributes){ .names = STRV_INIT(a), .values = STRV_INIT(a) };
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, ",");
		size_t name = strcspn(at, "=,");

		if (name == 0 || at[name] != '=')
			return err_set(
				e, EINVAL,
				"secrets: '%s' names no item; write the attributes that it has, "
				"as NAME=VALUE[,NAME=VALUE] (secret-tool search shows them)",
				text);
		strv_add(&ret->names, arena_strndup(a, at, name));
		strv_add(&ret->values, arena_strndup(a, at + name + 1, len - name - 1));
		at += len;
		if (*at == '\0')
			return 0;
	}
}

static bool has(const struct bus_attributes *item, const char *name, const char *value)
{
	for (size_t i = 0; i < item->names.n; i++)
		if (strcmp(item->names.items[i], name) == 0 &&
		    strcmp(item->values.items[i], value) == 0)
			return true;
	return false;
}

bool bus_attributes_match(const struct bus_attributes *asked, const struct bus_attributes *item)
{
	for (size_t i = 0; i < asked->names.n; i++)
		if (!has(item, asked->names.items[i], asked->values.items[i]))
			return false;
	return true;
}
