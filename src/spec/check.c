/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of every spec, however it came about. A violation is our own mistake. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "spec/spec.h"

static int broken(const struct mount *m, const char *what, struct err *e)
{
	return err_set(e, EINVAL,
		       "this is a bug in claude-sandbox, and nothing was started: mount %s %s",
		       m->dst, what);
}

/* Every writable view of the host, and who may ask for it. */
static bool may_write(const struct mount *m)
{
	static const char *const shares[] = { "project",      "state",         "sessions",
					      "claude",       "extra_bind",    "nix-daemon",
					      "claude-layer", "git-common-dir" };

	for (size_t i = 0; m->share && i < sizeof(shares) / sizeof(shares[0]); i++)
		if (strcmp(m->share, shares[i]) == 0)
			return true;
	return false;
}

static bool was_asked_for(const struct mount *m)
{
	return strcmp(m->share, "project") == 0 || strcmp(m->share, "extra_bind") == 0 ||
	       strcmp(m->share, "extra_ro_binds") == 0;
}

static int check_mount(const struct mount *m, const struct facts *f, struct err *e)
{
	bool from_host = m->kind == MOUNT_RO || m->kind == MOUNT_RW || m->kind == MOUNT_COPY ||
			 m->kind == MOUNT_STUB || m->kind == MOUNT_LOGIN;

	if (!path_is_clean(m->dst) || strcmp(m->dst, "/") == 0)
		return broken(m, "is not a clean path below /", e);
	if (!m->why)
		return broken(m, "has no reason", e);
	if (from_host && (!m->src || !path_is_clean(m->src)))
		return broken(m, "has no clean source", e);
	if (from_host && strcmp(m->src, "/") == 0)
		return broken(m, "would show the whole root", e);
	if (from_host && path_below(f->home, m->src) && !was_asked_for(m))
		return broken(m, "would show the whole home", e);
	if (m->kind == MOUNT_RW && !may_write(m))
		return broken(m, "is writable and not on the list", e);
	return 0;
}

/*
 * A mount point in a directory that the sandbox can write may be a symlink by the next start, and
 * bubblewrap before 0.12.0 follows it out of the sandbox while it makes the mount point
 * (CVE-2026-87766; /oldroot is the host). Who accepts an unsafe project has accepted this too.
 */
static int check_nesting(const struct spec *s, const struct mount *m, const struct mount *p,
			 struct err *e)
{
	if (p->kind == MOUNT_SYMLINK)
		return err_set(e, EPERM,
			       "%s lies below %s, which is a symbolic link inside; name it by "
			       "another path",
			       m->dst, p->dst);
	if (p->kind != MOUNT_RW ||
	    (s->config->allow_unsafe_project && strcmp(p->dst, s->project) == 0))
		return 0;
	return err_set(
		e, EPERM,
		"%s lies in %s, which the sandbox can write, so it could lead the next start "
		"astray "
		"through a symbolic link there; choose directories that do not contain each other",
		m->dst, p->dst);
}

/* A right to write that reaches a guarded mount would let the payload pass by the guard. */
static int check_guard(const struct spec *s, const struct mount *m, struct err *e)
{
	for (size_t i = 0; i < s->landlock.n_rules; i++) {
		const struct landlock_rule *rule = &s->landlock.rules[i];

		if (rule->grant == LANDLOCK_WRITE && path_below(m->dst, rule->path))
			return broken(m, "is guarded, and can be written by a rule of Landlock", e);
	}
	return 0;
}

/* @m against all that come after it. */
static int check_order(const struct spec *s, const struct mount *m, struct err *e)
{
	for (const struct mount *later = m + 1; later < s->mounts + s->n_mounts; later++) {
		int r = path_below(later->dst, m->dst) ? check_nesting(s, later, m, e) : 0;

		if (r < 0)
			return r;
		if (path_below(m->dst, later->dst))
			return broken(m, "comes before its parent, which would hide it", e);
	}
	return 0;
}

int spec_check(const struct spec *s, const struct facts *f, struct err *e)
{
	bool project = false;

	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];
		int r = check_mount(m, f, e);

		if (r == 0)
			r = check_order(s, m, e);
		if (r == 0 && m->is_guarded)
			r = check_guard(s, m, e);
		if (r < 0)
			return r;
		project |= m->kind == MOUNT_RW && strcmp(m->dst, s->project) == 0;
	}
	if (!project || s->command.n == 0 || !s->seccomp.rules)
		return err_set(e, EINVAL,
			       "this is a bug in claude-sandbox, and nothing was started: the spec "
			       "is incomplete");
	return 0;
}
