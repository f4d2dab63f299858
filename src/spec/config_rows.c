/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of struct config. What belongs to a later version is a row as well, so that it is
 * documented and refused by name.
 */
#include "spec/config.h"

const char *const backend_names[] = { "vm", "container", "bubblewrap", NULL };
const char *const level_names[] = { "strict", "default", "compat", NULL };
const char *const network_names[] = { "none", "filtered", "nat", "host", NULL };
static const char *const profile_names[] = { "minimal", "default", "full", NULL };
const char *const display_names[] = {
	"none", "virtual", "wayland", "nested", "auto", "host", NULL
};
const char *const clipboard_names[] = { "none", "in", "out", "both", NULL };
static const char *const claude_names[] = { "readonly", "layered", "shared", NULL };
static const char *const git_names[] = { "none", "cleaned", "raw", NULL };
static const char *const ssh_names[] = { "none", "known-hosts", "cleaned", "all", NULL };
static const char *const ptrace_names[] = { "none", "own", NULL };
static const char *const terminal_names[] = { "filtered", "raw", NULL };
static const char *const risk_names[] = { "strict", "guarded", "writable", NULL };
static const char *const ssh_agent_names[] = { "none", "guarded", "raw", NULL };

#define BOOL(m, ...) F_BOOL(struct config, m, __VA_ARGS__)
#define UINT(m, ...) F_UINT(struct config, m, __VA_ARGS__)
#define STR(m, ...) F_STR(struct config, m, __VA_ARGS__)
#define ENUM(m, ...) F_ENUM(struct config, m, __VA_ARGS__)
#define LIST(m, ...) F_LIST(struct config, m, __VA_ARGS__)
#define MAP(m, ...) F_MAP(struct config, m, __VA_ARGS__)
#define NOT_YET "is not part of this version yet"

