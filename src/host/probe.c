/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who the caller is, where his places are, and what of the disk the config makes relevant. It runs
 * before every start: no child process but where there is a compositor to be asked (probe_wayland.c), and no
 * call for a path that nobody asks about.
 */
#include "host/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "host/program.h"
#include "spec/browser.h"
#include "spec/shares.h"

#define MACHINE_ID_LEN 32

const char *probe_real(struct arena *a, const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) ? arena_strdup(a, real) : NULL;
}

static const char *read_link(struct arena *a, const char *path)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text));

	return n < 0 ? NULL : arena_strndup(a, text, (size_t)n);
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *probe_dir(const struct facts *f, struct arena *a, const char *name,
		      const char *fallback)
{
	const char *value = env_get(&f->env, name);

	/* The XDG base directory specification: a relative path is to be ignored. */
	return value && value[0] == '/' ? path_clean(a, value) : path_join(a, f->home, fallback);
}

/* $USER goes into our /etc/passwd if the user database has no entry: only a plain name will do. */
static const char *plain_name(const char *name)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name && name[0] && name[0] != '-' && strspn(name, plain) == strlen(name) ? name
											: "user";
}

static void probe_names(struct facts *f, const struct passwd *pw, struct arena *a)
{
	const struct group *gr = getgrgid(f->gid);
	const char *shell = env_get(&f->env, "SHELL");

	f->user = arena_strdup(a, pw ? pw->pw_name : plain_name(env_get(&f->env, "USER")));
	f->group = gr ? arena_strdup(a, gr->gr_name) : f->user;
	if (!shell || shell[0] != '/')
		shell = pw && pw->pw_shell[0] == '/' ? pw->pw_shell : "/bin/sh";
	f->shell = arena_strdup(a, shell);
}

/*
 * Home stays as it is named, even if that is a symlink: programs outside and inside must build the
 * same paths from $HOME, or the agent would not find its sessions again.
 */
static int probe_home(struct facts *f, const struct passwd *pw, struct arena *a, struct err *e)
{
	const char *asked = env_get(&f->env, "HOME");
	const char *const tries[] = { asked, pw ? pw->pw_dir : NULL };

	for (size_t i = 0; i < 2; i++) {
		if (tries[i] && tries[i][0] == '/' && is_dir(tries[i])) {
			f->home = path_clean(a, tries[i]);
			return 0;
		}
	}
	return err_set(
		e, ENOENT,
		"no home directory: $HOME is %s%s%s, and the user database names none that exists; "
		"set HOME to the absolute path of an existing directory",
		asked ? "'" : "", asked ? asked : "not set", asked ? "'" : "");
}

static const char *probe_machine_id(struct arena *a)
{
	struct err ignored; /* a host without a machine id is an ordinary host */
	size_t len = 0;
	char *text;

	if (io_read_file(AT_FDCWD, "/etc/machine-id", 4096, false, a, &text, &len, &ignored) < 0)
		return NULL;
	if (strspn(text, "0123456789abcdef") != MACHINE_ID_LEN)
		return NULL; /* "uninitialized" during the first boot */
	text[MACHINE_ID_LEN] = '\0';
	return text;
}

const char *probe_own(const struct facts *f, const char *name, struct arena *a)
{
	const char *path =
		arena_printf(a, "%s/../libexec/claude-sandbox/%s", path_parent(a, f->exe), name);

	return access(path, X_OK) == 0 ? probe_real(a, path) : NULL;
}

/* Our own program and its parts; what is missing is told when it is needed. */
static void probe_programs(struct facts *f, struct arena *a)
{
	struct err ignored;

	f->exe = read_link(a, "/proc/self/exe");
	if (f->exe && path_parent(a, f->exe)) {
		f->init = probe_own(f, "init", a);
		f->egress = probe_own(f, "egress", a);
		f->sound = probe_own(f, "sound", a);
		f->stub = path_join(a, path_parent(a, f->exe), "../libexec/claude-sandbox/stub");
	}
	if (program_find("bwrap", a, &f->bwrap, &ignored) < 0)
		f->bwrap = NULL;
	if (program_find("pasta", a, &f->pasta, &ignored) < 0)
		f->pasta = NULL;
}

