#!/usr/bin/env python3
"""Takes more than its share: hog.py WHAT COUNT [DIR]. Prints how much it got and why it ended.

All is bounded by COUNT, and given back when it ends. Used by limits.bats, inside and outside.
"""

import ctypes
import errno
import os
import signal
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)


def take(count, one):
    """Calls one() up to count times; the number of successes and the error's name, or '-'."""
    got = 0
    why = "-"
    try:
        while got < count:
            one()
            got += 1
    except OSError as e:
        why = errno.errorcode[e.errno]
    except RuntimeError:
        why = "EAGAIN"  # what threading makes of it
    return got, why


def forker(then):
    pids = []

    def one():
        pid = os.fork()
        if pid == 0:
            then()
            os._exit(0)
        pids.append(pid)

    return pids, one


def processes(count):
    pids, one = forker(lambda: time.sleep(60))
    result = take(count, one)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return result


def zombies(count):
    return take(count, forker(lambda: None)[1])


def bomb(count):
    """Every child forks as well, until nobody can; ends after COUNT seconds."""
    end = time.monotonic() + count
    while time.monotonic() < end:
        try:
            os.fork()
        except OSError:
            time.sleep(0.05)
    os._exit(0)


def threads(count):
    def one():
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()

    return take(count, one)


def files(count):
    return take(count, lambda: os.open("/dev/null", os.O_RDONLY))


def checked(r):
    if r < 0:
        raise OSError(ctypes.get_errno(), "")
    return r


def inotify(count):
    return take(count, lambda: checked(libc.inotify_init()))


def memory(count):
    kept = []
    return take(count, lambda: kept.append(b"x" * (1 << 20)))


def memfd(count):
    fd = os.memfd_create("hog")
    return take(count, lambda: os.write(fd, b"x" * (1 << 20)))


def fill(count):
    name = os.path.join(sys.argv[3], "hog")
    block = b"x" * (1 << 20)
    fd = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600)

    def one():
        if os.write(fd, block) < len(block):
            raise OSError(errno.ENOSPC, "")

    result = take(count, one)
    os.unlink(name)
    return result


if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    print(*globals()[sys.argv[1]](int(sys.argv[2])), flush=True)
    os._exit(0)
