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
#include "plan/plan.h"

#define TEXT_MAX ((size_t)1 << 20)

struct golden {
	const char *name;
	const char *argv[12];
	void (*tweak)(struct facts *f, struct arena *a);
	const char *project_file; /* text of .claude-sandbox.json */
	const char *refusal;      /* the whole sentence, instead of a plan */
};

static void add(struct facts *f, struct arena *a, const char *path, enum path_kind kind,
		const char *link, const char *real)
{
	facts_add_path(
		f, a,
		(struct path_fact){
			.path = path, .kind = kind, .link = link, .real = real ? real : path });
}

/* What that laptop has on disk. */
static const struct path_fact debian_paths[] = {
	{ .path = "/usr", .kind = PATH_DIR, .real = "/usr" },
	{ .path = "/bin", .kind = PATH_DIR, .link = "usr/bin", .real = "/usr/bin" },
	{ .path = "/lib64", .kind = PATH_DIR, .link = "usr/lib64", .real = "/usr/lib64" },
	{ .path = "/usr/bin", .kind = PATH_DIR, .real = "/usr/bin" },
	{ .path = "/usr/local/bin", .kind = PATH_DIR, .real = "/usr/local/bin" },
	{ .path = "/bin/bash", .kind = PATH_FILE, .real = "/usr/bin/bash" },
	{ .path = "/etc/ssl", .kind = PATH_DIR, .real = "/etc/ssl" },
	{ .path = "/etc/ssl/private", .kind = PATH_DIR, .real = "/etc/ssl/private" },
	{ .path = "/etc/localtime",
	  .kind = PATH_FILE,
	  .link = "/usr/share/zoneinfo/Europe/Berlin",
	  .real = "/usr/share/zoneinfo/Europe/Berlin" },
	{ .path = "/etc/resolv.conf",
	  .kind = PATH_FILE,
	  .link = "../run/systemd/resolve/stub-resolv.conf",
	  .real = "/run/systemd/resolve/stub-resolv.conf" },
	{ .path = "/proc/keys", .kind = PATH_FILE, .real = "/proc/keys" },
	{ .path = "/home/ann/.claude", .kind = PATH_DIR, .real = "/home/ann/.claude" },
	{ .path = "/home/ann/.claude.json", .kind = PATH_FILE, .real = "/home/ann/.claude.json" },
	{ .path = "/home/ann/.claude/settings.json",
	  .kind = PATH_FILE,
	  .real = "/home/ann/dotfiles/claude.json" },
	{ .path = "/home/ann/.claude/commands",
	  .kind = PATH_DIR,
	  .real = "/home/ann/.claude/commands" },
	{ .path = "/home/ann/.claude/.credentials.json",
	  .kind = PATH_FILE,
	  .real = "/home/ann/.claude/.credentials.json" },
	{ .path = "/home/ann/.gitconfig", .kind = PATH_FILE, .real = "/home/ann/.gitconfig" },
	{ .path = "/home/ann/.ssh", .kind = PATH_DIR, .real = "/home/ann/.ssh" },
	{ .path = "/home/ann/.ssh/known_hosts",
	  .kind = PATH_FILE,
	  .real = "/home/ann/.ssh/known_hosts" },
	{ .path = "/home/ann/.config/gh", .kind = PATH_DIR, .real = "/home/ann/.config/gh" },
	{ .path = "/run/user/1000/ssh-agent",
	  .kind = PATH_SOCKET,
	  .real = "/run/user/1000/ssh-agent" },
	{ .path = "/home/ann/data", .kind = PATH_DIR, .real = "/home/ann/data" },
};

static const struct limit_facts ann_limits = {
	.way = LIMIT_WAY_SYSTEMD,
	.controllers = 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS | 1U << LIMIT_CPU,
	.socket = "/run/user/1000/systemd/private",
	.memory_mib = 16000,
	.cpus = 8,
};

