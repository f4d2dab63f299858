"""The table of attacks: how each is shown to work outside, and what must become of it inside.

A row names a probe (`probe --list` tells what it does). `control` says where it must be DONE first:

    user     as the same user, outside
    ns       the same, as root of throw-away namespaces: the attack would need rights, or harm the host
    root     as root; the attack does nothing where it is allowed
    rootns   as root in throw-away namespaces

`inside` is the errno, signal or reason that the attack must be REFUSED with. PRIVATE: it may be DONE,
on what the sandbox has for itself; the host must look as before. NOT_STARTED: the launcher refuses. A dict names levels that differ;
Open and Skip say why a level promises nothing, or why there is nothing to try.
"""

from dataclasses import dataclass, field

# root: the level default, started by root; entered: by --enter, in a sandbox of the level default that runs already
LEVELS = ("default", "strict", "compat", "root", "entered")

PRIVATE = "PRIVATE"
NOT_STARTED = "not started"


@dataclass(frozen=True)
class Open:
    """SECURITY.md and README.md say that this level does not keep this out."""

    why: str


@dataclass(frozen=True)
class Skip:
    """There is nothing to attack here."""

    why: str


@dataclass
class Row:
    name: str
    inside: object = "EPERM"
    args: tuple = ()
    control: str = "user"
    control_args: tuple = None  # where they differ from `args`
    levels: dict = field(default_factory=dict)
    options: tuple = ()         # of the launcher
    env: dict = field(default_factory=dict)
    terminal: bool = False
    stray: bool = False         # the caller leaves descriptors open
    stdin: str = ""             # a file or directory that the caller gives as standard input
    needs: str = ""             # what of reasons.NEEDS it waits for
    changes: bool = False       # the control run must be seen on the host
    under_shell: bool = False   # outside, its parent must be of the same user

    def expected(self, level):
        if level == "entered" and self.options:
            return Skip("its options are for a sandbox of its own")
        return self.levels.get(level, self.levels.get("default", self.inside) if level == "entered" else self.inside)


HOST_NETWORK = Open("the network is the host's")
BROWSER = {level: Open("a browser makes its own sandbox of it") for level in ("default", "compat", "root", "entered")}
SHARED_CLAUDE = Open("all of ~/.claude is shared")
ALL_OF_SSH = Open("~/.ssh is shown")
ROOT_ALREADY = Skip("root has nothing to gain by it")
ROOT_NOT_OURS = Skip("root's limits are its own to raise outside; inside it has none to pass")

# What an existing file is answered with (REACH), and what is made beside one (MAKE), by place.
PLACES = (
    ("/etc", "{etc}/f", "ENOENT", "ENOENT", {}),
    ("/usr/local", "{usr}/f", "EROFS", "EROFS", {}),
    ("the home", "{home}/docs/f", "ENOENT", "ENOENT", {}),
    ("the home's settings", "{home}/.bashrc", "ENOENT", PRIVATE, {}),
    ("another project", "{home}/projects/other/f", "ENOENT", "ENOENT", {}),
    ("the agent's settings", "{home}/.claude/settings.json", PRIVATE, PRIVATE, {"compat": SHARED_CLAUDE}),
    ("other sessions", "{home}/.claude/projects/-other/s.jsonl", "ENOENT", "ENOENT", {"compat": SHARED_CLAUDE}),
    ("another project's state", "{state}/local/f", "ENOENT", "ENOENT", {}),
)
REACHING = ("append", "overwrite", "truncate", "mmap-write", "chmod", "chown", "setxattr", "utimes", "move", "unlink",
            "copy-range")
MAKING = ("create", "mkdir", "symlink", "mkfifo")
# At strict that is a copy in a tmpfs, and the kernel copies between file systems in no one call.
LEVELS_OF = {("copy-range", "the agent's settings"): {"strict": "EXDEV"}}


def writes():
    """Every verb at every place; the rows of one verb are one attack."""
    for verb in (*MAKING[:1], *REACHING, *MAKING[1:]):
        for place, path, reach, make, levels in PLACES:
            yield Row(verb, make if verb in MAKING else reach, (path,), levels={**levels, **LEVELS_OF.get((verb, place), {})},
                      changes=verb not in ("chown",))


