"""R: more than a fair share. Everything runs in a bounded cgroup of its own, so that the host stays well."""

import contextlib
import os
import select
import subprocess
import time
from pathlib import Path

from ground import answer_in
from story import Unfit, held, launch, must, need_root, scenario
from terminal import Terminal

MIB = 1 << 20
# The limits that the sandbox is started with, and what an attack asks for: more than that.
OPTIONS = ("--pids", "64", "--memory", "128M")
# What even a fallen attack cannot go past: the control run must fit in.
PIDS_BOUND, MEMORY_BOUND = 700, 1024 * MIB


@contextlib.contextmanager
def bounded():
    """A cgroup that holds whatever we start in it; yields what a child calls to join."""
    need_root()
    joins, made = [], []
    for controller, settings in {"pids": {"pids.max": PIDS_BOUND}, "memory": {"memory.limit_in_bytes": MEMORY_BOUND}}.items():
        parent = Path("/sys/fs/cgroup") / controller
        if not (parent / "cgroup.procs").exists():
            raise Unfit(f"no cgroup v1 hierarchy of {controller} on this host")
        group = parent / f"csb-security-{os.getpid()}"
        group.mkdir()
        made.append(group)
        for name, value in settings.items():
            (group / name).write_text(str(value))
        joins.append(group / "cgroup.procs")

    def join():
        for file in joins:
            file.write_text("0")
    try:
        yield join
    finally:
        for group in made:
            end_group(group)


def end_group(group):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), 9)
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.05)


def run_bounded(ground, words, join, timeout=60):
    """Root joins the cgroup, then becomes the user."""
    def enter():
        join()
        os.setgroups([ground.gid])
        os.setgid(ground.gid)
        os.setuid(ground.uid)

    child = subprocess.Popen([str(word) for word in words], env=ground.env(), cwd=ground.project, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=enter)
    try:
        return answer_in(child.communicate(timeout=timeout)[0].decode(errors="replace"))
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise


def calm():
    """Does a sleep of a millisecond take no more than fifty, 200 times?"""
    for _ in range(200):
        began = time.monotonic()
        time.sleep(0.001)
        if time.monotonic() - began > 0.05:
            return False
    return True


def comes_to_rest(seconds=30):
    """Other tests may be at work too, so one sleep that is too long says nothing."""
    deadline = time.monotonic() + seconds
    while not calm():
        if time.monotonic() > deadline:
            return False
    return True


# name, id, what, arguments, what it must be answered with
TAKES = (
    ("fork-bomb", "R-01a", "makes processes without end", ("500",), ("EAGAIN",)),
    ("thread-bomb", "R-02a", "makes threads without end", ("500",), ("EAGAIN",)),
    ("zombies", "R-02b", "makes processes that are not reaped", ("500",), ("EAGAIN",)),
    ("memory", "R-03a", "takes memory without end", ("512",), ("SIGKILL", "ENOMEM")),
    ("fill-tmp", "R-03b", "fills /tmp", ("512", "/tmp/probe-fill"), ("SIGKILL", "ENOSPC", "ENOMEM")),
    ("fill-shm", "R-03c", "fills /dev/shm", ("512", "/dev/shm/probe-fill"), ("SIGKILL", "ENOSPC", "ENOMEM")),
    ("fill-memfd", "R-03d", "fills a memfd", ("512",), ("SIGKILL", "ENOMEM")),
    ("inodes", "R-05a", "makes files in /tmp without end", ("400000", "/tmp"), ("SIGKILL", "ENOSPC", "ENOMEM")),
    ("descriptors", "R-06a", "opens descriptors without end", ("300000",), ("EMFILE",)),
    ("inotify", "R-06b", "makes inotify instances without end", ("100",), ("EMFILE",)),
    # The kernel keeps kernel.pty.reserve (1,024) for the host's own /dev/pts; a sandbox has another.
    ("ptys", "R-06c", "opens terminals without end", ("4000",), ("EMFILE", "ENOSPC")),
)
# Some limits the host has for everybody; outside they strike later or not at all.
STRIKES_OUTSIDE = ("descriptors", "inotify", "ptys")


def takes(name, args, answers):
    def run(ground):
        with bounded() as join:
            if name not in STRIKES_OUTSIDE:
                # Files go where they are memory of this cgroup, and not onto the host's disk.
                own = [args[0]] + [f"{ground.names['shm']}{'/fill' * (name != 'inodes')}" for _ in args[1:]]
                answer = run_bounded(ground, [ground.probe, name, *own], join)
                must(answer.word == "DONE", f"outside: {answer}")
            status, said = launch(ground, "true", options=OPTIONS)
            must(status == 0, f"a sandbox with these limits does not start: {said}")
            answer = run_bounded(ground, [ground.launcher, *OPTIONS, ground.project, "--", ground.probe, name, *args],
                                 join)
            held(answer.word != "DONE", "it got all that it asked for")
            held(answer.word == "NOTHING" or answer.detail in answers, f"expected one of {answers}: {answer}")
            held(comes_to_rest(), "the host does not come to rest")
            return answer.detail or "SIGKILL"
    return run


for _name, _id, _what, _args, _answers in TAKES:
    scenario(_id, _name, _what, needs="limits")(takes(_name, _args, _answers))


scenario("R-04a", "fill-disk", "fills the disk that the project is on", needs="quota")(
    takes("fill-disk", ("512", "filler"), ("ENOSPC", "EDQUOT")))


@scenario("R-08a", "flood", "floods the terminal with 256 MiB of output")
def flood(ground):
    with Terminal(ground) as terminal:
        child = subprocess.Popen([ground.launcher, str(ground.project), "--", str(ground.probe), "flood", "256"],
                                 stdin=terminal.slave, stdout=terminal.slave, stderr=terminal.slave, env=ground.env(),
                                 start_new_session=True, cwd=ground.project, **ground.credentials())
        total = largest = 0
        while child.poll() is None:
            if select.select([terminal.master], [], [], 0.1)[0]:
                total += len(os.read(terminal.master, 1 << 16))
            largest = max(largest, resident(child.pid))
    must(total > 200 * MIB, f"only {total} bytes came")
    held(largest < 16 * MIB, f"the launcher grew to {largest} bytes")
    return "passed on, not kept"


def resident(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


PROBES = {row[0] for row in TAKES} | {"fill-disk", "flood"}
