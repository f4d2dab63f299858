/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root is built up from nothing: what is not mounted here does not exist inside. No mount
 * point lies in a directory that a sandbox can write, but for those the user asked for.
 */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/claude.h"
#include "spec/git.h"
#include "spec/identity.h"
#include "spec/project.h"
#include "spec/shares.h"
#include "spec/spec.h"

#define RUN_BIN "/run/claude-sandbox/bin"

static void add_bones(const struct facts *f, struct arena *a, struct spec *s)
{
	const struct mount bones[] = {
		{ .kind = MOUNT_PROC, .dst = "/proc", .why = "processes of the sandbox only" },
		{ .kind = MOUNT_DEV,
		  .dst = "/dev",
		  .why = "null, zero, full, random, urandom, tty and its own pts" },
		{ .kind = MOUNT_TMPFS,
		  .dst = "/dev/shm",
		  .mode = 01777,
		  .why = "private shared memory" },
		{ .kind = MOUNT_TMPFS,
		  .dst = "/tmp",
		  .mode = 01777,
		  .why = "private, gone at exit" },
		{ .kind = MOUNT_TMPFS,
		  .dst = "/var/tmp",
		  .mode = 01777,
		  .why = "private, gone at exit" },
		{ .kind = MOUNT_DIR, .dst = "/etc", .mode = 0755, .why = "holds what follows" },
		{ .kind = MOUNT_DIR, .dst = "/home", .mode = 0755, .why = "holds what follows" },
		{ .kind = MOUNT_TMPFS,
		  .dst = "/run",
		  .mode = 0755,
		  .why = "no socket of the host" },
		{ .kind = MOUNT_DIR, .dst = RUN_BIN, .mode = 0755, .why = "the agent's program" },
		{ .kind = MOUNT_DIR,
		  .dst = arena_printf(a, "/run/user/%u", f->uid),
		  .mode = 0700,
		  .why = "runtime directory" },
		{ .kind = MOUNT_TMPFS,
		  .dst = f->home,
		  .mode = 0700,
		  .why = "home, empty but for what follows; gone at exit" },
		{ .kind = MOUNT_SYMLINK,
		  .src = f->home,
		  .dst = "/home/sandbox",
		  .why = "home under a fixed name" },
	};

	for (size_t i = 0; i < N_ELEMENTS(bones); i++)
		/* The fixed name gives way to a home or project that really is there. */
		if (!bones[i].src ||
		    !(path_below(f->home, bones[i].dst) || path_below(f->project, bones[i].dst)))
			spec_mount(s, a, bones[i]);
}

/*
 * For root: a user namespace that maps root to the host's root leaves the files of /proc to it, and
 * the kernel asks no capability of who writes /proc/sys/kernel/core_pattern (threat N-03). bubblewrap
 * before 0.9 covers none of them. Directories are shown read-only, files hidden.
 */
const char *const root_proc[] = { PROC_SYS,
				  "/proc/irq",
				  "/proc/bus",
				  "/proc/fs",
				  "/proc/acpi",
				  "/proc/scsi",
				  "/proc/sysrq-trigger",
				  "/proc/mtrr",
				  "/proc/kcore",
				  "/proc/kmsg",
				  "/proc/kpagecount",
				  "/proc/kpageflags",
				  "/proc/kpagecgroup",
				  "/proc/slabinfo",
				  "/proc/vmallocinfo",
				  "/proc/timer_list",
				  "/proc/pressure",
				  "/proc/iomem",
				  "/proc/ioports",
				  NULL };

static void add_proc_guard(const struct facts *f, struct arena *a, struct spec *s, const char *path,
			   const char *why)
{
	const bool is_dir = facts_path(f, path)->kind == PATH_DIR;

	if (facts_path(f, path)->kind != PATH_ABSENT)
		spec_mount(s, a,
			   (struct mount){ .kind = is_dir ? MOUNT_RO : MOUNT_MASK,
					   .src = is_dir ? path : NULL,
					   .dst = path,
					   .why = why });
}

/* Of a network made for a browser's sandbox, whoever made it may set the kernel's parameters. */
static void add_proc_guards(const struct facts *f, struct arena *a, struct spec *s)
{
	static const char *const keys[] = { "/proc/keys", "/proc/key-users" };

	for (size_t i = 0; i < N_ELEMENTS(keys); i++)
		add_proc_guard(f, a, s, keys[i], "names of the host user's keys");
	if (s->seccomp.relax & SECCOMP_BROWSER)
		add_proc_guard(f, a, s, PROC_SYS, "the kernel's parameters are not changed");
	for (size_t i = 0; f->uid == 0 && root_proc[i]; i++)
		add_proc_guard(f, a, s, root_proc[i], "root could change the host's kernel there");
}

