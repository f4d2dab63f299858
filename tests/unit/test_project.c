/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/project.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define ANYWAY "; choose another directory; to do it anyway add --allow-unsafe-project"

static const struct facts ann = { .home = "/home/ann",
				  .state_root = "/home/ann/.local/state/claude-sandbox",
				  .runtime_root = "/run/user/1000/claude-sandbox" };

static int check(const struct facts *f, const char *path, bool anyway, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	const struct config c = { .allow_unsafe_project = anyway };

	*e = (struct err){ 0 };
	return project_check(&c, f, "project directory", path, &a, e);
}

static void ordinary_directories_are_accepted(void **state)
{
	static const char *const paths[] = {
		"/home/ann/x",
		"/home/ann/src/a b'c\"d",
		"/home/ann/-x",
		"/home/ann/a\nb",
		"/home/ann/.dots",
		"/home/ann/.config/nvim",
		"/home/ann/.local/share/app",
		"/home/ann/.cache/x",
		"/home/ann/.sshx",
		"/home/ann/.claude-work",
		"/home/bob/x",
		"/tmp/x",
		"/srv/x",
		"/opt/x",
		"/var/www/x",
		"/mnt/x",
		"/mnt/c/x",
		"/mnt/data",
		"/media/stick",
		"/usr/local/src/x",
		"/usr/src/linux",
		"/run/media/ann/disk",
		"/data",
		"/usrx",
		"/homework",
		"/var/tmp/x",
		"/root/x",
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
		struct err e;

		if (check(&ann, paths[i], false, &e) != 0)
			fail_msg("%s: %s", paths[i], e.msg);
	}
}

static const struct {
	const char *path, *want;
} refused[] = {
	{ "/home/ann", "is your home directory: everything in it, keys, logins and settings, could "
		       "be read and changed" ANYWAY },
	{ "/home", "contains your home directory (/home/ann): everything in it, keys, logins and "
		   "settings, could be read and changed" ANYWAY },
	{ "/home/ann/.claude", "is the agent's own directory: the host executes hooks and settings "
			       "from there, and it holds your login" ANYWAY },
	{ "/home/ann/.claude/hooks",
	  "lies in the agent's own directory (/home/ann/.claude): the host executes hooks "
	  "and "
	  "settings from there, and it holds your login" ANYWAY },
	{ "/home/ann/.ssh", "is a place for keys and logins: whoever can read it can act in your "
			    "name" ANYWAY },
	{ "/home/ann/.config/gh/x", "lies in a place for keys and logins (/home/ann/.config/gh): "
				    "whoever can read it can act in your name" ANYWAY },
	{ "/home/ann/.config",
	  "is a directory for the settings and data of all your programs: they "
	  "could be read and changed" ANYWAY },
	{ "/home/ann/.local", "is a directory for the settings and data of all your programs: they "
			      "could be read and changed" ANYWAY },
	{ "/home/ann/.local/bin", "is a place from which your session starts programs: what is "
				  "written there runs on the host" ANYWAY },
	{ "/home/ann/.mozilla/firefox", "lies in a browser's or mail program's data "
					"(/home/ann/.mozilla): it holds cookies and "
					"passwords" ANYWAY },
	{ "/etc", "is a system directory: the host depends on it" ANYWAY },
	{ "/etc/nginx", "lies in a system directory (/etc): the host depends on it" ANYWAY },
	{ "/usr/local/src", "lies in a system directory (/usr): the host depends on it" ANYWAY },
	{ "/run/user/1000",
	  "contains the state of claude-sandbox (/run/user/1000/claude-sandbox): whoever "
	  "can write there can reach other sandboxes and the host" ANYWAY },
	{ "/run/user", "contains the state of claude-sandbox "
		       "(/run/user/1000/claude-sandbox): whoever can "
		       "write there can reach other sandboxes and the host" ANYWAY },
	{ "/run/x", "lies in a system directory (/run): the host depends on it" ANYWAY },
	{ "/tmp", "is a directory that holds more than a project: everything in it could "
		  "be read and "
		  "changed" ANYWAY },
	{ "/mnt/c", "is the Windows system drive: everything on it could be read and "
		    "changed" ANYWAY },
};

static void refusals(void **state)
{

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(refused); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct err e;
		int r = check(&ann, refused[i].path, false, &e);
		const char *want = arena_printf(&a, "project directory: %s %s", refused[i].path,
						refused[i].want);

		assert_int_equal(r, -EPERM);
		assert_string_equal(e.msg, want);
		assert_int_equal(check(&ann, refused[i].path, true, &e), 0);
	}
}

