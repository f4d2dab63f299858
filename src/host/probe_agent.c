/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the agent's program is. The sandbox runs it, but it is also what the user will trust with a
 * login, so what a sandbox can write is never searched: not the project, whatever PATH says.
 *
 * npm's main package holds a stub that finds the native program of a second package or, after a
 * postinstall script that newer versions of npm do not run, is that program. The second package is
 * always complete, so it is taken where it is there.
 */
#include "host/probe_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "spec/agent.h"

#define NPMRC_MAX ((size_t)64 << 10)

#ifdef __GLIBC__
#define LIBC_SUFFIX ""
#else
#define LIBC_SUFFIX "-musl"
#endif

struct search {
	const struct facts *f;
	const struct agent *agent;
	struct arena *a;
	const char *native; /* the native program's path below a node_modules directory, or NULL */
	struct agent_fact found;
};

static bool is_program(const char *path)
{
	struct stat st;

	return access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* "@anthropic-ai/claude-code-linux-x64/claude" */
static const char *native_name(const struct agent *agent, const char *arch, struct arena *a)
{
	static const char *const names[][2] = { { "x86_64", "x64" }, { "aarch64", "arm64" } };

	for (size_t i = 0; agent->package && i < 2; i++)
		if (strcmp(arch, names[i][0]) == 0)
			return arena_printf(a, "%s-linux-%s" LIBC_SUFFIX "/%s", agent->package,
					    names[i][1], agent->program);
	return NULL;
}

/* The native program that belongs to @real, a file of the main package; else @real. */
static const char *prefer_native(const struct search *s, const char *real)
{
	const char *main_package =
		s->agent->package ? arena_printf(s->a, "/node_modules/%s/", s->agent->package)
				  : NULL;
	const char *at = main_package ? strstr(real, main_package) : NULL;
	const char *const inner[] = { main_package, "/" };

	/* "npm install --global" puts it inside the main package, a plain install beside it. */
	for (size_t i = 0; at && s->native && i < 2; i++) {
		const char *path = arena_printf(s->a, "%.*s%snode_modules/%s", (int)(at - real),
						real, inner[i], s->native);

		if (is_program(path))
			return probe_real(s->a, path);
	}
	return real;
}

/* A symlink named like the agent that leads to ourselves would start sandboxes for ever. */
static bool is_ours(const struct facts *f, struct arena *a, const char *real)
{
	const char *bin = f->exe ? path_parent(a, f->exe) : NULL;

	return bin && (strcmp(real, f->exe) == 0 ||
		       path_below(real, path_join(a, bin, "../libexec/claude-sandbox")) ||
		       path_below(real, path_join(a, bin, "../lib/claude-sandbox")));
}

static bool is_in_project(const struct facts *f, const char *path)
{
	return f->project && path_below(path, f->project);
}

static bool take_program(struct search *s, const char *path)
{
	const char *real;
	const char *dir;

	if (is_in_project(s->f, path) || !is_program(path))
		return false;
	real = probe_real(s->a, path);
	dir = probe_real(s->a, path_parent(s->a, path));
	if (!real || !dir)
		return false;
	real = prefer_native(s, real);
	if (!real || is_in_project(s->f, real) || is_in_project(s->f, dir) ||
	    is_ours(s->f, s->a, real))
		return false;
	s->found.program = path;
	s->found.real = real;
	return true;
}

static bool take_from(struct search *s, const char *dir)
{
	return dir && dir[0] == '/' && take_program(s, path_join(s->a, dir, s->agent->program));
}

static bool search_path(struct search *s)
{
	const char *at = env_get(&s->f->env, "PATH");

	while (at && *at) {
		size_t len = strcspn(at, ":");

		if (take_from(s, arena_strndup(s->a, at, len)))
			return true;
		at += len + (at[len] == ':');
	}
	return false;
}

static bool search_home(struct search *s)
{
	static const char *const dirs[] = { ".local/bin", ".claude/local",
					    ".claude/local/node_modules/.bin" };

	for (size_t i = 0; i < 3; i++)
		if (take_from(s, path_join(s->a, s->f->home, dirs[i])))
			return true;
	return false;
}

/* The value of one line "prefix = VALUE" as text of its own, or NULL. */
static char *npmrc_value(const char *line, size_t len, struct arena *a)
{
	char *text = arena_strndup(a, line, len);
	size_t n;

	text += strspn(text, " \t");
	if (strncmp(text, "prefix", 6) != 0)
		return NULL;
	text += 6 + strspn(text + 6, " \t");
	if (*text != '=')
		return NULL;
	text += 1 + strspn(text + 1, " \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r", text[n - 1]))
		n--;
	text[n] = '\0';
	if (n > 1 && (text[0] == '"' || text[0] == '\'') && text[n - 1] == text[0]) {
		text[n - 1] = '\0';
		text++;
	}
	return text;
}

