/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/spec.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/hash.h"
#include "base/path.h"
#include "spec/browser.h"
#include "spec/identity.h"
#include "spec/project.h"

void spec_mount(struct spec *s, struct arena *a, struct mount m)
{
	s->mounts = arena_grow(a, s->mounts, s->n_mounts, sizeof(m));
	s->mounts[s->n_mounts++] = m;
}

void spec_env(struct spec *s, struct arena *a, struct env_var v)
{
	for (size_t i = 0; i < s->n_env; i++) {
		if (strcmp(s->env[i].name, v.name) == 0) {
			s->env[i] = v;
			return;
		}
	}
	s->env = arena_grow(a, s->env, s->n_env, sizeof(v));
	s->env[s->n_env++] = v;
}

void spec_dir(struct spec *s, struct arena *a, struct host_dir d)
{
	s->dirs = arena_grow(a, s->dirs, s->n_dirs, sizeof(d));
	s->dirs[s->n_dirs++] = d;
}

void spec_file(struct spec *s, struct arena *a, struct host_file f)
{
	s->files = arena_grow(a, s->files, s->n_files, sizeof(f));
	s->files[s->n_files++] = f;
}

void spec_service(struct spec *s, struct arena *a, struct service_want w)
{
	s->services = arena_grow(a, s->services, s->n_services, sizeof(w));
	s->services[s->n_services++] = w;
}

bool spec_wants_init(const struct spec *s)
{
	return s->limits.shares_inotify || s->n_services > 0 || s->layer ||
	       s->seccomp.relax & SECCOMP_BROWSER || net_wants_ready(&s->net);
}

/* Component by component, so that a directory comes right before all that lies below it. */
static int path_order(const char *x, const char *y)
{
	while (*x && *x == *y) {
		x++;
		y++;
	}
	if (*x == *y)
		return 0;
	if (*x == '\0' || *y == '\0')
		return *x == '\0' ? -1 : 1;
	if (*x == '/' || *y == '/')
		return *x == '/' ? -1 : 1;
	return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
}

/* Stable insertion sort; of two mounts at the same place the one added later stays. */
static void mounts_sort(struct spec *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_mounts; i++) {
		struct mount m = s->mounts[i];
		size_t at = n;

		while (at > 0 && path_order(s->mounts[at - 1].dst, m.dst) > 0)
			at--;
		if (at > 0 && strcmp(s->mounts[at - 1].dst, m.dst) == 0) {
			s->mounts[at - 1] = m;
			continue;
		}
		memmove(&s->mounts[at + 1], &s->mounts[at], (n - at) * sizeof(m));
		s->mounts[at] = m;
		n++;
	}
	s->n_mounts = n;
}

/*
 * Landlock grants along the path, through mounts: a right to write the home would be one to write
 * the project in it. So the guard does what is done in whatever a guarded mount lies in.
 */
static void mark_above(struct spec *s)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		struct mount *m = &s->mounts[i];

		if ((m->kind != MOUNT_TMPFS && m->kind != MOUNT_RW) || m->is_guarded)
			continue;
		for (size_t n = 0; n < s->n_mounts; n++)
			m->is_above |=
				s->mounts[n].is_guarded && path_below(s->mounts[n].dst, m->dst);
	}
}

/*
 * The project's files through the guard. Landlock is half of it: without that a payload could do
 * in the project what the guard refuses.
 */
/* Where no file is guarded: a browser's namespaces have no netlink (border/guard_netns.c). */
static void add_netlink_guard(struct arena *a, struct spec *s)
{
	for (size_t i = 0; i < s->n_services; i++)
		if (s->services[i].service == SERVICE_GUARD)
			return;
	if (s->seccomp.relax & SECCOMP_BROWSER)
		spec_service(s, a,
			     (struct service_want){
				     .service = SERVICE_NETLINK,
				     .path = "",
				     .why = "networks made inside are not administered" });
}

static int add_guard(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		     struct err *e)
{
	static const char *const shares[] = { "project", "extra_bind", "git-common-dir" };

	/* What a layer takes is looked at before it reaches the project. */
	if (c->risk_files == RISK_WRITABLE || s->review.dir)
		return 0;
	if (f->landlock_abi < LANDLOCK_ABI_LEAST && !c->allow_degraded)
		return err_set(
			e, ENOTSUP,
			"this kernel has no Landlock, which guards files that your tools run "
			"by themselves; boot a kernel of Linux 5.19 or newer with "
			"'landlock' in lsm=, or accept that they can be written, with "
			"--risk-files writable");
	if (f->landlock_abi < LANDLOCK_ABI_LEAST) {
		strv_add(&s->notes, "degraded: without Landlock, files that your tools run by "
				    "themselves can be written");
		return 0;
	}
	for (size_t i = 0; i < s->n_mounts; i++)
		for (size_t n = 0; n < N_ELEMENTS(shares); n++)
			if (s->mounts[i].kind == MOUNT_RW && s->mounts[i].share &&
			    strcmp(s->mounts[i].share, shares[n]) == 0)
				s->mounts[i].is_guarded = true;
	mark_above(s);
	spec_service(s, a,
		     (struct service_want){ .service = SERVICE_GUARD,
					    .path = "",
					    .why = "files that your tools run by themselves are "
						   "not written from inside" });
	return 0;
}

