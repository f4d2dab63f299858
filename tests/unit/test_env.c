/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

struct world {
	struct arena a;
	struct config c;
	struct facts f;
	struct spec s;
};

static void show(struct world *w, enum mount_kind kind, const char *dst)
{
	spec_mount(&w->s, &w->a,
		   (struct mount){ .kind = kind, .src = dst, .dst = dst, .why = "test" });
}

static void found(struct world *w, const char *path, enum path_kind kind)
{
	const struct path_fact fact = { .path = path, .kind = kind, .real = path };

	facts_add_path(&w->f, &w->a, fact);
}

/* A Debian host at the default level. */
static int setup(void **state)
{
	static const char *const dirs[] = { "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin",
					    "/usr/sbin" };
	struct world *w = *state = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	config_of_level(LEVEL_DEFAULT, &w->a, &w->c);
	w->c.network = NETWORK_HOST; /* with which the most is taken over */
	w->f = (struct facts){
		.uid = 1000, .user = "ann", .home = "/home/ann", .env = STRV_INIT(&w->a)
	};
	w->s = (struct spec){ .config = &w->c,
			      .home = "/home/ann",
			      .state = "/state/x-1",
			      .uid = 1000,
			      .notes = STRV_INIT(&w->a),
			      .details = STRV_INIT(&w->a) };
	for (size_t i = 0; i < N_ELEMENTS(dirs); i++)
		found(w, dirs[i], PATH_DIR);
	found(w, "/bin/bash", PATH_FILE);
	show(w, MOUNT_RO, "/usr");
	show(w, MOUNT_SYMLINK, "/bin");
	show(w, MOUNT_RO, "/etc/ssl");
	show(w, MOUNT_TMPFS, "/home/ann");
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	arena_done(&w->a);
	free(w);
	return 0;
}

static void caller_has(struct world *w, const char *item)
{
	strv_add(&w->f.env, item);
}

static int add_env(struct world *w, struct err *e)
{
	*e = (struct err){ 0 };
	return spec_add_env(&w->c, &w->f, &w->a, &w->s, e);
}

static void must_add_env(struct world *w)
{
	struct err e;

	if (add_env(w, &e) != 0)
		fail_msg("%s", e.msg);
}

static const struct env_var *var(const struct world *w, const char *name)
{
	const struct env_var *at = NULL;

	for (size_t i = 0; i < w->s.n_env; i++) {
		if (strcmp(w->s.env[i].name, name) != 0)
			continue;
		assert_null(at); /* never twice */
		at = &w->s.env[i];
	}
	return at;
}

static const char *value(const struct world *w, const char *name)
{
	const struct env_var *v = var(w, name);

	return v ? v->value : "(unset)";
}

/* clang-format off */
static const struct {
	const char *name, *want;
} always_set[] = {
	{ "HOME", "/home/ann" }, { "USER", "ann" }, { "LOGNAME", "ann" }, { "SHELL", "/bin/bash" },
	{ "XDG_RUNTIME_DIR", "/run/user/1000" }, { "XDG_CONFIG_HOME", "/home/ann/.config" },
	{ "PATH", "/home/ann/.local/bin:/run/claude-sandbox/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin" },
	{ "CLAUDE_SANDBOX", "1" }, { "CLAUDE_SANDBOX_BACKEND", "bubblewrap" },
	{ "CLAUDE_SANDBOX_LEVEL", "default" }, { "CLAUDE_SANDBOX_VERSION", "0.1.0" },
	{ "CLAUDE_SANDBOX_STATE_DIR", "/home/ann/.local" }, { "npm_config_cache", "/home/ann/.cache/npm" },
	{ "DISABLE_AUTOUPDATER", "1" },
		{ "DISABLE_INSTALLATION_CHECKS", "1" }, { "SANDBOX", "1" }, { "IS_SANDBOX", "1" },
	{ "TERM", "xterm-256color" }, { "LANG", "C.UTF-8" },
};
/* clang-format on */

static void from_nothing(void **state)
{
	struct world *w = *state;

	must_add_env(w);
	for (size_t i = 0; i < N_ELEMENTS(always_set); i++)
		assert_string_equal(value(w, always_set[i].name), always_set[i].want);
	assert_int_equal(w->s.n_env, N_ELEMENTS(always_set));
	for (size_t i = 0; i < w->s.n_env; i++) {
		assert_non_null(w->s.env[i].why);
		assert_false(w->s.env[i].secret);
	}
}

