/* SPDX-License-Identifier: Apache-2.0 */
/* Rows from environment variables. The environment is an argument: nothing here asks for it. */
#include "base/field.h"

#include <assert.h>

int field_parse_env(const struct field *rows, void *values, struct field_mask *set,
		    const struct strv *env, struct arena *a, struct err *e)
{
	assert(field_count(rows) <= FIELD_MAX);
	for (size_t i = 0; rows[i].name; i++) {
		const char *text = rows[i].env ? env_get(env, rows[i].env) : NULL;

		if (!text || !*text)
			continue;
		if (field_set(&rows[i], values, text, a, e) < 0)
			return err_wrap(e, "environment variable %s", rows[i].env);
		field_mask_put(set, i, true);
	}
	return 0;
}
