"""The walls that mutate.py takes away: where each stands in the source, and which tests must miss it.

An edit is (file, text, replacement); the text must be there exactly once. A wall that has a second one behind
it is taken together with that one ("and ..."), or is missed by a test of the table itself. Not here: no new
privileges, which bubblewrap sets by itself, so that it cannot be taken away from our side.
Tests are attacks of run.py by name, "meson:NAME" or "bats:FILE:FILTER"; with "container:" before it, in the container.
"""

from dataclasses import dataclass

SECCOMP, WALLS, INIT = "src/spec/seccomp.c", "src/init/walls.c", "src/init/main.c"
BWRAP, MOUNTS, CHECK = "src/plan/bwrap.c", "src/spec/mounts.c", "src/spec/check.c"
RULES = "src/border/rules.c"
LIMITS, LANDLOCK = "src/spec/limits.c", "src/spec/landlock.c"
NO_LANDLOCK = (LANDLOCK, "steps[i].abi <= f->landlock_abi; i++", "i > N_ELEMENTS(steps); i++")


@dataclass(frozen=True)
class Wall:
    name: str
    edits: tuple
    tests: tuple
    level: str = "default"


def row_of(text):
    """One row of the table of system calls gone."""
    return ((SECCOMP, text, ""),)


SECCOMP_ROWS = (
    Wall("filter: clone with new namespaces", (
        (SECCOMP, 'DENY_IF("clone", COMPARE_ANY_BIT, 0, OTHER_NAMESPACES, namespaces),', ""),
        (SECCOMP, 'DENY_IF("clone", COMPARE_ANY_BIT, 0, BROWSER_NAMESPACES, namespaces, .unless = SECCOMP_BROWSER),', "")),
         ("clone-user", "sweep-clone"), "strict"),
    Wall("filter: clone3", row_of('ABSENT("clone3", "its flags lie behind a pointer, where a filter cannot look; '
                                  'libc falls back to clone"),'), ("clone3-user", "sweep-clone3")),
    Wall("filter: unshare", row_of('DENY("unshare", namespaces, .unless = SECCOMP_BROWSER),'), ("unshare-user", "sweep-unshare"), "strict"),
    Wall("filter: packet filters of a browser's network", row_of('NET_OPTION("setsockopt", SOL_IP, 64, ~63U), ') +
         row_of('NET_OPTION("setsockopt", SOL_IPV6, 64, ~1U),'), ("nested-iptables", "nested-ip6tables")),
    Wall("filter: bridges of a browser's network", row_of(' NET_REQUEST(0x89a0, ~3U),'), ("nested-bridge",)),
    Wall("filter: devices of a browser's network", row_of(', NET_REQUEST(SIOCSIFFLAGS, ~0U)'), ("nested-flags",)),
    Wall("guard: netlink of a browser's network", (
        ("src/border/guard_netns.c", 'if (guard_shares(g, (pid_t)n->pid, "ns/net", &g->network))', "if (g)"),),
        ("nested-link", "nested-queue")),
    Wall("how many namespaces a browser may make", (
        ("src/run/keeper_wrapper.c", ".nests = s->seccomp.relax & SECCOMP_BROWSER,", ".nests = false,"),), ("nested-many",)),
    Wall("judge of commands: nobody from a namespace made inside", (
        ("src/border/rules.c", "!peer_shares_userns(peer.pid, j->service->init_pid))", "false)"),),
         ("bats:system/rules.bats:every way around",)),
    Wall("the kernel's parameters are read-only beside a browser", (
        (MOUNTS, 'if (s->seccomp.relax & SECCOMP_BROWSER)', "if (false)"),), ("nested-sysctl",)),
    Wall("filter: mount", row_of('DENY("mount", mounts), '), ("meson:seccomp_table", "meson:seccomp_filter")),
    Wall("filter: process_vm_readv, pidfd_getfd", (
        (SECCOMP, 'DENY("process_vm_readv", memory), ', ""),
        (SECCOMP, 'DENY("pidfd_getfd", "takes descriptors out of another process"),', "")),
        ("pidfd-getfd-own", "meson:seccomp_filter")),
    Wall("filter: keyctl", row_of(' DENY("keyctl", keys),'), ("key-search", "key-describe", "key-join")),
    Wall("filter: add_key", row_of('DENY("add_key", keys), '), ("key-add",)),
    Wall("filter: io_uring_setup", row_of('ABSENT("io_uring_setup", rings), '), ("io-uring-setup",)),
    Wall("filter: userfaultfd", row_of('DENY("userfaultfd", "stops the kernel at a chosen page; makes its races '
                                       'winnable"),'), ("userfaultfd",)),
    Wall("filter: perf_event_open", row_of('DENY("perf_event_open", "observes the kernel and other processes"),'),
         ("perf",)),
    Wall("filter: name_to_handle_at", row_of(', DENY("name_to_handle_at", handles)'), ("handle-name",)),
    Wall("filter: personality", row_of('DENY_IF("personality", COMPARE_ASKS32, 0, 0, "switches off address '
                                       'randomisation and other protections"),'), ("personality-aslr",)),
    Wall("filter: TIOCSTI", row_of('DENY_IF("ioctl", COMPARE_EQUAL32, 1, TIOCSTI, terminal),'),
         ("tiocsti", "tiocsti-high")),
    Wall("filter: families of sockets", row_of('DENY_IF("socket", COMPARE_ABOVE, 0, AF_NETLINK, family),'),
         ("socket-vsock", "families", "family-high")),
    Wall("filter: set-id bits of chmod", row_of('DENY_IF("chmod", COMPARE_ANY_BIT, 1, SET_ID, set_id),'),
         ("set-id-chmod",)),
    Wall("filter: openat2", row_of('ABSENT("openat2", "its mode lies behind a pointer; programs fall back to openat"),'),
         ("set-id-openat2",)),
    Wall("filter: mknod", row_of('DENY_IF("mknod", COMPARE_ANY_BIT, 1, SET_ID_OR_DEVICE, devices),'),
         ("whiteout", "set-id-mknod")),
    Wall("filter: other architectures", (
        ("src/run/seccomp.c", "SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS", "SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW"),),
        ("i386-getpid", "i386-socketcall", "meson:seccomp_filter")),
)

