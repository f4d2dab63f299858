#!/usr/bin/python3
"""Plain TCP on each way out of a sandbox: WAY in the environment is direct (the default), connect or socks.

    tunnel.py talk HOST PORT [TEXT]         TEXT, then the first that comes
    tunnel.py ahead HOST PORT TEXT          TEXT along with what a proxy is asked, then the first that comes
    tunnel.py all HOST PORT [TEXT]          TEXT, then the sending half is closed; all that comes
    tunnel.py many HOST PORT N              N connections at once, of which each gets its own words back
    tunnel.py hold HOST PORT FILE           open and silent, one used before, until FILE exists; then words
    tunnel.py upgrade HOST                  a WebSocket's handshake, then bytes in both directions
    tunnel.py smtp HOST NAME                the code for EHLO NAME
    tunnel.py refusal HOST PORT [TEXT]      how it is refused: "HTTP 403" and its text, "SOCKS 2", "TLS alert 49", "reset", "end"
"""
import os
import re
import socket
import sys
import time

LIMIT_S = 15
HTTP_PROXY, SOCKS_PROXY = ("127.0.0.1", 3128), ("127.0.0.1", 1080)


class Refused(Exception):
    """By a proxy, in its own words."""


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_all(sock):
    pieces = []
    while data := sock.recv(65536):
        pieces.append(data)
    return b"".join(pieces)


def http_words(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    return f"HTTP {head.split()[1].decode()}\n{body.decode()}"


def by_connect(host, port, ahead=b""):
    sock = socket.create_connection(HTTP_PROXY, LIMIT_S)
    sock.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode() + ahead)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read_exactly(sock, 1)
    if head.split()[1] != b"200":
        raise Refused(http_words(head + read_all(sock)))
    return sock


def by_socks(host, port, ahead=b""):
    sock = socket.create_connection(SOCKS_PROXY, LIMIT_S)
    sock.sendall(b"\5\1\0")
    if read_exactly(sock, 2) != b"\5\0":
        raise Refused("SOCKS: no method")
    sock.sendall(b"\5\1\0\3" + bytes([len(host)]) + host.encode() + int(port).to_bytes(2, "big") + ahead)
    reply = read_exactly(sock, 10)[1]
    if reply:
        raise Refused(f"SOCKS {reply}")
    return sock


def by_none(host, port, ahead=b""):
    sock = socket.create_connection((host, int(port)), LIMIT_S)
    sock.sendall(ahead)
    return sock


def dial(host, port, ahead=b""):
    way = {"direct": by_none, "connect": by_connect, "socks": by_socks}[os.environ.get("WAY", "direct")]
    return way(host, port, ahead)


def talk(host, port, text=""):
    with dial(host, port) as sock:
        sock.sendall(text.encode())
        print(sock.recv(65536).decode("latin-1"), end="")


def talk_ahead(host, port, text):
    with dial(host, port, text.encode()) as sock:
        print(sock.recv(65536).decode("latin-1"), end="")


def talk_all(host, port, text=""):
    with dial(host, port) as sock:
        sock.sendall(text.encode())
        sock.shutdown(socket.SHUT_WR)
        print(read_all(sock).decode("latin-1"), end="")


def echoes(sock, words):
    sock.sendall(words)
    return read_exactly(sock, len(words)) == words


def many(host, port, count):
    socks = [dial(host, port) for _ in range(int(count))]
    for n, sock in enumerate(socks):
        sock.sendall(b"words of %d\n" % n)
    right = sum(read_exactly(sock, len(words)) == words
                for sock, words in ((sock, b"words of %d\n" % n) for n, sock in enumerate(socks)))
    print(f"{right} of {count}")


def hold(host, port, file):
    with dial(host, port) as silent, dial(host, port) as used:
        if not echoes(used, b"one"):
            sys.exit("other words came back")
        print("holding", flush=True)
        while not os.path.exists(file):
            time.sleep(0.1)
        print("still there" if echoes(silent, b"two") and echoes(used, b"three") else "other words came back")


def upgrade(host):
    with dial(host, 80) as sock:
        sock.sendall(f"GET /upgrade HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += read_exactly(sock, 1)
        print(head.split()[1].decode(), "and on" if echoes(sock, b"\x81\x03one") and echoes(sock, b"two") else "")


def smtp(host, name):
    with dial(host, 25) as sock, sock.makefile("rwb") as lines:
        lines.readline()
        lines.write(f"EHLO {name}\r\n".encode())
        lines.flush()
        print(lines.readline().split()[0].decode())


def refusal(host, port, text=""):
    words = re.sub(r"\\x(..)", lambda m: chr(int(m[1], 16)), text).encode("latin-1")
    try:
        with dial(host, port) as sock:
            sock.sendall(words)
            answer = read_all(sock)
    except Refused as refused:
        print(refused)
    except ConnectionResetError:
        print("reset")
    else:
        if answer[:1] == b"\x15":
            print("TLS alert", answer[6])
        else:
            print(http_words(answer) if answer.startswith(b"HTTP") else f"end{answer or ''}")


def main(verb, *args):
    verbs = {"talk": talk, "ahead": talk_ahead, "all": talk_all, "many": many, "hold": hold, "upgrade": upgrade,
             "smtp": smtp, "refusal": refusal}
    try:
        verbs[verb](*args)
    except (OSError, EOFError, Refused) as error:
        sys.exit(f"tunnel: {type(error).__name__} {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