enum { NO, YES, SECRET };

/* clang-format off */
static const struct {
	const char *name, *value;
	int want;
} taken_over[] = {
	{ "TERM", "screen", YES }, { "LANG", "de_DE.UTF-8", YES }, { "LC_ALL", "C", YES },
	{ "LC_TIME", "", NO }, { "TZ", "Europe/Berlin", YES },
	{ "COLORTERM", "truecolor", YES }, { "EDITOR", "vim", YES },
	{ "SSL_CERT_FILE", "/etc/ssl/certs/ca.crt", YES },
	{ "SSL_CERT_DIR", "/etc/ssl/certs:/usr/share/ca", YES },
	{ "CURL_CA_BUNDLE", "/opt/corp/ca.pem", NO },
	{ "REQUESTS_CA_BUNDLE", "/etc/ssl/../shadow", NO },
	{ "NODE_EXTRA_CA_CERTS", "/home/ann/ca.pem", NO }, { "GIT_SSL_CAINFO", "ca.pem", NO },
	{ "https_proxy", "http://u:p@proxy:1", SECRET }, { "NO_PROXY", "localhost", YES },
	{ "ANTHROPIC_API_KEY", "sk", SECRET }, { "ANTHROPIC_AUTH_TOKEN", "t", SECRET },
	{ "ANTHROPIC_CUSTOM_HEADERS", "X: y", SECRET },
	{ "ANTHROPIC_FOUNDRY_API_KEY", "k", SECRET },
	{ "ANTHROPIC_BASE_URL", "http://127.0.0.1:1", YES }, { "ANTHROPIC_MODEL", "m", YES },
	{ "CLAUDE_CODE_OAUTH_TOKEN", "t", SECRET }, { "CLAUDE_CODE_USE_BEDROCK", "1", YES },
	{ "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "1000", YES },
	{ "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "5", NO },
	{ "CLAUDE_CODE_ENTRYPOINT", "cli", NO }, { "CLAUDE_CONFIG_DIR", "/x", NO },
	{ "DISABLE_TELEMETRY", "1", YES }, { "MAX_THINKING_TOKENS", "1", YES },
	{ "BASH_MAX_TIMEOUT_MS", "1", YES }, { "MCP_TIMEOUT", "1", YES },
	{ "GH_TOKEN", "g", NO }, { "GITHUB_TOKEN", "g", NO },
	{ "AWS_SECRET_ACCESS_KEY", "s", NO }, { "LD_PRELOAD", "/x.so", NO },
	{ "NODE_OPTIONS", "--require /x", NO }, { "BASH_FUNC_ls%%", "() { evil; }", NO },
	{ "LC_%%", "x", NO }, { "DISPLAY", ":0", NO },
	{ "DBUS_SESSION_BUS_ADDRESS", "unix:path=/x", NO }, { "IS_DEMO", "1", NO },
};
/* clang-format on */

/* "name=value" of the caller, and whether and how it arrives. */
static void what_is_taken_over(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(taken_over); i++)
		caller_has(w,
			   arena_printf(&w->a, "%s=%s", taken_over[i].name, taken_over[i].value));
	caller_has(w, "TERM=second");
	caller_has(w, "NO_EQUALS_SIGN");
	caller_has(w, "=odd");
	caller_has(w, "");
	must_add_env(w);
	for (size_t i = 0; i < N_ELEMENTS(taken_over); i++) {
		const struct env_var *v = var(w, taken_over[i].name);

		if (!v != (taken_over[i].want == NO))
			fail_msg("%s: %s", taken_over[i].name, v ? "is there" : "is not there");
		if (v && v->secret != (taken_over[i].want == SECRET))
			fail_msg("%s: secret: %d", taken_over[i].name, v->secret);
		if (v)
			assert_string_equal(v->value, taken_over[i].value);
	}
	assert_int_equal(w->s.details.n, 4);
	assert_string_equal(w->s.details.items[0],
			    "CURL_CA_BUNDLE is left out: /opt/corp/ca.pem is not visible inside");
}

static void without_the_hosts_network_no_proxy(void **state)
{
	struct world *w = *state;

	w->c.network = NETWORK_NONE;
	caller_has(w, "https_proxy=http://proxy:1");
	caller_has(w, "NO_PROXY=localhost");
	must_add_env(w);
	assert_null(var(w, "https_proxy"));
	assert_null(var(w, "NO_PROXY"));
}

static void gh_token_is_passed_when_asked_for(void **state)
{
	struct world *w = *state;

	w->c.gh_token = true;
	caller_has(w, "GH_TOKEN=g");
	caller_has(w, "GITHUB_TOKEN=");
	must_add_env(w);
	assert_string_equal(value(w, "GH_TOKEN"), "g");
	assert_true(var(w, "GH_TOKEN")->secret);
	assert_null(var(w, "GITHUB_TOKEN"));
}

static void nix_remote_comes_with_the_socket(void **state)
{
	struct world *w = *state;

	w->c.nix_daemon = true;
	show(w, MOUNT_RW, "/nix/var/nix/daemon-socket");
	must_add_env(w);
	assert_string_equal(value(w, "NIX_REMOTE"), "daemon");
}

static void a_variable_of_a_share_stays(void **state)
{
	struct world *w = *state;

	spec_env(&w->s, &w->a, (struct env_var){ "TZ", "from-the-share", .why = "test" });
	caller_has(w, "TZ=from-the-caller");
	must_add_env(w);
	assert_string_equal(value(w, "TZ"), "from-the-share");
}

static void names_in_env(void **state)
{
	struct world *w = *state;

	caller_has(w, "MY_VAR=1");
	caller_has(w, "EMPTY=");
	caller_has(w, "PYTHONPATH=/x");
	caller_has(w, "LC_ALL=C");
	strv_add(&w->c.env, "MY_VAR", "EMPTY", "PYTHONPATH", "ABSENT", "LC_ALL");
	must_add_env(w);
	assert_string_equal(value(w, "MY_VAR"), "1");
	assert_string_equal(value(w, "EMPTY"), "");
	assert_string_equal(value(w, "PYTHONPATH"), "/x");
	assert_true(var(w, "MY_VAR")->secret);
	assert_true(var(w, "LC_ALL")->secret);
	assert_null(var(w, "ABSENT"));
	assert_int_equal(w->s.details.n, 1);
	assert_string_equal(w->s.details.items[0], "env: ABSENT is not set, so it is not passed");
}

#define LOADS "makes programs load foreign code"
#define SHELLS "changes what every shell does"
#define REPO "makes git work on another repository"
#define RUNS "makes git or ssh run another program"
#define CONFIG "replaces the git configuration that is shown"
#define OURS "is set by the sandbox"
#define AWAY "would lead the agent away from the ~/.claude that is shown"

/* clang-format off */
static const struct {
	const char *name, *why;
} refused[] = {
	{ "LD_PRELOAD", LOADS }, { "LD_LIBRARY_PATH", LOADS }, { "LD_AUDIT", LOADS }, { "NODE_OPTIONS", LOADS },
	{ "PYTHONSTARTUP", LOADS }, { "PERL5OPT", LOADS }, { "RUBYOPT", LOADS },
	{ "BASH_ENV", SHELLS }, { "ENV", SHELLS }, { "PROMPT_COMMAND", SHELLS }, { "BASH_FUNC_ls%%", SHELLS },
	{ "GIT_CONFIG_GLOBAL", CONFIG }, { "GIT_CONFIG_SYSTEM", CONFIG }, { "GIT_CONFIG_COUNT", CONFIG },
	{ "GIT_CONFIG_KEY_0", CONFIG }, { "GIT_CONFIG_VALUE_0", CONFIG }, { "GIT_TEMPLATE_DIR", CONFIG },
	{ "GIT_DIR", REPO }, { "GIT_WORK_TREE", REPO },
	{ "GIT_EXEC_PATH", RUNS }, { "GIT_SSH", RUNS }, { "GIT_SSH_COMMAND", RUNS }, { "GIT_ASKPASS", RUNS },
	{ "GIT_PROXY_COMMAND", RUNS }, { "CLAUDE_CONFIG_DIR", AWAY },
	{ "PATH", OURS }, { "HOME", OURS }, { "CLAUDE_SANDBOX", OURS }, { "CLAUDE_SANDBOX_LEVEL", OURS },
	{ "SANDBOX", OURS }, { "IS_SANDBOX", OURS }, { "SSH_AUTH_SOCK", OURS },
};
/* clang-format on */

static void check_refused(struct world *w, const char *name, int code, const char *want)
{
	struct err e;

	w->c.env = STRV_INIT(&w->a);
	w->s.n_env = 0;
	strv_add(&w->c.env, name);
	assert_int_equal(add_env(w, &e), code);
	assert_string_equal(e.msg, want);
	assert_null(var(w, "LANG")); /* nothing is taken over by half */
}

static void names_in_env_that_are_refused(void **state)
{
	static const char *const invalid[] = { "A=1", "", "1A", "A-B", "A\nB", "\xc3\x84", "A*" };
	struct world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(refused); i++)
		check_refused(w, refused[i].name, -EPERM,
			      arena_printf(&w->a,
					   "env: %s cannot be passed: it %s; take it out of 'env'",
					   refused[i].name, refused[i].why));
	for (size_t i = 0; i < N_ELEMENTS(invalid); i++)
		check_refused(
			w, invalid[i], -EINVAL,
			arena_printf(&w->a,
				     "env: '%s' is no name of a variable: letters, digits and "
				     "'_', no digit first, and no value",
				     invalid[i]));
}

