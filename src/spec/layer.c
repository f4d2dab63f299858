/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/layer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/identity.h"

/* Read in the client 2.1.197: what it runs, loads, or puts into the prompt. */
const struct layer_name layer_names[] = {
	{ "settings.json", false },
	{ "settings.local.json", false },
	{ "CLAUDE.md", false },
	{ "loop.md", false },
	{ "keybindings.json", false },
	{ "statusline.sh", false },
	{ "statusline-command.sh", false },
	{ ".mcp.json", false },
	{ ".config.json", false },
	{ "commands", true },
	{ "agents", true },
	{ "skills", true },
	{ "hooks", true },
	{ "plugins", true },
	{ "rules", true },
	{ "workflows", true },
	{ "output-styles", true },
	{ "themes", true },
	{ NULL, false },
};

/*
 * What a continued session wants to find again. The rest of the client's scratch (caches, logs, shell
 * snapshots, backups) ends with the sandbox.
 */
const struct layer_name layer_scratch[] = {
	{ "history.jsonl", false }, { "tasks", true },        { "todos", true },
	{ "plans", true },          { "file-history", true }, { "session-env", true },
	{ "agent-memory", true },   { NULL, false },
};

void layer_locate(const struct facts *f, struct arena *a, struct layer *ret)
{
	const char *claude = arena_printf(a, "%s/.claude", f->home);
	const struct path_fact *fact = facts_path(f, claude);
	const char *state = identity_state_dir(f, a);

	*ret = (struct layer){ .host = fact->real ? fact->real : claude,
			       .json = arena_printf(a, "%s/.claude.json", f->home),
			       .dir = arena_printf(a, "%s/claude", state),
			       .book = arena_printf(a, "%s/layer", state),
			       .inside = claude,
			       .links = arena_printf(a, "%s/.claude/.host", f->home),
			       .project = f->project };
}

static bool is_same(const struct layer_digest *x, const struct layer_digest *y)
{
	return strcmp(x->hex, y->hex) == 0;
}

enum layer_verdict layer_decide(const struct layer_digest *base, const struct layer_digest *ours,
				const struct layer_digest *host)
{
	if (is_same(ours, host))
		return ours->hex[0] ? LAYER_SAME : LAYER_FORGET;
	return is_same(ours, base) ? LAYER_TAKE : LAYER_KEEP;
}

static unsigned depth_of(const char *name)
{
	unsigned n = 0;

	for (; *name; name++)
		n += *name == '/';
	return n;
}

/*
 * Checked-out marketplaces, and each version of a plugin that was unpacked: the client puts new ones
 * beside them and replaces them whole. Where they are installed stands in files that are copied.
 */
bool layer_links(const char *name, bool is_dir)
{
	static const struct {
		const char *below;
		unsigned depth;
	} trees[] = {
		{ "plugins/marketplaces/", 2 },
		{ "plugins/repos/", 3 },
		{ "plugins/cache/", 4 },
	};
	static const char *const large[] = { ".git", "node_modules", ".venv", "target" };
	const char *slash = strrchr(name, '/');

	for (size_t i = 0; is_dir && i < N_ELEMENTS(trees); i++)
		if (strncmp(name, trees[i].below, strlen(trees[i].below)) == 0 &&
		    depth_of(name) >= trees[i].depth)
			return true;
	for (size_t i = 0; is_dir && slash && i < N_ELEMENTS(large); i++)
		if (strcmp(slash + 1, large[i]) == 0)
			return true;
	return false;
}

const char *layer_plain_name(const char *home, const char *text)
{
	size_t len = strlen(home);

	if (strncmp(text, home, len) == 0 && text[len] == '/')
		text += len + 1;
	else if (strncmp(text, "~/", 2) == 0)
		text += 2;
	if (strncmp(text, ".claude/", 8) == 0)
		text += 8;
	for (const struct layer_name *row = layer_names; row->name; row++) {
		len = strlen(row->name);
		if (strncmp(text, row->name, len) == 0 &&
		    (text[len] == '\0' || (row->is_dir && text[len] == '/')))
			return text;
	}
	return NULL;
}