def files():
    key, link = "{home}/.ssh/id_ed25519", "{project}/link"
    yield Row("exchange", "ENOENT", ("{home}/docs/f", "{project}/exchanged"), changes=True)
    yield Row("link-write", "ENOENT", ("{home}/.ssh/authorized_keys", link), levels={"compat": "EROFS"}, changes=True)
    yield Row("link-read", "ENOENT", (key, link), levels={"compat": ALL_OF_SSH})
    yield Row("link-dir", "ENOENT", ("{home}/docs", link), changes=True)
    yield Row("hard-link-home", "ENOENT", ("{home}/docs/f", "{project}/hard"))
    yield Row("hard-link-system", "EXDEV", ("{usr}/f", "{project}/hard"))
    yield Row("hard-link-fd", "EXDEV", ("{usr}/f", "{project}/hard"))
    yield Row("hard-link-state", "EXDEV", ("{home}/.cache/made", "{project}/hard"))
    for name, key in {"tmp": "tmp", "var-tmp": "var_tmp", "shm": "shm"}.items():
        yield Row(f"read-{name}", "ENOENT", (f"{{{key}}}/f",))
        yield Row(f"replace-{name}", "ENOENT", (f"{{{key}}}/f",), changes=True)
    yield Row("read-run", "ENOENT", ("{slash_run}/f",))
    yield Row("read-runtime", "ENOENT", ("{run}/f",))
    yield Row("read-disk", "ENOENT", ("{disk}",), "root")
    yield Row("open-sys", "ENOENT", ("/sys",))
    yield Row("read-home", "ENOENT", ("{home}/docs/f",))
    yield Row("read-key", "ENOENT", ("{home}/.ssh/id_ed25519",), levels={"compat": ALL_OF_SSH})
    yield Row("read-sibling", "ENOENT", ("{home}/projects/other/f",))
    yield Row("read-session", "ENOENT", ("{home}/.claude/projects/-other/s.jsonl",), levels={"compat": SHARED_CLAUDE})
    yield Row("read-state", "ENOENT", ("{state}/local/f",))
    yield Row("read-shadow", "ENOENT", ("/etc/shadow",), "root")


def plants():
    """Files in the project that tools on the host run by themselves: tests/system/planted.bats has all names and ways."""
    written = Open("the project's files can all be written")
    for name in ("hook", "git-config", "agent", "mcp", "editor", "shell", "package", "hook-manager", "container", "desktop",
                 "profile"):
        yield Row(f"plant-{name}", "EACCES", ("{project}",), levels={"compat": written})


def modes():
    made = ("{project}/made",)
    for name in ("chmod", "fchmod", "fchmodat", "fchmodat2", "creat", "open", "openat", "mknod", "mknodat", "tmpfile"):
        yield Row(f"set-id-{name}", "EPERM", made)
    yield Row("set-id-openat2", "ENOSYS", made)
    yield Row("run-set-id", "no privilege", ("{set_id_program}",), levels={"root": ROOT_ALREADY})
    yield Row("run-caps", "no privilege", ("{caps_program}",), levels={"root": ROOT_ALREADY})
    yield Row("handle-name")
    yield Row("handle-open", control="root")
    yield Row("trusted-xattr", "EPERM", made, "root")
    yield Row("whiteout", "EPERM", made)
    yield Row("mknod-device", "EPERM", made, "root")
    yield Row("mknodat-device", "EPERM", made, "root")
    yield Row("file-capability", "EPERM", made, "root")