/* Looked for where they may be wanted alone: each is some directories to look into. */
static void probe_desktop(struct facts *f, const struct config *c, struct arena *a)
{
	const bool nested = c->display == DISPLAY_NESTED || c->display == DISPLAY_WAYLAND ||
			    c->display == DISPLAY_AUTO;
	const struct {
		const char **ret;
		const char *name;
		bool wanted;
	} programs[] = {
		{ &f->desktop.xvfb, "Xvfb",
		  c->display == DISPLAY_AUTO || c->display == DISPLAY_VIRTUAL },
		{ &f->desktop.xephyr, "Xephyr", nested && env_get(&f->env, "DISPLAY") },
		{ &f->desktop.xwayland, "Xwayland", nested && env_get(&f->env, "WAYLAND_DISPLAY") },
	};
	struct err ignored;

	if (c->clipboard != CLIPBOARD_NONE && f->exe)
		f->clipboard = probe_own(f, "clipboard", a);
	for (size_t i = 0; i < N_ELEMENTS(programs); i++)
		if (programs[i].wanted &&
		    program_find(programs[i].name, a, programs[i].ret, &ignored) < 0)
			*programs[i].ret = NULL;
}

/* Asked for only with a bus, which is one more look at each directory for programs. */
static void probe_bus(struct facts *f, struct arena *a)
{
	struct err ignored;

	if (program_find("dbus-daemon", a, &f->desktop.dbus_daemon, &ignored) < 0)
		f->desktop.dbus_daemon = NULL;
	if (program_find("xdg-dbus-proxy", a, &f->desktop.dbus_proxy, &ignored) < 0)
		f->desktop.dbus_proxy = NULL;
	if (f->exe && path_parent(a, f->exe))
		f->desktop.bus = probe_own(f, "bus", a);
}

/* The first that is there; one in a place with such a name could not be written into a script. */
static void probe_browser(struct facts *f, const struct config *c, struct arena *a)
{
	struct err ignored;
	const char *found;

	for (size_t i = 0; c->browser && !f->browser.program && browser_names[i]; i++) {
		if (program_find(browser_names[i], a, &found, &ignored) < 0)
			continue;
		found = probe_real(a, found);
		if (found && !strchr(found, '\''))
			f->browser = (struct browser_facts){ browser_names[i], found };
	}
}

static bool is_own_dir(const char *path, uid_t uid)
{
	struct stat st;

	return path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid;
}

/*
 * Where running sandboxes are registered: the same place whether a variable is set or not, so that a
 * launch from cron or ssh finds them. After su the variable may name another user's.
 */
static const char *probe_runtime(const struct facts *f, struct arena *a)
{
	const char *asked = env_get(&f->env, "XDG_RUNTIME_DIR");
	const char *usual = arena_printf(a, "/run/user/%u", f->uid);

	if (asked && is_own_dir(asked, f->uid))
		return path_join(a, asked, "claude-sandbox");
	if (is_own_dir(usual, f->uid))
		return path_join(a, usual, "claude-sandbox");
	return path_join(a, f->state_root, "run");
}

/* One call; a kernel without Landlock, or one that was started without it, has none to use. */
static int probe_landlock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

int probe_host(char *const envp[], struct arena *a, struct facts *ret, struct err *e)
{
	struct facts f = { .uid = getuid(), .gid = getgid(), .env = STRV_INIT(a) };
	const struct passwd *pw = getpwuid(f.uid);
	struct utsname uts;
	int r;

	for (size_t i = 0; envp && envp[i]; i++)
		strv_add(&f.env, arena_strdup(a, envp[i]));
	probe_names(&f, pw, a);
	r = probe_home(&f, pw, a, e);
	if (r < 0)
		return r;
	if (uname(&uts) < 0)
		return err_sys(e, "cannot ask the kernel for its name");
	f.arch = arena_strdup(a, uts.machine);
	f.state_root =
		path_join(a, probe_dir(&f, a, "XDG_STATE_HOME", ".local/state"), "claude-sandbox");
	f.runtime_root = probe_runtime(&f, a);
	f.machine_id = probe_machine_id(a);
	f.landlock_abi = probe_landlock();
	probe_programs(&f, a);
	*ret = f;
	return 0;
}

