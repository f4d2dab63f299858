/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include "base/auto.h"

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

/* A Debian 12 laptop of Ann's. */
void host_debian(struct facts *f, struct arena *a)
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
		.sound = "/usr/libexec/claude-sandbox/sound",
		.pasta = "/usr/bin/pasta",
		.bwrap = "/usr/bin/bwrap",
		.nspawn = "/usr/bin/systemd-nspawn",
		.sudo = "/usr/bin/sudo",
		.container = "/usr/libexec/claude-sandbox/container",
		.container_is_root = true,
		.landlock_abi = 7,
		.agent = { .name = "claude",
			   .program = "/home/ann/.local/bin/claude",
			   .real = "/home/ann/.local/share/claude/versions/2.1.197" },
		.gitconfig = "[user]\n\tname = Ann\n\temail = ann@example.org\n"
			     "[credential]\n\thelper = store\n[alias]\n\tst = status\n\tx = !sh\n",
		.limits = { .way = LIMIT_WAY_SYSTEMD,
			    .controllers = 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS | 1U << LIMIT_CPU,
			    .socket = "/run/user/1000/systemd/private",
			    .memory_mib = 16000,
			    .cpus = 8 },
		.env = STRV_INIT(a)
	};
	strv_addn(&f->env, env, N_ELEMENTS(env));
	for (size_t i = 0; i < N_ELEMENTS(debian_paths); i++)
		facts_add_path(f, a, debian_paths[i]);
}

void host_nix_only(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->n_paths = 0;
	f->agent.real = "/nix/store/abc-claude-code/bin/claude";
	add(f, a, "/nix/store", PATH_DIR, NULL, NULL);
	add(f, a, "/nix/var/nix/db", PATH_DIR, NULL, NULL);
	add(f, a, "/nix/var/nix/daemon-socket", PATH_DIR, NULL, NULL);
	add(f, a, "/run/current-system/sw", PATH_DIR, "/nix/store/xyz-system-path",
	    "/nix/store/xyz-system-path");
	add(f, a, "/bin/sh", PATH_FILE, "/nix/store/bash/bin/sh", "/nix/store/bash/bin/sh");
}

void host_both_worlds(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	add(f, a, "/nix/store", PATH_DIR, NULL, NULL);
	add(f, a, "/nix/var/nix/daemon-socket", PATH_DIR, NULL, NULL);
}

void host_nvm(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->agent.real = "/home/ann/.nvm/versions/node/v20.1.0/lib/node_modules/@anthropic-ai/"
			"claude-code/cli.js";
	add(f, a, "/home/ann/.nvm/versions/node/v20.1.0/bin/node", PATH_FILE, NULL, NULL);
}

void host_odd_name(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->project = "/home/ann/a b'c\"d\n-x";
}

void host_no_login(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->n_paths = 11;
	f->gitconfig = NULL;
}

/* The project is a linked worktree; signing goes through the agent, and git-lfs is installed. */
void host_worktree(struct facts *f, struct arena *a)
{
	host_debian(f, a);
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
void host_foreign_worktree(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->worktree = (struct worktree_facts){ .pointer = "/home/ann/src/main/.git/worktrees/other",
					       .common = "/home/ann/src/main/.git",
					       .back = "/home/ann/src/other",
					       .is_whole = true };
}

void host_home_worktree(struct facts *f, struct arena *a)
{
	host_worktree(f, a);
	f->worktree.common = f->home;
}

void host_home_project(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->project = f->home;
}

void host_planted_sessions(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	add(f, a, "/home/ann/.claude/projects/-home-ann-src-app", PATH_DIR, "/home/ann/.ssh",
	    "/home/ann/.ssh");
}

/* Linux 6.1, as Debian 12 has it: the second wall with gaps. */
void host_old_kernel(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->landlock_abi = 2;
}

void host_no_landlock(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->landlock_abi = 0;
}

void host_root(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->uid = f->gid = 0;
	f->user = f->group = "root";
	f->home = "/root";
	f->project = "/root/app";
	f->state_root = "/root/.local/state/claude-sandbox";
	add(f, a, "/proc/sys", PATH_DIR, NULL, NULL);
	add(f, a, "/proc/kcore", PATH_FILE, NULL, NULL);
}

/* An old host: the control groups are root's. */
void host_no_groups(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->limits = (struct limit_facts){
		.way = LIMIT_WAY_NONE,
		.why_not = "its control groups are those of version 1, which are root's",
	};
}

/* A sound server, elsewhere than usual. */
void host_sound(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	strv_add(&f->env, "PULSE_SERVER=unix:/mnt/wslg/PulseServer");
	add(f, a, "/mnt/wslg/PulseServer", PATH_SOCKET, NULL, NULL);
	add(f, a, "/home/ann/.config/pulse/cookie", PATH_FILE, NULL, NULL);
}

void host_no_sound_program(struct facts *f, struct arena *a)
{
	host_sound(f, a);
	f->sound = NULL;
}

/* With a session bus, and all that gives a sandbox one of its own. */
void host_session_bus(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->desktop.dbus_daemon = "/usr/bin/dbus-daemon";
	f->desktop.dbus_proxy = "/usr/bin/xdg-dbus-proxy";
	f->desktop.bus = "/usr/libexec/claude-sandbox/bus";
	add(f, a, "/run/user/1000/bus", PATH_SOCKET, NULL, NULL);
}

void host_chromium(struct facts *f, struct arena *a)
{
	host_debian(f, a);
	f->browser = (struct browser_facts){ "chromium", "/usr/bin/chromium" };
	add(f, a, "/proc/sys", PATH_DIR, NULL, NULL);
}
