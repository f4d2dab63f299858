"""Listeners that are no web servers: canaries in places where nobody from inside may come, and public servers of
other protocols. raw.jsonl has "open" for a connection, "bytes" for whatever comes, "close", and "datagram".
"""
import itertools
import socket

import names
from log import Log, raw
from loop import in_thread, make_socket

# Each answers whoever sends something with "canary ADDRESS:PORT", in HTTP if asked so: that is how an attack
# shows outside that it works.
CANARIES = (
    ("127.0.0.1", 80), ("127.0.0.1", 443), ("127.0.0.1", 5432), ("127.0.0.1", 8080), ("::1", 80), ("::1", 6379),
    ("192.168.77.1", 80), ("192.168.77.1", 443), ("192.168.77.1", 445), ("10.9.8.7", 22), ("10.9.8.7", 80),
    ("172.16.5.4", 80), ("169.254.169.254", 80), ("fd00:ec2::254", 80), ("100.100.100.200", 80),
    ("93.184.219.20", 8080), ("192.168.77.20", 8080), ("2606:2800:220:77::20", 8080),
    ("64:ff9b::7f00:1", 80), ("64:ff9b::a9fe:a9fe", 80), ("2002:7f00:1::1", 80),
)
PUBLIC = (
    ("93.184.216.41", 7, "echo"), ("2606:2800:220:1::41", 7, "echo"), ("93.184.216.41", 9, "count"),
    ("93.184.216.41", 8443, "echo"), ("93.184.216.42", 25, "smtp"), ("93.184.216.42", 587, "smtp"),
    ("93.184.216.43", 22, "ssh"), ("140.82.112.3", 22, "ssh"), ("93.184.216.66", 22, "ssh"),
    ("93.184.216.66", 4444, "echo"),
)
# Each sends a datagram back. Port 53 of public addresses belongs to dns.py.
DATAGRAMS = (
    ("93.184.216.34", 443), ("93.184.216.44", 123), ("93.184.216.66", 53), ("93.184.216.66", 4444),
    ("93.184.216.66", 443), ("192.168.77.1", 53), ("10.9.8.7", 161), ("127.0.0.1", 161),
    ("169.254.169.254", 123), ("2606:2800:220:1::66", 443),
)
IDLE_S = 60


def places():
    return [row[0] for row in (*CANARIES, *DATAGRAMS)]


def canary(conn, heard, at):
    for data in heard:
        if b"HTTP/1" in data:
            body = f"canary {at}\n"
            conn.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            return
        conn.sendall(f"canary {at}\n".encode())


def echo(conn, heard, _):
    for data in heard:
        conn.sendall(data)


def count(conn, heard, _):
    """Answers only when the other side has said that it is done: a half-closed connection."""
    conn.sendall(f"{sum(len(data) for data in heard)} bytes\n".encode())


def smtp(conn, heard, _):
    conn.sendall(b"220 mail.example.com ESMTP\r\n")
    for data in heard:
        if data.upper().startswith(b"QUIT"):
            conn.sendall(b"221 bye\r\n")
            return
        conn.sendall(b"250 ok\r\n")


def ssh(conn, heard, _):
    conn.sendall(b"SSH-2.0-world\r\n")
    for _ in heard:
        pass


SERVICES = {"echo": echo, "count": count, "smtp": smtp, "ssh": ssh}


class Server:
    def __init__(self, directory):
        self.log, self.ids, self.held = Log(f"{directory}/raw.jsonl"), itertools.count(1), []

    def start(self, loop):
        rows = [(*row, canary) for row in CANARIES] + [(a, p, SERVICES[kind]) for a, p, kind in PUBLIC]
        for address, port, service in rows:
            at = names.host_port(address, port)
            loop.listen(address, port, lambda conn, peer, at=at, s=service: self.accepted(conn, peer, at, s))
        for address, port in DATAGRAMS:
            at = names.host_port(address, port)
            loop.datagrams(address, port, lambda sock, data, peer, at=at: self.datagram(sock, data, peer, at))
        for addresses in names.STUCK.values():
            self.stuck(addresses[0])

    def accepted(self, conn, peer, at, service):
        facts = {"id": next(self.ids), "at": at}
        self.log.write("open", **facts, **{"from": names.host_port(*peer[:2])})
        in_thread(self.converse, conn, facts, service)

    def heard(self, conn, facts):
        while data := conn.recv(65536):
            self.log.write("bytes", **facts, bytes=len(data), raw=raw(data))
            yield data

    def converse(self, conn, facts, service):
        conn.settimeout(IDLE_S)
        with conn:
            try:
                service(conn, self.heard(conn, facts), facts["at"])
            except OSError:
                pass
        self.log.write("close", **facts)

    def datagram(self, sock, data, peer, at):
        self.log.write("datagram", at=at, bytes=len(data), raw=raw(data), **{"from": names.host_port(*peer[:2])})
        sock.sendto(f"canary {at}\n".encode(), peer)

    def stuck(self, address):
        """A listener whose queue is full: whoever connects now waits."""
        for port in (80, 443):
            listener = make_socket(address, port, socket.SOCK_STREAM)
            listener.listen(0)
            filler = socket.create_connection((address, port), 5)
            self.held += [listener, filler]
