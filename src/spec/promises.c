/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/promises.h"

#include <stddef.h>
#include <string.h>

#include "base/path.h"

#define FILES "Files of the host"
#define PLANTED "Files in the project that the host runs"
#define PROCESSES "Processes of the host"
#define INIT "The sandbox's init"
#define NAMESPACES "Namespaces and mounts"
#define NESTS "Root of namespaces of its own"
#define PRIVILEGES "Privileges"
#define CALLS "System calls"
#define ABI "Other system call tables"
#define SOCKETS "Sockets and network"
#define IPC "Keys and queues"
#define KERNEL "Kernel and devices"
#define TERMINAL "Terminal"
#define CALLER "Environment and descriptors"

/* A file of the home that exists on many hosts; where it does not, there is nothing to try. */
#define HOME(id_, text_, path_)                                                         \
	{                                                                               \
		.id = "home-" id_, .group = FILES, .text = text_ " cannot be read",     \
		.probe = "read-home", .args = { "@home/" path_ }, .expected = "ENOENT", \
		.when = WHEN_HIDDEN                                                     \
	}
#define READ(id_, text_, probe_, path_)                                                       \
	{                                                                                     \
		.id = id_, .group = FILES, .text = text_, .probe = probe_, .args = { path_ }, \
		.expected = "ENOENT", .when = WHEN_HIDDEN                                     \
	}
#define WRITE(id_, text_, path_)                                                             \
	{                                                                                    \
		.id = "write-" id_, .group = FILES, .text = text_ " cannot be written",      \
		.probe = "open-write", .args = { path_ }, .expected = "EROFS|ENOENT|EACCES", \
		.when = WHEN_UNWRITABLE                                                      \
	}
#define PLANT(probe_, text_)                                                              \
	{                                                                                 \
		.id = "plant-" probe_, .group = PLANTED, .text = text_ " cannot be made", \
		.probe = "plant-" probe_, .args = { "@project" }, .expected = "EACCES",   \
		.when = WHEN_GUARDED                                                      \
	}
#define OF_INIT(probe_, text_, expected_)                                                         \
	{                                                                                         \
		.id = probe_, .group = INIT, .text = text_, .probe = probe_, .args = { "@init" }, \
		.expected = expected_                                                             \
	}
#define IN_NAMESPACE(probe_, text_)                                                \
	{                                                                          \
		.id = probe_, .group = NAMESPACES, .text = text_, .probe = probe_, \
		.args = { "/" }, .expected = "EPERM", .in_namespace = true         \
	}
/* Where a browser may make namespaces, what is done in them is refused; else they are. */
#define NESTED(probe_, text_, ...)                                                                \
	{                                                                                         \
		.id = probe_, .group = NESTS, .text = text_, .probe = probe_, .args = { "@dir" }, \
		.expected = "EPERM" __VA_ARGS__                                                   \
	}
/* What a browser's own sandbox is made of. */
#define BROWSERS(probe_, text_)                                                    \
	{                                                                          \
		.id = probe_, .group = NAMESPACES, .text = text_, .probe = probe_, \
		.args = { "/" }, .expected = "EPERM", .in_namespace = true,        \
		.when = WHEN_NO_BROWSER                                            \
	}
#define PLAIN(group_, probe_, text_, expected_)                                \
	{                                                                      \
		.id = probe_, .group = group_, .text = text_, .probe = probe_, \
		.expected = expected_                                          \
	}
#define WITH(group_, probe_, text_, arg_, expected_)                                             \
	{                                                                                        \
		.id = probe_, .group = group_, .text = text_, .probe = probe_, .args = { arg_ }, \
		.expected = expected_                                                            \
	}