const char *npmrc_prefix(const char *text, const char *home, struct arena *a)
{
	static const char variable[] = "${HOME}";
	const char *found = NULL;

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		const char *value;

		len = strcspn(text, "\n");
		value = npmrc_value(text, len, a);
		if (!value)
			continue;
		if (strncmp(value, variable, strlen(variable)) == 0)
			value = arena_printf(a, "%s%s", home, value + strlen(variable));
		value = path_expand_home(a, home, value);
		found = value[0] == '/' ? value : NULL; /* the last line counts, as for npm */
	}
	return found;
}

static bool search_npm(struct search *s)
{
	static const char *const names[] = { "NPM_CONFIG_PREFIX", "npm_config_prefix" };
	const char *npmrc = path_join(s->a, s->f->home, ".npmrc");
	struct err ignored; /* without a readable .npmrc it is not asked */
	const char *prefix;
	size_t len = 0;
	char *text;

	for (size_t i = 0; i < 2; i++) {
		prefix = env_get(&s->f->env, names[i]);
		if (prefix && take_from(s, arena_printf(s->a, "%s/bin", prefix)))
			return true;
	}
	if (io_read_file(AT_FDCWD, npmrc, NPMRC_MAX, false, s->a, &text, &len, &ignored) == 0) {
		prefix = npmrc_prefix(text, s->f->home, s->a);
		if (prefix && take_from(s, path_join(s->a, prefix, "bin")))
			return true;
	}
	return take_from(s, path_join(s->a, s->f->home, ".npm-global/bin")) ||
	       take_from(s, "/usr/local/bin") || take_from(s, "/usr/bin");
}

/* Of the versions of Node that nvm keeps, the newest one that has the agent. */
static bool search_nvm(struct search *s)
{
	const char *root =
		path_join(s->a, probe_dir(s->f, s->a, "NVM_DIR", ".nvm"), "versions/node");
	DIR *dir = opendir(root);
	const char *best = NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *program =
			arena_printf(s->a, "%s/bin/%s", entry->d_name, s->agent->program);

		if (entry->d_name[0] == 'v' && (!best || strverscmp(entry->d_name, best) > 0) &&
		    is_program(path_join(s->a, root, program)))
			best = arena_strdup(s->a, entry->d_name);
	}
	if (dir)
		(void)closedir(dir);
	return best && take_from(s, arena_printf(s->a, "%s/%s/bin", root, best));
}

/* What "./dev run" fetched. */
static bool search_fetched(struct search *s)
{
	const char *modules = arena_printf(s->a, "%s/claude-sandbox/agents/%s/node_modules",
					   probe_dir(s->f, s->a, "XDG_DATA_HOME", ".local/share"),
					   s->agent->name);

	return (s->native && take_program(s, path_join(s->a, modules, s->native))) ||
	       take_from(s, path_join(s->a, modules, ".bin"));
}

int probe_agent(const struct facts *f, const char *name, struct arena *a, struct agent_fact *ret,
		struct err *e)
{
	static bool (*const searches[])(struct search *) = { search_path, search_home, search_npm,
							     search_nvm, search_fetched };
	struct search s = { .f = f, .agent = agent_find(name), .a = a };
	auto_buf struct buf known = BUF_INIT(ERR_MSG_MAX / 2);

	if (!s.agent) {
		for (const struct agent *row = agents; row->name; row++)
			buf_addf(&known, "%s%s", row == agents ? "" : ", ", row->name);
		return err_set(e, EINVAL, "unknown agent '%s'; known: %s", name, buf_text(&known));
	}
	s.native = native_name(s.agent, f->arch, a);
	s.found.name = s.agent->name;
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++)
		if (searches[i](&s))
			break;
	*ret = s.found;
	return 0;
}
