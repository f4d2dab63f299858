"""Ways to a server: as a program that knows of no proxy (tcp), and as one that asks a proxy.

Outside, naive.py stands at the proxies' ports, so that the same bytes are tried there.
"""
import ipaddress
import os
import socket

import wire

HTTP, SOCKS, REDIRECT, DNS = ("127.0.0.1", 3128), ("127.0.0.1", 1080), ("127.0.0.1", 61443), ("127.0.0.53", 53)
LIMIT_S = 4


class Refused(OSError):
    pass


def dial(place, limit_s=LIMIT_S):
    sock = socket.create_connection(place, limit_s)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def receive(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise Refused(f"closed after {data!r}")
        data += more
    return data


def until_empty_line(sock):
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += receive(sock, 1)
    return data


def connect(host, port):
    sock = dial(HTTP)
    target = wire.raw(host) + b":%d" % port
    sock.sendall(wire.head(target, target, method="CONNECT"))
    answer = until_empty_line(sock)
    if b" 200 " not in answer.split(b"\r\n")[0]:
        raise Refused(answer.split(b"\r\n")[0].decode("latin-1"))
    return sock


def socks(host, port):
    """By name, whatever it is."""
    return socks_ask(wire.socks_name(wire.raw(host)[:255], port))


def socks_number(address, port):
    return socks_ask(wire.socks_addr(ipaddress.ip_address(address).packed, port))


def socks_ask(request):
    sock = dial(SOCKS)
    sock.sendall(wire.GREETING)
    if receive(sock, 2) != b"\5\0":
        raise Refused("greeting")
    sock.sendall(request)
    answer = receive(sock, 4)
    if answer[1]:
        raise Refused(f"SOCKS {answer[1]}")
    receive(sock, 6 if answer[3] == 1 else 18)
    return sock


def tcp(host, port):
    return dial((host, port))


WAYS = {"tcp": tcp, "connect": connect, "socks": socks}


def hear(sock, limit_s=LIMIT_S):
    """The beginning of what comes, until the end or a pause."""
    data = b""
    sock.settimeout(limit_s)
    try:
        while more := sock.recv(65536):
            data += more
            sock.settimeout(0.3)
    except TimeoutError:
        pass
    return data[:200].decode("latin-1").split("\r\n")[0]


def say(sock, *pieces, pause_s=0.3):
    """Piece after piece, with what has come in between thrown away; what comes after the last."""
    with sock:
        for piece in pieces[:-1]:
            sock.sendall(piece)
            hear(sock, pause_s)
        sock.sendall(pieces[-1])
        return hear(sock)


def get(way, host, port, mark, named=None):
    """A plain request by one of WAYS."""
    return say(WAYS[way](host, port), wire.head(f"/{mark}", named or host, "Connection: close"))


def absolute(host, mark, port=80, named=None):
    at = wire.raw(host) + (b"" if port == 80 else b":%d" % port)
    return say(dial(HTTP), wire.head(b"http://" + at + b"/" + mark.encode(), named or at, "Connection: close"))


INSIDE = "CLAUDE_SANDBOX" in os.environ