static void add_identity(const struct facts *f, struct arena *a, struct spec *s)
{
	const struct mount files[] = {
		{ .dst = "/etc/passwd",
		  .text = identity_passwd(f, a),
		  .why = "the user, and nobody else of the host" },
		{ .dst = "/etc/group", .text = identity_group(f, a), .why = "the user's group" },
		{ .dst = "/etc/hostname", .text = SANDBOX_HOSTNAME "\n", .why = "host name" },
		{ .dst = "/etc/machine-id",
		  .text = identity_machine_id(f, a),
		  .why = "stable, and not the host's" },
	};

	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		struct mount m = files[i];

		m.kind = MOUNT_TEXT;
		m.mode = 0444;
		m.share = "identity";
		spec_mount(s, a, m);
	}
}

/* Whether @path of the host is to be seen at the same place inside. */
static bool is_visible(const struct spec *s, const char *path)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];

		if ((m->kind == MOUNT_RO || m->kind == MOUNT_RW) && strcmp(m->src, m->dst) == 0 &&
		    path_below(path, m->dst))
			return true;
	}
	return false;
}

static void add_share(const struct share *row, const char *path, const struct path_fact *fact,
		      struct arena *a, struct spec *s)
{
	struct mount m = { .kind = row->how == SHARE_RW ? MOUNT_RW : MOUNT_RO,
			   .src = fact->real,
			   .dst = path,
			   .share = row->name,
			   .why = row->why };

	if ((row->how == SHARE_SOCKET && fact->kind != PATH_SOCKET) ||
	    (row->how == SHARE_DEVICE && fact->kind != PATH_DEVICE))
		return;
	if (row->how == SHARE_DEVICE)
		m.kind = MOUNT_DEVICE;
	/* A link into what is visible anyway stays a link: /bin, /etc/localtime, NixOS's /etc. */
	if (row->how == SHARE_RO && fact->link && is_visible(s, fact->real)) {
		m.kind = MOUNT_SYMLINK;
		m.src = fact->link;
	} else if (row->how == SHARE_RO && fact->kind == PATH_FILE && path_below(path, "/etc")) {
		/* A copy in the read-only root instead of a mount: that is ten times as fast. */
		m.kind = MOUNT_COPY;
		m.mode = 0444;
	}
	spec_mount(s, a, m);
	if (row->env)
		spec_env(s, a,
			 (struct env_var){ .name = row->env, .value = path, .why = row->why });
}

static void add_shares(const struct config *c, const struct facts *f, struct arena *a,
		       struct spec *s)
{
	for (const struct share *row = shares; row->name; row++) {
		const char *path = row->how != SHARE_SERVED && (!row->wanted || row->wanted(c))
					   ? share_expand(row->source, f, a)
					   : NULL;
		const struct path_fact *fact = facts_path(f, path);

		if (fact->kind != PATH_ABSENT && fact->real &&
		    (!row->beside || facts_path(f, row->beside)->kind != PATH_ABSENT))
			add_share(row, path, fact, a, s);
	}
}

/*
 * What of the home is kept per project. Two leaves, each a directory of its own on the host: what is
 * mounted writable never contains the source or the place of another mount.
 */
static void add_state(const struct facts *f, struct arena *a, struct spec *s)
{
	static const struct {
		const char *own, *inside, *why;
	} rows[] = {
		{ "local", ".local", "programs and data that the agent installs" },
		{ "cache", ".cache", "caches" },
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const char *own = arena_printf(a, "%s/%s", s->state, rows[i].own);
		const char *inside = arena_printf(a, "%s/%s", f->home, rows[i].inside);

		if (path_below(f->project, inside)) {
			spec_mount(s, a,
				   (struct mount){
					   .kind = MOUNT_TMPFS,
					   .dst = inside,
					   .mode = 0700,
					   .share = "state",
					   .why = "not kept, because the project lies in it" });
			continue;
		}
		spec_dir(s, a, (struct host_dir){ own, rows[i].why });
		spec_mount(s, a,
			   (struct mount){
				   .kind = MOUNT_RW,
				   .src = own,
				   .dst = inside,
				   .share = "state",
				   .why = arena_printf(a, "%s, kept per project", rows[i].why) });
	}
	spec_file(s, a,
		  (struct host_file){ arena_printf(a, "%s/path", s->state),
				      arena_printf(a, "%s\n", f->project) });
	spec_file(s, a,
		  (struct host_file){ arena_printf(a, "%s/CACHEDIR.TAG", f->state_root),
				      "Signature: 8a477f597d28d172789f06886806bc55\n" });
}

/* One path that the user asked for besides the project. */
static int add_extra(const struct facts *f, struct mount m, const char *asked, struct arena *a,
		     struct spec *s, struct err *e)
{
	const struct path_fact *fact;
	int r = 0;

