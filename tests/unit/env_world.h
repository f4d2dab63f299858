/* SPDX-License-Identifier: Apache-2.0 */
/* A Debian host at the default level, whose caller has an environment. After <cmocka.h>. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/spec.h"

struct env_world {
	struct arena a;
	struct config c;
	struct facts f;
	struct spec s;
};

static inline void show(struct env_world *w, enum mount_kind kind, const char *dst)
{
	spec_mount(&w->s, &w->a,
		   (struct mount){ .kind = kind, .src = dst, .dst = dst, .why = "test" });
}

static inline void found(struct env_world *w, const char *path, enum path_kind kind)
{
	const struct path_fact fact = { .path = path, .kind = kind, .real = path };

	facts_add_path(&w->f, &w->a, fact);
}

static inline int env_world_enter(void **state)
{
	static const char *const dirs[] = { "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin",
					    "/usr/sbin" };
	struct env_world *w = *state = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	config_of_level(LEVEL_DEFAULT, &w->a, &w->c);
	w->c.network = NETWORK_HOST; /* with which the most is taken over */
	w->f = (struct facts){
		.uid = 1000, .user = "ann", .home = "/home/ann", .env = STRV_INIT(&w->a)
	};
	w->s = (struct spec){ .config = &w->c,
			      .home = "/home/ann",
			      .state = "/state/x-1",
			      .uid = 1000,
			      .notes = STRV_INIT(&w->a),
			      .details = STRV_INIT(&w->a) };
	for (size_t i = 0; i < N_ELEMENTS(dirs); i++)
		found(w, dirs[i], PATH_DIR);
	found(w, "/bin/bash", PATH_FILE);
	show(w, MOUNT_RO, "/usr");
	show(w, MOUNT_SYMLINK, "/bin");
	show(w, MOUNT_RO, "/etc/ssl");
	show(w, MOUNT_TMPFS, "/home/ann");
	return 0;
}

static inline int env_world_leave(void **state)
{
	struct env_world *w = *state;

	arena_done(&w->a);
	free(w);
	return 0;
}

static inline void caller_has(struct env_world *w, const char *item)
{
	strv_add(&w->f.env, item);
}

static inline int add_env(struct env_world *w, struct err *e)
{
	*e = (struct err){ 0 };
	return spec_add_env(&w->c, &w->f, &w->a, &w->s, e);
}

static inline void must_add_env(struct env_world *w)
{
	struct err e;

	if (add_env(w, &e) != 0)
		fail_msg("%s", e.msg);
}

static inline const struct env_var *var(const struct env_world *w, const char *name)
{
	const struct env_var *at = NULL;

	for (size_t i = 0; i < w->s.n_env; i++) {
		if (strcmp(w->s.env[i].name, name) != 0)
			continue;
		assert_null(at); /* never twice */
		at = &w->s.env[i];
	}
	return at;
}

static inline const char *value(const struct env_world *w, const char *name)
{
	const struct env_var *v = var(w, name);

	return v ? v->value : "(unset)";
}

/* A test with a world of its own. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, env_world_enter, env_world_leave)