/* clang-format off */
const struct promise promises[] = {
	READ("tmp", "the host's temporary files are out of sight", "read-tmp", "@secret"),
	READ("var-tmp", "the host's /var/tmp is out of sight", "read-var-tmp", "@var_tmp"),
	READ("shm", "the host's /dev/shm is out of sight", "read-shm", "@shm"),
	READ("shadow", "the host's passwords are out of sight", "read-shadow", "/etc/shadow"),
	READ("sys", "the host's devices in /sys are out of sight", "open-sys", "/sys"),
	HOME("ed25519", "the ssh key id_ed25519", ".ssh/id_ed25519"),
	HOME("rsa", "the ssh key id_rsa", ".ssh/id_rsa"),
	HOME("authorized-keys", "the list of keys that may log in", ".ssh/authorized_keys"),
	HOME("gnupg", "gpg's keys", ".gnupg/pubring.kbx"),
	HOME("aws", "the cloud credentials of AWS", ".aws/credentials"),
	HOME("kube", "the credentials of Kubernetes", ".kube/config"),
	HOME("docker", "the credentials of docker", ".docker/config.json"),
	HOME("gh", "GitHub's token in ~/.config/gh", ".config/gh/hosts.yml"),
	HOME("netrc", "passwords in ~/.netrc", ".netrc"),
	HOME("git-credentials", "passwords in ~/.git-credentials", ".git-credentials"),
	HOME("npmrc", "npm's token in ~/.npmrc", ".npmrc"),
	HOME("history", "the shell's history", ".bash_history"),
	HOME("bashrc", "the shell's settings", ".bashrc"),
	WRITE("bashrc", "the shell's settings", "@home/.bashrc"),
	WRITE("profile", "the login's settings", "@home/.profile"),
	WRITE("settings", "the agent's settings", "@home/.claude/settings.json"),
	WRITE("passwd", "the host's list of users", "/etc/passwd"),
	WRITE("usr", "the host's /usr", "/usr/lib/os-release"),
	READ("walk-roots", "no process inside has a root or directory that leads to the host", "walk-roots", "@secret"),
	READ("dots", "no way up from the project leads to the host", "dots", "@secret"),
	{ .id = "walk-fds", .group = FILES, .text = "no process inside holds a directory of the host open", .probe = "walk-fds",
	  .args = { "@dev", "@ino" }, .expected = "ENOENT" },
	PLAIN(FILES, "handle-name", "no file is reached by a handle in place of a path", "EPERM"),

	PLANT("hook", "a git hook"),
	PLANT("git-config", "a repository's configuration"),
	PLANT("agent", "settings of the agent"),
	PLANT("mcp", "a list of MCP servers"),
	PLANT("editor", "an editor's tasks"),
	PLANT("shell", "what direnv runs"),
	PLANT("package", "npm's settings"),
	PLANT("hook-manager", "a hook of husky"),
	PLANT("container", "a dev container"),
	PLANT("desktop", "a desktop entry"),
	PLANT("profile", "a profile of claude-sandbox"),

	WITH(PROCESSES, "signal-host", "other processes cannot be signalled", "@pid", "ESRCH"),
	WITH(PROCESSES, "setown-host", "no signal is sent to them by way of a descriptor", "@pid", "ESRCH"),
	WITH(PROCESSES, "prlimit-host", "their limits cannot be read or set", "@pid", "ESRCH"),
	WITH(PROCESSES, "token-argv", "their command lines are out of sight", "@token", "not found"),
	WITH(PROCESSES, "token-environ", "their environments are out of sight", "@token", "not found"),

	OF_INIT("init-root", "its root directory is no way out", "EACCES"),
	OF_INIT("init-cwd", "its working directory is no way out", "EACCES"),
	OF_INIT("init-exe", "its program cannot be opened", "EACCES"),
	OF_INIT("init-fd", "its descriptors cannot be opened", "EACCES"),
	OF_INIT("init-mem", "its memory cannot be opened", "EACCES"),
	OF_INIT("init-environ", "its environment cannot be read", "EACCES"),
	OF_INIT("init-ns", "its namespaces cannot be opened", "EACCES"),
	OF_INIT("pidfd-getfd", "no descriptor is taken out of it", "EPERM"),
	OF_INIT("ptrace-init", "it cannot be traced", "EPERM"),
	OF_INIT("vm-read-init", "its memory cannot be read", "EPERM"),
	OF_INIT("vm-write-init", "its memory cannot be written", "EPERM"),

	BROWSERS("unshare-user", "no new user namespace"),
	IN_NAMESPACE("unshare-mount", "no new mount namespace"),
	IN_NAMESPACE("unshare-pid", "no new pid namespace"),
	IN_NAMESPACE("unshare-net", "no new network namespace"),
	IN_NAMESPACE("unshare-ipc", "no new ipc namespace"),
	IN_NAMESPACE("unshare-uts", "no new uts namespace"),
	IN_NAMESPACE("unshare-cgroup", "no new cgroup namespace"),
	IN_NAMESPACE("unshare-time", "no new time namespace"),
	BROWSERS("clone-user", "no child in a new user namespace"),
	PLAIN(NAMESPACES, "clone3-user", "nor by clone3, whose flags no filter sees", "ENOSYS"),
	IN_NAMESPACE("setns-own", "no namespace is entered"),
	IN_NAMESPACE("fsopen", "no file system is made"),
	IN_NAMESPACE("fspick", "no file system is changed"),
	{ .id = "open-tree", .group = NAMESPACES, .text = "no mount is copied", .probe = "open-tree",
	  .args = { "@dir" }, .expected = "EPERM", .in_namespace = true },
	IN_NAMESPACE("chroot", "the root directory cannot be changed"),

	NESTED("nested-tmpfs", "mounts nothing"),
	NESTED("nested-proc", "mounts no /proc"),
	NESTED("nested-overlay", "mounts no overlay"),
	NESTED("nested-fsopen", "makes no file system"),
	NESTED("nested-others", "makes no mount, uts, ipc, cgroup or time namespace"),
	NESTED("nested-setns", "enters no namespace"),
	{ .id = "nested-chroot", .group = NESTS, .text = "a changed root is no way out", .probe = "nested-chroot",
	  .args = { "@secret" }, .expected = "ENOENT|EPERM", .when = WHEN_HIDDEN },
	NESTED("nested-link", "administers no network: no netlink"),
	NESTED("nested-queue", "no queues (tc)"),
	NESTED("nested-nft", "no nftables"),
	NESTED("nested-iptables", "no iptables"),
	NESTED("nested-ip6tables", "no ip6tables"),
	NESTED("nested-bridge", "no bridge"),
	NESTED("nested-flags", "no device is brought up"),
	NESTED("nested-packet", "no raw packets"),
	NESTED("nested-sysctl", "no parameter of the kernel is set", "|EROFS"),
	NESTED("nested-many", "makes not hundreds of namespaces", "|ENOSPC"),

	{ .id = "capabilities", .group = PRIVILEGES, .text = "no capability is held", .probe = "capabilities",
	  .expected = "none", .in_namespace = true },
	PLAIN(PRIVILEGES, "new-privileges", "executing a program gives no new privilege", "switched off"),
	PLAIN(PRIVILEGES, "core-limit", "no core dump can be switched on", "EPERM"),

	PLAIN(CALLS, "io-uring-setup", "no io_uring, which passes by every filter", "ENOSYS"),
	PLAIN(CALLS, "memfd-secret", "no memory that nobody can inspect", "ENOSYS"),
	PLAIN(CALLS, "perf", "no performance counters", "EPERM"),
	PLAIN(CALLS, "userfaultfd", "no userfaultfd", "EPERM"),
	PLAIN(CALLS, "fanotify", "no fanotify", "EPERM"),
	PLAIN(CALLS, "move-pages", "no move_pages", "EPERM"),
	PLAIN(CALLS, "modify-ldt", "no 16-bit segments", "EPERM"),
	PLAIN(CALLS, "personality-aslr", "address randomisation stays on", "EPERM"),
	PLAIN(CALLS, "adjtimex", "the clock is out of reach", "EPERM"),
	PLAIN(CALLS, "quotactl", "quotas are out of reach", "EPERM"),
	PLAIN(CALLS, "vmsplice", "no pages are lent to a pipe", "EPERM"),
	PLAIN(CALLS, "kcmp", "kernel objects cannot be compared", "EPERM"),
	PLAIN(CALLS, "process-madvise", "no advice on another's memory", "EPERM"),
	PLAIN(CALLS, "pidfd-getfd-own", "no descriptor is taken by pidfd", "EPERM"),
	PLAIN(CALLS, "bpf", "no bpf", "EPERM"),
	PLAIN(CALLS, "init-module", "no kernel module is loaded", "EPERM"),
	PLAIN(CALLS, "kexec-load", "no other kernel is loaded", "EPERM"),
	PLAIN(CALLS, "settimeofday", "the time cannot be set", "EPERM"),
	PLAIN(CALLS, "syslog", "the kernel's log is out of reach", "EPERM"),

	PLAIN(ABI, "x32-getpid", "x32 calls are deadly", "SIGSYS"),
	PLAIN(ABI, "x32-unshare", "unshare by its x32 number too", "SIGSYS"),
	PLAIN(ABI, "i386-getpid", "calls by int 0x80 are deadly", "SIGSYS"),
	PLAIN(ABI, "i386-socket", "a socket by int 0x80 too", "SIGSYS"),
	PLAIN(ABI, "i386-socketcall", "i386's socketcall too", "SIGSYS"),

	{ .id = "unix-socket", .group = SOCKETS, .text = "sockets in the host's temporary directory are out of reach", .probe = "tmux",
	  .args = { "@socket" }, .expected = "ENOENT", .when = WHEN_HIDDEN },
	{ .id = "abstract", .group = SOCKETS, .text = "abstract sockets of the host are out of reach", .probe = "abstract",
	  .args = { "@abstract" }, .expected = "ECONNREFUSED|EPERM", .when = WHEN_NO_ABSTRACT },
	{ .id = "loopback", .group = SOCKETS, .text = "services on the host's loopback are out of reach", .probe = "loopback",
	  .args = { "127.0.0.1", "@port" }, .expected = "ECONNREFUSED|ENETUNREACH", .when = WHEN_NO_NETWORK },
	{ .id = "loopback-6", .group = SOCKETS, .text = "the same by IPv6", .probe = "loopback-6",
	  .args = { "::1", "@port6" }, .expected = "ECONNREFUSED|ENETUNREACH|EADDRNOTAVAIL", .when = WHEN_NO_NETWORK },
	PLAIN(SOCKETS, "socket-vsock", "no socket to a hypervisor", "EPERM"),
	PLAIN(SOCKETS, "socket-alg", "no socket to the kernel's ciphers", "EPERM"),
	PLAIN(SOCKETS, "socket-packet", "no raw packets", "EPERM"),
	PLAIN(SOCKETS, "families", "no socket of any family but UNIX, INET, INET6 and NETLINK", "EPERM"),
	PLAIN(SOCKETS, "family-high", "nor with garbage in the upper half of the argument", "EPERM"),
	PLAIN(SOCKETS, "pair-tipc", "no socket pair of another family", "EPERM"),

	WITH(IPC, "key-search", "keys of the user cannot be found", "@key", "EPERM"),
	PLAIN(IPC, "key-describe", "the user's keyring cannot be looked at", "EPERM"),
	PLAIN(IPC, "key-join", "no keyring is joined", "EPERM"),
	WITH(IPC, "proc-keys", "the names of keys are out of sight", "/proc/keys", "EACCES"),
	WITH(IPC, "shm-host", "shared memory of the host is out of reach", "@ipc", "ENOENT"),
	WITH(IPC, "sem-host", "semaphores of the host are out of reach", "@ipc", "ENOENT"),
	WITH(IPC, "msg-host", "message queues of the host are out of reach", "@ipc", "ENOENT"),
	WITH(IPC, "mq-host", "POSIX queues of the host are out of reach", "@queue", "ENOENT"),

	WITH(KERNEL, "core-pattern", "the pattern of core dumps cannot be set", "/proc/sys/kernel/core_pattern", "EACCES|EROFS"),
	WITH(KERNEL, "sysrq", "sysrq is out of reach", "/proc/sysrq-trigger", "EACCES|EROFS"),
	PLAIN(KERNEL, "sweep-sys", "nothing below /proc/sys can be written", "none"),
	WITH(KERNEL, "kcore", "the kernel's memory is out of sight", "/proc/kcore", "EACCES"),
	PLAIN(KERNEL, "kallsyms", "the kernel's addresses are out of sight", "zeros"),
	WITH(KERNEL, "kmsg", "/dev/kmsg is not there", "/dev/kmsg", "ENOENT"),
	WITH(KERNEL, "console", "/dev/console is not there", "/dev/console", "ENOENT"),
	WITH(KERNEL, "host-name", "the host's name is not known", "@node", "another"),
	WITH(KERNEL, "machine-id", "the host's machine id is not known", "@machine_id", "another"),

	PLAIN(TERMINAL, "tioclinux", "nothing is pasted on a console", "EPERM"),
	PLAIN(TERMINAL, "tioclinux-high", "nor with garbage in the upper half of the request", "EPERM"),
	PLAIN(TERMINAL, "tioccons", "the console's output cannot be taken", "EPERM"),
	PLAIN(TERMINAL, "tiocsetd", "no line discipline is loaded", "EPERM"),

	{ .id = "env-secrets", .group = CALLER, .text = "variables with secrets do not get in", .probe = "env-secrets",
	  .args = { "AWS_SECRET_ACCESS_KEY", "NPM_TOKEN", "DATABASE_URL", "PGPASSWORD", "VAULT_TOKEN", "CLAUDE_SANDBOX_TEST_SECRET" },
	  .expected = "not set", .when = WHEN_NOT_PASSED },
	{ .id = "env-loader", .group = CALLER, .text = "variables that load code do not get in", .probe = "env-loader",
	  .args = { "BASH_ENV", "NODE_OPTIONS", "PYTHONSTARTUP", "PERL5OPT", "RUBYOPT", "GIT_SSH_COMMAND", "PROMPT_COMMAND" },
	  .expected = "not set", .when = WHEN_NOT_PASSED },
	{ .id = "env-sockets", .group = CALLER, .text = "variables that lead to sockets do not get in", .probe = "env-sockets",
	  .args = { "DOCKER_HOST", "CONTAINER_HOST", "NVIM", "VSCODE_IPC_HOOK_CLI", "KITTY_LISTEN_ON", "KUBECONFIG" },
	  .expected = "not set", .when = WHEN_NOT_PASSED },
	WITH(CALLER, "inherited-open", "no file is reached by a descriptor that the caller left open", "secret", "EBADF"),
	WITH(CALLER, "inherited-chdir", "nor is a directory", "secret", "EBADF"),
	PLAIN(CALLER, "inherited-any", "no descriptor but the standard three gets in", "EBADF"),
	{ .id = NULL },
};
/* clang-format on */

