"""Why an attack may stay untried. An attack that is not on these lists and cannot be tried fails the run."""

# What the control run answered where this kernel has nothing to attack: (answer, reason). The reason holds
# only with that very answer; on a kernel that has the thing, the attack is tried.
KERNEL = {
    "iopl": ("ENOSYS", "kernel without X86_IOPL_IOPERM"),
    "ioperm": ("ENOSYS", "kernel without X86_IOPL_IOPERM"),
    "modify-ldt": ("ENOSYS", "kernel without MODIFY_LDT_SYSCALL"),
    "lookup-dcookie": ("ENOSYS", "gone since Linux 6.8"),
    "uselib": ("ENOSYS", "kernel without USELIB"),
    "nfsservctl": ("ENOSYS", "gone since Linux 3.1"),
    "kexec-load": ("ENOSYS", "kernel without KEXEC"),
    "kexec-file-load": ("ENOSYS", "kernel without KEXEC_FILE"),
    "init-module": ("ENOSYS", "kernel without modules"),
    "finit-module": ("ENOSYS", "kernel without modules"),
    "delete-module": ("ENOSYS", "kernel without modules"),
    "modprobe-path": ("ENOENT", "kernel without modules"),
    "x32-getpid": ("ENOSYS", "kernel without the x32 ABI"),
    "x32-unshare": ("ENOSYS", "kernel without the x32 ABI"),
    "x32-ptrace": ("ENOSYS", "kernel without the x32 ABI"),
    "i386-getpid": ("SIGSEGV", "kernel without the i386 ABI"),
    "i386-socket": ("SIGSEGV", "kernel without the i386 ABI"),
    "i386-socketcall": ("SIGSEGV", "kernel without the i386 ABI"),
    "io-uring-setup": ("EPERM", "kernel.io_uring_disabled"),
    "io-uring-enter": ("ENOSYS", "kernel without io_uring"),
    "io-uring-register": ("ENOSYS", "kernel without io_uring"),
    "userfaultfd": ("ENOSYS", "kernel without userfaultfd"),
    "memfd-secret": ("ENOSYS", "secretmem is off"),
    "tiocsti": ("EIO", "dev.tty.legacy_tiocsti is 0"),
    "tiocsti-high": ("EIO", "dev.tty.legacy_tiocsti is 0"),
    "syslog": ("EPERM", "kernel.dmesg_restrict"),
    "timer-list": ("ENOENT", "kernel without TIMER_LIST"),
    "page-flags": ("ENOENT", "kernel without PROC_PAGE_MONITOR"),
    "kcore": ("ENOENT", "kernel without PROC_KCORE"),
    "sysrq": ("ENOENT", "kernel without MAGIC_SYSRQ"),
    "uevent-helper": ("ENOENT", "kernel without UEVENT_HELPER"),
    "kmsg": ("ENOENT", "no /dev/kmsg here"),
    "console": ("ENOENT", "no /dev/console here"),
    "nix-daemon": ("ENOENT", "no Nix on this host"),
    "open-tree-attr": ("ENOSYS", "kernel older than 6.15"),
    "proc-keys": ("ENOENT", "kernel without keys"),
    "proc-key-users": ("ENOENT", "kernel without keys"),
    "read-disk": ("EPERM", "root may not read the disk here either"),
    "rtprio-limit": ("EPERM", "root may not raise limits here either"),
    "nice-limit": ("EPERM", "root may not raise limits here either"),
    "memlock-limit": ("EPERM", "root may not raise limits here either"),
    "setxattr": ("ENOTSUP", "file system without user attributes"),
}

# A value that the attack's arguments need and that this host or caller does not have.
MISSING = {
    "etc": "only root can place a canary in /etc",
    "usr": "only root can place a canary in /usr/local",
    "slash_run": "only root can place a canary in /run",
    "var_lib": "only root can place a canary in /var/lib",
    "docker": "only root can place a socket in /run",
    "docker_var": "only root can place a socket in /run",
    "lxd": "only root can place a socket in /var/lib",
    "cups": "only root can place a socket in /run",
    "system_bus": "only root can place a socket in /run",
    "set_id_program": "only root can make a program that becomes root",
    "caps_program": "only root can give a program capabilities",
    "port6": "no IPv6 on this host",
    "lan": "this host has only loopback",
    "lan_port": "this host has only loopback",
    "disk": "the root file system is on no block device",
    "release_agent": "no cgroup v1 hierarchy on this host",
    "serial": "no serial line on this host",
    "machine_id": "this host has no machine id",
}

NEEDS_ROOT = "its control run needs root"

# What a row or scenario waits for. A word goes from here when the wall exists: then its attacks are tried.
NEEDS = {
    "quota": "the project is a directory of the host's, within the quota of its user",
}

# Entries of the threat list that no attack here stands for, and why.
ELSEWHERE = {
    "F-05": "a matter of usefulness: tests/e2e/names.bats, tests/unit/test_probe.c",
    "F-06": "what is planted in the project, where nothing was: tests/system/planted.bats, besides plant-*",
    "F-07": "parents that are moved and exchanged: tests/system/planted.bats",
    "F-08": "repositories made at any depth: tests/system/planted.bats",
    "F-24": "there is no sync; the project is the host's directory itself",
    "F-25": "what a build makes is the work itself; what obeys it is told: tests/system/planted.bats, tests/system/accept.bats",
    "N-04": "concerns images; our root is built from nothing, of our own names",
    "N-10": "no pid is ever read from the registry: a sandbox lives if its socket answers",
    "S-08": "filters only add up; a listener sees the payload's own calls only",
    "S-16": "the guard opens what it looked at and hands that over; raced: tests/system/planted.bats, tests/system/rules.bats",
    "S-17": "the guard is asked one call at a time, and a kernel without an answer refuses (seccomp_unotify(2))",
    "K-06": "what passes from the bus of a sandbox to the host's: tests/desktop/bus.bats",
    "R-07": "processor time is shared by weight, which no single answer shows",
    "R-09": "there is no viewer; who does not read makes the payload wait, as a pipe does",
    "R-12": "there are no budgets",
    "R-13": "there is no time limit",
    "R-14": "there is no manager",
    "T-05": "a status line is not ours to keep; what ends a run is the launcher's exit",
    "T-08": "logs are lines of JSON, which escapes what they were told: tests/unit/test_buf.c",
    "T-09": "tmux runs inside only; its session name is made of [A-Za-z0-9_-]",
    "L-11": "the threat list has no such entry",
}