static void some_refusals_stand_whatever_is_asked(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "/", "is the root of the file system: the sandbox would have the whole host" },
		{ "/proc", "is a view of the kernel: it is no place for files" },
		{ "/proc/self/cwd",
		  "lies in a view of the kernel (/proc): it is no place for files" },
		{ "/sys/x", "lies in a view of the kernel (/sys): it is no place for files" },
		{ "/dev/shm/x", "lies in a view of the kernel (/dev): it is no place for files" },
		{ "/home/ann/.local/state/claude-sandbox",
		  "is the state of claude-sandbox: whoever can write there can reach other "
		  "sandboxes and the "
		  "host" },
		{ "/home/ann/.local/state/claude-sandbox/projects/x-1",
		  "lies in the state of claude-sandbox (/home/ann/.local/state/claude-sandbox): "
		  "whoever can "
		  "write there can reach other sandboxes and the host" },
		{ "/run/user/1000/claude-sandbox/x",
		  "lies in the state of claude-sandbox (/run/user/1000/claude-sandbox): whoever "
		  "can write "
		  "there can reach other sandboxes and the host" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		for (int anyway = 0; anyway < 2; anyway++) {
			auto_arena struct arena a = ARENA_INIT;
			struct err e;

			assert_int_equal(check(&ann, rows[i].path, anyway, &e), -EPERM);
			assert_string_equal(e.msg, arena_printf(&a,
								"project directory: %s %s; choose "
								"another directory",
								rows[i].path, rows[i].want));
		}
	}
}

static void odd_homes(void **state)
{
	static const struct {
		const char *home, *path;
		int want;
	} rows[] = {
		{ "/root", "/root/x", 0 },
		{ "/root", "/root", -EPERM },
		{ "/root", "/root/.ssh", -EPERM },
		{ "/var/lib/jenkins", "/var/lib/jenkins/work/x", 0 },
		{ "/var/lib/jenkins", "/var/lib/jenkins", -EPERM },
		{ "/var/lib/jenkins", "/var/lib/jenkins/.ssh", -EPERM },
		{ "/var/lib/jenkins", "/var/lib/mysql", -EPERM },
		{ "/var/lib/jenkins", "/var/lib", -EPERM },
		{ "/", "/etc", -EPERM },
		{ "/", "/etc/x", -EPERM },
		{ "/", "/.ssh", -EPERM },
		{ "/", "/data", 0 },
		{ "/etc", "/etc/x", -EPERM },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const struct facts f = { .home = rows[i].home, .state_root = "/nowhere/state" };
		struct err e;
		int got = check(&f, rows[i].path, false, &e);

		if (got != rows[i].want)
			fail_msg("home %s, %s: got %d (%s), want %d", rows[i].home, rows[i].path,
				 got, e.msg, rows[i].want);
	}
}

/* ~/.claude -> ~/dotfiles/claude: the same files under another name. */
static void a_place_that_is_a_symlink_counts_at_both_ends(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct facts f = ann;
	struct err e;

	(void)state;
	assert_int_equal(check(&f, "/home/ann/dotfiles", false, &e), 0);
	facts_add_path(&f, &a,
		       (struct path_fact){ .path = "/home/ann/.claude",
					   .kind = PATH_DIR,
					   .link = "dotfiles/claude",
					   .real = "/home/ann/dotfiles/claude" });
	assert_int_equal(check(&f, "/home/ann/dotfiles", false, &e), -EPERM);
	assert_string_equal(
		e.msg,
		"project directory: /home/ann/dotfiles contains the agent's own directory "
		"(/home/ann/.claude): the host executes hooks and settings from there, and it "
		"holds your login" ANYWAY);
	assert_int_equal(check(&f, "/home/ann/dotfiles/claude/x", false, &e), -EPERM);
	assert_int_equal(check(&f, "/home/ann/dotfiles/vim", false, &e), 0);
}

/* /home/ann -> /data/ann: the project's path is resolved, $HOME need not be. */
static void a_home_that_is_a_symlink(void **state)
{
	static const struct {
		const char *path;
		int want;
	} rows[] = {
		{ "/data/ann", -EPERM },
		{ "/data", -EPERM },
		{ "/data/ann/.ssh", -EPERM },
		{ "/data/ann/.claude/x", -EPERM },
		{ "/data/ann/.config", -EPERM },
		{ "/data/ann/.local/state/claude-sandbox/x", -EPERM },
		{ "/data/ann/x", 0 },
		{ "/data/x", 0 },
		{ "/home/ann", -EPERM },
	};
	auto_arena struct arena a = ARENA_INIT;
	struct facts f = ann;

	(void)state;
	facts_add_path(&f, &a,
		       (struct path_fact){ .path = "/home/ann",
					   .kind = PATH_DIR,
					   .link = "/data/ann",
					   .real = "/data/ann" });
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct err e;
		int got = check(&f, rows[i].path, false, &e);

		if (got != rows[i].want)
			fail_msg("%s: got %d (%s), want %d", rows[i].path, got, e.msg,
				 rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_directories_are_accepted),
		cmocka_unit_test(refusals),
		cmocka_unit_test(some_refusals_stand_whatever_is_asked),
		cmocka_unit_test(odd_homes),
		cmocka_unit_test(a_place_that_is_a_symlink_counts_at_both_ends),
		cmocka_unit_test(a_home_that_is_a_symlink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