static void extra_path(void **state)
{
	struct world *w = *state;
	struct err e;

	show(w, MOUNT_RO, "/opt/t/bin");
	show(w, MOUNT_RW, "/home/ann/go");
	strv_add(&w->c.extra_path, "~/go/bin", "/opt/t/bin//", "/opt/gone", "/usr/bin");
	caller_has(w, "CLAUDE_SANDBOX_EXTRA_PATH=/usr/games::~/private");
	must_add_env(w);
	assert_string_equal(
		value(w, "PATH"),
		"/home/ann/.local/bin:/usr/games:/home/ann/go/bin:/opt/t/bin:/usr/bin:"
		"/run/claude-sandbox/bin:/usr/local/bin:/bin:/usr/local/sbin:/usr/sbin");
	assert_int_equal(w->s.notes.n, 2);
	assert_string_equal(
		w->s.notes.items[0],
		"CLAUDE_SANDBOX_EXTRA_PATH: /home/ann/private is not on PATH inside: it does not "
		"exist or is not shown (--extra-ro /home/ann/private shows it)");
	assert_string_equal(
		w->s.notes.items[1],
		"extra_path: /opt/gone is not on PATH inside: it does not exist or is not shown "
		"(--extra-ro /opt/gone shows it)");
	strv_add(&w->c.extra_path, "bin");
	assert_int_equal(add_env(w, &e), -EINVAL);
	assert_string_equal(e.msg,
			    "extra_path: 'bin' is not an absolute path; write it from / or from ~");
}