/* The mount that decides what is at @path; mounts stand parents first. */
static const struct mount *mount_at(const struct spec *s, const char *path)
{
	const struct mount *found = NULL;

	for (size_t i = 0; i < s->n_mounts; i++)
		if (path_below(path, s->mounts[i].dst))
			found = &s->mounts[i];
	return found;
}

bool spec_shows(const struct spec *s, const char *path)
{
	const struct mount *m = path ? mount_at(s, path) : NULL;

	return m && m->kind != MOUNT_TMPFS && m->kind != MOUNT_DIR && m->kind != MOUNT_DEV &&
	       m->kind != MOUNT_MASK;
}

static bool is_writable(const struct spec *s, const char *path)
{
	const struct mount *m = path ? mount_at(s, path) : NULL;

	return m && (m->kind == MOUNT_RW || m->kind == MOUNT_COPY || m->kind == MOUNT_LOGIN);
}

/* A link into the project's layer (spec/layer.h): what is written there is not the host's. */
static bool has_own_version(const struct spec *s, const char *path)
{
	const struct mount *m = path ? mount_at(s, path) : NULL;

	return m && m->kind == MOUNT_SYMLINK && m->share && strcmp(m->share, "claude-layer") == 0;
}

static bool is_guarded(const struct spec *s, const char *path)
{
	const struct mount *m = path ? mount_at(s, path) : NULL;

	return m && m->is_guarded;
}

