/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden plans: facts written down by hand and a command line give a spec and a plan, which must
 * equal the committed texts byte for byte. `golden --update` rewrites them; the diff is reviewed as
 * code. Nothing here looks at the host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host.h"
#include "plan/plan.h"

#define TEXT_MAX ((size_t)1 << 20)

struct golden {
	const char *name;
	const char *argv[12];
	host_fn *host;
	const char *project_file; /* text of .claude-sandbox.json */
	const char *refusal;      /* the whole sentence, instead of a plan */
};

/* clang-format off */
static const struct golden cases[] = {
	{ "default", { NULL }, host_debian, NULL, NULL },
	{ "compat", { "--level", "compat", NULL }, host_debian, NULL, NULL },
	{ "strict", { "--level=strict", NULL }, host_debian, NULL, NULL },
	{ "no-network", { "--network", "none", NULL }, host_debian, NULL, NULL },
	{ "hosts", { "--allow-host", "@github:443", "--deny-host", "gist.github.com", "--allow-local", "localhost:5432", "--publish", "8080:3000", NULL }, host_debian, NULL, NULL },
	{ "nat", { "--network", "nat", "--allow-local", "192.168.1.10:22", NULL }, host_debian, NULL, NULL },
	{ "shell", { "--shell", NULL }, host_debian, NULL, NULL },
	{ "browser", { NULL }, host_chromium, NULL, NULL },
	{ "browser-compat", { "--level", "compat", NULL }, host_chromium, NULL, NULL },
	{ "browser-strict", { "--level", "strict", NULL }, host_chromium, NULL, NULL },
	{ "command", { "--", "make", "-C", "src", "test", NULL }, host_debian, NULL, NULL },
	{ "agent-args", { "--yolo", ".", "-p", "say hi", NULL }, host_debian, NULL, NULL },
	{ "extras", { "--extra-bind", "~/data", "--extra-ro", "/etc/ssl/private", "--env", "AWS_SECRET_ACCESS_KEY", NULL }, host_debian, NULL, NULL },
	{ "gh-token", { "--gh-token", NULL }, host_debian, NULL, NULL },
	{ "nix", { NULL }, host_nix_only, NULL, NULL },
	{ "debian-and-nix", { NULL }, host_both_worlds, NULL, NULL },
	{ "nvm", { NULL }, host_nvm, NULL, NULL },
	{ "odd-name", { NULL }, host_odd_name, NULL, NULL },
	{ "worktree", { "--ssh-agent=raw" }, host_worktree, NULL, NULL },
	{ "worktree-foreign", { NULL }, host_foreign_worktree, NULL, NULL },
	{ "worktree-of-home", { NULL }, host_home_worktree, NULL, NULL },
	{ "no-login", { NULL }, host_no_login, NULL, NULL },
	{ "root", { NULL }, host_root, NULL, NULL },
	{ "old-kernel", { NULL }, host_old_kernel, NULL, NULL },
	{ "no-landlock", { "--allow-degraded", NULL }, host_no_landlock, NULL, NULL },
	{ "refuse-no-landlock", { NULL }, host_no_landlock, NULL, "" },
	{ "sound", { NULL }, host_sound, NULL, NULL },
	{ "sound-compat", { "--level", "compat", NULL }, host_sound, NULL, NULL },
	{ "sound-none", { NULL }, host_sound, "{\"audio\": false}", NULL },
	{ "refuse-sound", { NULL }, host_no_sound_program, NULL, "" },
	{ "project-tightens", { NULL }, host_debian, "{\"network\": \"none\"}", NULL },
	{ "project-asks", { NULL }, host_debian, "{\"level\": \"compat\", \"extra_bind\": [\"/home/ann\"]}", NULL },
	{ "limits", { "--memory", "4G", "--cpus", "2", "--pids", "300", NULL }, host_debian, NULL, NULL },
	{ "limits-compat", { "--level", "compat", "--memory", "4G", NULL }, host_debian, NULL, NULL },
	{ "limits-without-groups", { NULL }, host_no_groups, NULL, NULL },
	{ "limits-degraded", { "--allow-degraded", "--memory", "4G", "--disk", "10G", NULL }, host_no_groups, NULL, NULL },
	{ "project-limits", { NULL }, host_debian, "{\"memory_mib\": \"64G\", \"pids\": 100}", NULL },
	{ "bus", { "--secret", "app=csb", "--open-urls", NULL }, host_session_bus, NULL, NULL },
	{ "refuse-dbus", { "--dbus", NULL }, host_debian, NULL, "" },
	{ "refuse-secret", { "--secret", "csb", NULL }, host_session_bus, NULL, "" },
	{ "refuse-memory", { "--memory", "4G", NULL }, host_no_groups, NULL, "" },
	{ "container", { "--backend", "container", "--gpu", NULL }, host_debian, NULL, NULL },
	{ "container-compat", { "--backend", "container", "--level", "compat", "--review", NULL }, host_debian, NULL, NULL },
	{ "refuse-disk", { "--disk", "4G", NULL }, host_debian, NULL, "" },
	{ "refuse-home", { NULL }, host_home_project, NULL, "" },
	{ "refuse-planted-sessions", { NULL }, host_planted_sessions, NULL, "" },
	{ "refuse-vm", { "--backend", "vm", NULL }, host_debian, NULL, "" },
	{ "refuse-rule", { "--allow-host", "https://example.com/", NULL }, host_debian, NULL, "" },
	{ "refuse-display", { "--display", "nested", NULL }, host_debian, NULL, "" },
	{ "refuse-preload", { "--env", "LD_PRELOAD", NULL }, host_debian, NULL, "" },
};
/* clang-format on */