static int refuse_project(const char *asked, int code, const char *why, struct err *e)
{
	auto_buf struct buf name = BUF_INIT(ERR_MSG_MAX / 2);

	buf_visible(&name, asked[0] ? asked : "''");
	return err_set(e, code, "%s: %s", buf_text(&name), why);
}

int probe_project(struct facts *f, const char *asked, struct arena *a, struct err *e)
{
	static const char no_dir[] =
		"no such directory; name an existing directory or create it first";
	static const char not_dir[] = "not a directory; name the directory of your project";
	const char *real = asked[0] ? probe_real(a, asked) : NULL;
	int code = asked[0] ? errno : ENOENT;

	if (!real && code == ENOENT)
		return refuse_project(asked, code, no_dir, e);
	if (!real && code == ENOTDIR)
		return refuse_project(asked, code, not_dir, e);
	if (!real)
		return refuse_project(asked, code, strerrordesc_np(code), e);
	if (!is_dir(real))
		return refuse_project(asked, ENOTDIR, not_dir, e);
	if (access(real, R_OK | X_OK) < 0)
		return refuse_project(asked, EACCES,
				      "you may not enter and list it; change its permissions or "
				      "name another directory",
				      e);
	f->project = real;
	f->project_asked = arena_strdup(a, asked);
	return 0;
}

static enum path_kind kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return PATH_FILE;
	case S_IFDIR:
		return PATH_DIR;
	case S_IFSOCK:
		return PATH_SOCKET;
	case S_IFCHR:
	case S_IFBLK:
		return PATH_DEVICE;
	default:
		return PATH_OTHER;
	}
}

/* The directory asked about last and where it really is: most paths stand beside their like. */
struct sibling {
	const char *dir;
	const char *real;
};

/* What is no symlink itself lies really where its directory really lies. */
static const char *real_beside(const struct facts *f, struct sibling *last, const char *path,
			       struct arena *a)
{
	const char *dir = path_parent(a, path);

	if (!dir)
		return "/";
	if (!last->dir || strcmp(last->dir, dir) != 0) {
		const char *known = facts_path(f, dir)->real;

		*last = (struct sibling){ .dir = dir, .real = known ? known : probe_real(a, dir) };
	}
	return last->real ? path_join(a, last->real, path_base(path)) : NULL;
}

/* One lstat() for what is absent, which is the most; absent paths need no entry. */
static void probe_path(struct facts *f, const char *path, struct sibling *last, struct arena *a)
{
	struct path_fact fact = { .path = path };
	struct stat st;

	if (facts_path(f, path)->path || lstat(path, &st) < 0)
		return;
	if (S_ISLNK(st.st_mode))
		fact.link = read_link(a, path);
	/* A symlink that leads nowhere is absent, but it is told that there is one. */
	if (!S_ISLNK(st.st_mode) || stat(path, &st) == 0) {
		fact.real = fact.link ? probe_real(a, path) : real_beside(f, last, path, a);
		fact.kind = fact.real ? kind_of(st.st_mode) : PATH_ABSENT;
	}
	facts_add_path(f, a, fact);
}

int probe_config(struct facts *f, const struct config *c, struct arena *a, struct err *e)
{
	struct strv paths = STRV_INIT(a);
	struct sibling last = { 0 };
	int r = probe_agent(f, c->agent, a, &f->agent, e);

	if (r < 0)
		return r;
	r = probe_git(f, c, a, e);
	if (r < 0)
		return r;
	probe_worktree(f, a);
	r = probe_ssh(f, c, a, e);
	if (r < 0)
		return r;
	probe_limits(f, "/", a);
	probe_desktop(f, c, a);
	probe_container(f, c, a);
	probe_wayland(f, c, a);
	if (c->dbus)
		probe_bus(f, a);
	probe_browser(f, c, a);
	probe_commands(f, c, a);
	shares_paths(c, f, a, &paths);
	for (size_t i = 0; i < paths.n; i++)
		probe_path(f, paths.items[i], &last, a);
	return 0;
}
