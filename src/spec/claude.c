/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/claude.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

/* What makes the agent execute or obey something: visible, never writable. */
static const char *const executable[] = { "settings.json",
					  "settings.local.json",
					  "CLAUDE.md",
					  "commands",
					  "agents",
					  "skills",
					  "hooks",
					  "plugins",
					  "rules",
					  "workflows",
					  "output-styles",
					  "keybindings.json",
					  "statusline.sh",
					  ".mcp.json",
					  NULL };

/*
 * What a continued session wants to find again: kept per project in our state, out of the host's
 * ~/.claude. The rest of the client's scratch (caches, logs, shell snapshots) ends with the sandbox.
 */
static const char *const scratch[] = { "tasks", "plans", "file-history", NULL };

static const char *below(struct arena *a, const struct facts *f, const char *name)
{
	return arena_printf(a, "%s/.claude/%s", f->home, name);
}

static const char *session_dir(struct arena *a, const struct facts *f)
{
	return arena_printf(a, "%s/.claude/projects/%s", f->home, path_session_name(a, f->project));
}

void claude_paths(const struct facts *f, struct arena *a, struct strv *ret)
{
	strv_add(ret, arena_printf(a, "%s/.claude", f->home),
		 arena_printf(a, "%s/.claude.json", f->home), below(a, f, ".credentials.json"),
		 below(a, f, "projects"), session_dir(a, f));
	for (size_t i = 0; executable[i]; i++)
		strv_add(ret, below(a, f, executable[i]));
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

/*
 * A copy that cannot renew itself: what could, stays outside with the keeper of logins (border/login_service.c).
 * Without a network nobody has use for a newer one.
 */
static void add_login(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s)
{
	const char *path = below(a, f, ".credentials.json");

	if (facts_path(f, path)->kind != PATH_FILE)
		return;
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_LOGIN,
				   .src = facts_path(f, path)->real,
				   .dst = path,
				   .mode = 0600,
				   .share = "login",
				   .why = "the agent's login without what renews it: that is done "
					  "outside, once for all sandboxes" });
	if (c->level == LEVEL_STRICT)
		return;
	s->login = (struct spec_login){ .dir = arena_printf(a, "%s/.claude", f->home),
					.file = path,
					.account = arena_printf(a, "%s/.claude.json", f->home),
					.ca = env_value(f, "NODE_EXTRA_CA_CERTS") };
	spec_service(s, a,
		     (struct service_want){ .service = SERVICE_LOGIN,
					    .path = "",
					    .why = "renews the agent's login" });
}

static int add_layered(const struct config *c, const struct facts *f, struct arena *a,
		       struct spec *s, struct err *e)
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
	for (size_t i = 0; executable[i]; i++) {
		const char *path = below(a, f, executable[i]);

		if (facts_path(f, path)->kind == PATH_FILE || facts_path(f, path)->kind == PATH_DIR)
			spec_mount(s, a,
				   (struct mount){ .kind = MOUNT_RO,
						   .src = facts_path(f, path)->real,
						   .dst = path,
						   .share = "claude-config",
						   .why = "your settings for the agent; the host "
							  "executes them, so "
							  "they cannot be changed here" });
	}
	for (size_t i = 0; scratch[i]; i++) {
		const char *own = arena_printf(a, "%s/claude/%s", s->state, scratch[i]);

		spec_dir(s, a, (struct host_dir){ own, "the agent's scratch, per project" });
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_RW,
					   .src = own,
					   .dst = below(a, f, scratch[i]),
					   .share = "claude-scratch",
					   .why = "the agent's scratch, kept per project" });
	}
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
	if (c->claude_config == CLAUDE_SHARED) {
		add_shared(f, a, s);
		return 0;
	}
	return add_layered(c, f, a, s, e);
}
