#!/usr/bin/python3
"""A client that knows of no proxy, as in Fetch.go; and what only few programs do.

    fetch.py URL                            status and body
    fetch.py HOST PORT [TEXT]               TEXT by TCP, then the first that comes
    fetch.py --all HOST PORT [TEXT]         TEXT by TCP, then the sending half is closed; all that comes
    fetch.py --udp HOST PORT [TEXT]         a datagram, and the answer
    fetch.py --sni NAME URL                 TLS for NAME on a connection to URL's host
    fetch.py --resolve NAME                 its addresses, a line each
"""
import http.client
import socket
import ssl
import sys
import urllib.parse

LIMIT_S = 15


def get(url, sni=None):
    parts = urllib.parse.urlsplit(url)
    tls = parts.scheme == "https"
    conn = http.client.HTTPConnection(parts.hostname, parts.port or (443 if tls else 80), timeout=LIMIT_S)
    conn.connect()
    if tls:
        conn.sock = ssl.create_default_context().wrap_socket(conn.sock, server_hostname=sni or parts.hostname)
    conn.request("GET", parts.path or "/", headers={"Host": parts.netloc})
    answer = conn.getresponse()
    print(answer.status)
    print(answer.read().decode("latin-1"), end="")


def pieces(sock):
    while data := sock.recv(65536):
        yield data


def talk(host, port, text="", to_end=False):
    with socket.create_connection((host, int(port)), LIMIT_S) as sock:
        sock.sendall(text.encode())
        if to_end:
            sock.shutdown(socket.SHUT_WR)
        print((b"".join(pieces(sock)) if to_end else sock.recv(65536)).decode("latin-1"), end="")


def send_datagram(host, port, text=""):
    family, kind, _, _, where = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as sock:
        sock.settimeout(3)
        sock.sendto(text.encode(), where)
        print(sock.recv(65536).decode("latin-1"), end="")


def resolve(name):
    for address in sorted({row[4][0] for row in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}):
        print(address)


def main(args):
    verbs = {"--udp": send_datagram, "--resolve": resolve, "--sni": lambda name, url: get(url, name),
             "--all": lambda host, port, text="": talk(host, port, text, True)}
    try:
        verb = verbs.get(args[0])
        if verb:
            verb(*args[1:])
        elif len(args) == 1:
            get(*args)
        else:
            talk(*args)
    except OSError as error:
        sys.exit(f"fetch: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
