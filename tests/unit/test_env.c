/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "env_world.h"

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
	struct env_world *w = *state;

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
	struct env_world *w = *state;

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
	struct env_world *w = *state;

	w->c.network = NETWORK_NONE;
	caller_has(w, "https_proxy=http://proxy:1");
	caller_has(w, "NO_PROXY=localhost");
	must_add_env(w);
	assert_null(var(w, "https_proxy"));
	assert_null(var(w, "NO_PROXY"));
}

static void gh_token_is_passed_when_asked_for(void **state)
{
	struct env_world *w = *state;

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
	struct env_world *w = *state;

	w->c.nix_daemon = true;
	show(w, MOUNT_RW, "/nix/var/nix/daemon-socket");
	must_add_env(w);
	assert_string_equal(value(w, "NIX_REMOTE"), "daemon");
}

static void a_variable_of_a_share_stays(void **state)
{
	struct env_world *w = *state;

	spec_env(&w->s, &w->a, (struct env_var){ "TZ", "from-the-share", .why = "test" });
	caller_has(w, "TZ=from-the-caller");
	must_add_env(w);
	assert_string_equal(value(w, "TZ"), "from-the-share");
}

static void on_nixos(void **state)
{
	struct env_world *w = *state;

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
	struct env_world *w = *state;

	for (unsigned i = 0; i < 10000; i++)
		caller_has(w, arena_printf(&w->a, "ODD_%u=%u", i, i));
	caller_has(w, "TERM=vt100");
	must_add_env(w);
	assert_int_equal(w->s.n_env, N_ELEMENTS(always_set));
	assert_string_equal(value(w, "TERM"), "vt100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(from_nothing),
		TEST(what_is_taken_over),
		TEST(without_the_hosts_network_no_proxy),
		TEST(gh_token_is_passed_when_asked_for),
		TEST(nix_remote_comes_with_the_socket),
		TEST(a_variable_of_a_share_stays),
		TEST(on_nixos),
		TEST(an_environment_of_10000_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