PROCESS_WALLS = (
    Wall("the filter is loaded", ((WALLS, "return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? -errno : 0;",
                                   "return prog.len == 0 ? -EINVAL : 0;"),), ("io-uring-setup", "i386-getpid", "set-id-chmod")),
    Wall("capabilities dropped by bubblewrap and by the payload", (
        (BWRAP, '"--cap-drop", "ALL", ', ""), (WALLS, "r = walls_drop_capabilities();", "r = 0;")),
        ("capabilities",), "root"),
    Wall("bubblewrap drops capabilities", ((BWRAP, '"--cap-drop", "ALL", ', ""),), ("meson:golden",)),
    Wall("no core dumps, by init and by the table", (
        (WALLS, "int r = lower(RLIMIT_CORE, 0, 0);", "int r = 0;"),
        (LIMITS, "add_rlimit(w, RLIMIT_CORE, 0);", "")), ("core-limit", "core-dump")),
    Wall("a session keyring of its own", ((INIT, "< 0 || keyring_join() < 0", "< 0 || (false && keyring_join() < 0)"),),
         ("session-keyring",)),
    Wall("init is not dumpable, and Landlock", (
        (INIT, "prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0", "prctl(PR_GET_DUMPABLE) < 0"), NO_LANDLOCK),
         ("init-mem", "init-root", "ptrace-leader")),
    Wall("descriptors: launcher, keeper, spawn and init close them", (
        ("src/base/proc_fork.c", "(void)close_range(next, fd - 1, 0);", ";"),
        ("src/base/proc_fork.c", "(void)close_range(next, ~0U, 0);", ""),
        (INIT, "(s.fd > 3 && close_range(3, s.fd - 1, 0) < 0) || close_range(s.last_fd + 1, ~0U, 0) < 0", "s.fd < 0"),
        ("src/base/proc_child.c", "if (close_range(0, ~0U, CLOSE_RANGE_CLOEXEC) < 0)", "if (s->n_fds > 1000)"),
        ("src/launch/main.c", "close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0", "fd < 0")),
        ("inherited-any", "inherited-open", "inherited-chdir", "inherited-socket")),
    Wall("init leaves at the end of the channel, and bubblewrap's --die-with-parent", (
        (INIT, "if (wire_recv(in->channel, &msg, fds, &n_fds) <= 0)\n\t\treturn false;",
         "if (wire_recv(in->channel, &msg, fds, &n_fds) <= 0) {\n\t\tin->channel = -1;\n\t\treturn true;\n\t}"),
        (INIT, "if (polls[0].revents && !receive(in))\n\t\t\treturn 0;",
         "if (polls[0].revents && !receive(in))\n\t\t\treturn 0;\n\t\tpolls[0].fd = in->channel;"),
        (BWRAP, '"--die-with-parent", ', "")), ("daemons-launcher",)),
    Wall("the terminal is made inside", (("src/run/tty.c", "t->flags |= (uint32_t)JOB_TTY_STDIN << fd;", ";"),),
         ("terminal-host", "bats:system/inside.bats:no terminal of the host")),
)

MOUNT_WALLS = (
    Wall("a pid namespace", ((BWRAP, '"--unshare-pid", ', ""), (BWRAP, '"--as-pid-1", ', "")),
         ("kill-host", "token-argv", "walk-roots")),
    Wall("an ipc namespace", ((BWRAP, '"--unshare-ipc", ', ""),), ("shm-host", "msg-host", "mq-host")),
    Wall("a uts namespace", ((BWRAP, '"--unshare-uts", ', ""), (BWRAP, '"--hostname", s->hostname', '"--as-pid-1"')),
         ("host-name",)),
    Wall("a cgroup namespace", ((BWRAP, ', "--unshare-cgroup"', ""),), ("bats:system/inside.bats:every namespace",)),
    Wall("a network namespace", ((BWRAP, 'strv_add(&p.argv, "--unshare-net");', ";"),),
         ("abstract", "loopback", "lan"), "strict"),
    Wall("no user namespace inside", ((BWRAP, 'strv_add(&p.argv, "--disable-userns");', ";"),), ("meson:golden",)),
    Wall("the root is read-only in the end", ((BWRAP, '"--remount-ro", "/", ', ""),),
         ("bats:system/inside.bats:a write to the home", "meson:golden")),
    Wall("/tmp is private", ((MOUNTS, '{ .kind = MOUNT_TMPFS,\n\t\t  .dst = "/tmp",',
                              '{ .kind = MOUNT_RO,\n\t\t  .src = "/tmp",\n\t\t  .dst = "/tmp",'),), ("read-tmp", "tmux")),
    Wall("/dev/shm is private", ((MOUNTS, '{ .kind = MOUNT_TMPFS,\n\t\t  .dst = "/dev/shm",',
                                  '{ .kind = MOUNT_RO,\n\t\t  .src = "/dev/shm",\n\t\t  .dst = "/dev/shm",'),), ("read-shm",)),
    Wall("/run is empty", ((MOUNTS, '{ .kind = MOUNT_TMPFS,\n\t\t  .dst = "/run",',
                            '{ .kind = MOUNT_RO,\n\t\t  .src = "/run",\n\t\t  .dst = "/run",'),), ("read-run", "docker")),
    Wall("the whole home is not shown", ((CHECK, "if (from_host && path_below(f->home, m->src) && !was_asked_for(m))",
                                          "if (!m->why && !was_asked_for(m))"),), ("meson:check",)),
    Wall("keys are masked in /proc", ((MOUNTS, 'add_proc_guard(f, a, s, keys[i], ', 'add_proc_guard(f, a, s, keys[i] + 1, '),),
         ("proc-keys", "proc-key-users")),
    Wall("root's files of /proc are covered", ((MOUNTS, "f->uid == 0 && root_proc[i]; i++", "f->uid == 0 && i < 0; i++"),),
         ("core-pattern", "sweep-sys"), "root"),
    Wall("the machine id is another", ((MOUNTS, ".text = identity_machine_id(f, a),", '.text = f->machine_id ? f->machine_id : "",'),), ("machine-id",)),
)

