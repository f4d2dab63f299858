"""Bytes of protocols, made by hand: what no library would send."""
import struct


def raw(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def head(target, host, *lines, method="GET", version="HTTP/1.1"):
    """A request's head. @host None: without Host."""
    first = b" ".join((raw(method), raw(target), raw(version)))
    hosts = [] if host is None else [b"Host: " + raw(host)]
    return b"\r\n".join([first, *hosts, *map(raw, lines), b"", b""])


def chunked(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


GREETING = b"\5\1\0"


def socks_name(name, port, command=1):
    return bytes((5, command, 0, 3, len(name))) + name + struct.pack("!H", port)


def socks_addr(packed, port, command=1):
    return bytes((5, command, 0, 1 if len(packed) == 4 else 4)) + packed + struct.pack("!H", port)


def labels(name):
    """@name: text, or a list of labels of any bytes."""
    parts = name.rstrip(".").split(".") if isinstance(name, str) else name
    return b"".join(bytes([len(raw(part))]) + raw(part) for part in parts) + b"\0"


def question(name, kind=1, klass=1):
    return labels(name) + struct.pack("!2H", kind, klass)


def query(*questions, flags=0x0100, more=b"", n_more=0, count=None):
    return struct.pack("!6H", 0x1234, flags, len(questions) if count is None else count, 0, 0, n_more) + \
        b"".join(questions) + more


def edns(options=b""):
    return b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options
