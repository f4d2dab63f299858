"""F-01, K-13, L-12, L-13, N-03, Y: what the host has, or what it has been made to have."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ground import answer_in
from story import WRAPPERS, Unfit, held, is_container, launch, must, need_root, program_of, read, running, scenario, traced

PROBES = {"metadata"}
METADATA = "169.254.169.254"


@scenario("F-01t", "mount-flags", "finds a mount on which set-id programs or devices of a file system count")
def mount_flags(ground):
    def weak(text):
        found = []
        for line in text.splitlines():
            fields = line.split()
            if len(fields) < 6 or not fields[4].startswith("/"):
                continue
            place, flags = fields[4], fields[5].split(",")
            if "nosuid" not in flags or ("nodev" not in flags and not place.startswith("/dev")):
                found.append(place)
        return found

    must(weak(ground.as_user(["cat", "/proc/self/mountinfo"])[1]), "the host has none either")
    found = weak(launch(ground, "cat", "/proc/self/mountinfo")[1])
    held(not found, f"weak: {found}")
    return "none"


@scenario("N-03j", "core-dump", "has its memory written to a file by dying")
def core_dump(ground):
    words = ["/bin/sh", "-c", "ulimit -c unlimited 2>/dev/null; kill -SEGV $$"]

    def cores():
        found = [path for path in ground.project.iterdir() if path.name.startswith("core")]
        for path in found:
            path.unlink()
        return len(found)

    ground.as_user(words)
    if cores() == 0:
        raise Unfit("this host writes no core files into the directory of who dies")
    launch(ground, *words)
    held(cores() == 0, "a core file was written")
    return "none"


# --- the network ------------------------------------------------------------------------------------


@scenario("K-13d", "metadata", "asks the cloud's metadata service", level="strict")
def metadata(ground):
    need_root()
    listen = ("import socket,sys,threading\n"
              f"s=socket.socket(); s.bind(('{METADATA}',8080)); s.listen()\n"
              "print('ready',flush=True)\n"
              "threading.Thread(target=lambda: [s.accept() and print('reached',flush=True) for _ in range(9)],"
              "daemon=True).start()\nsys.stdin.read()")
    # A network of our own, in which that address is ours; the host's is left alone.
    server = subprocess.Popen(["unshare", "--net", "sh", "-c",
                               f'ip link set lo up && ip addr add {METADATA}/32 dev lo && exec /usr/bin/python3 -c "$1"',
                               "sh", listen], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        if b"ready" not in server.stdout.readline():
            raise Unfit("no ip(8) on this host")
        enter = ["nsenter", f"--net=/proc/{server.pid}/ns/net", "setpriv", f"--reuid={ground.uid}",
                 f"--regid={ground.gid}", "--clear-groups", "--"]
        probe = [str(ground.probe), "metadata", METADATA, "8080"]
        answer = answer_in(ground.as_user([*enter, *probe], root=True)[1])
        must(answer.word == "DONE" and b"reached" in server.stdout.readline(), f"{answer}")
        answer = answer_in(ground.as_user([*enter, *ground.inside("strict", probe)], root=True)[1])
        held(answer.word == "REFUSED" and answer.detail == "ENETUNREACH", f"{answer}")
    finally:
        rest = server.communicate()[0]
    held(b"reached" not in rest, "it was reached")
    return "ENETUNREACH"


@scenario("Y-06a", "telemetry", "has the launcher tell somebody over the network")
def telemetry(ground):
    wanted = re.compile(r"AF_INET|sa_family=AF_(?!UNIX|UNSPEC)")
    # With a network of its own the kernel is told of routes, and sockets are opened in there: nobody is spoken to.
    told = re.compile(r"(connect|send\w+)\([^)\n]*AF_INET")
    python = ["/usr/bin/python3", "-c", "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"]
    said = traced(ground, "network", python)
    must(wanted.search(said) and told.search(said), "a socket is not seen")
    if is_container(ground):
        raise Unfit("sudo looks up the name of the machine, and the launcher is the same as without it")
    for mode, pattern in (("host", wanted), ("none", told), ("filtered", told)):
        said = traced(ground, "network", [ground.launcher, "--network", mode, ground.project, "--", "true"])
        found = pattern.search(said)
        held(not found, f"network {mode}: a socket was opened: {found and said[found.start():found.start() + 200]}")
    return "silent"


# --- programs in the wrong place -----------------------------------------------------------------------


def fake_program(ground, directory, name):
    trace = ground.home / f"{name}-ran"
    path = directory / name
    ground.make_file(path, f"#!/bin/sh\ntouch {trace}\n", mode=0o755)
    return path, trace


def never_runs(where):
    def run(ground):
        directory = {"path": ground.home / "fake", "project": ground.project, "cwd": ground.project}[where]
        made, traces = [], []
        for name in ("bwrap", "git", "init", "unshare"):
            path, trace = fake_program(ground, directory, name)
            made.append(path)
            traces.append(trace)
        env = {"PATH": f"{directory if where != 'cwd' else '.'}:/usr/bin:/bin"}
        ground.as_user(["sh", "-c", "bwrap; git"], env=env)
        must(traces[0].exists() and traces[1].exists(), "a shell does not run them either")
        for trace in traces:
            trace.unlink(missing_ok=True)
        launch(ground, "true", env=env)
        ground.as_user([ground.launcher, "--test"], env=env)
        ran = [trace.name for trace in traces if trace.exists()]
        for path in made:
            path.unlink()
        held(not ran, f"ran on the host: {ran}")
        return "not executed"
    return run


for _number, (_where, _what) in enumerate({"path": "first on the caller's PATH", "project": "in the project, on PATH",
                                           "cwd": "in the current directory, on PATH as a dot"}.items()):
    scenario(f"L-12{'abc'[_number]}", f"fake-program-{_where}", f"puts its own bwrap {_what}")(never_runs(_where))


@scenario("L-13a", "dry-run-differs", "has something else started than --dry-run shows")
def dry_run_differs(ground):
    def shown(*options):
        words = [ground.launcher, *options, "--dry-run", "--json", ground.project, "--", "sleep", "60"]
        return json.loads(ground.as_user(words)[1])["argv"]

    with running(ground, ["sleep", "60"]) as (_, processes):
        bwrap = next(pid for pid in processes if program_of(pid) in WRAPPERS)
        started = read(f"/proc/{bwrap}/cmdline").decode(errors="replace").split("\0")[:-1]
    must(shown("--level", "strict") != started, "another level shows the same")
    held(shown() == started, f"shown {shown()}, started {started}")
    return "the same"


# --- a host that is not as it should be ------------------------------------------------------------------


@contextlib.contextmanager
def another_bwrap(ground, make):
    """A way to run commands where /usr/bin/bwrap is what `make` made; nothing changes for others."""
    need_root()
    if is_container(ground):
        raise Unfit("systemd-nspawn makes a container, not bubblewrap")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        os.chmod(directory, 0o755)
        fake = Path(directory) / "bwrap"
        make(fake)
        real = os.path.realpath(shutil.which("bwrap", path="/usr/bin:/bin"))
        become = ["setpriv", f"--reuid={ground.uid}", f"--regid={ground.gid}", "--clear-groups", "--"]

        def run(*words):
            return ground.as_user(["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$2"; shift 2; exec "$@"', "sh",
                                   fake, real, *become, *words], root=True)
        yield run


def old_bwrap(path):
    path.write_text('#!/bin/sh\n[ "$1" != --version ] || { echo bubblewrap 0.4.1; exit; }\nexit 1\n')
    path.chmod(0o755)


def set_uid_bwrap(path):
    shutil.copy(shutil.which("bwrap", path="/usr/bin:/bin"), path)
    path.chmod(0o4755)


@scenario("Y-01a", "old-bubblewrap", "is started with a bubblewrap that is too old")
def old_bubblewrap(ground):
    with another_bwrap(ground, old_bwrap) as run:
        must("0.4.1" in run("bwrap", "--version")[1], "the other bubblewrap is not found")
        status, said = run(ground.launcher, "--test", ground.project)
        held(status != 0 and re.search(r"FAIL.*bubblewrap version.*0\.4\.1", said), f"not named: {said}")
        status, said = run(ground.launcher, ground.project, "--", "touch", "started")
        held(status != 0 and not (ground.project / "started").exists(), f"it was started: {said}")
    return "refused"


@scenario("Y-02a", "set-uid-bubblewrap", "is started with a set-user-id bubblewrap (CVE-2026-41163)")
def set_uid_bubblewrap(ground):
    with another_bwrap(ground, set_uid_bwrap) as run:
        must(run("find", "/usr/bin/bwrap", "-perm", "-4000")[1].strip(), "the other bubblewrap is not found")
        said = run(ground.launcher, "--test", ground.project)[1]
        held(re.search(r"(FAIL|WARN).*is setuid", said), f"--test does not name it: {said}")
        status, said = run(ground.launcher, ground.project, "--", "touch", "started")
        held(status != 0 and not (ground.project / "started").exists(), f"it was started: {said}")
    return "refused"


@scenario("Y-03a", "no-user-namespaces", "is started where no user namespace can be made")
def no_user_namespaces(ground):
    closed = ["unshare", "--user", "--map-root-user", "sh", "-c",
              'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', "sh"]
    must(ground.as_user([*closed, "unshare", "-U", "true"])[0] != 0, "one can be made all the same")
    status, said = ground.as_user([*closed, ground.launcher, ground.project, "--", "touch", "started"])
    held(status == 125 and not (ground.project / "started").exists(), f"it was started: {status} {said}")
    held(is_container(ground) or "max_user_namespaces" in said, f"the remedy is not named: {said}")
    return "refused"


@scenario("Y-03b", "settings-named", "has the host's weaker settings go unnoticed")
def settings_named(ground):
    said = ground.as_user([ground.launcher, "--test", ground.project])[1]
    for name in ("user.max_user_namespaces", "kernel.unprivileged_userns_clone", "dev.tty.legacy_tiocsti",
                 "kernel.apparmor_restrict_unprivileged_userns"):
        held(name in said, f"--test does not tell {name}")
    return "told"