static int render(const struct golden *g, struct arena *a, struct buf *out, struct err *e)
{
	struct config_layer layers[2] = {
		{ .origin = ".claude-sandbox.json", .tighten_only = true }, { .origin = "option" }
	};
	char *argv[N_ELEMENTS(g->argv) + 2] = { arena_strdup(a, "claude-sandbox") };
	struct config_result config;
	struct cmdline cmdline;
	struct facts facts;
	struct spec spec;
	struct plan plan;
	bool dashes;
	int argc = 1;
	int next;
	int r = 0;

	for (size_t i = 0; g->argv[i]; i++)
		argv[argc++] = arena_strdup(a, g->argv[i]);
	g->host(&facts, a);
	config_init(&layers[0].values, a);
	config_init(&layers[1].values, a);
	if (g->project_file)
		r = field_parse_json(config_fields, &layers[0].values, &layers[0].set,
				     ".claude-sandbox.json", g->project_file,
				     strlen(g->project_file), a, e);
	if (r == 0)
		r = field_parse_args(config_fields, &layers[1].values, &layers[1].set, argc, argv,
				     a, &next, &dashes, e);
	if (r == 0)
		r = cmdline_split(&layers[1].values, argv + next, argc - next, dashes, a, &cmdline,
				  e);
	if (r == 0)
		r = config_merge(layers, 2, a, &config, e);
	if (r == 0)
		r = spec_build(&config, &facts, &cmdline, a, &spec, e);
	if (r == 0)
		r = plan_render(&spec, &facts, a, &plan, e);
	if (r < 0)
		return r;
	spec_print(&spec, &config, out);
	buf_puts(out, "\n--- plan ---\n");
	plan_print(&plan, "", 0, out);
	return 0;
}

static const char *golden_path(const struct golden *g, struct arena *a)
{
	const char *dir = getenv("GOLDEN_DIR");

	return arena_printf(a, "%s/%s.txt", dir ? dir : "tests/golden", g->name);
}

static void make(const struct golden *g, struct arena *a, struct buf *out)
{
	struct err e = { 0 };
	int r = render(g, a, out, &e);

	if (r < 0) {
		if (!g->refusal)
			fail_msg("%s: refused: %s", g->name, e.msg);
		buf_addf(out, "refused: %s\n", e.msg);
	} else if (g->refusal) {
		fail_msg("%s: not refused", g->name);
	}
}

static void compare(void **state)
{
	const struct golden *g = &cases[*(const size_t *)*state];
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(TEXT_MAX);
	char *want = NULL;
	size_t len;
	struct err e = { 0 };

	make(g, &a, &out);
	if (io_read_file(AT_FDCWD, golden_path(g, &a), TEXT_MAX, false, &a, &want, &len, &e) < 0)
		fail_msg("%s (golden --update writes it)", e.msg);
	assert_string_equal(buf_text(&out), want);
	/* Whatever else changes: no secret is ever printed. */
	assert_null(strstr(buf_text(&out), "sk-secret"));
	assert_null(strstr(buf_text(&out), "=never"));
	assert_null(strstr(buf_text(&out), "ghp_ann"));
}

static int update(void)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf out = BUF_INIT(TEXT_MAX);
		struct err e = { 0 };

		make(&cases[i], &a, &out);
		if (io_write_file(golden_path(&cases[i], &a), buf_text(&out), out.len, 0644, &e) <
		    0) {
			(void)fprintf(stderr, "golden: %s\n", e.msg);
			return 1;
		}
	}
	return 0;
}

int main(int argc, char *argv[])
{
	struct CMUnitTest tests[N_ELEMENTS(cases)];
	size_t numbers[N_ELEMENTS(cases)];

	if (argc == 2 && strcmp(argv[1], "--update") == 0)
		return update();
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		numbers[i] = i;
		tests[i] = (struct CMUnitTest){ .name = cases[i].name,
						.test_func = compare,
						.initial_state = &numbers[i] };
	}
	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