def descriptors():
    yield Row("inherited-open", "EBADF", ("docs/f",), stray=True)
    yield Row("inherited-chdir", "EBADF", ("docs/f",), stray=True)
    yield Row("inherited-socket", "EBADF", stray=True)
    yield Row("inherited-any", "EBADF", stray=True)
    yield Row("stdin-directory", NOT_STARTED, ("docs/f",), stdin="{home}")
    yield Row("stdin-reopen", "EACCES", stdin="{home}/docs/f", changes=True)
    one, victim = ("{pid1}",), ("{victim}",)
    for name in ("pidfd-getfd", "ptrace-init", "vm-read-init", "vm-write-init"):
        yield Row(name, "EPERM", one, control_args=victim)
    for name in ("ptrace-leader", "vm-read-leader", "pidfd-getfd-leader"):
        yield Row(name, "EPERM", terminal=True, under_shell=True)
    for name in ("pidfd-getfd-own", "process-madvise", "kcmp"):
        yield Row(name)
    for leaf in ("root", "cwd", "exe", "fd", "mem", "maps", "environ", "ns"):
        yield Row(f"init-{leaf}", "EACCES", one, control_args=victim)
    yield Row("walk-roots", "ENOENT", ("{home}/docs/f",))
    yield Row("walk-fds", "ENOENT", ("{held_dev}", "{held_ino}"))
    yield Row("dots", "ENOENT", ("{home}/docs/f",))


def mounts():
    here = ("{project}",)
    for name in ("mount-bind", "mount-tmpfs", "pivot-root", "chroot", "open-tree", "open-tree-attr", "move-mount"):
        yield Row(name, "EPERM", here, "ns")
    yield Row("umount", "EPERM", ("/proc",), "ns")
    for name in ("fsopen", "fsconfig", "fsmount", "fspick"):
        yield Row(name, control="ns")
    yield Row("remount", control="rootns")
    yield Row("mount-setattr", control="rootns")
    for kind in ("user", "mount", "pid", "net", "ipc", "uts", "cgroup", "time"):
        levels = BROWSER if kind == "user" else {}
        yield Row(f"unshare-{kind}", control="ns", levels=levels)
        if kind != "time":
            yield Row(f"clone-{kind}", control="ns", levels=levels)
    yield Row("clone3-user", "ENOSYS")
    yield Row("sweep-unshare", control="ns", levels=BROWSER)
    yield Row("sweep-clone", control="ns", levels=BROWSER)
    yield Row("sweep-clone3", "ENOSYS", control="ns")
    yield Row("setns-own", control="ns")
    yield Row("setns-pidfd", "EPERM", ("{pid1}",), "ns")


def nested():
    """In namespaces such as a browser makes; at strict there are none."""
    for name in ("link", "queue", "nft", "iptables", "ip6tables", "bridge", "flags", "packet", "fsopen", "setns", "others"):
        yield Row(f"nested-{name}")
    for name in ("tmpfs", "proc", "overlay"):
        yield Row(f"nested-{name}", "EPERM", ("/home",))
    yield Row("nested-chroot", "ENOENT", ("{home}/docs/f",), levels={"strict": "EPERM"})
    yield Row("nested-sysctl", "EROFS", levels={"strict": "EPERM"})
    yield Row("nested-many", "ENOSPC", levels={"strict": "EPERM"})


def processes():
    for name in ("kill-host", "stop-host", "kill-group", "tgkill-host", "sigqueue-host", "pidfd-host", "nice-host",
                 "affinity-host"):
        yield Row(name, "ESRCH", ("{victim}",), changes=True)
    for name in ("signal-host", "setown-host", "prlimit-host", "ioprio-host"):
        yield Row(name, "ESRCH", ("{victim}",))
    yield Row("ptrace-host", "ESRCH", ("{victim}",), levels={"strict": "EPERM"})
    yield Row("signal-all", "ESRCH", ("{victim}",), levels={"entered": Skip("there is the first session to signal")})
    yield Row("token-argv", "not found", ("{token}",))
    yield Row("token-environ", "not found", ("{environ_token}",))
    for name in ("sched-fifo", "sched-rr", "sched-deadline", "ioprio-rt", "rtprio-limit", "memlock-limit"):
        yield Row(name, control="root")
    yield Row("capabilities", "none", control="ns")
    yield Row("new-privileges", "switched off")
    yield Row("nice-up", "EACCES", control="root")
    yield Row("nice-limit", control="root")
    yield Row("sethostname", control="ns")
    yield Row("setdomainname", control="ns")


