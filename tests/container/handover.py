#!/usr/bin/python3
"""Hands hostile things over to the part of the container backend that runs as root.

    handover.py HELPER DIRECTORY

Run as an ordinary user whom sudo lets start HELPER without arguments. Prints a line per attack, "held" or "FELL" with what
happened, after a control that shows that an honest hand-over works; fails if one fell.
"""

import os
import select
import socket
import struct
import subprocess
import sys
import threading
from array import array

HELPER, HERE = sys.argv[1:3]
MAGIC = 0x43534831
SOURCE, SOURCE_RW, FILE = 1, 2, 3
NONE = "4294967295"
UID, GID = os.getuid(), os.getgid()
fell = 0


def blueprint(script, rows=(), words=None, own=1):
    argv = words or ["/bin/bash", "-c", script]
    out = ["csb-blueprint-2", UID, GID, own, 0, len(rows), len(argv)]
    for row in rows:
        out += row
    return b"".join(str(word).encode(errors="surrogateescape") + b"\0" for word in [*out, *argv])


def bind(number, where):
    return [0, 0, 0, number, NONE, NONE, where, ""]


def memfd(data):
    fd = os.memfd_create("x")
    os.write(fd, data)
    return fd


def path(name):
    return os.open(name, os.O_PATH)


def send(sock, data, fds):
    sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", fds))] if fds else [])


