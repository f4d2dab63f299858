/* SPDX-License-Identifier: Apache-2.0 */
/* What a layer changed, as a list and as sentences. */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "border/layer.h"

#define TOLD_MAX 8
#define NAME_SHOWN 200

const char *const layer_what_names[] = {
	[LAYER_MADE] = "made",
	[LAYER_CHANGED] = "changed",
	[LAYER_REMOVED] = "removed",
	[LAYER_ODD] = "replaced by something that is no file",
};

static enum layer_what what_of(struct layer_sides *s, const char *name)
{
	const struct layer_entry *ours = layer_tree_find(&s->ours, name);

	if (!ours)
		return LAYER_REMOVED;
	if (ours->kind != LAYER_FILE)
		return LAYER_ODD;
	return layer_tree_find(&s->host, name) ? LAYER_CHANGED : LAYER_MADE;
}

static void list_one(struct layer_sides *s, const char *name, void *data)
{
	struct layer_changes *list = data;
	struct layer_pair p;

	if (layer_compare(s, name, &p) != LAYER_KEEP)
		return;
	list->items = arena_grow(s->arena, list->items, list->n, sizeof(*list->items));
	list->items[list->n++] =
		(struct layer_change){ .name = name, .what = what_of(s, name), .is_new = p.is_new };
}

void layer_list(struct layer_sides *s, struct layer_changes *ret)
{
	struct layer_changes list = { .is_full = s->ours.is_full };

	layer_each(s, list_one, &list);
	*ret = list;
}

/* Names come from inside: a line each, whatever bytes they have. */
static void tell(const struct layer_change *c, struct buf *out)
{
	auto_buf struct buf name = BUF_INIT(NAME_SHOWN);

	buf_visible(&name, c->name);
	buf_addf(out,
		 "~/.claude/%s%s was %s inside, for this project alone; `claude-sandbox promote` "
		 "shows it\n",
		 buf_text(&name), buf_full(&name) ? "..." : "", layer_what_names[c->what]);
}

void layer_report(const struct layer *l, struct buf *out)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_layer_sides struct layer_sides s = LAYER_SIDES_NONE;
	struct layer_changes list;
	size_t n = 0;
	struct err ignored; /* the next start tells it */

	if (layer_sides_open(l, &a, &s, &ignored) < 0)
		return;
	layer_list(&s, &list);
	for (size_t i = 0; i < list.n; i++) {
		if (!list.items[i].is_new)
			continue;
		if (n++ < TOLD_MAX)
			tell(&list.items[i], out);
	}
	if (n > TOLD_MAX)
		buf_addf(out, "%zu more files of ~/.claude were changed inside\n", n - TOLD_MAX);
	if (list.is_full)
		buf_addf(out, "~/.claude has more files inside than are looked at\n");
}
