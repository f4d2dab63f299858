/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of the payload, built from nothing: what is always set, what is taken over
 * from the caller because a row here or the agent's row names it, and what the config names.
 * Variables that belong to a shared resource (SSH_AUTH_SOCK) come with their mount.
 */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/agent.h"
#include "spec/identity.h"
#include "spec/spec.h"

#ifndef CSB_VERSION
#define CSB_VERSION "0.1.0"
#endif

#define DAEMON_SOCKET "/nix/var/nix/daemon-socket"

/* What the parts of this file work on. */
struct scope {
	const struct config *c;
	const struct facts *f;
	struct arena *a;
	struct spec *s;
};

/* Variables taken over from the caller if they are set there and not empty. */
struct env_row {
	const char *names[9];                   /* globs, up to a NULL */
	bool (*wanted)(const struct config *c); /* NULL: always */
	const char *fallback;                   /* the value if the caller has none */
	bool is_secret;
	bool is_path; /* only if every path in it (a list with ':') is visible inside */
	const char *why;
};

static bool want_proxy(const struct config *c)
{
	return c->network == NETWORK_HOST;
}

static bool want_gh_token(const struct config *c)
{
	return c->gh_token;
}

/* clang-format off */
static const struct env_row env_rows[] = {
	{ { "TERM" }, .fallback = "xterm-256color", .why = "terminal" },
	{ { "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "NO_COLOR", "FORCE_COLOR" }, .why = "terminal" },
	{ { "LANG" }, .fallback = "C.UTF-8", .why = "language" },
	{ { "LANGUAGE", "LC_*" }, .why = "language" },
	{ { "TZ" }, .why = "time zone" },
	{ { "EDITOR", "VISUAL" }, .why = "editor" },
	{ { "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO" },
	  .is_path = true, .why = "certificates" },
	/* The address of a proxy may hold a password. */
	{ { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" },
	  .wanted = want_proxy, .is_secret = true, .why = "the host's network is shared" },
	{ { "no_proxy", "NO_PROXY" }, .wanted = want_proxy, .why = "the host's network is shared" },
	{ { "GH_TOKEN", "GITHUB_TOKEN" }, .wanted = want_gh_token, .is_secret = true, .why = "--gh-token" },
};

/* Names that 'env' may not pass, whoever asks: they change what programs do, not what they know. */
static const struct {
	const char *why;
	const char *names[16]; /* globs, up to a NULL */
} denied[] = {
	{ "makes programs load foreign code",
	  { "LD_*", "GCONV_PATH", "GLIBC_TUNABLES", "NODE_OPTIONS", "BUN_OPTIONS", "PERL5OPT", "PERL5DB", "RUBYOPT",
	    "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "PYTHONSTARTUP", "PYTHONHOME" } },
	{ "changes what every shell does",
	  { "BASH_ENV", "ENV", "PROMPT_COMMAND", "BASH_FUNC_*", "SHELLOPTS", "BASHOPTS", "PS4", "IFS" } },
	{ "replaces the git configuration that is shown", { "GIT_CONFIG", "GIT_CONFIG_*", "GIT_TEMPLATE_DIR" } },
	{ "makes git work on another repository",
	  { "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE",
	    "GIT_ALTERNATE_OBJECT_DIRECTORIES" } },
	{ "makes git or ssh run another program",
	  { "GIT_EXEC_PATH", "GIT_SSH", "GIT_SSH_*", "GIT_ASKPASS", "SSH_ASKPASS*", "GIT_PROXY_COMMAND",
	    "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR" } },
	{ "would lead the agent away from the ~/.claude that is shown", { "CLAUDE_CONFIG_DIR" } },
	{ "is set by the sandbox",
	  { "HOME", "PATH", "USER", "LOGNAME", "SHELL", "PWD", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "NIX_REMOTE",
	    "SSH_AUTH_SOCK", "CLAUDE_SANDBOX*", "SANDBOX", "IS_SANDBOX" } },
	{ "belongs to your screen, sound or bus; see the options of the group Desktop",
	  { "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XAUTHORITY", "DBUS_*_BUS_ADDRESS", "PULSE_SERVER", "PULSE_COOKIE",
	    "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR" } },
};
/* clang-format on */

static bool is_name(const char *text)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return *text && !(*text >= '0' && *text <= '9') && text[strspn(text, allowed)] == '\0';
}

static bool in_list(const char *const *globs, const char *name)
{
	for (size_t i = 0; globs && globs[i]; i++)
		if (fnmatch(globs[i], name, 0) == 0)
			return true;
	return false;
}

/* A word of the name says that the value is one: MAX_THINKING_TOKENS is not. */
static bool has_secret_word(const char *name)
{
	static const char *const words[] = { "KEY",     "TOKEN",      "SECRET",     "PASSWORD",
					     "HEADERS", "CREDENTIAL", "CREDENTIALS" };

	while (*name) {
		size_t len = strcspn(name, "_");

		for (size_t i = 0; i < N_ELEMENTS(words); i++)
			if (strlen(words[i]) == len && strncmp(name, words[i], len) == 0)
				return true;
		name += len + (name[len] == '_');
	}
	return false;
}

static bool is_set(const struct spec *s, const char *name)
{
	for (size_t i = 0; i < s->n_env; i++)
		if (strcmp(s->env[i].name, name) == 0)
			return true;
	return false;
}

static void set(const struct scope *x, const char *name, const char *value, const char *why)
{
	spec_env(x->s, x->a, (struct env_var){ .name = name, .value = value, .why = why });
}

/* True if what stands at @path inside is the host's: the deepest mount decides, the later one. */
static bool is_shown(const struct spec *s, const char *path)
{
	const struct mount *top = NULL;

	for (size_t i = 0; i < s->n_mounts; i++)
		if (path_below(path, s->mounts[i].dst) &&
		    (!top || strlen(s->mounts[i].dst) >= strlen(top->dst)))
			top = &s->mounts[i];
	return top && (top->kind == MOUNT_RO || top->kind == MOUNT_RW || top->kind == MOUNT_COPY ||
		       top->kind == MOUNT_TEXT || top->kind == MOUNT_SYMLINK);
}

static bool are_shown(const struct scope *x, const char *list)
{
	for (;;) {
		size_t len = strcspn(list, ":");
		const char *path = arena_strndup(x->a, list, len);

		if (len > 0 && (path[0] != '/' || !is_shown(x->s, path_clean(x->a, path))))
			return false;
		if (list[len] == '\0')
			return true;
		list += len + 1;
	}
}

/* Appends @dir to the ':'-list @path unless it is there already. */
static void path_list_add(struct strv *path, const char *dir)
{
	if (!strv_has(path, dir))
		strv_add(path, dir);
}

/* The directories of one setting, separated by ':'; what is not shown inside is told, not added. */
static int path_list_extend(const struct scope *x, struct strv *path, const char *list,
			    const char *origin, struct err *e)
{
	for (size_t len; *list; list += len + (list[len] == ':')) {
		const char *dir;

		len = strcspn(list, ":");
		if (len == 0)
			continue;
		dir = path_expand_home(x->a, x->s->home, arena_strndup(x->a, list, len));
		if (dir[0] != '/')
			return err_set(
				e, EINVAL,
				"%s: '%s' is not an absolute path; write it from / or from ~",
				origin, dir);
		if (is_shown(x->s, dir))
			path_list_add(path, dir);
		else
			strv_add(&x->s->notes,
				 arena_printf(x->a,
					      "%s: %s is not on PATH inside: it does not exist or "
					      "is not shown (--extra-ro %s shows it)",
					      origin, dir, dir));
	}
	return 0;
}

/* Directories of the system, and the path that tells whether this host has them. */
static const struct {
	const char *dir, *probed;
} system_dirs[] = {
	{ "/run/current-system/sw/bin", "/run/current-system/sw" },
	{ "/usr/local/bin", "/usr/local/bin" },
	{ "/usr/bin", "/usr/bin" },
	{ "/bin", "/bin" },
	{ "/usr/local/sbin", "/usr/local/sbin" },
	{ "/usr/sbin", "/usr/sbin" },
	{ "/sbin", "/sbin" },
};

static const char *join(struct arena *a, const struct strv *path)
{
	const char *text = path->items[0];

	for (size_t i = 1; i < path->n; i++)
		text = arena_printf(a, "%s:%s", text, path->items[i]);
	return text;
}

/* What is installed inside, what the config adds, the agent, the system. */
static int set_path(const struct scope *x, struct err *e)
{
	const char *extra = env_get(&x->f->env, "CLAUDE_SANDBOX_EXTRA_PATH");
	struct strv path = STRV_INIT(x->a);
	int r = 0;

	strv_add(&path, arena_printf(x->a, "%s/.local/bin", x->s->home));
	if (extra)
		r = path_list_extend(x, &path, extra, "CLAUDE_SANDBOX_EXTRA_PATH", e);
	for (size_t i = 0; r == 0 && i < x->c->extra_path.n; i++)
		r = path_list_extend(x, &path, x->c->extra_path.items[i], "extra_path", e);
	if (r < 0)
		return r;
	path_list_add(&path, AGENT_BIN_DIR);
	for (size_t i = 0; i < N_ELEMENTS(system_dirs); i++)
		if (facts_path(x->f, system_dirs[i].probed)->kind == PATH_DIR &&
		    is_shown(x->s, system_dirs[i].dir))
			path_list_add(&path, system_dirs[i].dir);
	set(x, "PATH", join(x->a, &path), "programs that are visible inside");
	return 0;
}

static void set_identity(const struct scope *x)
{
	const char *user = identity_user(x->f, x->a);

	set(x, "HOME", x->s->home, "home directory");
	set(x, "USER", user, "user name");
	set(x, "LOGNAME", user, "user name");
	set(x, "SHELL", spec_shell(x->f), "shell");
	set(x, "XDG_RUNTIME_DIR", arena_printf(x->a, "/run/user/%u", (unsigned)x->s->uid),
	    "directory for sockets");
	set(x, "XDG_CONFIG_HOME", arena_printf(x->a, "%s/.config", x->s->home), "settings");
	set(x, "npm_config_cache", arena_printf(x->a, "%s/.cache/npm", x->s->home),
	    "a cache that is kept");
}

static void set_marks(const struct scope *x)
{
	set(x, "CLAUDE_SANDBOX", "1", "mark of the sandbox");
	set(x, "CLAUDE_SANDBOX_BACKEND", backend_names[x->c->backend], "mark of the sandbox");
	set(x, "CLAUDE_SANDBOX_LEVEL", level_names[x->c->level], "mark of the sandbox");
	set(x, "CLAUDE_SANDBOX_VERSION", CSB_VERSION, "mark of the sandbox");
	set(x, "CLAUDE_SANDBOX_STATE_DIR", arena_printf(x->a, "%s/.local", x->s->home),
	    "what persists besides the project");
	set(x, "SANDBOX", "1", "mark of the sandbox");
	set(x, "IS_SANDBOX", "1", "mark that Claude Code knows");
}

static void set_nix(const struct scope *x)
{
	if (!x->c->nix_daemon)
		return;
	for (size_t i = 0; i < x->s->n_mounts; i++)
		if (path_below(x->s->mounts[i].dst, DAEMON_SOCKET)) {
			set(x, "NIX_REMOTE", "daemon", "the Nix daemon is shared");
			return;
		}
}

/* One NAME=VALUE of the caller under the row that names it; an odd entry is passed over. */
static void forward(const struct scope *x, const struct env_row *row, const char *name,
		    const char *value)
{
	if (*value == '\0' || !is_name(name) || is_set(x->s, name))
		return;
	if (row->is_path && !are_shown(x, value)) {
		strv_add(&x->s->details,
			 arena_printf(x->a, "%s is left out: %s is not visible inside", name,
				      value));
		return;
	}
	spec_env(x->s, x->a,
		 (struct env_var){ .name = name,
				   .value = value,
				   .secret = row->is_secret || has_secret_word(name),
				   .why = row->why });
}

static void forward_rows(const struct scope *x, const char *name, const char *value)
{
	for (size_t i = 0; i < N_ELEMENTS(env_rows); i++)
		if (in_list(env_rows[i].names, name) &&
		    (!env_rows[i].wanted || env_rows[i].wanted(x->c)))
			forward(x, &env_rows[i], name, value);
}

static void forward_agent(const struct scope *x, const struct agent *agent, const char *name,
			  const char *value)
{
	const struct env_row row = { .is_secret = in_list(agent->secret_env, name),
				     .why = "setting of the agent" };

	if (in_list(agent->env, name) && !in_list(agent->not_env, name))
		forward(x, &row, name, value);
}

static void forward_all(const struct scope *x)
{
	const struct agent *agent = agent_find(x->c->agent);

	for (size_t i = 0; agent && agent->set_env[i][0]; i++)
		set(x, agent->set_env[i][0], agent->set_env[i][1], agent->set_env[i][2]);
	for (size_t i = 0; i < x->f->env.n; i++) {
		const char *item = x->f->env.items[i];
		size_t len = strcspn(item, "=");
		const char *name = arena_strndup(x->a, item, len);

		if (item[len] != '=')
			continue;
		forward_rows(x, name, item + len + 1);
		if (agent)
			forward_agent(x, agent, name, item + len + 1);
	}
	for (size_t i = 0; i < N_ELEMENTS(env_rows); i++)
		if (env_rows[i].fallback && !is_set(x->s, env_rows[i].names[0]))
			set(x, env_rows[i].names[0], env_rows[i].fallback, env_rows[i].why);
}

static int check_name(const char *name, struct err *e)
{
	for (size_t i = 0; i < N_ELEMENTS(denied); i++)
		if (in_list(denied[i].names, name))
			return err_set(e, EPERM,
				       "env: %s cannot be passed: it %s; take it out of 'env'",
				       name, denied[i].why);
	if (!is_name(name))
		return err_set(e, EINVAL,
			       "env: '%s' is no name of a variable: letters, digits and '_', no "
			       "digit first, and no value",
			       name);
	return 0;
}

static int forward_named(const struct scope *x, struct err *e)
{
	for (size_t i = 0; i < x->c->env.n; i++) {
		const char *name = x->c->env.items[i];
		const char *value = env_get(&x->f->env, name);
		int r = check_name(name, e);

		if (r < 0)
			return r;
		if (!value)
			strv_add(&x->s->details,
				 arena_printf(x->a, "env: %s is not set, so it is not passed",
					      name));
		else if (!is_set(x->s, name))
			spec_env(x->s, x->a,
				 (struct env_var){ name, value, .secret = true,
						   .why = "named in env" });
	}
	return 0;
}

int spec_add_env(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		 struct err *e)
{
	const struct scope x = { .c = c, .f = f, .a = a, .s = s };
	int r;

	set_identity(&x);
	r = set_path(&x, e);
	if (r < 0)
		return r;
	set_marks(&x);
	set_nix(&x);
	/* Before the rows: a name that stands in 'env' is secret, whatever row it also matches. */
	r = forward_named(&x, e);
	if (r < 0)
		return r;
	forward_all(&x);
	return 0;
}
