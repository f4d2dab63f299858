"""The payload against the walls of its own network, and against egress itself."""
import ctypes
import errno
import os
import socket
import struct

from attack import REFUSED, Attack

LIBC = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWNET = 0x10000000, 0x40000000
NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
REQUEST_ACK = 5
DENIED = (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ENOSPC, errno.ENOSYS, errno.ENOENT, errno.ESRCH)


def sockets():
    """Descriptors of our own that are sockets."""
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            found += [fd] if os.readlink(f"/proc/self/fd/{fd}").startswith("socket:") else []
        except OSError:
            pass
    return found


INHERITED = sockets()   # before this process opens one


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"


def netlink(family, kind, flags, body):
    """One message; its acknowledgement decides."""
    message = struct.pack("=IHHII", 16 + len(body), kind, REQUEST_ACK | flags, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as sock:
        sock.settimeout(2)
        sock.sendto(message, (0, 0))
        answer = sock.recv(4096)
    error = -struct.unpack_from("=i", answer, 16)[0]
    if error:
        raise OSError(error, os.strerror(error))
    return "done"


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def route(mark):
    """RTM_NEWROUTE: 203.0.113.0/24 by the loopback device."""
    body = struct.pack("=BBBBBBBBI", 2, 24, 0, 0, 254, 3, 253, 1, 0)
    return netlink(NETLINK_ROUTE, 24, 0x600, body + attribute(1, bytes((203, 0, 113, 0))) + attribute(4, struct.pack("=I", 1)))


def address(mark):
    """RTM_NEWADDR: 203.0.113.1 on the loopback device."""
    body = struct.pack("=BBBBI", 2, 32, 0, 0, 1)
    return netlink(NETLINK_ROUTE, 20, 0x600, body + attribute(2, bytes((203, 0, 113, 1))))


def link(mark):
    """RTM_NEWLINK: a dummy device."""
    return netlink(NETLINK_ROUTE, 16, 0x600, struct.pack("=BBHiII", 0, 0, 0, 0, 0, 0) +
                   attribute(3, b"csb0\0") + attribute(18, attribute(1, b"dummy\0")))


def delete_rules(mark):
    """The redirect's table, whatever its name: all tables of IPv4."""
    begin, end = struct.pack("=BBH", 0, 0, socket.htons(10)), struct.pack("=BBH", 0, 0, socket.htons(10))
    batch = struct.pack("=IHHII", 20, 16, 1, 0, 0) + begin
    batch += struct.pack("=IHHII", 20, (10 << 8) | 2, REQUEST_ACK, 1, 0) + struct.pack("=BBH", 0, 0, 0)
    batch += struct.pack("=IHHII", 20, 17, 1, 2, 0) + end
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as sock:
        sock.settimeout(2)
        sock.sendto(batch, (0, 0))
        answer = sock.recv(4096)
    error = -struct.unpack_from("=i", answer, 16)[0]
    if error:
        raise OSError(error, os.strerror(error))
    return "done"


def enter(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return check(LIBC.setns(fd, NEWNET))
    finally:
        os.close(fd)


def in_child(work):
    """What would change us for good."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            code = 0 if work() else 0
        except OSError as error:
            code = error.errno or 255
        os.write(write, bytes([code]))
        os._exit(0)
    os.waitpid(pid, 0)
    code = os.read(read, 1)[0]
    os.close(read)
    os.close(write)
    if code:
        raise OSError(code, os.strerror(code))
    return "done"


def find_egress():
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/comm", encoding="utf-8") as f:
                if "egress" in f.read():
                    return int(name)
        except OSError:
            pass
    raise ProcessLookupError(errno.ESRCH, "no such process")


def kill_egress(mark):
    os.kill(find_egress(), 0)
    return "there"


def trace_egress(mark):
    pid = find_egress()
    check(LIBC.ptrace(16, pid, 0, 0))
    LIBC.ptrace(17, pid, 0, 0)
    return "traced"


def sysctl(mark):
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as f:
        f.write("1\n")
    return "written"


def inherited(mark):
    """A descriptor that somebody has left us: a socket of egress or of its keeper."""
    if INHERITED:
        return f"descriptors {INHERITED}"
    raise PermissionError(errno.EPERM, "none")


def abstract(mark):
    """K-03: attacks.bats listens there, on the host."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("\0csb-attacks-canary")
        sock.sendall(mark.encode())
    return "connected"


def row(key, text, how, control="root", errors=DENIED):
    return Attack(key, text, how, answer=REFUSED, control=control, errors=errors)


ATTACKS = [
    row("net-route", "a route of the payload's own", route),
    row("net-address", "an address of its own", address),
    row("net-link", "a device of its own", link, control="not in every kernel"),
    row("net-nft", "the redirect's rules are deleted", delete_rules),
    row("net-forward", "packets are forwarded", sysctl, errors=(*DENIED, errno.EROFS)),
    row("net-setns-1", "the network of the first process", lambda m: in_child(lambda: enter("/proc/1/ns/net"))),
    row("net-unshare", "a network of its own", lambda m: in_child(lambda: check(LIBC.unshare(NEWNET)))),
    row("net-unshare-user", "the same as root of a new user namespace",
        lambda m: in_child(lambda: check(LIBC.unshare(NEWUSER | NEWNET)))),
    row("net-kill", "a signal to egress", kill_egress, control="no egress runs where no sandbox is"),
    row("net-trace", "egress is traced", trace_egress, control="no egress runs where no sandbox is"),
    row("net-inherited", "a socket that was left open", inherited, control="a clean start has none"),
    row("k03-abstract", "an abstract socket of the host", abstract, control="user", errors=(errno.ECONNREFUSED, errno.EPERM)),
]
