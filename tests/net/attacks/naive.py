"""A proxy that refuses nobody and reads hosts as the laxest programs do: the control of attacks on ours. It goes wherever
it is told, cuts a name at a NUL, decodes it, and lets libc read any form of an address.
"""
import re
import select
import socket
import threading
import unicodedata
import urllib.parse

import way


def host_of(data):
    text = data.split(b"\0")[0].decode("utf-8", "replace")
    text = unicodedata.normalize("NFKC", urllib.parse.unquote(text)).replace("\u3002", ".").rpartition("@")[2]
    text = re.split(r"[]#?/\\;,|\s%]", text.strip().lstrip("["))[0]
    text = re.sub(r"\.+", ".", text[:253]).strip(".").lower()
    return text if text.isascii() else text.encode("idna").decode()


def splice(one, other):
    pair = {one: other, other: one}
    while True:
        for sock in select.select(list(pair), [], [], 60)[0] or [None]:
            data = sock.recv(65536) if sock else b""
            if not data:
                return
            pair[sock].sendall(data)


def to_place(data, default):
    """HOST[:PORT] as bytes."""
    host, _, port = data.rpartition(b":")
    if not port.isdigit() or not host or data.endswith(b"]"):
        host, port = data, b"%d" % default
    return way.dial((host_of(host), int(port)))


def serve_http(sock):
    head = way.until_empty_line(sock)
    words = head.split(b"\r\n")[0].split(b" ")
    target = b" ".join(words[1:-1])
    if words[0] == b"CONNECT":
        server = to_place(target, 443)
        sock.sendall(b"HTTP/1.1 200 ok\r\n\r\n")
    else:
        server = to_place(re.sub(rb"^[a-z]*://", b"", target).split(b"/")[0], 80)
        server.sendall(head)
    splice(sock, server)


def serve_socks(sock):
    way.receive(sock, way.receive(sock, 2)[1])
    sock.sendall(b"\5\0")
    kind = way.receive(sock, 4)[3]
    if kind == 3:
        host = host_of(way.receive(sock, way.receive(sock, 1)[0]))
    else:
        host = socket.inet_ntop(*((socket.AF_INET, way.receive(sock, 4)) if kind == 1 else
                                  (socket.AF_INET6, way.receive(sock, 16))))
    server = way.dial((host, int.from_bytes(way.receive(sock, 2), "big")))
    sock.sendall(b"\5\0\0\1" + bytes(6))
    splice(sock, server)


def serve_redirect(sock):
    """By what the client says."""
    head = way.until_empty_line(sock)
    server = to_place(re.search(rb"Host: (.*)\r\n", head).group(1), 80)
    server.sendall(head)
    splice(sock, server)


def work(serve, sock):
    with sock:
        try:
            serve(sock)
        except (OSError, ValueError, IndexError, AttributeError):
            pass


def listen(place, serve):
    listener = socket.create_server(place, backlog=128)

    def accept():
        while True:
            threading.Thread(target=work, args=(serve, listener.accept()[0]), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def start():
    for place, serve in ((way.HTTP, serve_http), (way.SOCKS, serve_socks), (way.REDIRECT, serve_redirect)):
        listen(place, serve)