LAUNCHER_WALLS = (
    Wall("a writable mount must be on a list", ((CHECK, "if (m->kind == MOUNT_RW && !may_write(m))",
                                                 "if (false && !may_write(m))"),), ("meson:check",)),
    Wall("no mount point where a sandbox can write", ((CHECK, "if (p->kind != MOUNT_RW ||", "if (true ||"),),
         ("mount-point-link", "meson:check")),
    Wall("project directories are refused", (
        ("src/spec/project.c", "if (strcmp(path, place) == 0)\n\t\treturn reach & AT;", ""),),
        ("meson:project", "bats:system/refusals.bats:refused project")),
    Wall("a project's file may only tighten", (("src/spec/config.c", "case TIGHTEN_NEVER:\n\t\treturn false;",
                                               "case TIGHTEN_NEVER:\n\t\treturn true;"),), ("profile-asks", "meson:config")),
    Wall("a project's file is no link", (("src/base/io.c", "(nofollow ? O_NOFOLLOW : 0)", "(nofollow ? 0 : 0)"),),
         ("profile-link",)),
    Wall("a project's file is a regular file", (("src/base/io.c", "if (!S_ISREG(st.st_mode))", "if (false)"),
                                               ("src/base/io.c", "O_NONBLOCK | ", "")), ("profile-fifo",)),
    Wall("the environment is a list of names", (("src/spec/env.c", "if (in_list(env_rows[i].names, name) &&",
                                                "if ((i == 0 || in_list(env_rows[i].names, name)) &&"),),
         ("env-secrets", "env-sockets")),
    Wall("programs come from the system's directories", (
        ("src/host/program.c", 'return program_find_in("/", system_dirs, name, a, ret_path, e);',
         'const char *where = getenv("PATH");\n\tif (where) {\n\t\tconst char *path = path_join(a, arena_strndup(a, where, '
         'strcspn(where, ":")), name);\n\t\tif (access(path, X_OK) == 0) {\n\t\t\t*ret_path = path;\n\t\t\treturn 0;\n\t\t}\n'
         '\t}\n\treturn program_find_in("/", system_dirs, name, a, ret_path, e);'),),
        ("fake-program-path", "fake-program-project")),
    Wall("names are shown visibly", (("src/launch/main.c", "buf_visible(&b, sentence);", "buf_puts(&b, sentence);"),),
         ("name-escape", "name-newline")),
    Wall("standard descriptors are no directories", (("src/run/stdio.c", "S_ISDIR(st.st_mode)", "fd > 2"),),
         ("meson:stdio",)),
)

LANDLOCK_WALLS = (
    Wall("Landlock", (NO_LANDLOCK,),
         ("bats:system/walls.bats:Landlock: nothing is made", "bats:system/walls.bats:Landlock: a file given",
          "meson:landlock")),
    Wall("Landlock: abstract sockets", ((LANDLOCK, "{ 6, 0, RIGHTS_SCOPED, 0,", "{ 6, 0, 0, 0,"),),
         ("bats:system/walls.bats:Landlock: abstract", "meson:landlock")),
    Wall("Landlock: what is given grants no more", (("src/init/landlock.c", "int flags = fcntl(fd, F_GETFL);",
                                                     "int flags = fcntl(fd, F_GETFL) | O_RDWR;"),),
         ("bats:system/walls.bats:Landlock: a file given",)),
    Wall("Landlock: a directory given grants nothing, and the launcher refuses it", (
        ("src/init/landlock.c", "S_ISDIR(st.st_mode) || ", ""), ("src/run/stdio.c", "S_ISDIR(st.st_mode)", "fd > 2")),
        ("bats:system/walls.bats:Landlock: a directory given",)),
)

LIMIT_WALLS = (
    Wall("limit: processes, by group and by process limit", (
        (LIMITS, "w->l->pids = wish.value;", ";"), (LIMITS, "add_rlimit(w, RLIMIT_NPROC, wish.value);", ";")),
        ("bats:system/limits.bats:processes, threads and zombies", "bats:system/limits.bats:a fork bomb")),
    Wall("limit: memory", ((LIMITS, "w->l->memory_mib = wish.value;", ";"),),
         ("bats:system/limits.bats:memory", "meson:limits")),
    Wall("limit: open files", ((LIMITS, "add_rlimit(w, RLIMIT_NOFILE, wish.value);", ""),),
         ("bats:system/limits.bats:open files", "meson:limits")),
    Wall("limit: memory file systems", ((LIMITS, "m->size_mib = wish.value;", ""),),
         ("bats:system/limits.bats:/tmp and /dev/shm", "meson:limits")),
    Wall("limit: inotify", ((LIMITS, "w->l->shares_inotify = true;", ""),), ("bats:system/limits.bats:inotify",)),
    Wall("limit: first victim when memory runs out", ((LIMITS, "w->l->oom_score_adj = 200;", ""),),
         ("bats:system/limits.bats:it goes before the desktop",)),
    Wall("limit: nothing is made in /dev, by mount and Landlock", (
        (BWRAP, "close_devices(s, &p);", "(void)close_devices;"),
        NO_LANDLOCK),
        ("bats:system/limits.bats:no file can be made in /dev",)),
)

SESSION_WALLS = (
    Wall("only the same policy is joined", (("src/run/run.c", "strcmp(info.policy, plan->spec->policy) != 0", "false"),),
         ("bats:system/join.bats:other settings do not join",)),
    Wall("the registry is closed to others", (("src/run/registry.c", "(st.st_mode & 077)", "false"),),
         ("bats:system/join.bats:the registry is ours alone",)),
    Wall("whoever is in stands behind walls that the keeper sent", (
        (INIT, "if (!in->walls.filter)\n\t\trefusal.value = STEP_WALLS, refusal.value2 = EPERM; /* never without walls */\n"
               "\telse if", "if"),), ("meson:init",)),
    Wall("the terminal filter", (("src/run/supervise.c", "s->out.filter = s->filter;", "s->out.filter = NULL;"),),
         ("bats:system/terminal.bats:the clipboard", "bats:system/terminal.bats:a title")),
    Wall("a killed session's terminal is restored", (("src/run/session.c", "r = guard_start(run->screen, &run->guard, e);",
                                                      "r = 0;"),), ("bats:system/terminal.bats:a killed session",)),
)

