/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/facts.h"

#include <string.h>

const struct path_fact *facts_path(const struct facts *f, const char *path)
{
	static const struct path_fact absent = { .kind = PATH_ABSENT };

	size_t len = path ? strlen(path) : 0;

	for (size_t i = 0; path && i < f->n_paths; i++)
		if (f->paths[i].len == len && memcmp(f->paths[i].path, path, len) == 0)
			return &f->paths[i];
	return &absent;
}

void facts_add_path(struct facts *f, struct arena *a, struct path_fact fact)
{
	fact.len = strlen(fact.path);
	f->paths = arena_grow(a, f->paths, f->n_paths, sizeof(*f->paths));
	f->paths[f->n_paths++] = fact;
}

struct gitconfig_user facts_gitconfig(const struct facts *f)
{
	const char *xdg = f->gitconfig_xdg, *home = f->gitconfig;

	return (struct gitconfig_user){
		.texts = { { "~/.config/git/config", xdg, xdg ? strlen(xdg) : 0 },
			   { "~/.gitconfig", home, home ? strlen(home) : 0 } },
		.public_key = f->git_key,
	};
}

const struct text_fact *facts_text(const struct facts *f, const char *path)
{
	for (size_t i = 0; i < f->n_texts; i++)
		if (strcmp(f->texts[i].path, path) == 0)
			return &f->texts[i];
	return NULL;
}

void facts_add_text(struct facts *f, struct arena *a, struct text_fact fact)
{
	f->texts = arena_grow(a, f->texts, f->n_texts, sizeof(fact));
	f->texts[f->n_texts++] = fact;
}