def kernel_files():
    for name, path in {"core-pattern": "/proc/sys/kernel/core_pattern", "sysrq": "/proc/sysrq-trigger",
                       "modprobe-path": "/proc/sys/kernel/modprobe"}.items():
        yield Row(name, "EACCES", (path,), "root", levels={"root": "EACCES" if name == "sysrq" else "EROFS|EACCES"})
    yield Row("open-write", "ENOENT", ("{home}/docs/f",))
    yield Row("uevent-helper", "ENOENT", ("/sys/kernel/uevent_helper",), "root")
    yield Row("release-agent", "ENOENT", ("{release_agent}",), "root")
    yield Row("oom-adj-host", "ENOENT", ("/proc/{victim}/oom_score_adj",))
    yield Row("sweep-sys", "none", control="root")
    yield Row("core-limit")
    yield Row("kcore", "EACCES", ("/proc/kcore",), "root")
    yield Row("kallsyms", "zeros", control="root")
    yield Row("proc-keys", "EACCES", ("/proc/keys",))
    yield Row("proc-key-users", "EACCES", ("/proc/key-users",))
    yield Row("timer-list", "EACCES", ("/proc/timer_list",), "root")
    yield Row("kmsg", "ENOENT", ("/dev/kmsg",), "root")
    yield Row("host-name", "another", ("{node}",))
    yield Row("machine-id", "another", ("{machine_id}",))
    yield Row("page-flags", "EACCES", ("/proc/kpageflags",), "root")


def system_calls():
    for name in ("io-uring-setup", "io-uring-enter", "io-uring-register", "memfd-secret"):
        yield Row(name, "ENOSYS")
    for name in ("perf", "userfaultfd", "fanotify", "move-pages", "migrate-pages", "mbind", "set-mempolicy", "home-node",
                 "modify-ldt", "iopl", "ioperm", "personality-aslr", "personality-exec", "adjtimex", "clock-adjtime",
                 "clock-settime", "quotactl", "quotactl-fd", "lookup-dcookie", "uselib", "nfsservctl", "vmsplice"):
        yield Row(name)
    for name in ("bpf", "kexec-load", "kexec-file-load", "init-module", "finit-module", "delete-module", "swapon",
                 "swapoff", "acct", "reboot", "settimeofday", "syslog", "vhangup"):
        yield Row(name, control="root")
    for name in ("x32-getpid", "x32-unshare", "x32-ptrace", "i386-getpid", "i386-socket", "i386-socketcall"):
        yield Row(name, "SIGSYS")
    yield Row("key-search", "EPERM", ("{key}",))
    yield Row("key-request", "EPERM", ("{key}",))
    yield Row("key-add", "EPERM", ("{key}-planted",))
    yield Row("key-describe")
    yield Row("key-join")
    for name in ("shm", "sem", "msg"):
        yield Row(f"{name}-host", "ENOENT", ("{ipc}",))
    yield Row("mq-host", "ENOENT", ("{queue}",))


def terminals():
    for name in ("tiocsti", "tiocsti-high"):
        yield Row(name, terminal=True)
    for name in ("tioclinux", "tioclinux-high", "tioccons", "tiocsetd"):
        yield Row(name)
    yield Row("console", "ENOENT", ("/dev/console",), "root")
    yield Row("serial", "ENOENT", ("{serial}",), "root")
    yield Row("pts-host", "ENOENT", ("{tty}",), terminal=True)
    yield Row("terminal-host", "another", ("{tty_dev}", "{tty_ino}"), terminal=True)


