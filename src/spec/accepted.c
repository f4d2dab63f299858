/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/accepted.h"

#include <string.h>

#include "base/auto.h"
#include "base/hash.h"
#include "spec/config.h"

static const char head[] = "claude-sandbox acceptance 1";

const char *accepted_path(const struct facts *f, struct arena *a)
{
	char hex[HASH_HEX_SIZE];

	hash_hex(f->project, strlen(f->project), hex);
	return arena_printf(a, "%s/accepted/%s", f->state_root, hex);
}

/*
 * Which backend, which level and whether changes are reviewed is the user's own to say: each decides about
 * more than what the difference that was shown tells. A project can ask for single settings instead.
 */
bool accepted_may(const struct field *row)
{
	static const char *const never[] = { "level", "backend", "review", "untrusted_projects" };

	for (size_t i = 0; i < N_ELEMENTS(never); i++)
		if (strcmp(row->name, never[i]) == 0)
			return false;
	return !(row->flags & FIELD_NO_KEY);
}

void accepted_text(const char *hash, const struct field_mask *granted, struct buf *b)
{
	buf_addf(b, "%s\n%s\n", head, hash);
	for (size_t i = 0; config_fields[i].name; i++)
		if (field_mask_has(granted, i))
			buf_addf(b, "%s\n", config_fields[i].name);
}

struct field_mask accepted_parse(char *text, const char *hash)
{
	struct field_mask granted = { 0 };
	const char *line = strsep(&text, "\n");

	if (strcmp(line, head) != 0)
		return granted;
	line = strsep(&text, "\n");
	if (!line || strcmp(line, hash) != 0)
		return granted;
	while ((line = strsep(&text, "\n"))) {
		const struct field *row = field_find(config_fields, line);

		if (row && accepted_may(row))
			field_mask_put(&granted, field_index(config_fields, row), true);
	}
	return granted;
}
