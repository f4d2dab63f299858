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

int layer_inside_open(const char *claude, pid_t init)
{
	char path[64];
	auto_fd int root = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/root", (int)init);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	return layer_open_mounted(root, claude + strspn(claude, "/"), O_RDONLY | O_DIRECTORY);
}

/* The row to which @name belongs is still the link that we made, or another that we do not follow. */
static bool is_link(int inside, const char *name)
{
	size_t len = strcspn(name, "/");
	struct stat st;
	char top[64];

	(void)snprintf(top, sizeof(top), "%.*s", (int)len, name);
	return fstatat(inside, top, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

static void take_over(const struct layer_tree *inside, const struct layer_entry *entry,
		      const struct layer_tree *ours)
{
	auto_arena struct arena a = ARENA_INIT;
	struct layer_content new, old;
	struct layer_stamp ignored;

	if (entry->kind == LAYER_OTHER || is_link(inside->fd, entry->name))
		return;
	layer_read(inside, entry, &a, &new);
	layer_read(ours, layer_tree_find(ours, entry->name), &a, &old);
	/* What cannot be taken over was the sandbox's to write properly. */
	if (new.kind != LAYER_OTHER && strcmp(new.digest.hex, old.digest.hex) != 0)
		(void)layer_put(ours, entry->name, &new, &ignored);
}

void layer_collect(const struct layer *l, int fd)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_layer_sides struct layer_sides s = LAYER_SIDES_NONE;
	struct layer_tree inside = { .fd = fd, .is_ours = true, .arena = &a };
	struct err ignored;

	if (layer_sides_open(l, &a, &s, &ignored) < 0)
		return;
	layer_tree_read(&inside);
	for (size_t i = 0; i < s.ours.n && !inside.is_full; i++) {
		const char *name = s.ours.entries[i].name;

		if (!is_link(fd, name) && !layer_tree_find(&inside, name))
			(void)layer_remove(&s.ours, name); /* else it stays as it was */
	}
	for (size_t i = 0; i < inside.n; i++)
		take_over(&inside, &inside.entries[i], &s.ours);
}