static void on_nixos(void **state)
{
	struct world *w = *state;

	w->f.n_paths = 0;
	w->s.n_mounts = 0;
	found(w, "/run/current-system/sw", PATH_DIR);
	show(w, MOUNT_RO, "/nix/store");
	show(w, MOUNT_SYMLINK, "/run/current-system/sw");
	must_add_env(w);
	assert_string_equal(
		value(w, "PATH"),
		"/home/ann/.local/bin:/run/claude-sandbox/bin:/run/current-system/sw/bin");
	assert_string_equal(value(w, "SHELL"), "/bin/sh");
}

static void an_environment_of_10000_entries(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 10000; i++)
		caller_has(w, arena_printf(&w->a, "ODD_%u=%u", i, i));
	caller_has(w, "TERM=vt100");
	must_add_env(w);
	assert_int_equal(w->s.n_env, N_ELEMENTS(always_set));
	assert_string_equal(value(w, "TERM"), "vt100");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(from_nothing),
		TEST(what_is_taken_over),
		TEST(without_the_hosts_network_no_proxy),
		TEST(gh_token_is_passed_when_asked_for),
		TEST(nix_remote_comes_with_the_socket),
		TEST(a_variable_of_a_share_stays),
		TEST(names_in_env),
		TEST(names_in_env_that_are_refused),
		TEST(extra_path),
		TEST(on_nixos),
		TEST(an_environment_of_10000_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
