"""F-20, N-02, N-13, S-06: what the launcher's processes show, leave and keep."""

import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

from story import WRAPPERS, family, held, must, read, running, scenario, program_of, traced

PROBES = {"daemons"}

@scenario("F-20a", "temporary-files", "plants links at the names of the launcher's temporary files")
def temporary_files(ground):
    made = re.compile(r'"/(?:tmp|var/tmp|dev/shm)/[^"]*", [^)]*O_CREAT')
    calls = "open,openat,creat,mkdir,mkdirat,mknod,mknodat,symlink,symlinkat"
    must(made.search(traced(ground, calls, ["mktemp", "--tmpdir=/tmp"])), "mktemp is not seen making a file")
    for leftover in Path("/tmp").glob("tmp.*"):
        if leftover.stat().st_uid == ground.uid and time.time() - leftover.stat().st_mtime < 5:
            leftover.unlink()
    # bubblewrap's own "/tmp" appears after it has changed its root; before, it uses /tmp as a mount point.
    outside = traced(ground, calls, [ground.launcher, "--explain", ground.project])
    held(not made.search(outside), f"made: {made.findall(outside)}")
    said = traced(ground, calls, [ground.launcher, ground.project, "--", "true"])
    held(not made.search(said), f"made: {made.findall(said)}")
    return "none"


@scenario("N-02c", "own-argv", "looks for secrets in the argv and environment of the launcher's processes")
def own_argv(ground):
    secret = "sk-" + ground.token
    with running(ground, ["sleep", "60"], env={"ANTHROPIC_API_KEY": secret}) as (launcher, processes):
        held(len(processes) >= 3, f"only {processes} run")
        must(any(secret.encode() in read(f"/proc/{pid}/environ") for pid in processes), "nobody has it")
        for pid in processes:
            held(secret.encode() not in read(f"/proc/{pid}/cmdline"), "it is in an argv")
            program = program_of(pid)
            held(program not in (*WRAPPERS, "init") or secret.encode() not in read(f"/proc/{pid}/environ"),
                 f"it is in the environment of {program}")
    return "not found"


@scenario("S-06f", "session-keyring", "keeps the caller's session keyring, with the keys in it")
def session_keyring(ground):
    joined = re.compile(r"keyctl\(KEYCTL_JOIN_SESSION_KEYRING, NULL\) += [1-9]")
    join = ["/usr/bin/python3", "-c", "import ctypes; ctypes.CDLL(None).syscall(250, 1, None)"]
    must(joined.search(traced(ground, "keyctl", join)) and not joined.search(traced(ground, "keyctl", ["true"])),
         "strace does not tell who joins")
    held(joined.search(traced(ground, "keyctl", [ground.launcher, ground.project, "--", "true"])),
         "the sandbox has no session keyring of its own")
    return "its own"


# --- nothing outlives ---------------------------------------------------------------------------------


def alive(pidfds):
    """Those whose process has not ended; a pidfd becomes readable then."""
    poll = select.poll()
    for fd in pidfds:
        poll.register(fd, select.POLLIN)
    ended = {fd for fd, _ in poll.poll(5)}
    return [fd for fd in pidfds if fd not in ended]


def daemons(ground, end):
    """500 daemonised children that ignore every signal, and how long they live on after `end`."""
    words = [ground.launcher, str(ground.project), "--", str(ground.probe), "daemons", "500"]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             env=ground.env(), **ground.credentials())
    held(b"ready" in child.stderr.readline(), "the daemons did not start")
    pids = [pid for pid in family(child.pid) if pid != child.pid]
    held(len(pids) >= 500, f"only {len(pids)} processes run")
    pidfds = [os.pidfd_open(pid) for pid in pids]
    end(child, pids)
    child.wait()
    began = time.monotonic()
    left = alive(pidfds)
    while left and time.monotonic() - began < 5:
        left = alive(left)
    took = time.monotonic() - began
    for fd in pidfds:
        os.close(fd)
    child.stderr.close()
    child.stdin.close()
    held(not left, f"{len(left)} of {len(pids)} live on")
    return took


def outlive(end):
    def run(ground):
        outside_survives(ground)
        took = 1.0
        for _ in range(6):  # the machine may be busy with something else
            took = min(took, daemons(ground, end))
            if took < 0.1:
                break
        held(took < 0.1, f"they lived on for {took * 1000:.0f} ms")
        return "within 100 ms"
    return run


def outside_survives(ground):
    """Control: without a sandbox they do live on; five suffice, and we end them."""
    child = subprocess.Popen([str(ground.probe), "daemons", "5"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=ground.env(), **ground.credentials())
    child.wait()
    survivors = [int(path.name) for path in Path("/proc").glob("[0-9]*")
                 if read(path / "cmdline").startswith(os.fsencode(ground.probe) + b"\0daemons")]
    for pid in survivors:
        os.kill(pid, signal.SIGKILL)
    must(len(survivors) >= 5, f"only {len(survivors)} daemons live on outside")  # and perhaps one that forks still


def let_payload_end(child, _):
    child.stdin.write(b"x")
    child.stdin.flush()


def kill_launcher(child, _):
    child.kill()


def kill_init(_, pids):
    """The first process of the sandbox, which has the number 1 inside."""
    os.kill(next(pid for pid in pids if nspid(pid) == 1), signal.SIGKILL)


def kill_bwrap(_, pids):
    os.kill(next(pid for pid in pids if program_of(pid) in WRAPPERS), signal.SIGKILL)


def nspid(pid):
    found = re.search(rb"^NSpid:.*\t(\d+)$", read(f"/proc/{pid}/status"), re.M)
    return int(found[1]) if found else 0


for _id, _name, _end, _what in (
        ("N-13a", "daemons-end", let_payload_end, "leaves 500 daemons behind when it ends"),
        ("N-13b", "daemons-launcher", kill_launcher, "leaves them behind when the launcher is killed"),
        ("N-13c", "daemons-bwrap", kill_bwrap, "leaves them behind when bubblewrap is killed"),
        ("N-13d", "daemons-init", kill_init, "leaves them behind when init is killed")):
    scenario(_id, _name, _what)(outlive(_end))
