/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/claude.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "spec/identity.h"
#include "spec/layer.h"

static const char *below(struct arena *a, const struct facts *f, const char *name)
{
	return arena_printf(a, "%s/.claude/%s", f->home, name);
}

static const char *session_dir(struct arena *a, const struct facts *f)
{
	return arena_printf(a, "%s/.claude/projects/%s", f->home, path_session_name(a, f->project));
}

const char *claude_own_login(const struct facts *f, struct arena *a)
{
	return arena_printf(a, "%s/login/.credentials.json", identity_state_dir(f, a));
}

void claude_paths(const struct facts *f, struct arena *a, struct strv *ret)
{
	strv_add(ret, arena_printf(a, "%s/.claude", f->home),
		 arena_printf(a, "%s/.claude.json", f->home), below(a, f, ".credentials.json"),
		 below(a, f, "projects"), session_dir(a, f), claude_own_login(f, a));
	for (const struct layer_name *row = layer_names; row->name; row++)
		strv_add(ret, below(a, f, row->name));
}

/*
 * The session directory is made and mounted writable, so it must be what it seems: a symlink at
 * one of its places (a sandbox with a shared ~/.claude could have planted it) would open another
 * directory of the user.
 */
static int check_session_dir(const struct facts *f, struct arena *a, struct err *e)
{
	const char *const paths[] = { below(a, f, "projects"), session_dir(a, f) };

	for (size_t i = 0; i < 2; i++)
		if (facts_path(f, paths[i])->link)
			return err_set(
				e, ELOOP,
				"%s is a symbolic link to %s, and this project's sessions would be "
				"written there; replace it by a directory",
				paths[i], facts_path(f, paths[i])->link);
	return 0;
}

static const char *env_value(const struct facts *f, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < f->env.n; i++)
		if (strncmp(f->env.items[i], name, len) == 0 && f->env.items[i][len] == '=')
			return f->env.items[i] + len + 1;
	return NULL;
}

static void keep_login(const struct config *c, const struct facts *f, bool is_own, struct arena *a,
		       struct spec *s)
{
	const char *claude = arena_printf(a, "%s/.claude", f->home);

	if (c->network == NETWORK_NONE) /* without a network nobody has use for a newer one */
		return;
	s->login = (struct spec_login){
		.inside = claude,
		.dir = is_own ? path_parent(a, claude_own_login(f, a)) : claude,
		.file = is_own ? claude_own_login(f, a) : below(a, f, ".credentials.json"),
		.account = is_own ? NULL : arena_printf(a, "%s.json", claude),
		.ca = env_value(f, "NODE_EXTRA_CA_CERTS")
	};
	if (is_own)
		spec_dir(s, a,
			 (struct host_dir){ s->login.dir,
					    "this project's own login, if one is made inside" });
	spec_service(s, a,
		     (struct service_want){ .service = SERVICE_LOGIN,
					    .path = "",
					    .why = "renews the agent's login" });
}

/*
 * A copy that cannot renew itself: what could, stays outside with the keeper of logins (border/login_service.c).
 * If the host has none, one that is made inside is kept beside the project's other state.
 */
static void add_login(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s)
{
	const char *path = below(a, f, ".credentials.json");
	bool is_own = facts_path(f, path)->kind == PATH_ABSENT;
	const struct path_fact *fact = facts_path(f, is_own ? claude_own_login(f, a) : path);

	if (fact->kind == PATH_FILE)
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_LOGIN,
					   .src = fact->real,
					   .dst = path,
					   .mode = 0600,
					   .share = "login",
					   .why = is_own ? "the agent's login that was made inside "
							   "before; what renews it stays outside"
							 : "the agent's login without what renews "
							   "it: that is done "
							   "outside, once for all sandboxes" });
	if (fact->kind == PATH_FILE || is_own)
		keep_login(c, f, is_own, a, s);
}

/* An empty directory, the sessions and the login: what every form but the shared one has. */
static int add_frame(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		     struct err *e)
{
	int r = check_session_dir(f, a, e);

	if (r < 0)
		return r;
	spec_mount(
		s, a,
		(struct mount){ .kind = MOUNT_TMPFS,
				.dst = arena_printf(a, "%s/.claude", f->home),
				.mode = 0700,
				.share = "claude",
				.why = "the agent's own directory, empty but for what follows" });
	spec_dir(s, a, (struct host_dir){ session_dir(a, f), "this project's sessions" });
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_RW,
				   .src = session_dir(a, f),
				   .dst = session_dir(a, f),
				   .share = "sessions",
				   .why = "this project's sessions continue on either side; other "
					  "projects' stay hidden" });
	add_login(c, f, a, s);
	return 0;
}