WAYS = ("bats:system/rules.bats:every way around",)
RULE_WALLS = (
    Wall("command rules: nobody inside reads or traces a stub", ((BWRAP, "OPERAND_FILE_FD, 0111, true", "OPERAND_FILE_FD, 0755, true"),), WAYS),
    Wall("command rules: who executed something gets no program", (
        ("src/border/rules_peer.c", "return !flags || !(strtoul(flags, NULL, 10) & FORKED_NO_EXEC);", "return !flags;"),), WAYS),
    Wall("command rules: only a stub is answered", (
        (RULES, "j->places[i].dev == st.st_dev && j->places[i].ino == st.st_ino", "st.st_ino"),), WAYS),
    Wall("command rules: the real file is covered", (("src/spec/guarded.c", "landlock_add(&s->landlock, a, path_parent(a, path), LANDLOCK_EXECUTE);",
                                                     "return;"),), WAYS),
    Wall("command rules: a strange name is every name", (
        ("src/spec/guarded.c", "if (g->by_name && strv_has(&g->names, name))", "if (g->by_name)"),),
        ("meson:guarded", "bats:system/rules.bats:multi-call")),
    Wall("command rules: a script runs under the path that was judged", (
        ("src/spec/guarded.c", "strv_add(&g->interpreter, g->path);", ""),), ("bats:system/rules.bats:guarded script",)),
)

SSH_AGENT, SSH_CLIENT = "src/spec/ssh_agent.c", "src/border/ssh_guard_client.c"

SSH_WALLS = (
    Wall("ssh agent: nothing but list and sign passes", (
        (SSH_AGENT, "r.what = refused[i].what;", "r.what = refused[i].what, r.verdict = AGENT_SIGN;"),
        (SSH_CLIENT, "ssh_agent_put_list(&c->to);\n\task_agent(g, c, GUARD_KEYS_ASKED, LIST_MS);",
         "ssh_agent_put_body(&c->to, body);\n\task_agent(g, c, GUARD_SIGNING, LIST_MS);"),
        (SSH_CLIENT, "!ssh_agent_is_signature(body)", "false")),
        ("agent-clear", "agent-raw-clear", "agent-remove", "agent-lock", "agent-add", "meson:ssh_agent")),
    Wall("ssh agent: chosen keys only are listed", (
        (SSH_AGENT, "if (!ssh_key_chosen(choice, key, comment))\n\t\t\tcontinue;", ""),),
        ("agent-other-listed", "meson:ssh_agent")),
    Wall("ssh agent: chosen keys only sign", (
        (SSH_AGENT, "ssh_equal(one, key) && ssh_key_chosen(choice, one, comment)", "ssh_equal(one, key)"),),
        ("agent-other-key", "meson:ssh_agent")),
    Wall("ssh agent: what is signed is known", (
        (SSH_CLIENT, "c->purpose.kind == SIGNED_OTHER && ", "false && "),),
        ("agent-challenge", "bats:system/ssh.bats:raw requests")),
    Wall("ssh agent: known flags only", ((SSH_AGENT, "if (r.flags & ~SIGN_FLAGS)", "if (false)"),),
         ("agent-flags", "meson:ssh_agent")),
    Wall("ssh agent: signatures are counted", ((SSH_CLIENT, "g->n_signed >= g->rules->max_signatures", "false"),),
         ("agent-limit", "bats:system/ssh.bats:the limit of signatures")),
    Wall("ssh agent: a person is asked", ((SSH_CLIENT, "if (g->rules->confirm)", "if (false)"),),
         ("bats:system/ssh.bats:a person confirms",)),
    Wall("ssh agent: who hangs keeps nobody waiting", ((SSH_CLIENT, "SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK", "SOCK_STREAM | SOCK_CLOEXEC"),
                                                       ("src/border/ssh_guard.c", "place(g) ? g->service->fd : -1",
                                                        "g->clients[0].fd < 0 ? g->service->fd : -1")),
         ("bats:system/ssh.bats:more clients",)),
    Wall("ssh's configuration is a list of keywords", (
        ("src/spec/ssh_config.c", "{ \"ProxyJump\", keep_plain },", "{ \"ProxyJump\", keep_plain }, { \"ProxyCommand\", keep_words },"),),
        ("meson:ssh_config", "meson:fuzz ssh_config", "bats:system/ssh.bats:the configuration is cleaned")),
)

LAYER_BATS = "bats:system/claude_layer.bats:"
LAYER_WALLS = (
    Wall("layer of ~/.claude: it is mounted, and not the host's", (
        ("src/spec/claude.c", ".src = l->dir,", ".src = l->host,"),),
        (LAYER_BATS + "every name written", LAYER_BATS + "writes succeed")),
    Wall("layer of ~/.claude: no link in it is followed", (
        ("src/border/layer_file.c", "RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |", ""),),
        (LAYER_BATS + "links in the layer lead",)),
    Wall("promote: regular files alone", (
        ("src/border/layer_promote.c", "!c->is_removed && c->ours.kind != LAYER_FILE", "false"),),
        (LAYER_BATS + "a link in the layer",)),
    Wall("promote: nothing without a yes", (
        ("src/launch/promote.c", "if (p->yes)\n\t\treturn true;", "return true;"),), (LAYER_BATS + "promote lists",)),
    Wall("layer of ~/.claude: names are escaped", (
        ("src/border/layer_list.c", "buf_visible(&name, c->name);", "buf_puts(&name, c->name);"),),
        (LAYER_BATS + "the end names",)),
    Wall("promote: a name cannot forge a difference", (
        ("src/border/layer_promote.c", "buf_visible(&shown, name);", "buf_puts(&shown, name);"),),
        (LAYER_BATS + "a name cannot forge",)),
    Wall("~/.claude.json: nothing of other projects", (("src/base/merge.c", "keep(t, filter);", ""),),
         (LAYER_BATS + "~/.claude.json", "meson:merge")),
)