class Call:
    """One start of the helper with a socket pair of ours on its standard input."""

    def __init__(self, stdin=None, argv=(), env=None, kind=socket.SOCK_SEQPACKET):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        self.channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.greeting = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.child = subprocess.Popen(["sudo", "-n", "--", HELPER, *argv], stdin=theirs if stdin is None else stdin,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
        theirs.close()

    def head(self, n, magic=MAGIC, fds=None, plan=b"", size=None):
        first = [self.channel[1].fileno(), self.greeting[1].fileno(), memfd(plan)] if fds is None else fds
        send(self.ours, struct.pack("<II", magic, n)[:size], first)

    def batch(self, kinds, fds):
        send(self.ours, bytes(kinds), fds)

    def end(self, seconds=30):
        """What it and all that it started wrote, once nobody can write any more."""
        for pair in (self.channel, self.greeting):
            pair[1].close()
        try:
            self.ours.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        said = self.child.communicate(timeout=seconds)[1].decode(errors="replace")
        return self.child.returncode, said


def run(plan, kinds=(), fds=()):
    call = Call()
    try:
        call.head(len(fds), plan=plan)
        for at in range(0, len(fds), 200):
            call.batch(kinds[at:at + 200], fds[at:at + 200])
    except OSError:
        pass
    return call.end()


def tell(name, good, seen):
    global fell
    fell += not good
    print(f"{'held' if good else 'FELL'} {name}: {' '.join(str(seen).split())[:300]}", flush=True)


def refused(name, seen, word="container:"):
    code, said = seen
    tell(name, code != 0 and word in said, f"{code} {said}")


def torn(name, act):
    call = Call()
    try:
        act(call)
    except OSError:
        pass
    refused(name, call.end())


# --- an honest one ---------------------------------------------------------------------------------------

public = path(HERE)
SAY = "exec >&2; "
seen = run(blueprint(SAY + "echo here; cat /run/root/x/own.txt", [bind(0, "/x")]), [SOURCE], [public])
tell("control: what is handed over is there", seen == (0, "here\nmine\n"), seen)

# --- messages ---------------------------------------------------------------------------------------------

plan = blueprint("true", [bind(0, "/x")])
torn("no head", lambda c: c.ours.shutdown(socket.SHUT_WR))
torn("wrong magic", lambda c: c.head(1, magic=1))
torn("short head", lambda c: c.head(1, size=5))
torn("no descriptors with the head", lambda c: c.head(1, fds=[]))
torn("four descriptors with the head", lambda c: c.head(1, fds=[public] * 4))
torn("250 descriptors with the head", lambda c: c.head(1, fds=[public] * 250))
torn("nothing announced", lambda c: c.head(0))
torn("more announced than can be", lambda c: c.head(4097))
torn("4,294,967,295 announced", lambda c: c.head(0xffffffff))
torn("a batch without descriptors", lambda c: (c.head(1), c.batch([1], [])))
torn("a batch with more kinds than descriptors", lambda c: (c.head(3), c.batch([1, 1], [public])))
torn("a batch with fewer", lambda c: (c.head(3), c.batch([1], [public] * 2)))
torn("a batch of more than was announced", lambda c: (c.head(1), c.batch([1, 1], [public] * 2)))
torn("a batch larger than any", lambda c: (c.head(300), c.batch([1] * 253, [public] * 253)))
torn("an unknown kind", lambda c: (c.head(1), c.batch([9], [public])))
torn("kind 0", lambda c: (c.head(1), c.batch([0], [public])))
torn("it ends in the middle", lambda c: (c.head(2), c.batch([1], [public])))

# --- who calls ---------------------------------------------------------------------------------------------

refused("standard input is /dev/null", Call(stdin=subprocess.DEVNULL).end())
with open(os.path.join(HERE, "own.txt")) as own:
    refused("standard input is a file", Call(stdin=own).end())
reader, writer = os.pipe()
refused("standard input is a pipe", Call(stdin=reader).end())
refused("a stream socket", Call(kind=socket.SOCK_STREAM).end())
refused("a datagram socket", Call(kind=socket.SOCK_DGRAM).end())
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(b"\0csb-handover-%d" % os.getpid())
listener.listen()
client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
client.connect(listener.getsockname())
refused("a socket that is connected by name", Call(stdin=client).end())
refused("a listening socket", Call(stdin=listener).end())
if len(sys.argv) > 3:  # root's own listener, whom the kernel would name as the peer
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.connect(sys.argv[3])
    refused("a connection to a server of root's", Call(stdin=client).end())
code, said = Call(argv=["--help"]).end()
tell("arguments: the rule of sudo has none", code != 0 and "sudo:" in said, said)
for name, env in {"SUDO_UID=0": {"SUDO_UID": "0"}, "SUDO_UID and USER of another": {"SUDO_UID": "1", "SUDO_USER": "daemon", "USER": "root",
                                                                                 "LOGNAME": "root"},
                  "LD_PRELOAD": {"LD_PRELOAD": "/nothing.so"}}.items():
    call = Call(env={**os.environ, **env})
    call.head(1, plan=blueprint(SAY + "id -u; cat /proc/self/uid_map", [bind(0, "/x")]))
    call.batch([SOURCE], [public])
    code, said = call.end()
    tell(f"forged: {name}", code == 0 and f"{UID} {0x70000000 + UID * 4 + 1} 1".split() in [line.split() for line in said.splitlines()],
         f"{code} {said}")

# --- what is handed over -------------------------------------------------------------------------------------

epoll, pidfd = select.epoll(), os.pidfd_open(os.getpid())
for name, fd in {"a memfd": memfd(b"x"), "a pipe": reader, "a socket": client.fileno(), "an epoll": epoll.fileno(),
                 "a pidfd": pidfd, "a pidfd by its name": path(f"/proc/self/fd/{pidfd}"), "a directory that can be read": os.open(HERE, os.O_RDONLY),
                 "a device": path("/dev/null"), "a process's memory": path("/proc/self/mem")}.items():
    refused(f"a source that is {name}", run(plan, [SOURCE], [fd]))
gone = os.path.join(HERE, "gone")
os.mkdir(gone)
gone_fd = path(gone)
os.rmdir(gone)
code, said = run(plan, [SOURCE], [gone_fd])
tell("a source that was removed", code == 0 or "container:" in said, f"{code} {said}")

# A mount of the caller's own making, from a namespace of his own: the kernel refuses to clone it.
theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
maker = subprocess.Popen(["unshare", "-rm", "/usr/bin/python3", "-c", (
    "import os, socket, subprocess, array\n"
    "subprocess.run(['mount', '-t', 'tmpfs', 'evil', '/mnt'], check=True)\n"
    f"s = socket.socket(fileno={theirs[1].fileno()})\n"
    "s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [os.open('/mnt', os.O_PATH)]))])\n"
    "s.recv(1)\n")], pass_fds=[theirs[1].fileno()])
foreign = socket.recv_fds(theirs[0], 1, 1)[1][0]
refused("a mount from a namespace of the caller's", run(plan, [SOURCE_RW], [foreign]))
theirs[0].send(b"x")
maker.wait()

code, said = run(blueprint("true"), [FILE] * 4096, [os.open("/dev/null", os.O_RDONLY)] * 4096)
tell("4,096 files", code == 0 or "container:" in said, f"{code} {said}")

# --- blueprints: read without rights ---------------------------------------------------------------------------

for name, text in {"empty": b"", "garbage": os.urandom(4096), "torn": plan[:-3], "of another version": plan.replace(b"-2\0", b"-3\0"),
                   "with a number too large": blueprint("true", [bind("99999999999999999999", "/x")]),
                   "with an unknown row": blueprint("true", [[8, *bind(0, "/x")[1:]]]),
                   "without a program": blueprint("", words=["relative"]),
                   "with a relative place": blueprint("true", [bind(0, "x")])}.items():
    call = Call()
    call.head(1, plan=text)
    call.batch([SOURCE], [public])
    said = call.end()[1]
    tell(f"a blueprint {name}", "blueprint" in said, said)
for name, row in {"a source that is not there": bind(7, "/x"), "a file that is a source": [4, 420, 0, NONE, NONE, 0, "/x", ""],
                  "a file that is not there": [5, 365, 0, NONE, NONE, 4000, "/x", ""]}.items():
    said = run(blueprint("true", [row]), [SOURCE], [public])[1]
    tell(f"a row with {name}", "container:" in said, said)

# --- and what runs then, as root of its own namespace and with the host's files in view -------------------------------

SCRIPT = r"""
exec >&2
try() { # NAME COMMAND...: it must fail
	name=$1; shift
	if out=$("$@" 2>&1); then echo "GOT $name: $out"; fi
}
[ "$(id -u)" = 0 ] || echo "GOT nothing: this is not root of the namespace"
grep -q 'CapEff:.*[1-9a-f]' /proc/self/status || echo "GOT nothing: this has no capabilities"
try shadow cat /etc/shadow
try root-home ls /root
try root-home-source ls /run/1
try write-etc sh -c ': >>/etc/hosts'
try write-system sh -c ': >>/run/2/hosts'
try make-system touch /run/2/made
try secret-source cat /run/0/of-root
try write-readonly touch /run/0/made
try remount mount -o remount,bind,rw /run/0
try remount-root mount -o remount,bind,rw /run/2
try remount-suid mount -o remount,bind,suid,dev /run/3
try umount umount /run/2
try umount-stage umount /run
try device mknod /run/3/sda b 8 0
try device-tmp sh -c 'mknod /tmp/mem c 1 1 && cat /tmp/mem'
try root-file sh -c 'touch /run/3/by-root && stat -c %u /run/3/by-root'
try chown-root chown 0:0 /run/3/own.txt
try set-id sh -c 'cp /bin/sh /run/3/sh && chmod 4755 /run/3/sh'
try capability setcap cap_sys_admin+ep /run/3/own.txt
try host-mounts nsenter --mount=/proc/1/ns/mnt true
try host-net nsenter --net=/proc/1/ns/net true
try host-user nsenter --user=/proc/1/ns/user true
try host-root ls /proc/1/root/
try kill-host kill -0 1
try sysrq sh -c 'echo h >/proc/sysrq-trigger'
try sysctl sh -c 'cat /proc/sys/kernel/core_pattern >/proc/sys/kernel/core_pattern'
try module sh -c 'modprobe dummy || insmod /nothing.ko'
try cgroup-made mkdir /sys/fs/cgroup/made
try cgroup-unified mkdir /sys/fs/cgroup/unified/made
try reboot sh -c 'python3 -c "import ctypes; exit(ctypes.CDLL(None).reboot(0x89abcdef))" && echo accepted'
try hostname-host nsenter --uts=/proc/1/ns/uts hostname evil
try clock date -s @0
try ids python3 -c 'import os; os.setresuid(1, 1, 1)'
echo "tried $(id -u)"
"""
with open(os.path.join(HERE, "script.sh"), "w") as out:
    out.write(SCRIPT)
sources = [public, path("/root"), path("/etc"), path(HERE)]
code, said = run(blueprint(SCRIPT, [bind(0, "/x")]), [SOURCE, SOURCE_RW, SOURCE, SOURCE_RW], sources)
if "tried 0" not in said:
    # /root cannot be shown as the user's where its file system can be; then nothing was tried.
    tell("a program of the caller's in its place", False, said)
for line in said.splitlines():
    if line.startswith("GOT "):
        tell(f"inside: {line[4:].split(':')[0]}", False, line)
tell("inside: all tried", "tried 0" in said, said)

# --- one that is left alone ---------------------------------------------------------------------------------------

call = Call()
timer = threading.Timer(40, call.child.kill)
timer.start()
code = call.child.wait()
timer.cancel()
tell("silence: it does not stay", code not in (0, -9), code)
sys.exit(fell != 0)
