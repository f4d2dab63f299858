"""E-01, E-07, K-13: where nobody from inside may come, though a rule allows every name and every public address: by
number in all spellings, by names that lead there, and by names that change their mind.
"""
import threading

import way
from attack import Attack

META, META6, LAN, TEN = "169.254.169.254", "fd00:ec2::254", "192.168.77.1", "10.9.8.7"
OWN, OWN_LAN, OWN6, CGNAT = "93.184.219.20", "192.168.77.20", "2606:2800:220:77::20", "100.100.100.200"
NAT64, NAT64_META, SIXTOFOUR = "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1"

# How the number is written, the port, where it leads: nowhere, if nobody reads it as one.
NUMBERS = (
    ("127.0.0.1", 80, "127.0.0.1"), ("127.1", 80, "127.0.0.1"), ("0x7f.1", 80, "127.0.0.1"),
    ("0x7f000001", 80, "127.0.0.1"), ("2130706433", 80, "127.0.0.1"), ("0177.0.0.1", 80, "127.0.0.1"),
    ("0", 80, "127.0.0.1"), ("0.0.0.0", 80, "127.0.0.1"), ("127.0.0.1.", 80, "127.0.0.1"),
    ("127.000.000.001", 80, "127.0.0.1"), ("127%2e0%2e0%2e1", 80, "127.0.0.1"), ("\u2460\u2461\u2466.1", 80, ""),
    ("[::1]", 80, "::1"), ("[0:0:0:0:0:0:0:1]", 80, "::1"), ("[::1%lo]", 80, "::1"),
    ("[::1%25lo]", 80, "::1"), ("[::1%lo.allowed.example.com]", 80, "::1"), ("[::ffff:127.0.0.1]", 80, "127.0.0.1"),
    ("[::ffff:7f00:1]", 80, "127.0.0.1"), ("[::]", 80, "::1"), ("localhost", 80, "127.0.0.1"),
    ("LOCALHOST.", 80, "127.0.0.1"), ("x.localhost", 80, "127.0.0.1"), ("host.sandbox.internal", 80, "127.0.0.1"),
    (META, 80, META), ("0xa9fea9fe", 80, META), ("2852039166", 80, META), ("0251.0376.0251.0376", 80, META),
    ("[::ffff:a9fe:a9fe]", 80, META), (f"[{META6}]", 80, META6), (f"[{NAT64}]", 80, NAT64),
    (f"[{NAT64_META}]", 80, NAT64_META), (f"[{SIXTOFOUR}]", 80, SIXTOFOUR), (CGNAT, 80, CGNAT), (LAN, 80, LAN),
    (TEN, 22, TEN), ("3232255233", 80, LAN), ("172.16.5.4", 80, "172.16.5.4"), (OWN, 8080, OWN),
    (f"[{OWN6}]", 8080, OWN6), (OWN_LAN, 8080, OWN_LAN), (f"allowed.example.com@{META}", 80, META),
)
# The port is one where only the forbidden place listens.
NAMES = (
    ("localhost", 80, "127.0.0.1"), ("localhost6", 80, "::1"), ("zero", 80, "127.0.0.1"), ("lan", 80, LAN), ("ten", 80, TEN),
    ("metadata", 80, META), ("metadata6", 80, META6), ("carrier", 80, CGNAT), ("mapped", 80, "127.0.0.1"),
    ("mapped-metadata", 80, META), ("nat64", 80, NAT64), ("nat64-metadata", 80, NAT64_META), ("6to4", 80, SIXTOFOUR),
    ("own", 8080, OWN), ("own-lan", 8080, OWN_LAN), ("own6", 8080, OWN6), ("mixed", 5432, "127.0.0.1"),
    ("mixed-metadata", 80, META), ("alias-lan", 80, LAN), ("alias-metadata", 80, META), ("alias-localhost", 80, "127.0.0.1"),
)
PACKED = (("127.0.0.1", 80, "127.0.0.1"), ("::1", 80, "::1"), ("::ffff:127.0.0.1", 80, "127.0.0.1"), (META, 80, META),
          (META6, 80, META6), (LAN, 80, LAN), (OWN, 8080, OWN), (NAT64, 80, NAT64), (SIXTOFOUR, 80, SIXTOFOUR))
DIRECT = (("127.0.0.1", 5432), ("::1", 6379), (LAN, 80), (LAN, 445), (TEN, 80), (META, 80), (META6, 80), (CGNAT, 80), (OWN, 8080),
          (OWN6, 8080), ("93.184.216.66", 80), ("2606:2800:220:1::66", 80), ("93.184.216.34", 443))


def place(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def absolute(host, port, mark):
    return way.absolute(host, mark, port)


def by_number():
    for i, (text, port, to) in enumerate(NUMBERS):
        rest = {} if to else {"control": "no program reads that as an address"}
        yield Attack(f"k13-number-{i}-connect", f"CONNECT {text}:{port}",
                     lambda m, t=text, p=port: way.get("connect", t, p, m, "x.example.com"), **rest)
        yield Attack(f"k13-number-{i}-absolute", f"GET http://{text}:{port}/",
                     lambda m, t=text, p=port: absolute(t, p, m), **rest)
        yield Attack(f"k13-number-{i}-socks", f"SOCKS5 to the name {text}, port {port}",
                     lambda m, t=text, p=port: way.get("socks", t, p, m, "x.example.com"), **rest)
    for address, port, to in PACKED:
        yield Attack(f"k13-packed-{address.replace(':', '-').replace('.', '-')}", f"SOCKS5 to the address {address}:{port}",
                     lambda m, a=address, p=port: way.say(way.socks_number(a, p), m.encode()), at=place(to, port))


def by_name():
    for key, port, to in NAMES:
        name = f"{key}.example.net"
        for kind in way.WAYS:
            if (key, kind) == ("mixed-metadata", "tcp"):
                continue    # any client may choose the public one
            control = "libc puts the public one first" if key == "mixed-metadata" else "same"
            yield Attack(f"e07-{key}-{kind}", f"{name}, which is {to}, by {kind}",
                         lambda m, k=kind, n=name, p=port: way.get(k, n, p, m), at=place(to, port), control=control)


def direct():
    """No proxy, no name: a socket of the payload's own."""
    for address, port in DIRECT:
        yield Attack(f"e01-tcp-{address.replace(':', '-').replace('.', '-')}-{port}", f"a plain connection to {place(address, port)}",
                     lambda m, a=address, p=port: way.say(way.tcp(a, p), m.encode() + b"\r\n\r\n"),
                     at=place(address, port))


def tried(name, kind, mark):
    try:
        return way.get(kind, name, 80, mark)
    except OSError as error:
        return str(error)


# Two that ask by turns would hear the same answer each, again and again.
TURN = threading.Lock()


def again(name, kind, mark, rounds=2, pause_s=11):
    """Before and after any cache has forgotten the first answer."""
    told = []
    for this in range(rounds):
        if this and way.INSIDE:
            threading.Event().wait(pause_s)
        with TURN:
            told += [tried(name, kind, mark) for _ in range(4)]
    return " | ".join(sorted(set(told)))


def rebinding():
    for key, to in (("rebind", "127.0.0.1"), ("rebind-lan", LAN), ("rebind-metadata", META)):
        for kind in ("tcp", "connect"):
            yield Attack(f"e07-{key}-{kind}", f"{key}.example.net, by turns public and {to}, by {kind}",
                         lambda m, k=kind, n=f"{key}.example.net": again(n, k, m), at=place(to, 80))


ATTACKS = [*by_number(), *by_name(), *direct(), *rebinding()]