APPLY, JUDGE, RISK, BENEATH = (f"src/border/{name}.c" for name in ("review_apply", "review_judge", "review_risk", "beneath"))
WALK, CONFIG, ACCEPTED = "src/border/review_walk.c", "src/spec/config.c", "src/spec/accepted.c"

REVIEW_WALLS = (
    Wall("review: the project is under its layer", (("src/run/keeper_wrapper.c", ".overlay = review->dir ? &layer : NULL,", ""),),
         ("bats:system/review.bats:byte-identical",)),
    Wall("review: links of the host are not followed", ((BENEATH, "RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |", ""),),
         ("meson:review_apply", "bats:system/review.bats:links on the host")),
    Wall("review: what changed after the look is not overwritten", (
        (APPLY, "is_as_seen(&host, &row->host) ? apply", "is_as_seen(&host, &row->host) || true ? apply"),),
         ("meson:review_apply",)),
    Wall("review: a directory that grew after the look is not deleted", (
        (APPLY, "if (code == 0 && (sum.n != row->n_below + 1 ||", "if (code == 0 && sum.n == 0 && (sum.n != row->n_below + 1 ||"),),
         ("meson:review_apply",)),
    Wall("review: conflicts", ((WALK, "row.is_conflict = row.host.is_there &&", "row.is_conflict = false && row.host.is_there &&"),),
         ("meson:review_apply", "bats:system/review.bats:changed on both sides")),
    Wall("review: set-id bits", ((JUDGE, "S_ISREG(s->mode) && (s->mode & (S_ISUID | S_ISGID))", "false"),),
         ("meson:review_judge", "bats:system/review.bats:devices, set-id")),
    Wall("review: marks of other mounts", ((JUDGE, "if (s->has_strange_mark) {", "if (false) {"),),
         ("meson:review_judge", "meson:review_apply", "bats:system/review.bats:devices, set-id")),
    Wall("review: links that lead out", ((JUDGE, "!stays_inside(row->path, row->layer.link)", "!stays_inside && row->path"),),
         ("meson:review_judge", "bats:system/review.bats:what cannot be accepted")),
    Wall("review: names that the host executes or obeys", ((JUDGE, "!is_dir && review_is_risk(row->path)", "false"),),
         ("meson:review_judge", "bats:system/review.bats:what cannot be accepted")),
    Wall("review: what is refused is not accepted by its name either", (
        (APPLY, "if (row->answer == REVIEW_NEVER || row->answer == REVIEW_SKIPPED)", "if (!row)"),),
         ("meson:review_apply", "bats:system/review.bats:devices, set-id")),
    Wall("review: the layer is held by one", (("src/border/review_state.c", "flock(fd, LOCK_EX | LOCK_NB) < 0", "false"),),
         ("bats:system/review.bats:one layer, one sandbox",)),
    Wall("review: names and contents are made visible", (("src/border/review.c", "buf_visible(b, row->path);", "buf_puts(b, row->path);"),),
         ("bats:system/review.bats:every sort of bytes",)),
    Wall("project file: an acceptance is for one hash", ((ACCEPTED, "if (!line || strcmp(line, hash) != 0)", "if (!line)"),),
         ("meson:accepted", "bats:system/accept.bats:accepted once by its bytes")),
    Wall("project file: an acceptance is for one project", ((ACCEPTED, "hash_hex(f->project, strlen(f->project), hex);",
                                                           'hash_hex("", 0, hex);'),),
         ("meson:accepted", "bats:system/accept.bats:another project")),
    Wall("project file: some settings are never granted", (
        (ACCEPTED, "if (strcmp(row->name, never[i]) == 0)", "if (!row)"),),
         ("meson:accepted", "meson:config", "bats:system/accept.bats:never by a file")),
    Wall("project file: it may only tighten", ((CONFIG, "if (tightens ||", "if (true || tightens ||"),),
         ("meson:config", "bats:system/accept.bats:every setting")),
)