	m.dst = path_expand_home(a, f->home, asked);
	m.why = "asked for";
	fact = facts_path(f, m.dst);
	m.src = fact->real;
	if (m.dst[0] != '/')
		return err_set(e, EINVAL,
			       "%s: %s is not an absolute path; write it from / or from ~", m.share,
			       asked);
	if (fact->kind == PATH_ABSENT)
		return err_set(e, ENOENT, "%s: %s does not exist; create it or leave it out",
			       m.share, m.dst);
	if (m.kind == MOUNT_RW)
		r = project_check(s->config, f, m.share, m.src, a, e);
	if (r == 0)
		spec_mount(s, a, m);
	return r;
}

static int add_extras(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s, struct err *e)
{
	const struct mount readable = { .kind = MOUNT_RO, .share = "extra_ro_binds" };
	const struct mount writable = { .kind = MOUNT_RW, .share = "extra_bind" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->extra_ro_binds.n; i++)
		r = add_extra(f, readable, c->extra_ro_binds.items[i], a, s, e);
	for (size_t i = 0; r == 0 && i < c->extra_bind.n; i++)
		r = add_extra(f, writable, c->extra_bind.items[i], a, s, e);
	for (size_t i = 0; r == 0 && i < c->extra_path.n; i++) {
		const char *path = path_expand_home(a, f->home, c->extra_path.items[i]);

		if (facts_path(f, path)->kind == PATH_DIR && !is_visible(s, path))
			r = add_extra(f, readable, path, a, s, e);
	}
	return r;
}

static bool is_script(const char *path)
{
	const char *dot = strrchr(path_base(path), '.');

	return dot &&
	       (strcmp(dot, ".js") == 0 || strcmp(dot, ".cjs") == 0 || strcmp(dot, ".mjs") == 0);
}

/* .../node_modules/@scope/name of a script in there, else its directory. */
static const char *package_dir(struct arena *a, const char *script)
{
	const char *at = strstr(script, "/node_modules/");
	const char *end;

	if (!at)
		return path_parent(a, script);
	at += strlen("/node_modules/");
	end = strchr(at, '/');
	if (end && *at == '@')
		end = strchr(end + 1, '/');
	return end ? arena_strndup(a, script, (size_t)(end - script)) : path_parent(a, script);
}

/*
 * The agent's program, wherever the host has it, under one name inside. Not at its own path: that
 * may lie in a directory (~/.local/share) that is another one inside.
 */
static void add_agent(const struct facts *f, struct arena *a, struct spec *s)
{
	const char *inside = arena_printf(a, RUN_BIN "/%s", f->agent.name);
	const char *node = shares_node(f, a);
	const char *package;

	if (!f->agent.real)
		return;
	if (is_visible(s, f->agent.real)) {
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_SYMLINK,
					   .src = f->agent.real,
					   .dst = inside,
					   .share = "agent",
					   .why = "the agent" });
		return;
	}
	if (!is_script(f->agent.real)) {
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_RO,
					   .src = f->agent.real,
					   .dst = inside,
					   .share = "agent",
					   .why = "the agent" });
		return;
	}
	package = package_dir(a, f->agent.real);
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_RO,
				   .src = package,
				   .dst = "/run/claude-sandbox/agent",
				   .share = "agent",
				   .why = "the agent's package" });
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_SYMLINK,
				   .src = arena_printf(a, "/run/claude-sandbox/agent%s",
						       f->agent.real + strlen(package)),
				   .dst = inside,
				   .share = "agent",
				   .why = "the agent" });
	if (node && facts_path(f, node)->kind == PATH_FILE && !is_visible(s, node))
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_RO,
					   .src = facts_path(f, node)->real,
					   .dst = RUN_BIN "/node",
					   .share = "agent",
					   .why = "the agent's interpreter" });
}

static void add_project(const struct facts *f, struct arena *a, struct spec *s)
{
	const char *merged = s->review.merged;

	spec_mount(s, a,
		   (struct mount){
			   .kind = MOUNT_RW,
			   .src = merged ? merged : f->project,
			   .dst = f->project,
			   .share = "project",
			   .why = merged ? "the project under a layer: changes wait for your review"
					 : "the project: the one place where work is kept" });
}

int spec_add_mounts(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		    struct err *e)
{
	int r;

	add_bones(f, a, s);
	add_proc_guards(f, a, s);
	add_shares(c, f, a, s);
	add_identity(f, a, s);
	r = git_add_mounts(c, f, a, s, e);
	if (r == 0)
		r = claude_add_mounts(c, f, a, s, e);
	if (r < 0)
		return r;
	add_state(f, a, s);
	add_agent(f, a, s);
	r = add_extras(c, f, a, s, e);
	git_add_repository(c, f, a, s);
	if (r == 0)
		add_project(f, a, s);
	return r;
}