/* A Debian 12 laptop of Ann's. */
static void debian(struct facts *f, struct arena *a)
{
	static const char *const env[] = { "HOME=/home/ann",
					   "PATH=/usr/bin:/bin",
					   "TERM=xterm-256color",
					   "LANG=de_DE.UTF-8",
					   "ANTHROPIC_API_KEY=sk-secret-of-ann",
					   "AWS_SECRET_ACCESS_KEY=never",
					   "GH_TOKEN=ghp_ann",
					   "XDG_RUNTIME_DIR=/run/user/1000",
					   "SSH_AUTH_SOCK=/run/user/1000/ssh-agent" };

	*f = (struct facts){
		.uid = 1000,
		.gid = 1000,
		.user = "ann",
		.group = "ann",
		.home = "/home/ann",
		.shell = "/bin/bash",
		.arch = "x86_64",
		.project = "/home/ann/src/app",
		.project_asked = ".",
		.state_root = "/home/ann/.local/state/claude-sandbox",
		.runtime_root = "/run/user/1000/claude-sandbox",
		.machine_id = "0123456789abcdef0123456789abcdef",
		.exe = "/usr/bin/claude-sandbox",
		.init = "/usr/libexec/claude-sandbox/init",
		.egress = "/usr/libexec/claude-sandbox/egress",
		.pasta = "/usr/bin/pasta",
		.bwrap = "/usr/bin/bwrap",
		.landlock_abi = 7,
		.agent = { .name = "claude",
			   .program = "/home/ann/.local/bin/claude",
			   .real = "/home/ann/.local/share/claude/versions/2.1.197" },
		.gitconfig = "[user]\n\tname = Ann\n\temail = ann@example.org\n"
			     "[credential]\n\thelper = store\n[alias]\n\tst = status\n\tx = !sh\n",
		.env = STRV_INIT(a)
	};
	strv_addn(&f->env, env, N_ELEMENTS(env));
	for (size_t i = 0; i < N_ELEMENTS(debian_paths); i++)
		facts_add_path(f, a, debian_paths[i]);
}

static void nix_only(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->n_paths = 0;
	f->agent.real = "/nix/store/abc-claude-code/bin/claude";
	add(f, a, "/nix/store", PATH_DIR, NULL, NULL);
	add(f, a, "/nix/var/nix/db", PATH_DIR, NULL, NULL);
	add(f, a, "/nix/var/nix/daemon-socket", PATH_DIR, NULL, NULL);
	add(f, a, "/run/current-system/sw", PATH_DIR, "/nix/store/xyz-system-path",
	    "/nix/store/xyz-system-path");
	add(f, a, "/bin/sh", PATH_FILE, "/nix/store/bash/bin/sh", "/nix/store/bash/bin/sh");
}

static void both_worlds(struct facts *f, struct arena *a)
{
	debian(f, a);
	add(f, a, "/nix/store", PATH_DIR, NULL, NULL);
	add(f, a, "/nix/var/nix/daemon-socket", PATH_DIR, NULL, NULL);
}

static void nvm(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->agent.real = "/home/ann/.nvm/versions/node/v20.1.0/lib/node_modules/@anthropic-ai/"
			"claude-code/cli.js";
	add(f, a, "/home/ann/.nvm/versions/node/v20.1.0/bin/node", PATH_FILE, NULL, NULL);
}

static void odd_name(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->project = "/home/ann/a b'c\"d\n-x";
}

static void no_login(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->n_paths = 11;
	f->gitconfig = NULL;
}

/* The project is a linked worktree; signing goes through the agent, and git-lfs is installed. */
static void worktree(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->worktree = (struct worktree_facts){ .pointer = "/home/ann/src/main/.git/worktrees/app",
					       .common = "/home/ann/src/main/.git",
					       .back = f->project,
					       .is_whole = true };
	f->gitconfig = "[user]\n\tname = Ann\n\tsigningkey = ~/.ssh/id.pub\n[gpg]\n\tformat = ssh\n"
		       "[commit]\n\tgpgsign = true\n[filter \"lfs\"]\n\tprocess = git-lfs "
		       "filter-process\n";
	f->git_key = "ssh-ed25519 AAAAC3Nz ann@laptop\n";
	add(f, a, "/usr/bin/git-lfs", PATH_FILE, NULL, "/usr/bin/git-lfs");
}

/* The project's .git file names somebody else's repository. */
static void foreign_worktree(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->worktree = (struct worktree_facts){ .pointer = "/home/ann/src/main/.git/worktrees/other",
					       .common = "/home/ann/src/main/.git",
					       .back = "/home/ann/src/other",
					       .is_whole = true };
}

static void home_worktree(struct facts *f, struct arena *a)
{
	worktree(f, a);
	f->worktree.common = f->home;
}

static void home_project(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->project = f->home;
}

static void planted_sessions(struct facts *f, struct arena *a)
{
	debian(f, a);
	add(f, a, "/home/ann/.claude/projects/-home-ann-src-app", PATH_DIR, "/home/ann/.ssh",
	    "/home/ann/.ssh");
}

/* Linux 6.1, as Debian 12 has it: the second wall with gaps. */
static void old_kernel(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->landlock_abi = 2;
}

static void no_landlock(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->landlock_abi = 0;
}