PLANTED_BATS = "bats:system/planted.bats:"
GUARD_WALLS = (
    Wall("planted files: what is judged is refused", (
        ("src/border/guard_judge.c", "j.verdict = j.is_held ? VERDICT_ALLOW : VERDICT_REFUSE;", "j.verdict = VERDICT_ALLOW;"),),
        (PLANTED_BATS + "names that are not there",)),
    Wall("planted files: Landlock keeps the payload itself out", (
        ("src/spec/landlock.c", "m->is_guarded || m->is_above ? LANDLOCK_GUARDED : LANDLOCK_WRITE", "LANDLOCK_WRITE"),
        ("src/spec/check.c", "if (r == 0 && m->is_guarded)", "if (r < 0 && m->is_guarded)"),),
        ("meson:golden", PLANTED_BATS + "a second thread")),
    Wall("planted files: nor does a right to write what the project lies in", (
        ("src/spec/landlock.c", "m->is_guarded || m->is_above ? ", "m->is_guarded ? "),
        ("src/spec/check.c", "if (r == 0 && m->is_guarded)", "if (r < 0 && m->is_guarded)"),),
        ("meson:golden", PLANTED_BATS + "a second thread")),
    Wall("planted files: what is judged is what is opened", (
        ("src/border/guard_act.c", "	r = guard_note_done(&p, &j);\n	if (r < 0)\n		return r;\n	fd = openat(p.parent, p.name, flags",
         "	return GO_ON;\n	fd = openat(p.parent, p.name, flags"),),
        (PLANTED_BATS + "files behave inside",)),
    Wall("planted files: hooks of git", (
        ("src/spec/planted.c", "\t\treturn is_last(below) && fnmatch(\"*.sample\", below, 0) == 0 ? GIT_NOTHING", "\t\treturn below ? GIT_NOTHING"),),
        ("meson:planted", PLANTED_BATS + "names that are not there")),
    Wall("planted files: a repository's configuration is read", (
        ("src/border/guard_config.c", "return r == -EPERM ? -EACCES : r;", "r = 0, buf_add(&out, new_text, new_len);"),),
        (PLANTED_BATS + "nothing of ours",)),
    Wall("planted files: no directory takes such a name", (
        ("src/border/guard_judge.c", "planted_is_prefix(p->rel, g->strict)", "false"),),
        (PLANTED_BATS + "a directory of another name",)),
    Wall("planted files: a repository is not put together from pieces", (
        ("src/border/guard_judge.c", "completes_dirty_git_dir(p, role)) {", "false) {"),),
        (PLANTED_BATS + "a repository put together",)),
    Wall("planted files: a second name is no way in", (
        ("src/border/guard_names.c", "r = guard_act_judge(w, &from, ROLE_SOURCE, false, &j);\n	if (r < 0)\n		return r;\n	return linkat", "return linkat"),),
        (PLANTED_BATS + "what the host has",)),
    Wall("planted files: a rename that fails hides nothing", (
        ("src/border/record.c", "entry.path + len);\n		add(all, &entry);", "entry.path + len);\n		all->items[i] = entry;"),),
        (PLANTED_BATS + "no rename hides",)),
    Wall("planted files: an exchange hides nothing", (
        ("src/border/guard_names.c", "RENAME_EXCHANGE && is_dir(to))", "RENAME_EXCHANGE && false)"),),
        (PLANTED_BATS + "no rename hides",)),
    Wall("planted files: what cannot be noted is not done", (
        ("src/border/guard_notes.c", "		return add(held, RECORD_HELD, p, j->row->why);", "		(void)add(held, RECORD_HELD, p, j->row->why);"),),
        (PLANTED_BATS + "what cannot be noted",)),
    Wall("planted files: what the project lies in keeps its name", (
        ("src/border/guard_names.c", "return -EBUSY; /* as for a mount point itself */", "r = 0;"),),
        (PLANTED_BATS + "the project is the project",)),
    Wall("planted files: nor is a descriptor", (
        ("src/border/guard_names.c", "	if (st.st_nlink == 0)\n", "	if (fd >= 0)\n"),), (PLANTED_BATS + "a descriptor gives",)),
    Wall("planted files: put away after a kill", (
        ("src/launch/main.c", "tell_record(l->spec.state);", ""),), (PLANTED_BATS + "after kill -9",)),
)

ATTACKS = "bats:net/attacks.bats:"
EGRESS = "bats:net/attacks_egress.bats:"
FILTERED = "bats:net/filtered.bats:"

NET_WALLS = (
    Wall("network: private addresses are not dialled", (
        ("src/spec/net_rules.c", "	if (!net_addr_special(addr))\n		return true;", "	return true;"),),
        ("meson:net_rules", ATTACKS + "E-01, E-07")),
    Wall("network: nor are the host's own", (
        ("src/egress/dial.c", "	if (*ret_what || !is_own(addr))\n		return true;", "	return true;"),), (ATTACKS + "E-01, E-07",)),
    Wall("network: no beats yes", (
        ("src/spec/net_rules.c", "	if (find(rules, NET_DENY, &by_number))\n		return false;", ""),), ("meson:net_rules",)),
    Wall("network: TLS names the host that was allowed", (
        ("src/egress/first.c", "	return is_target(c, name) ? NULL :", "	return name ? NULL :"),), (ATTACKS + "E-08",)),
    Wall("network: TLS names a host at all", (
        ("src/egress/first.c", "	if (found == TLS_HELLO_SILENT)", "	if (false)"),), (ATTACKS + "E-08",)),
    Wall("network: Host is the host that was allowed", (
        ("src/egress/first.c", "	if (!is_same_host(c, &head)) {", "	if (false) {"),), (ATTACKS + "E-08",)),
    Wall("network: requests that only lax servers take for one", (
        ("src/egress/first.c", "	else\n		look_at_line(c);", "	else\n		screen_pass(c, SCREEN_RAW);"),), (ATTACKS + "E-08",)),
    Wall("network: one request for a connection, and the server told so", (
        ("src/egress/screen.c", "has_body ? SCREEN_BODY : SCREEN_DROP;", "has_body ? SCREEN_BODY : SCREEN_RAW;"),
        ("src/egress/http_write.c", '"Connection: close\\r\\n\\r\\n"', '"Connection: keep-alive\\r\\n\\r\\n"')),
        (ATTACKS + "E-09",)),
    Wall("network: framing that can be read in two ways", (
        ("src/egress/http_head.c", "	if (n_length + n_coding > 1)", "	if (n_length + n_coding > 2)"),), ("meson:http_head",)),
    Wall("network: a name that no rule allows is looked up by nobody", (
        ("src/egress/dns.c", "net_rules_may(&g->net.rules, name)", "true"),), (ATTACKS + "E-13",)),
    Wall("network: names are looked up at a limited rate", (
        ("src/egress/resolver.c", "	if (r->tokens < 1000)\n		return false;", ""),), (EGRESS + "E-13: names below",)),
    Wall("network: a budget", (
        ("src/egress/budget.c", "	if (limit_mib == 0)", "	if (limit_mib + 1 > 0)"),), (FILTERED + "--upload ends", EGRESS + "E-13: what may be sent in all")),
    Wall("network: when egress has ended nobody listens", (
        ("src/run/gateway.c", "	close_listens(g); /* whoever calls", "	; /* whoever calls"),), (EGRESS + "E-02: egress is killed",)),
    Wall("network: egress has no other files", (
        ("src/egress/confine.c", "	r = landlock(dir);", "	r = dir < -1;"),), ("meson:confine",)),
    Wall("network: egress has few calls", (
        ("src/egress/confine.c", "	r = confine_calls(calls, N_ELEMENTS(calls), families, N_ELEMENTS(families));", "	r = 0;"),), ("meson:confine",)),
    Wall("network: pipes of the user are not used up", (
        ("src/base/flow.c", "pipes->n_made == PIPES_MAX ||", ""),), ("meson:flow",)),
    Wall("network: the project's own file cannot allow", (
        ("src/spec/config_rows.c", '.alias = "egress_whitelist", .arg = "RULE",', '.alias = "egress_whitelist", .arg = "RULE", .tighten = TIGHTEN_ADD,'),),
        (FILTERED + "a project's own list",)),
    Wall("nat: no way to the host's loopback", (
        ("src/run/pasta.c", '		"--no-map-gw", /* or', '		"--quiet", /* or'),), ("meson:pasta",)),
    Wall("nat: a wall in front of private networks", (
        ("src/run/pasta.c", "netns_wall(pidfd, pid, &spec->net, e);", "spec ? 0 : -1;"),), ("meson:pasta", "bats:net/nat.bats:nothing of this machine")),
    Wall("publish: whoever carries is in the sandbox's network", (
        ("src/run/publish.c", "	int r = netns_join(s->pidfd, s->pid);", "	int r = s->pid <= 0;"),), ("meson:publish", "bats:net/words.bats:whoever carries")),
)