/* Of the skeleton, which no setting changes, nothing is waived. */
static bool is_let_in(const struct spec *s, const char *path)
{
	return spec_shows(s, path) && mount_at(s, path)->share;
}

const char *promise_waived(const struct promise *p, const struct spec *s, const char *path)
{
	bool host_network = s->net.mode == NETWORK_HOST;

	switch (p->when) {
	case WHEN_HIDDEN:
		return is_let_in(s, path) ? "the settings show it" : NULL;
	case WHEN_UNWRITABLE:
		if (has_own_version(s, path))
			return "the sandbox writes a version of its own";
		return is_writable(s, path) ? "the settings show it writable" : NULL;
	case WHEN_NO_NETWORK:
		return host_network ? "the network is the host's" : NULL;
	case WHEN_NO_ABSTRACT:
		return host_network && !s->landlock.scoped ? "the network is the host's" : NULL;
	case WHEN_GUARDED:
		return is_guarded(s, path)
			       ? NULL
			       : "the settings let them be written, or keep them in a layer";
	case WHEN_NO_BROWSER:
		return s->seccomp.relax & SECCOMP_BROWSER
			       ? "a browser makes its own sandbox of it; what its root may not do "
				 "is promised apart"
			       : NULL;
	case WHEN_ALWAYS:
	case WHEN_NOT_PASSED:
	case N_PROMISE_WHEN:
		break;
	}
	return NULL;
}
