/* SPDX-License-Identifier: Apache-2.0 */
#include "host/probe.h"

#include <errno.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "tree.h"

/* The tree's "home" and "project", and an environment with HOME and what is added. */
static struct facts facts_of(struct tree *t)
{
	struct facts f = { .arch = "x86_64", .env = STRV_INIT(&t->arena) };

	f.home = put_dir(t, "home");
	f.project = put_dir(t, "project");
	env_set(&f.env, "HOME", f.home);
	return f;
}

static int host(struct tree *t, struct facts *ret, const char *home, const char *more)
{
	char *envp[] = { arena_printf(&t->arena, "HOME=%s", home),
			 more ? arena_strdup(&t->arena, more) : NULL, NULL };

	t->e = (struct err){ 0 };
	return probe_host(envp, &t->arena, ret, &t->e);
}

static void host_places(void **state)
{
	struct tree *t = *state;
	const char *home = put_dir(t, "home");
	struct facts f;

	assert_int_equal(host(t, &f, home, NULL), 0);
	assert_string_equal(f.home, home);
	assert_string_equal(f.state_root, at(t, "home/.local/state/claude-sandbox"));
	assert_int_equal(f.runtime_root[0], '/');
	assert_int_equal(f.uid, getuid());
	assert_non_null(f.user);
	assert_non_null(f.group);
	assert_int_equal(f.shell[0], '/');
	assert_int_equal(f.exe[0], '/');
	assert_true(!f.machine_id || strlen(f.machine_id) == 32);
	assert_int_equal(f.env.n, 1);

	assert_int_equal(host(t, &f, home, "XDG_STATE_HOME=/s//x/"), 0);
	assert_string_equal(f.state_root, "/s/x/claude-sandbox");
	assert_int_equal(host(t, &f, home, "XDG_STATE_HOME=relative"), 0);
	assert_string_equal(f.state_root, at(t, "home/.local/state/claude-sandbox"));
	assert_int_equal(host(t, &f, home, "SHELL=/bin/odd"), 0);
	assert_string_equal(f.shell, "/bin/odd");
}

static void runtime_is_ours(void **state)
{
	struct tree *t = *state;
	const char *home = put_dir(t, "home");
	const char *usual;
	struct facts f;

	assert_int_equal(host(t, &f, home, NULL), 0);
	usual = f.runtime_root; /* /run/user/UID, or the state directory where there is none */
	assert_int_equal(host(t, &f, home, arena_printf(&t->arena, "XDG_RUNTIME_DIR=%s", home)), 0);
	assert_string_equal(f.runtime_root, at(t, "home/claude-sandbox"));
	assert_int_equal(host(t, &f, home, "XDG_RUNTIME_DIR=/does/not/exist"), 0);
	assert_string_equal(f.runtime_root, usual);
	assert_int_equal(host(t, &f, home, "XDG_RUNTIME_DIR=run"), 0);
	assert_string_equal(f.runtime_root, usual);
}

static void home_stays_as_named(void **state)
{
	struct tree *t = *state;
	struct facts f;

	put_dir(t, "real-home");
	put_link(t, "link", "real-home");
	assert_int_equal(host(t, &f, at(t, "link"), NULL), 0);
	assert_string_equal(f.home, at(t, "link"));
}

/* An unusable $HOME gives way to the user database's; neither is an error. */
static void home_of_the_user_database(void **state)
{
	struct tree *t = *state;
	const char *const bad[] = { "", "relative", at(t, "absent"),
				    put_file(t, "file", "", 0644) };
	const struct passwd *pw = getpwuid(getuid());
	struct stat st;
	bool has_home = pw && stat(pw->pw_dir, &st) == 0 && S_ISDIR(st.st_mode);

	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		struct facts f = { .home = NULL };
		int r = host(t, &f, bad[i], NULL);

		if (has_home) {
			assert_int_equal(r, 0);
			assert_string_equal(f.home, pw->pw_dir);
		} else {
			assert_int_equal(r, -ENOENT);
			assert_non_null(strstr(t->e.msg, "set HOME to"));
		}
	}
}

static void project_resolved(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *link = put_link(t, "link", "project");

	assert_int_equal(probe_project(&f, link, &t->arena, &t->e), 0);
	assert_string_equal(f.project, at(t, "project"));
	assert_string_equal(f.project_asked, link);
	assert_int_equal(chdir(at(t, "project")), 0);
	assert_int_equal(probe_project(&f, ".", &t->arena, &t->e), 0);
	assert_string_equal(f.project, at(t, "project"));
	assert_string_equal(f.project_asked, ".");
	assert_int_equal(chdir("/"), 0);
}