SOUND_WALLS = (
    Wall("sound: another program's stream is not touched", (
        ("src/sound/args.c", "		return find(s, n, true) ? 0 : -EACCES;", "		return 0;"),), ("meson:sound_filter",)),
    Wall("sound: servers act on no property", (
        ("src/sound/props.c", "if (!is_passed(which, key) || ", "if ((!is_passed(which, key) && !*key) || "),),
         ("meson:sound_filter", "meson:sound_tags", "bats:desktop/sound.bats:by a property")),
    Wall("sound: no memory is shared", (
        ("src/sound/args.c", "		return s->told_version < VERSION_LAST ? s->told_version : VERSION_LAST;", "		return n;"),),
         ("meson:sound_answers", "bats:desktop/sound.bats:by hand")),
    Wall("sound: a frame in shared memory ends the connection", (
        ("src/sound/frame.c", "#define SEEK_LAST 3", "#define SEEK_LAST UINT32_MAX"),), ("meson:sound_tags", "meson:sound_call")),
    Wall("sound: samples go to one's own streams", (
        ("src/sound/call.c", "	c->samples_pass = filter_owns(&c->filter, f->channel);", "	c->samples_pass = true;"),),
         ("meson:sound_call",)),
    Wall("sound: a place to play is one", (
        ("src/sound/filter.c", "	if (sink != NO_INDEX || is_placed(&f->scope)) {", "	if (sink != NO_INDEX || is_placed(&f->scope) || r == 0) {"),),
         ("meson:sound_answers", "bats:desktop/sound_pipewire.bats:does not become")),
    Wall("sound: what tells about the host's devices is left out", (
        ("src/sound/command.c", "{ ARG_U32 }, { ARG_NO_PROPS }, { ARG_USEC },", "{ ARG_U32 }, { ARG_STREAM_PROPS }, { ARG_USEC },"),),
         ("meson:sound_answers",)),
    Wall("sound: the filter has few calls", (
        ("src/sound/confine.c", "	return confine_calls(calls, N_ELEMENTS(calls), families, N_ELEMENTS(families));",
         "	return N_ELEMENTS(calls) + N_ELEMENTS(families) == 0;"),), ("meson:sound_confine",)),
)

SCREEN = "bats:desktop/display.bats:"
CLIPBOARD = "bats:desktop/clipboard.bats:"
BUS = "bats:desktop/bus.bats:"

DESKTOP_WALLS = (
    Wall("screen: its server listens on no port, and has no network", (
        ("src/plan/cell.c", '"-nolisten", "tcp",', '"-listen", "tcp",'),
        ("src/plan/cell.c", '		strv_add(ret, "--unshare-net");', "		(void)a;")), (SCREEN + "listens nowhere",)),
    Wall("screen: its server has so much memory", (
        ("src/run/services.c", "	(void)setrlimit(RLIMIT_AS, &memory);", "	(void)memory;"),), (SCREEN + "keep more than its share",)),
    Wall("screen: a server ends with the sandbox", (
        ("src/plan/cell.c", '	"--die-with-parent",\n	"--new-session",', '	"--new-session",'),
        ("src/run/services.c", "	proc_end_children(NULL);", "	;")),
         ("bats:desktop/wayland.bats:kill -9 of launcher or keeper",)),
    Wall("wayland: the compositor is told whose clients they are", (
        ("src/wayland/context.c", "	say(context, CONTEXT_SET_SANDBOX_ENGINE, ENGINE);\n", ""),),
         ("bats:desktop/wayland.bats:is told whose clients",)),
    Wall("clipboard: pasted only where the user types", (
        ("src/clipboard/bridge.c", "	if (!focus_is_in(&b->host, b->window))\n		return no_focus;", ""),),
         (CLIPBOARD + "in: nothing is read while",)),
    Wall("clipboard: copied only where the user types", (
        ("src/clipboard/bridge.c", "	if (focus_is_in(&b->host, b->window))\n", "	if (b->window)\n"),),
         (CLIPBOARD + "out: while another window",)),
    Wall("clipboard: one way", (
        ("src/clipboard/main.c", 'b->is_open[DIRECTION_OUT] = strcmp(way, "out") == 0 || strcmp(way, "both") == 0;',
         "b->is_open[DIRECTION_OUT] = true;"),), (CLIPBOARD + "in: what is copied",)),
    Wall("clipboard: no control characters", (
        ("src/clipboard/text.c", "	return code >= 0x20 && (code < 0x7f || code > 0x9f);", "	return true;"),),
         (CLIPBOARD + "control characters", "meson:clipboard_text")),
    Wall("bus: nobody overhears", (
        ("src/plan/cell_bus.c", '	"  <deny send_destination=\\"org.freedesktop.DBus\\""\n	" send_interface=\\"org.freedesktop.DBus.Monitoring\\"/>\\n"\n', ""),),
         (BUS + "nothing is overheard",)),
    Wall("bus: the keyring's items by their attributes, asked and looked at", (
        ("src/bus/items.c", "		r = append_attributes(call, &asked);", "		asked.names.n = 0, r = append_attributes(call, &asked);"),
        ("src/bus/items.c", "bus_attributes_match(&asked, &item->attributes))", "asked.names.n > 0)")),
         (BUS + "the allowed item is read",)),
    Wall("bus: a page opens if the user says so", (
        ("src/bus/portal.c", 'action && strcmp(action, "open") == 0 ?', "action || !b->question.url ?"),), (BUS + "a page is opened",)),
    Wall("bus: the way to the host's has rules", (
        ("src/plan/cell_bus.c", 'BUS_PROXY_SOCKET, "--filter",', "BUS_PROXY_SOCKET,"),),
         (BUS + "whoever had the place",)),
)