def sockets():
    for name in ("packet", "xdp"):
        yield Row(f"socket-{name}", control="root")
    for name in ("vsock", "alg", "tipc", "bluetooth", "can", "rds", "qipcrtr", "key", "ax25"):
        yield Row(f"socket-{name}")
    yield Row("families")
    yield Row("family-high")
    yield Row("raw-icmp", control="root")
    yield Row("pair-inet")
    yield Row("pair-tipc")
    for name, key in {"docker": "docker", "docker-var-run": "docker_var", "podman": "podman", "docker-home": "docker_home",
                      "lxd": "lxd", "session-bus": "bus", "systemd-user": "systemd", "system-bus": "system_bus",
                      "gpg-agent": "gpg", "gpg-agent-run": "gpg_run", "tmux": "tmux", "editor": "nvim", "x11": "x11",
                      "cups": "cups"}.items():
        yield Row(name, "ENOENT", (f"{{{key}}}",), changes=True)
    sound = Open("the sound servers are shared as they are")
    for name in ("pulse", "pipewire"):
        yield Row(name, "ENOENT", (f"{{{name}}}",), levels={"compat": sound}, changes=True)
    yield Row("ssh-agent", "ENOENT", ("{agent}",), env={"SSH_AUTH_SOCK": "{agent}"},
              levels={"compat": Open("the ssh agent is forwarded")}, changes=True)
    yield Row("nix-daemon", "ENOENT", ("/nix/var/nix/daemon-socket/socket",),
              levels={level: Open("builds by the Nix daemon are let in") for level in ("default", "compat", "root")})
    # Connecting is no write to a mount; Landlock can refuse it from Linux 7.1 on.
    added = Open("what is added with --extra-ro is the user's to choose, sockets in it included")
    yield Row("socket-shown", "EACCES", ("{shown}",), options=("--extra-ro", "{home}/shown"),
              levels={level: added for level in LEVELS})
    networked = {"compat": HOST_NETWORK}
    # With the host's network they are there, and Landlock refuses them.
    there = {"compat": "EPERM"}
    yield Row("abstract", "ECONNREFUSED", ("{abstract}",), levels=there, changes=True)
    yield Row("abstract-x11", "ECONNREFUSED", ("{abstract_x11}",), levels=there, changes=True)
    yield Row("loopback", "ECONNREFUSED", ("127.0.0.1", "{port}"), levels=networked, changes=True)
    yield Row("loopback-6", "ECONNREFUSED", ("::1", "{port6}"), levels=networked, changes=True)
    yield Row("lan", "ENETUNREACH", ("{lan}", "{lan_port}"), levels=networked, changes=True)
    yield Row("udp", "ENETUNREACH", ("{lan}", "{udp_port}"), levels=networked, changes=True)


# Variables of the caller that lead to sockets of the host, load code, or are secrets. Those of a screen, a bus and sound
# are set to the sandbox's own: tests/desktop looks where they lead.
VARIABLES = {
    "env-sockets": "TMUX STY NVIM NVIM_LISTEN_ADDRESS VSCODE_IPC_HOOK_CLI KITTY_LISTEN_ON WEZTERM_UNIX_SOCKET "
                   "EMACS_SOCKET_NAME GPG_AGENT_INFO DBUS_SYSTEM_BUS_ADDRESS DOCKER_HOST PIPEWIRE_REMOTE CONTAINER_HOST KUBECONFIG LISTEN_FDS NOTIFY_SOCKET",
    "env-loader": "LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH BASH_ENV ENV NODE_OPTIONS PYTHONSTARTUP PYTHONPATH PERL5OPT "
                  "RUBYOPT JAVA_TOOL_OPTIONS GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_CONFIG_COUNT PROMPT_COMMAND",
    "env-secrets": "AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN GH_TOKEN GITHUB_TOKEN GITLAB_TOKEN NPM_TOKEN "
                   "GOOGLE_APPLICATION_CREDENTIALS AZURE_CLIENT_SECRET OPENAI_API_KEY DATABASE_URL PGPASSWORD "
                   "VAULT_TOKEN SUDO_ASKPASS SSH_ASKPASS CARGO_REGISTRY_TOKEN",
}


def variables():
    for name, names in VARIABLES.items():
        words = tuple(names.split())
        # Of the loader's variables only harmless values: the launcher itself must start.
        yield Row(name, "not set", words, env={word: "/nothing" for word in words if word != "LD_LIBRARY_PATH"})


def rows():
    for group in (writes, files, plants, modes, descriptors, mounts, nested, processes, kernel_files, system_calls, terminals, sockets,
                  variables):
        yield from group()