static void add_notes(const struct config_result *config, const struct facts *f, struct arena *a,
		      struct spec *s)
{
	const char *prefix = f->exe ? path_parent(a, f->exe) : NULL;

	for (size_t i = 0; i < config->refused.n; i++)
		strv_add(&s->notes,
			 arena_printf(a,
				      "the project's .claude-sandbox.json asks for %s; it may only "
				      "tighten, so that is ignored (if you agree: claude-sandbox "
				      "accept)",
				      config->refused.items[i]));
	for (size_t i = 0; config_fields[i].name; i++)
		if (field_mask_has(&config->loosened, i))
			strv_add(&s->details,
				 arena_printf(
					 a,
					 "the project's .claude-sandbox.json decides %s, as you "
					 "accepted",
					 config_fields[i].name));
	if (prefix && path_below(prefix, f->project))
		strv_add(&s->notes, arena_printf(a,
						 "this launcher (%s) lies in the project, so the "
						 "sandbox can change it; install it "
						 "elsewhere to be safe",
						 f->exe));
	if (config->config.allow_degraded)
		for (size_t i = 0; config_fields[i].name; i++)
			if (config_fields[i].later && config->origin[i])
				strv_add(&s->notes,
					 arena_printf(a, "degraded: '%s' (from %s) is not enforced",
						      config_fields[i].name, config->origin[i]));
	if (config->config.network == NETWORK_HOST)
		strv_add(&s->details, "network: the host's, loopback and local network included; "
				      "--network filtered keeps both apart");
}

/* The settings that make the sandbox, not those of one run in it. */
static const char *policy_digest(const struct config *c, struct arena *a)
{
	struct buf b = BUF_INIT((size_t)1 << 20);
	char hex[HASH_HEX_SIZE];

	for (const struct field *row = config_fields; row->name; row++) {
		if (row->flags & (FIELD_NO_KEY | FIELD_SESSION))
			continue;
		buf_addf(&b, "%s=", row->name);
		field_print(row, c, &b);
		buf_add(&b, "", 1);
	}
	hash_hex(buf_text(&b), b.len, hex);
	buf_done(&b);
	return arena_strdup(a, hex);
}

static unsigned relax_of(const struct config *c, const struct facts *f)
{
	return (c->ptrace == TRACING_OWN ? SECCOMP_TRACE : 0) |
	       (browser_is_wanted(c, f) ? SECCOMP_BROWSER : 0);
}

static int add_desktop(const struct config_result *result, const struct facts *f, struct arena *a,
		       struct spec *ret, struct err *e)
{
	const struct config *c = &result->config;
	int r = spec_add_desktop(c, f, a, ret, e);

	if (r < 0)
		return r;
	spec_add_sound(c, f, a, ret);
	r = spec_add_bus(result, f, a, ret, e);
	if (r < 0)
		return r;
	spec_add_browser(c, f, a, ret);
	return 0;
}

int spec_build(const struct config_result *result, const struct facts *f,
	       const struct cmdline *cmdline, struct arena *a, struct spec *ret, struct err *e)
{
	const struct config *c = &result->config;
	int r = project_check(c, f, "project directory", f->project, a, e);

	if (r == 0)
		r = seccomp_check_extra(&c->blocked_syscalls, e);
	if (r < 0)
		return r;
	*ret = (struct spec){ .config = c,
			      .project = f->project,
			      .state = identity_state_dir(f, a),
			      .home = f->home,
			      .cwd = f->project,
			      .name = identity_name(f, a),
			      .policy = policy_digest(c, a),
			      .shell = spec_shell(f),
			      .hostname = SANDBOX_HOSTNAME,
			      .uid = f->uid,
			      .gid = f->gid,
			      .seccomp = { .rules = seccomp_base,
					   .relax = relax_of(c, f),
					   .extra = c->blocked_syscalls },
			      .command = STRV_INIT(a),
			      .git_dirs = STRV_INIT(a),
			      .notes = STRV_INIT(a),
			      .details = STRV_INIT(a) };
	spec_add_review(result, f, a, ret);
	r = spec_add_mounts(c, f, a, ret, e);
	spec_contain(c, a, ret);
	if (r == 0)
		r = spec_add_net(c, f, a, ret, e);
	if (r == 0)
		r = add_desktop(result, f, a, ret, e);
	if (r == 0)
		r = spec_add_env(c, f, a, ret, e);
	if (r == 0)
		r = spec_add_ssh(c, f, a, ret, e);
	if (r < 0)
		return r;
	mounts_sort(ret);
	r = add_guard(c, f, a, ret, e);
	if (r < 0)
		return r;
	add_netlink_guard(a, ret);
	landlock_build(f, ret->mounts, ret->n_mounts, a, &ret->landlock);
	r = spec_add_guarded(c, f, a, ret, e);
	if (r < 0)
		return r;
	r = spec_add_limits(result, f, a, ret, e);
	if (r < 0)
		return r;
	r = spec_add_command(c, f, cmdline, a, ret, e);
	if (r < 0)
		return r;
	if (c->tmux)
		spec_add_tmux(a, ret);
	mounts_sort(ret);
	add_notes(result, f, a, ret);
	return spec_check(ret, f, e);
}