static void add_json_copy(const struct facts *f, struct arena *a, struct spec *s)
{
	const char *json = arena_printf(a, "%s/.claude.json", f->home);

	if (facts_path(f, json)->kind == PATH_FILE)
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_COPY,
					   .src = json,
					   .dst = json,
					   .mode = 0600,
					   .share = "claude-json",
					   .why = "the agent's state, as a copy: it replaces the "
						  "file by rename" });
}

/* The host's configuration for this run alone: @file is MOUNT_RO, or MOUNT_COPY for files that may change. */
static void add_leaves(const struct facts *f, enum mount_kind file, struct arena *a, struct spec *s)
{
	for (const struct layer_name *row = layer_names; row->name; row++) {
		const char *path = below(a, f, row->name);
		const struct path_fact *fact = facts_path(f, path);

		if (fact->kind == (row->is_dir ? PATH_DIR : PATH_FILE))
			spec_mount(s, a,
				   (struct mount){ .kind = row->is_dir ? MOUNT_RO : file,
						   .src = fact->real,
						   .dst = path,
						   .mode = file == MOUNT_COPY ? 0600 : 0,
						   .share = "claude-config",
						   .why = "your settings for the agent; the host "
							  "executes them, so no change is kept" });
	}
	add_json_copy(f, a, s);
}

static void add_link(const char *dst, const char *to, struct arena *a, struct spec *s)
{
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_SYMLINK,
				   .src = to,
				   .dst = dst,
				   .share = "claude-layer",
				   .why = "leads to the project's own version" });
}

/* What is too large to be copied is seen where the host has it, read-only. */
static void add_views(const struct facts *f, struct arena *a, struct spec *s)
{
	for (const struct layer_name *row = layer_names; row->name; row++) {
		const struct path_fact *fact = facts_path(f, below(a, f, row->name));

		if (row->is_dir && fact->kind == PATH_DIR)
			spec_mount(s, a,
				   (struct mount){ .kind = MOUNT_RO,
						   .src = fact->real,
						   .dst = arena_printf(a, "%s/%s", s->layer->links,
								       row->name),
						   .share = "claude-config",
						   .why = "the host's version, for what is too "
							  "large to be copied" });
	}
}

/*
 * One writable directory for all that is kept, and links that lead into it: a mount for each would
 * take most of the time of a start. The links lie in a tmpfs, so they are new at each start.
 */
static void add_layer(const struct facts *f, struct arena *a, struct spec *s)
{
	struct layer *l = arena_new(a, struct layer);

	layer_locate(f, a, l);
	s->layer = l;
	spec_dir(s, a, (struct host_dir){ l->dir, "the project's layer of ~/.claude" });
	spec_dir(s, a, (struct host_dir){ l->book, "what was copied into that layer" });
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_RW,
				   .src = l->dir,
				   .dst = below(a, f, ".layer"),
				   .share = "claude-layer",
				   .why = "the agent's settings, this project's version: a copy of "
					  "the host's with what was changed inside" });
	for (const struct layer_name *row = layer_names; row->name; row++)
		add_link(below(a, f, row->name),
			 arena_printf(a, ".layer/" LAYER_CONFIG "/%s", row->name), a, s);
	for (const struct layer_name *row = layer_scratch; row->name; row++)
		add_link(below(a, f, row->name), arena_printf(a, ".layer/%s", row->name), a, s);
	add_link(l->json, ".claude/.layer/" LAYER_JSON, a, s);
	add_views(f, a, s);
}

static void add_shared(const struct facts *f, struct arena *a, struct spec *s)
{
	const char *path = arena_printf(a, "%s/.claude", f->home);
	const struct path_fact *fact = facts_path(f, path);

	spec_dir(s, a, (struct host_dir){ path, "the agent's own directory" });
	spec_mount(s, a,
		   (struct mount){
			   .kind = MOUNT_RW,
			   .src = fact->real ? fact->real : path,
			   .dst = path,
			   .share = "claude",
			   .why = "the agent's own directory, hooks and settings included: what is "
				  "written there runs on the host" });
}

int claude_add_mounts(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s, struct err *e)
{
	int r = 0;

	if (c->claude_config != CLAUDE_SHARED)
		r = add_frame(c, f, a, s, e);
	if (r < 0)
		return r;
	switch ((enum claude_config)c->claude_config) {
	case CLAUDE_SHARED:
		add_shared(f, a, s);
		add_json_copy(f, a, s);
		break;
	case CLAUDE_READONLY:
		add_leaves(f, MOUNT_RO, a, s);
		break;
	case CLAUDE_LAYERED:
		if (c->level == LEVEL_STRICT)
			add_leaves(f, MOUNT_COPY, a, s);
		else
			add_layer(f, a, s);
		break;
	}
	return 0;
}
