"""What scenarios are made of: attacks that are no single call, on the launcher and with time in them.

A scenario shows first that its attack works where the wall is absent (`must`), then that it does not
here (`held`), and returns what it was answered with.
"""

import contextlib
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from host import is_root
from reasons import NEEDS_ROOT


class Unfit(Exception):
    """It cannot be tried here, with the reason."""


@dataclass
class Scenario:
    id: str
    name: str
    what: str
    run: Callable
    level: str = "default"
    needs: str = ""


SCENARIOS = []


def scenario(number, name, what, level="default", needs=""):
    def register(function):
        SCENARIOS.append(Scenario(number, name, what, function, level, needs))
        return function
    return register


def must(condition, what):
    assert condition, f"no control: {what}"


def held(condition, what):
    assert condition, what


def need_root():
    if not is_root():
        raise Unfit(NEEDS_ROOT)


def launch(ground, *words, options=(), project=None, **more):
    return ground.as_user([ground.launcher, *options, project or ground.project, "--", *words], **more)


def traced(ground, calls, argv):
    """What a command of the user's and its children call, as strace tells it."""
    if not shutil.which("strace"):
        raise Unfit("no strace on this host")
    words = ["strace", "-f", "-qq", "-s", "200", "-e", f"trace={calls}"]
    if not is_container(ground):
        return ground.as_user([*words, *argv], timeout=60)[1]
    need_root()  # who traces sudo must be root, else it has no rights
    return ground.as_user([*words, "-u", ground.user, *argv], timeout=60, root=True)[1]


def read(path):
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.002)


def family(pid):
    """The process and all below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in read(task).split()]
    return found


# What makes the sandbox, by backend.
WRAPPERS = ("bwrap", "systemd-nspawn")


def is_container(ground):
    return str(ground.launcher).endswith("-container")


def program_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


@contextlib.contextmanager
def running(ground, words, env=None, options=(), project=None):
    """A sandbox that runs: its launcher, and the ids of all its processes. Ended on the way out."""
    child = subprocess.Popen([ground.launcher, *options, str(project or ground.project), "--", *words],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=ground.env(env), **ground.credentials())
    try:
        wait_until(lambda: any(read(f"/proc/{pid}/cmdline").split(b"\0")[0] == words[0].encode()
                               for pid in family(child.pid)))
        yield child, family(child.pid)
    finally:
        child.terminate()
        child.wait()
