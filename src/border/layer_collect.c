/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the end: what took the place of a link. Inside, ~/.claude is a tmpfs of links that lead into the
 * layer, and a program that replaces a file by rename(2), as `mv` and `sed -i` do, replaces the link.
 * The keeper opened that tmpfs while the sandbox ran, and holds it; so it can be read when nobody can
 * write it any more, and it is in nobody's mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/layer.h"
#include "border/layer_parts.h"

struct opening {
	const char *claude;
	pid_t init;
};

static int open_act(void *data)
{
	const struct opening *o = data;
	char path[64];
	auto_fd int root = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/root", (int)o->init);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	return layer_open_mounted(root, o->claude + strspn(o->claude, "/"), O_RDONLY | O_DIRECTORY);
}

int layer_inside_open(const char *claude, pid_t init, uid_t uid, gid_t gid,
		      struct layer_inside *ret)
{
	struct opening o = { claude, init };
	struct layer_inside in = LAYER_INSIDE_NONE;
	int r = inside_open(init, uid, gid, &in.who);

	if (r < 0)
		return r;
	in.fd = inside_do(&in.who, open_act, &o);
	if (in.fd < 0) {
		inside_done(&in.who);
		return in.fd;
	}
	*ret = in;
	return 0;
}

/* What is there, all of it read before anything is done about it. */
struct look {
	struct layer_tree tree;
	struct layer_content *content; /* for each of the tree's entries */
	bool *is_link;                 /* likewise, of the row that it belongs to */
	const struct layer_tree *ours;
	bool *ours_is_link; /* for each of ours */
};

/* The row to which @name belongs is still the link that we made, or another that we do not follow. */
static bool is_link(int inside, const char *name)
{
	size_t len = strcspn(name, "/");
	struct stat st;
	char top[64];

	(void)snprintf(top, sizeof(top), "%.*s", (int)len, name);
	return fstatat(inside, top, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

static int look_act(void *data)
{
	struct look *l = data;
	struct layer_tree *tree = &l->tree;
	struct arena *a = tree->arena;

	layer_tree_read(tree);
	l->content = arena_alloc(a, (tree->n + 1) * sizeof(*l->content));
	l->is_link = arena_alloc(a, tree->n + 1);
	l->ours_is_link = arena_alloc(a, l->ours->n + 1);
	for (size_t i = 0; i < tree->n; i++) {
		const struct layer_entry *entry = &tree->entries[i];

		l->is_link[i] = is_link(tree->fd, entry->name);
		l->content[i] = (struct layer_content){ .kind = LAYER_OTHER };
		if (entry->kind != LAYER_OTHER && !l->is_link[i])
			layer_read(tree, entry, a, &l->content[i]);
	}
	for (size_t i = 0; i < l->ours->n; i++)
		l->ours_is_link[i] = is_link(tree->fd, l->ours->entries[i].name);
	return 0;
}

static void take_over(const char *name, const struct layer_content *new,
		      const struct layer_tree *ours)
{
	auto_arena struct arena a = ARENA_INIT;
	struct layer_content old;
	struct layer_stamp ignored;

	/* What cannot be taken over was the sandbox's to write properly. */
	if (new->kind == LAYER_OTHER)
		return;
	layer_read(ours, layer_tree_find(ours, name), &a, &old);
	if (strcmp(new->digest.hex, old.digest.hex) != 0)
		(void)layer_put(ours, name, new, &ignored);
}

void layer_collect(const struct layer *l, const struct layer_inside *in)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_layer_sides struct layer_sides s = LAYER_SIDES_NONE;
	struct look look = { .tree = { .fd = in->fd, .is_ours = true, .arena = &a } };
	struct err ignored;

	if (layer_sides_open(l, &a, &s, &ignored) < 0)
		return;
	look.ours = &s.ours;
	if (inside_do(&in->who, look_act, &look) < 0)
		return;
	for (size_t i = 0; i < s.ours.n && !look.tree.is_full; i++) {
		const char *name = s.ours.entries[i].name;

		if (!look.ours_is_link[i] && !layer_tree_find(&look.tree, name))
			(void)layer_remove(&s.ours, name); /* else it stays as it was */
	}
	for (size_t i = 0; i < look.tree.n; i++)
		if (!look.is_link[i])
			take_over(look.tree.entries[i].name, &look.content[i], &s.ours);
}