/* clang-format off */
const struct field config_fields[] = {
	/* How strong */
	ENUM(level, .group = "Isolation", .names = level_names, .env = "CLAUDE_SANDBOX_LEVEL", .tighten = TIGHTEN_STRICTER,
	     .help = "how much of the host is let in"),
	ENUM(backend, .group = "Isolation", .names = backend_names, .env = "CLAUDE_SANDBOX_BACKEND", .tighten = TIGHTEN_STRICTER,
	     .help = "what isolates: user namespaces, systemd-nspawn or a virtual machine"),
	ENUM(network, .group = "Isolation", .names = network_names, .env = "CLAUDE_SANDBOX_NETWORK", .tighten = TIGHTEN_STRICTER,
	     .help = "what the sandbox can reach"),
	BOOL(allow_degraded, .group = "Isolation", .flags = FIELD_NO_KEY,
	     .help = "start even if something asked for cannot be enforced here, and say what"),
	BOOL(allow_unsafe_project, .group = "Isolation", .flags = FIELD_NO_KEY,
	     .help = "accept a project directory that would expose more than a project"),
	ENUM(ptrace, .group = "Isolation", .names = ptrace_names, .tighten = TIGHTEN_STRICTER,
	     .help = "whether debuggers work inside, on processes of the sandbox"),
	ENUM(terminal, .group = "Isolation", .names = terminal_names, .tighten = TIGHTEN_STRICTER,
	     .help = "what reaches your terminal: filtered stops clipboard writes, reports and the like"),
	LIST(blocked_syscalls, .group = "Isolation", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_ADD,
	     .help = "system calls to refuse besides the built-in ones"),
	LIST(blocked_commands, .group = "Isolation", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_ADD,
	     .help = "calls of commands to refuse, as 'az * delete *'"),

	ENUM(risk_files, .group = "Isolation", .names = risk_names, .tighten = TIGHTEN_STRICTER,
	     .help = "project files that tools on the host run by themselves (git hooks, .envrc, .vscode): guarded refuses to write them, strict build files (Makefile, package.json) too"),
	LIST(risk_files_allow, .group = "Isolation", .arg = "NAME",
	     .help = "of these files, one that may be written: a name of docs/planted-files.md, or a path in the project; may be given again"),

	BOOL(review, .group = "Isolation", .tighten = TIGHTEN_TRUE,
	     .help = "work on a layer over the project; nothing reaches it before you accept it (see the word review)"),
	LIST(untrusted_projects, .group = "Isolation", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_ADD,
	     .help = "directories whose projects are started with --review"),

	/* What is reached with the network filtered */
	LIST(allow_hosts, .group = "Network", .option = "allow-host", .alias = "egress_whitelist", .arg = "RULE",
	     .help = "host that may be reached, in place of the level's @public: 'example.com', '*.example.com:443', '@github'; may be given again"),
	LIST(deny_hosts, .group = "Network", .option = "deny-host", .alias = "egress_blacklist", .arg = "RULE", .tighten = TIGHTEN_ADD,
	     .help = "host that may not be reached, whatever allows it; may be given again"),
	LIST(allow_local, .group = "Network", .arg = "HOST:PORT",
	     .help = "service on this machine or the local network that may be reached, as 'localhost:5432'; may be given again"),
	LIST(publish, .group = "Network", .arg = "[ADDR:]PORT[:INSIDE]",
	     .help = "let this machine connect to a port that is served inside; may be given again"),
	BOOL(ask_hosts, .group = "Network", .tighten = TIGHTEN_TRUE,
	     .help = "hosts that no rule decides wait until you answer in 'claude-sandbox net ask'"),
	UINT(ask_seconds, .group = "Network", .flags = FIELD_NO_OPTION, .min = 1, .max = 3600, .tighten = TIGHTEN_LOWER,
	     .help = "how long they wait (default 60), then they are refused"),
	UINT(upload_mib, .group = "Network", .option = "upload", .arg = "SIZE", .flags = FIELD_SIZE, .min = 1, .max = 1ULL << 32, .tighten = TIGHTEN_LOWER,
	     .help = "what the sandbox may send in all before its network ends"),
	UINT(upload_host_mib, .group = "Network", .flags = FIELD_NO_OPTION | FIELD_SIZE, .min = 1, .max = 1ULL << 32, .tighten = TIGHTEN_LOWER,
	     .help = "the same to each host"),
	BOOL(no_egress_filter, .group = "Network", .flags = FIELD_NO_KEY, .env = "CLAUDE_SANDBOX_NO_EGRESS_FILTER", .help = "the same as --network host"),
	BOOL(no_network_isolation, .group = "Network", .flags = FIELD_NO_KEY, .env = "CLAUDE_SANDBOX_NO_NET_NS", .help = "the same as --network host"),

	/* What is let in */
	LIST(extra_bind, .group = "Sharing", .arg = "DIR", .help = "also show DIR, writable; may be given again"),
	LIST(extra_ro_binds, .group = "Sharing", .option = "extra-ro", .arg = "PATH",
	     .help = "also show PATH, read-only; may be given again"),
	LIST(env, .group = "Sharing", .arg = "NAME", .help = "also pass the variable NAME; may be given again"),
	LIST(extra_path, .group = "Sharing", .flags = FIELD_NO_OPTION, .help = "directories to add to PATH"),
	ENUM(claude_config, .group = "Sharing", .names = claude_names, .tighten = TIGHTEN_STRICTER,
	     .help = "how ~/.claude is shown"),
	ENUM(git_config, .group = "Sharing", .names = git_names, .tighten = TIGHTEN_STRICTER,
	     .help = "which of git's configuration is shown"),
	ENUM(ssh_files, .group = "Sharing", .names = ssh_names, .tighten = TIGHTEN_STRICTER,
	     .help = "which of ~/.ssh is shown"),
	ENUM(ssh_agent, .group = "Sharing", .names = ssh_agent_names, .tighten = TIGHTEN_STRICTER,
	     .help = "how the ssh agent is forwarded"),
	LIST(ssh_agent_keys, .group = "Sharing", .flags = FIELD_NO_OPTION,
	     .help = "keys of the guarded agent that may be used: fingerprints, comments or .pub files; none named: all"),
	UINT(ssh_agent_max_signatures, .group = "Sharing", .flags = FIELD_NO_OPTION, .min = 1, .max = 1U << 20, .tighten = TIGHTEN_LOWER,
	     .help = "signatures that the guarded agent gives to one sandbox"),
	BOOL(ssh_agent_confirm, .group = "Sharing", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_TRUE,
	     .help = "a program (SSH_ASKPASS) asks you before each signature of the guarded agent"),
	BOOL(ssh_agent_sign_anything, .group = "Sharing", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_FALSE,
	     .help = "the guarded agent signs also what is neither a login nor a signature of ssh-keygen or git"),
	BOOL(no_ssh_agent, .group = "Sharing", .flags = FIELD_NO_KEY, .help = "the same as --ssh-agent none"),
	BOOL(gh_config, .group = "Sharing", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_FALSE,
	     .help = "show ~/.config/gh, token included"),
	BOOL(gh_token, .group = "Sharing", .tighten = TIGHTEN_FALSE,
	     .help = "pass GH_TOKEN and GITHUB_TOKEN and show ~/.config/gh"),
	BOOL(nix_daemon, .group = "Sharing", .tighten = TIGHTEN_FALSE,
	     .help = "let builds reach the Nix daemon"),

	/* Screen, sound and bus */
	ENUM(display, .group = "Desktop", .names = display_names, .env = "CLAUDE_SANDBOX_DISPLAY", .tighten = TIGHTEN_STRICTER,
	     .help = "which screen programs inside see: one of their own that nobody sees (virtual) or in a window of yours (nested), windows of their own beside yours (wayland), or your own (host)"),
	STR(display_size, .group = "Desktop", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_NEVER,
	    .help = "size of a virtual or nested screen, as 1280x800"),
	ENUM(clipboard, .group = "Desktop", .names = clipboard_names, .tighten = TIGHTEN_STRICTER,
	     .help = "which way text may be copied between your screen and a nested one, while that one is in use"),
	BOOL(browser, .group = "Desktop", .tighten = TIGHTEN_FALSE,
	     .help = "let Chromium make the namespaces of its own sandbox"),
	BOOL(audio, .group = "Desktop", .tighten = TIGHTEN_FALSE, .help = "play sound, and record none"),
	BOOL(audio_capture, .group = "Desktop", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_FALSE,
	     .help = "the sound servers as they are: the microphone too"),
	BOOL(dbus, .group = "Desktop", .tighten = TIGHTEN_FALSE,
	     .help = "a session bus of its own, from which notifications reach yours"),
	LIST(secrets, .group = "Desktop", .option = "secret", .arg = "NAME=VALUE[,...]",
	     .help = "items of your keyring with these attributes may be read inside; may be given again"),
	BOOL(open_urls, .group = "Desktop", .tighten = TIGHTEN_FALSE,
	     .help = "programs inside may open web pages in your own browser, after asking you"),
	BOOL(gpu, .group = "Desktop", .tighten = TIGHTEN_FALSE, .help = "render on the graphics card"),
	BOOL(keyring, .group = "Desktop", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_FALSE,
	     .help = "show the control sockets of the keyring daemon"),

	/* Tools and agent */
	STR(agent, .group = "Agent", .arg = "NAME", .env = "CLAUDE_SANDBOX_AGENT", .help = "which agent to start"),
	BOOL(yolo, .group = "Agent", .flags = FIELD_SESSION, .help = "the agent asks for no permissions (the sandbox is the fence)"),
	BOOL(shell, .group = "Agent", .flags = FIELD_NO_KEY, .help = "start a shell instead of the agent"),
	BOOL(exec, .group = "Agent", .flags = FIELD_NO_KEY, .help = "the words after DIR are a command, whatever they look like"),
	BOOL(args, .group = "Agent", .flags = FIELD_NO_KEY, .help = "the words after DIR are arguments of the agent, whatever they look like"),
	ENUM(profile, .group = "Agent", .names = profile_names, .env = "CLAUDE_SANDBOX_PROFILE",
	     .help = "which tools are expected (see --test)"),
	MAP(packages, .group = "Agent", .flags = FIELD_NO_OPTION, .later = NOT_YET,
	    .help = "Nix packages to add, per profile"),

	/* How much of the machine */
	UINT(memory_mib, .group = "Limits", .option = "memory", .arg = "SIZE", .flags = FIELD_SIZE, .min = 64, .max = 1ULL << 24, .tighten = TIGHTEN_LOWER,
	     .help = "memory of the whole sandbox, its /tmp included"),
	UINT(cpus, .group = "Limits", .arg = "N", .min = 1, .max = 4096, .tighten = TIGHTEN_LOWER, .help = "processors that it can keep busy"),
	UINT(pids, .group = "Limits", .arg = "N", .min = 16, .max = 1U << 22, .tighten = TIGHTEN_LOWER, .help = "processes and threads"),
	UINT(open_files, .group = "Limits", .flags = FIELD_NO_OPTION, .min = 64, .max = 1U << 30, .tighten = TIGHTEN_LOWER,
	     .help = "open files of each process"),
	UINT(tmp_mib, .group = "Limits", .flags = FIELD_NO_OPTION | FIELD_SIZE, .min = 1, .max = 1ULL << 24, .tighten = TIGHTEN_LOWER,
	     .help = "size of /tmp"),
	UINT(shm_mib, .group = "Limits", .flags = FIELD_NO_OPTION | FIELD_SIZE, .min = 1, .max = 1ULL << 24, .tighten = TIGHTEN_LOWER,
	     .help = "size of /dev/shm"),
	UINT(disk_mib, .group = "Limits", .option = "disk", .arg = "SIZE", .flags = FIELD_SIZE, .min = 1, .max = 1ULL << 32, .tighten = TIGHTEN_LOWER,
	     .help = "what is written to disks; needs --allow-degraded, and then holds single files only"),

	/* Settings */
	STR(config_file, .group = "Configuration", .option = "config", .arg = "FILE", .flags = FIELD_NO_KEY, .env = "CLAUDE_SANDBOX_CONFIG",
	    .help = "read FILE instead of the user's config file"),
	BOOL(no_config, .group = "Configuration", .flags = FIELD_NO_KEY, .help = "do not read the user's config file"),

	/* Sessions */
	BOOL(new_sandbox, .group = "Sessions", .option = "new", .flags = FIELD_NO_KEY, .help = "start a separate sandbox instead of joining the one that runs"),
	BOOL(detach, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "leave the session running in the background"),
	BOOL(tmux, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "run in tmux inside; the sandbox lives on while tmux does"),
	BOOL(enter, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "open a shell (or COMMAND) in the running sandbox"),
	BOOL(attach, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "show the session that was started with --detach"),
	BOOL(list, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "list running sandboxes"),
	BOOL(stop, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "end the running sandbox"),
	BOOL(freeze, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "stop everything inside until --thaw"),
	BOOL(thaw, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "let a frozen sandbox go on"),

	/* Instead of starting */
	BOOL(dry_run, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print what would be run, as a line for bash, and start nothing"),
	BOOL(explain, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print the sandbox: every mount, variable and rule with its reason"),
	BOOL(json, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "with --dry-run, --explain, --test, --security-test and --list: print JSON"),
	BOOL(test, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "check whether this host can run sandboxes, with a remedy for each failure"),
	BOOL(security_test, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "attack the sandbox that would be started, from inside and without harm; exit 1 if a promise fell"),
	BOOL(list_syscalls, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "list the names that blocked_syscalls understands"),
	BOOL(version, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print the version"),
	BOOL(help, .letter = 'h', .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print this text"),
	BOOL(verbose, .letter = 'v', .group = "Instead of starting", .env = "CLAUDE_SANDBOX_VERBOSE", .flags = FIELD_NO_KEY, .help = "print the sandbox before starting it"),
	F_END,
};
/* clang-format on */