static void root(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->uid = f->gid = 0;
	f->user = f->group = "root";
	f->home = "/root";
	f->project = "/root/app";
	f->state_root = "/root/.local/state/claude-sandbox";
	add(f, a, "/proc/sys", PATH_DIR, NULL, NULL);
	add(f, a, "/proc/kcore", PATH_FILE, NULL, NULL);
}

/* An old host: the control groups are root's. */
static void no_groups(struct facts *f, struct arena *a)
{
	debian(f, a);
	f->limits.way = LIMIT_WAY_NONE;
	f->limits.why_not = "its control groups are those of version 1, which are root's";
}

/* clang-format off */
static const struct golden cases[] = {
	{ "default", { NULL }, debian, NULL, NULL },
	{ "compat", { "--level", "compat", NULL }, debian, NULL, NULL },
	{ "strict", { "--level=strict", NULL }, debian, NULL, NULL },
	{ "no-network", { "--network", "none", NULL }, debian, NULL, NULL },
	{ "hosts", { "--allow-host", "@github:443", "--deny-host", "gist.github.com", "--allow-local", "localhost:5432", "--publish", "8080:3000", NULL }, debian, NULL, NULL },
	{ "nat", { "--network", "nat", "--allow-local", "192.168.1.10:22", NULL }, debian, NULL, NULL },
	{ "shell", { "--shell", NULL }, debian, NULL, NULL },
	{ "command", { "--", "make", "-C", "src", "test", NULL }, debian, NULL, NULL },
	{ "agent-args", { "--yolo", ".", "-p", "say hi", NULL }, debian, NULL, NULL },
	{ "extras", { "--extra-bind", "~/data", "--extra-ro", "/etc/ssl/private", "--env", "AWS_SECRET_ACCESS_KEY", NULL }, debian, NULL, NULL },
	{ "gh-token", { "--gh-token", NULL }, debian, NULL, NULL },
	{ "nix", { NULL }, nix_only, NULL, NULL },
	{ "debian-and-nix", { NULL }, both_worlds, NULL, NULL },
	{ "nvm", { NULL }, nvm, NULL, NULL },
	{ "odd-name", { NULL }, odd_name, NULL, NULL },
	{ "worktree", { "--ssh-agent=raw" }, worktree, NULL, NULL },
	{ "worktree-foreign", { NULL }, foreign_worktree, NULL, NULL },
	{ "worktree-of-home", { NULL }, home_worktree, NULL, NULL },
	{ "no-login", { NULL }, no_login, NULL, NULL },
	{ "root", { NULL }, root, NULL, NULL },
	{ "old-kernel", { NULL }, old_kernel, NULL, NULL },
	{ "no-landlock", { "--allow-degraded", NULL }, no_landlock, NULL, NULL },
	{ "refuse-no-landlock", { NULL }, no_landlock, NULL, "" },
	{ "project-tightens", { NULL }, debian, "{\"network\": \"none\"}", NULL },
	{ "project-asks", { NULL }, debian, "{\"level\": \"compat\", \"extra_bind\": [\"/home/ann\"]}", NULL },
	{ "limits", { "--memory", "4G", "--cpus", "2", "--pids", "300", NULL }, debian, NULL, NULL },
	{ "limits-compat", { "--level", "compat", "--memory", "4G", NULL }, debian, NULL, NULL },
	{ "limits-without-groups", { NULL }, no_groups, NULL, NULL },
	{ "limits-degraded", { "--allow-degraded", "--memory", "4G", "--disk", "10G", NULL }, no_groups, NULL, NULL },
	{ "project-limits", { NULL }, debian, "{\"memory_mib\": \"64G\", \"pids\": 100}", NULL },
	{ "refuse-memory", { "--memory", "4G", NULL }, no_groups, NULL, "" },
	{ "refuse-disk", { "--disk", "4G", NULL }, debian, NULL, "" },
	{ "refuse-home", { NULL }, home_project, NULL, "" },
	{ "refuse-planted-sessions", { NULL }, planted_sessions, NULL, "" },
	{ "refuse-vm", { "--backend", "vm", NULL }, debian, NULL, "" },
	{ "refuse-rule", { "--allow-host", "https://example.com/", NULL }, debian, NULL, "" },
	{ "refuse-later", { "--audio", NULL }, debian, NULL, "" },
	{ "refuse-preload", { "--env", "LD_PRELOAD", NULL }, debian, NULL, "" },
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
	g->tweak(&facts, a);
	if (!facts.limits.why_not)
		facts.limits = ann_limits;
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
