/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper that the payload could replace would run outside the sandbox. So neither PATH nor the
 * project takes part: only directories that the system's owner alone can write to are searched.
 *
 * That owner is whoever owns "/": root, except in a user namespace that does not map root, where
 * all of the system seems to belong to nobody. Whoever owns "/" can replace every program anyway.
 */
#include "host/program.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

static const char *const system_dirs[] = {
	"/usr/bin",
	"/bin",
	"/usr/sbin",
	"/sbin",
	"/run/wrappers/bin", /* NixOS */
	"/run/current-system/sw/bin",
	"/nix/var/nix/profiles/default/bin",
	"/usr/local/bin",
	NULL,
};

static bool is_owned(const struct stat *st, uid_t owner)
{
	return (st->st_uid == 0 || st->st_uid == owner) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static bool is_owned_dir(const char *dir, uid_t owner)
{
	struct stat st;

	return dir && stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && is_owned(&st, owner);
}

/* 0: @path may be started; 1: it is not there or no program; -EPERM: others could replace it. */
static int check_program(const char *path, uid_t owner, struct arena *a, struct err *e)
{
	char real[PATH_MAX];
	struct stat st;

	if (access(path, X_OK) < 0 || !realpath(path, real) || stat(real, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return 1;
	if (is_owned(&st, owner) && is_owned_dir(path_parent(a, path), owner) &&
	    is_owned_dir(path_parent(a, real), owner))
		return 0;
	return err_set(
		e, EPERM,
		"%s is not used, because it or its directory can be changed by others than root",
		path);
}

int program_find_in(const char *root, const char *const *dirs, const char *name, struct arena *a,
		    const char **ret_path, struct err *e)
{
	struct stat st;
	bool is_refused = false;

	if (strchr(name, '/') || name[0] == '\0')
		return err_set(e, ENOENT, "'%s' is no name of a program", name);
	if (stat(root, &st) < 0)
		return err_set(e, ENOENT, "cannot look for the program '%s': %s: %s", name, root,
			       strerrordesc_np(errno));
	for (size_t i = 0; dirs[i]; i++) {
		const char *path = path_join(a, dirs[i], name);
		int r = check_program(path, st.st_uid, a, e);

		if (r == 0) {
			*ret_path = path;
			return 0;
		}
		is_refused |= r < 0;
	}
	if (is_refused) {
		e->code = -ENOENT;
		return e->code;
	}
	return err_set(e, ENOENT, "the program '%s' is in none of the system's directories", name);
}

int program_find(const char *name, struct arena *a, const char **ret_path, struct err *e)
{
	return program_find_in("/", system_dirs, name, a, ret_path, e);
}
