"""Namespaces of the world's own: processes, mounts, network. Whoever is in them is gone when their first process is.

Mounts are private, so that no file of the host changes: a directory for the world, /etc/resolv.conf, /etc/hosts,
/etc/nsswitch.conf and the trusted certificates.
"""
import ctypes
import errno
import os
import shutil
import signal
import subprocess

NEWNS, NEWPID, NEWNET = 0x20000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000
PR_SET_PDEATHSIG = 1
CERTIFICATES = "/etc/ssl/certs"
CALLERS_ONLY = ("/run/nscd", "/var/run/nscd")   # a cache of the host's would answer instead of our DNS server

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def enter():
    """The next child is the first process of the namespaces."""
    check(libc.unshare(NEWNS | NEWPID | NEWNET), "a world needs root: unshare")


def die_with_parent():
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def mount(source, target, kind=None, flags=0, options=None):
    words = [None if w is None else w.encode() for w in (source, target, kind)]
    check(libc.mount(*words, ctypes.c_ulong(flags), options and options.encode()), f"mount on {target}")


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def make_directory(directory):
    """In memory, on a directory of the host that stays as it is."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc")
    mount("world", directory, "tmpfs", 0, "mode=755,size=1g")
    os.mkdir(f"{directory}/own", 0o700)
    os.mkdir(f"{directory}/etc", 0o755)
    for path in CALLERS_ONLY:
        if os.path.isdir(path) and not os.path.islink(path):
            mount("none", path, "tmpfs")


def replace_etc(directory, resolver):
    texts = {"resolv.conf": f"nameserver {resolver}\n", "hosts": f"127.0.0.1 localhost {os.uname().nodename}\n::1 localhost\n",
             "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"}
    for name, text in texts.items():
        if not os.path.exists(f"/etc/{name}"):
            continue
        write(f"{directory}/etc/{name}", text)
        os.chmod(f"{directory}/etc/{name}", 0o644)
        mount(f"{directory}/etc/{name}", os.path.realpath(f"/etc/{name}"), None, MS_BIND)


def trust(directory):
    """Our authority is one of those that programs of the system trust; Node and Java have lists of their own."""
    copy, ca = f"{directory}/etc/certs", f"{directory}/ca.pem"
    shutil.copytree(CERTIFICATES, copy, symlinks=True)
    number = subprocess.run(["openssl", "x509", "-in", ca, "-noout", "-hash"], check=True, capture_output=True,
                            text=True).stdout.strip()
    shutil.copy(ca, f"{copy}/{number}.0")
    with open(ca, encoding="ascii") as f, open(f"{copy}/ca-certificates.crt", "a", encoding="ascii") as bundle:
        bundle.write(f.read())
    mount(copy, CERTIFICATES, None, MS_BIND)


def source_for(own, address):
    return next(a for a in own if (":" in a) == (":" in address))


def assign(own, routed):
    """@own become addresses of the loopback device; @routed are only received there, and nobody finds them on it."""
    if not os.path.exists("/proc/sys/net/ipv6"):
        raise OSError(errno.EAFNOSUPPORT, "a world needs IPv6, which this kernel does not have")
    for name in ("all", "lo"):
        write(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "0\n")
    lines = ["link set lo up"]
    lines += [f"addr add {a}/128 dev lo nodad" if ":" in a else f"addr add {a}/32 dev lo" for a in own]
    lines += [f"route add local {a} dev lo src {source_for(own, a)}" for a in routed]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)
