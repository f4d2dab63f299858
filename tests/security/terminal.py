"""A terminal on which an attack runs, and what it left in it."""

import fcntl
import os
import selectors
import struct
import subprocess
import termios
import time

from host import Missing, is_root


class Terminal:
    """A pty of ours, with a number that no fresh /dev/pts has, so that the names cannot be confused."""

    def __init__(self, ground):
        self.ground, self.spare = ground, []
        while True:
            self.master, self.slave = os.openpty()
            self.path = os.ttyname(self.slave)
            if int(self.path.rsplit("/", 1)[1]) >= 4:
                break
            self.spare += [self.master, self.slave]
        if is_root():
            os.chown(self.path, ground.uid, -1)
        info = os.fstat(self.slave)
        self.names = {"tty": self.path, "tty_dev": info.st_dev, "tty_ino": info.st_ino}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for fd in [self.master, self.slave, *self.spare]:
            os.close(fd)

    def run(self, argv, env, timeout, cwd=None):
        def own_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        argv = [a.format_map(Missing(self.names)) if a.startswith("{tty") else a for a in argv]
        child = subprocess.Popen(argv, env=env, cwd=cwd or self.ground.project, stdin=self.slave, stdout=self.slave,
                                 stderr=self.slave, start_new_session=True, preexec_fn=own_terminal,
                                 **self.ground.credentials())
        return self.read_until_end(child, timeout)

    def read_until_end(self, child, timeout):
        out, deadline = b"", time.monotonic() + timeout
        selector = selectors.DefaultSelector()
        selector.register(self.master, selectors.EVENT_READ)
        while True:
            ended = child.poll() is not None
            if selector.select(0.02):
                out += os.read(self.master, 65536)
            elif ended:
                return out
            if time.monotonic() > deadline:
                child.kill()
                child.wait()
                return out + b"\n(timed out)"

    def pushed(self):
        """Bytes that wait to be read on the slave; nobody has typed any."""
        return struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0" * 4))[0]
