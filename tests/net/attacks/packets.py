"""E-14, E-01: everything that is no TCP, and sockets below it."""
import errno
import socket

import way
from attack import REFUSED, Attack

# Port 443 is QUIC, 123 NTP, 53 DNS, 161 SNMP.
PLACES = (("93.184.216.66", 443), ("93.184.216.66", 53), ("93.184.216.66", 4444), ("93.184.216.44", 123), ("192.168.77.1", 53),
          ("10.9.8.7", 161), ("127.0.0.1", 161), ("169.254.169.254", 123), ("2606:2800:220:1::66", 443))
NAMES = (("evil.example.net", 443), ("allowed.example.com", 443))
DENIED = (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.ENETUNREACH)


def place(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def send(address, port, mark):
    family, kind, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as sock:
        sock.settimeout(1)
        sock.sendto(mark.encode(), where)
        return sock.recv(100).decode()


def open_socket(*kind):
    with socket.socket(*kind):
        return "it can be opened"


def socks_udp(mark):
    """UDP ASSOCIATE, which no proxy of ours has."""
    with way.dial(way.SOCKS) as sock:
        sock.sendall(b"\5\1\0\5\3\0\1" + bytes(6))
        way.receive(sock, 2)
        answer = way.receive(sock, 10)
    if answer[1]:
        raise PermissionError(errno.EPERM, f"SOCKS {answer[1]}")
    return "a way for datagrams"


# id, what, arguments of socket(2); the control is root of a network of his own.
SOCKETS = (
    ("icmp", "a raw socket of ICMP", (socket.AF_INET, socket.SOCK_RAW, 1)),
    ("icmp6", "a raw socket of ICMPv6", (socket.AF_INET6, socket.SOCK_RAW, 58)),
    ("raw", "a raw socket of IP", (socket.AF_INET, socket.SOCK_RAW, 255)),
    ("packet", "a socket of whole frames", (socket.AF_PACKET, socket.SOCK_RAW, 0)),
    ("packet-dgram", "the same without their heads", (socket.AF_PACKET, socket.SOCK_DGRAM, 0)),
    ("ping", "a ping socket", (socket.AF_INET, socket.SOCK_DGRAM, 1)),
    ("vsock", "a socket to the host of a virtual machine", (socket.AF_VSOCK, socket.SOCK_STREAM, 0)),
    ("bluetooth", "a socket of Bluetooth", (31, socket.SOCK_RAW, 1)),
    ("tipc", "a socket of TIPC", (30, socket.SOCK_DGRAM, 0)),
    ("rds", "a socket of RDS", (21, socket.SOCK_SEQPACKET, 0)),
    ("netfilter", "the packet rules' netlink", (socket.AF_NETLINK, socket.SOCK_RAW, 12)),
    ("xdp", "a socket of XDP", (44, socket.SOCK_RAW, 0)),
)
KERNEL = {"vsock", "bluetooth", "tipc", "rds", "xdp", "ping"}   # many kernels have none


def rows():
    for address, port in PLACES:
        yield Attack(f"e14-udp-{address.replace(':', '-').replace('.', '-')}-{port}", f"a datagram to {place(address, port)}",
                     lambda m, a=address, p=port: send(a, p, m), at=place(address, port))
    for name, port in NAMES:
        yield Attack(f"e14-udp-{name.replace('.', '-')}", f"a datagram to {name}, port {port}",
                     lambda m, n=name, p=port: send(socket.gethostbyname(n), p, m))
    yield Attack("e14-multicast", "a datagram for everybody near (mDNS)", lambda m: send("224.0.0.251", 5353, m), answer=REFUSED,
                 errors=(*DENIED, errno.EPERM), control="nobody of the world hears it")
    yield Attack("e14-socks-udp", "UDP ASSOCIATE of SOCKS5", socks_udp, answer=REFUSED, errors=DENIED, control="the naive proxy has none")
    for key, text, kind in SOCKETS:
        yield Attack(f"e14-{key}", text, lambda m, k=kind: open_socket(*k), answer=REFUSED, errors=DENIED,
                     control="not in every kernel" if key in KERNEL else "root")
    yield Attack("e14-sctp", "SCTP", lambda m: open_socket(socket.AF_INET, socket.SOCK_STREAM, 132), answer=REFUSED, errors=DENIED,
                 control="not in every kernel")


ATTACKS = list(rows())