static void project_refused(void **state)
{
	struct tree *t = *state;
	const char *file = put_file(t, "file", "", 0644);
	struct facts f = { .project = NULL };
	const struct {
		const char *asked;
		int code;
		const char *msg;
	} cases[] = {
		{ "/x/y/none", -ENOENT,
		  "/x/y/none: no such directory; name an existing directory or create it first" },
		{ "", -ENOENT,
		  "'': no such directory; name an existing directory or create it first" },
		{ "/a\nb\x1b[m", -ENOENT,
		  "/a\\x0ab\\x1b[m: no such directory; name an existing directory or create it "
		  "first" },
		{ file, -ENOTDIR,
		  arena_printf(&t->arena, "%s: not a directory; name the directory of your project",
			       file) },
		{ arena_printf(&t->arena, "%s/x", file), -ENOTDIR,
		  arena_printf(&t->arena,
			       "%s/x: not a directory; name the directory of your project", file) },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		assert_int_equal(probe_project(&f, cases[i].asked, &t->arena, &t->e),
				 cases[i].code);
		assert_string_equal(t->e.msg, cases[i].msg);
		assert_null(f.project);
	}
}

static int config_of(struct tree *t, struct facts *f, unsigned git)
{
	struct config c;

	config_of_level(LEVEL_DEFAULT, &t->arena, &c);
	c.git_config = git;
	t->e = (struct err){ 0 };
	return probe_config(f, &c, &t->arena, &t->e);
}

static void git_texts(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);

	assert_int_equal(config_of(t, &f, GIT_CLEANED), 0);
	assert_null(f.gitconfig);
	assert_null(f.gitconfig_xdg);
	put_file(t, "home/.gitconfig", "[user]\n", 0600);
	put_file(t, "home/.config/git/config", "[core]\n", 0600);
	assert_int_equal(config_of(t, &f, GIT_NONE), 0);
	assert_null(f.gitconfig);
	assert_int_equal(config_of(t, &f, GIT_CLEANED), 0);
	assert_string_equal(f.gitconfig, "[user]\n");
	assert_string_equal(f.gitconfig_xdg, "[core]\n");
	put_file(t, "xdg/git/config", "[alias]\n", 0600);
	env_set(&f.env, "XDG_CONFIG_HOME", at(t, "xdg"));
	assert_int_equal(config_of(t, &f, GIT_CLEANED), 0);
	assert_string_equal(f.gitconfig_xdg, "[alias]\n");
}

static void git_refused(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *path = at(t, "home/.gitconfig");

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(config_of(t, &f, GIT_CLEANED), -EINVAL);
	assert_non_null(strstr(
		t->e.msg, "not a regular file; mend the file, or start with --git-config none"));
	assert_int_equal(unlink(path), 0);
	put_file(t, "home/.gitconfig", "", 0600);
	assert_int_equal(truncate(path, (1 << 20) + 1), 0);
	assert_int_equal(config_of(t, &f, GIT_CLEANED), -EFBIG);
	assert_int_equal(config_of(t, &f, GIT_RAW), 0);
}

static void put_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
}

static void path_is(const struct facts *f, const char *path, enum path_kind kind, const char *link,
		    const char *real)
{
	const struct path_fact *fact = facts_path(f, path);

	assert_int_equal(fact->kind, kind);
	if (link)
		assert_string_equal(fact->link, link);
	else
		assert_null(fact->link);
	if (real)
		assert_string_equal(fact->real, real);
	else
		assert_null(fact->real);
}

static void paths(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	struct config c;

	config_of_level(LEVEL_DEFAULT, &t->arena, &c);
	put_file(t, "x/file", "", 0644);
	put_link(t, "link", "x/file");
	put_link(t, "dangling", "nowhere");
	put_link(t, "parent", "x");
	put_socket(at(t, "socket"));
	strv_add(&c.extra_ro_binds, at(t, "x"), at(t, "x/file"), at(t, "link"), at(t, "dangling"),
		 at(t, "parent/file"), at(t, "absent"), at(t, "socket"), at(t, "x"), "/dev/null");
	assert_int_equal(probe_config(&f, &c, &t->arena, &t->e), 0);
	path_is(&f, at(t, "x"), PATH_DIR, NULL, at(t, "x"));
	path_is(&f, at(t, "x/file"), PATH_FILE, NULL, at(t, "x/file"));
	path_is(&f, at(t, "link"), PATH_FILE, "x/file", at(t, "x/file"));
	path_is(&f, at(t, "dangling"), PATH_ABSENT, "nowhere", NULL);
	path_is(&f, at(t, "parent/file"), PATH_FILE, NULL, at(t, "x/file"));
	path_is(&f, at(t, "absent"), PATH_ABSENT, NULL, NULL);
	path_is(&f, at(t, "socket"), PATH_SOCKET, NULL, at(t, "socket"));
	path_is(&f, "/dev/null", PATH_DEVICE, NULL, "/dev/null");
	for (size_t i = 0; i < f.n_paths; i++) /* each path once, however often it is named */
		assert_ptr_equal(facts_path(&f, f.paths[i].path), &f.paths[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_enter, tree_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(host_places),
		TEST(runtime_is_ours),
		TEST(home_stays_as_named),
		TEST(home_of_the_user_database),
		TEST(project_resolved),
		TEST(project_refused),
		TEST(git_texts),
		TEST(git_refused),
		TEST(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