CLONES, RECEIVE, CONTAINED = "src/container/clones.c", "src/container/receive.c", "src/init/contained.c"
CONTAINER_BATS = "container:bats:container/container.bats:"
HANDOVER = CONTAINER_BATS + "hostile hand-overs"

CONTAINER_WALLS = (
    Wall("container: root works for who made the socket, whom sudo let in", (
        (RECEIVE, "if (caller ? peer.uid == 0 || !is_number(caller, peer.uid) : peer.uid != 0)", "if (caller && is_number(caller, UINT32_MAX))"),
        (RECEIVE, "name.sun_family != AF_UNIX || name_size > sizeof(sa_family_t) ||", "name.sun_family != AF_UNIX ||")), (HANDOVER,)),
    Wall("container: root takes one sort of socket", ((RECEIVE, "type != SOCK_SEQPACKET ||", "type < 0 ||"),), (HANDOVER,)),
    Wall("container: what is handed over is counted", (
        (RECEIVE, "if (n <= 0 || handover_batch_check(kinds, (size_t)n, n_fds, n_left) < 0)", "if (n <= 0 || n_left == 0)"),), (HANDOVER,)),
    Wall("container: sources are opened by name, for nothing else", (
        (CLONES, "return flags >= 0 && flags & O_PATH && fstat(fd, &st) == 0 &&", "return flags >= 0 && fstat(fd, &st) == 0 &&"),), (HANDOVER,)),
    Wall("container: sources are files, directories and sockets", (
        (CLONES, "(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));", "st.st_nlink < UINT32_MAX;"),), (HANDOVER,)),
    Wall("container: set-user-ID programs and devices do not count", (
        (CLONES, "= { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |", "= { .attr_set ="),), (HANDOVER,)),
    Wall("container: what is not shared for writing is read-only", (
        (CLONES, "(kind == HANDOVER_SOURCE ? MOUNT_ATTR_RDONLY : 0)", "0"),), (HANDOVER, "container:bats:system/inside.bats:a write to the home")),
    Wall("container: files have the owner that they have outside", (
        (CLONES, 'if (mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &map', 'if (userns < 0 && mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &map'),),
         (CONTAINER_BATS + "its processes are nobody",)),
    Wall("container: root is mapped to nobody of the host's", (
        ("src/container/userns.c", 'buf_addf(&uid, "0 %u 1\\n", root);', 'buf_addf(&uid, "0 %u 1\\n", root - root);'),),
         (CONTAINER_BATS + "root of the container", HANDOVER)),
    Wall("container: mounts are the parent's, and locked", (
        ("src/container/main.c", "\tif (r == 0)\n\t\tr = stage_make(h, e);\n", ""),
        ("src/container/main.c", "\t\tr = root_build(h, &bp, &e);", "\t\tr = stage_make(h, &e);\n\tif (r == 0)\n\t\tr = root_build(h, &bp, &e);")),
         (HANDOVER,)),
    Wall("container: only root's program is started as root", (
        ("src/host/probe_container.c", 'program_find_in("/", dirs, "container", a, &own, &ignored) == 0;', "dirs[0] != NULL;"),),
         (CONTAINER_BATS + "without the rule",)),
    Wall("container: what systemd-nspawn shows is taken away", (
        (CONTAINED, "int r = clear_away();", "int r = access(\"/\", F_OK) < 0 ? clear_away() : 0;"),), (CONTAINER_BATS + "nothing of systemd-nspawn",)),
    Wall("container: the root and /dev are read-only in the end", (
        (CONTAINED, "\t\tr = close_root();", "\t\tr = access(\"/\", F_OK) < 0 ? close_root() : 0;"),),
         ("container:bats:system/inside.bats:a write to the home", "container:bats:system/limits.bats:no file can be made in /dev")),
    Wall("container: no capability, by init and by the payload", (
        (CONTAINED, "return r < 0 ? r : walls_drop_capabilities();", "return r;"),
        (WALLS, "r = walls_drop_capabilities();", "r = 0;")), ("container:capabilities",), "root"),
    Wall("container: what is bound later is read-only", (
        ("src/run/bind.c", "struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | ", "struct mount_attr attr = { .attr_set = "),
        (CLONES, "(kind == HANDOVER_SOURCE ? MOUNT_ATTR_RDONLY : 0)", "0")), ("container:bats:system/bind.bats:a directory shows",)),
    Wall("container: who is moved out of his limits is not started", (
        ("src/run/keeper_wrapper.c", "return cgroup_holds(&k->group, k->init_pid)", "return k->init_pid > 0"),),
         ("bats:guest/container.bats:sudo that opens",)),
    Wall("container: an init that is stopped ends too", (
        ("src/run/keeper_wrapper.c", "if (k->init >= 0 && poll(&init, 1, INIT_END_MS) <= 0)", "if (k->init >= 0 && poll(&init, 1, INIT_END_MS) < 0)"),),
         (CONTAINER_BATS + "an init that is stopped",)),
)

ALL = (*SECCOMP_ROWS, *PROCESS_WALLS, *MOUNT_WALLS, *LAUNCHER_WALLS, *LANDLOCK_WALLS, *LIMIT_WALLS, *SESSION_WALLS,
       *RULE_WALLS, *SSH_WALLS, *LAYER_WALLS, *REVIEW_WALLS, *GUARD_WALLS, *NET_WALLS, *SOUND_WALLS, *DESKTOP_WALLS, *CONTAINER_WALLS)
