#!/usr/bin/python3
"""E-17: clients that want to use up egress: its descriptors, its memory, its time. Each kind is bounded, and prints a line
when it is through.

Usage: flood.py KIND [NUMBER]
"""
import os
import resource
import socket
import struct
import sys
import threading
import time

import hello
import way
import wire

HOST = "allowed.example.com"
EACH = 800      # connections that one process holds


def start(place=way.HTTP, data=b""):
    sock = socket.socket()
    sock.settimeout(2)
    try:
        sock.connect(place)
        sock.sendall(data)
    except OSError:
        pass
    return sock


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def in_processes(number, work):
    """work(n) in as many children as are needed for @number connections at a time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    children = []
    while number > 0:
        pid = os.fork()
        if pid == 0:
            work(min(number, EACH))
            os._exit(0)
        children.append(pid)
        number -= EACH
    for pid in children:
        os.waitpid(pid, 0)


def hold(data, place=way.HTTP, hold_s=2.0):
    def work(number):
        held = [start(place, data) for _ in range(number)]
        time.sleep(hold_s)
        for sock in held:
            sock.close()
    return work


def ten_thousand(number):
    """Two rounds of half as many, which is more than it takes at a time."""
    for place in (way.HTTP, way.SOCKS):
        in_processes(number // 2, hold(b"G" if place == way.HTTP else b"\5", place, 1.0))


def heads(number):
    """Heads that have no end, as large as they may be."""
    in_processes(number, hold(wire.head("http://" + HOST + "/", HOST)[:-4] + b"\r\nX: " + b"x" * 30000))


def big(number):
    """A head of 1 MB."""
    for _ in range(number):
        sock = start(way.HTTP, wire.head("http://" + HOST + "/", HOST)[:-2])
        try:
            for i in range(1000):
                sock.sendall(b"X-%d: " % i + b"x" * 1000 + b"\r\n")
        except OSError:
            pass
        sock.close()


def drip(number, seconds=4):
    """Byte after byte of a head that is long already."""
    held = [start(way.HTTP, wire.head("http://" + HOST + "/", HOST)[:-4] + b"\r\nX: " + b"x" * 20000) for _ in range(number)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for sock in held:
            try:
                sock.sendall(b"x")
            except OSError:
                pass
    for sock in held:
        sock.close()


def tunnels(number):
    """Open, and nothing is said."""
    in_processes(number, hold(wire.head(HOST + ":80", HOST, method="CONNECT")))


def first_bytes(number):
    """64 KB of a first message that does not end, in a tunnel."""
    data = hello.record(b"\1\0\xff\xf0" + bytes(16000)) * 4
    in_processes(number, hold(wire.head(HOST + ":443", HOST, method="CONNECT") + data[:60000]))


def deaf(number):
    """A large answer that nobody reads."""
    request = wire.head(f"http://{HOST}/bytes/100000000", HOST)
    held = [start(way.HTTP, request) for _ in range(number)]
    time.sleep(3)
    for sock in held:
        sock.close()


def bodies(number):
    """Uploads that are slow, and then break off."""
    request = wire.head(f"http://{HOST}/upload", HOST, "Content-Length: 1000000", method="POST")
    held = [start(way.HTTP, request) for _ in range(number)]
    for _ in range(20):
        for sock in held:
            try:
                sock.sendall(b"x" * 10)
            except OSError:
                pass
        time.sleep(0.1)
    for sock in held:
        reset(sock)


def half(number):
    """Each ends its sending half, at each stage."""
    firsts = (b"", b"G", b"GET", wire.head("http://" + HOST + "/slow/1", HOST), wire.head(HOST + ":80", HOST, method="CONNECT"))
    held = [start(way.HTTP, first) for first in firsts for _ in range(number)]
    for sock in held:
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    time.sleep(2)
    for sock in held:
        sock.close()


def resets(number):
    """Clients that go away with a reset, at each stage, while the server says nothing."""
    silence = wire.head(f"http://{HOST}/silence", HOST)
    tunnel = wire.head(HOST + ":80", HOST, method="CONNECT")
    firsts = (b"G", silence, silence[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
              wire.head(f"http://{HOST}/upload", HOST, "Content-Length: 100", method="POST"), tunnel,
              tunnel + wire.head("/silence", HOST), tunnel + b"\r\n", tunnel + b"hello\r\n", tunnel + b"\x16\3\1",
              wire.head("http://stuck.example.com/", "stuck.example.com"), wire.head("http://slow.example.com/", "slow.example.com"))
    held = [start(way.HTTP, first) for first in firsts for _ in range(number)]
    held += [start((HOST, 80), data) for data in (b"", b"GET", b"hello\r\n", wire.head("/silence", HOST)) for _ in range(number)]
    held += [start((HOST, 81)) for _ in range(number)]
    time.sleep(1.5)
    for sock in held:
        reset(sock)


def junk(number, seconds=4):
    """Bytes without end for a request that was refused, and for one that has been answered."""
    def pour(data):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sock = start(way.HTTP, data)
            try:
                while time.monotonic() < end:
                    sock.sendall(bytes(200000))
            except OSError:
                pass
            sock.close()

    datas = (wire.head("http://evil.example.net/", "evil.example.net"), wire.head(f"http://{HOST}/slow/{seconds}", HOST))
    threads = [threading.Thread(target=pour, args=(data,)) for data in datas for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def refused(number):
    """Each is refused in the middle of an open tunnel, by what comes second."""
    tunnel = wire.head(HOST + ":80", HOST, method="CONNECT")
    for _ in range(number):
        for second in (wire.head("/", "evil.example.net"), b" " + wire.head("/", HOST), b"GET  / HTTP/1.1" + b"\r\n" * 2, b"x" * 70000,
                       hello.of("evil.example.net")):
            sock = start(way.HTTP, tunnel)
            try:
                way.until_empty_line(sock)
                for piece in (b"\r\n", second, second):
                    sock.sendall(piece)
                    time.sleep(0.005)
            except OSError:
                pass
            sock.close()


def unread(number):
    """Uploads that the server does not read."""
    request = wire.head(f"http://{HOST}/silence", HOST, "Content-Length: 100000000", method="POST")
    tunnel = wire.head(HOST + ":80", HOST, method="CONNECT") + b"\0" + bytes(60000)
    held = [start(way.HTTP, first) for first in (request, tunnel) for _ in range(number)]
    for sock in held:
        sock.setblocking(False)
    for _ in range(30):
        for sock in held:
            try:
                sock.send(bytes(200000))
            except OSError:
                pass
        time.sleep(0.05)
    for sock in held:
        reset(sock)


def upload(number):
    """As much as is taken, on many connections at a time, of no known protocol."""
    def pour():
        sock = start(("echo.example.com", 9), b"\0")
        try:
            for _ in range(10):
                sock.sendall(bytes(100000))
            sock.shutdown(socket.SHUT_WR)
            sock.recv(100)
        except OSError:
            pass
        sock.close()

    threads = [threading.Thread(target=pour) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def forgotten(number):
    """So many other names that any table of names is full of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        for i in range(number):
            sock.sendto(wire.query(wire.question(f"name-{i}.example.org")), way.DNS)
            try:
                sock.recv(600)
            except OSError:
                pass


def names(number):
    """A secret in many names below an allowed one, as fast as they can be asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for i in range(number):
            sock.sendto(wire.query(wire.question(f"rate-{i}.wild.example.com")), way.DNS)
            time.sleep(0.0005)


def udp(number):
    """Messages of DNS that are none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for i in range(number):
            sock.sendto(os.urandom(i % 600), way.DNS)


def dns_tcp(number):
    held = [start(way.DNS, b"\x10\x00" + bytes(i % 100)) for i in range(number)]
    time.sleep(1)
    for sock in held:
        sock.close()


KINDS = {"connections": ten_thousand, "heads": heads, "big": big, "drip": drip, "tunnels": tunnels, "first": first_bytes, "deaf": deaf,
         "bodies": bodies, "half": half, "resets": resets, "junk": junk, "names": names, "udp": udp, "dns-tcp": dns_tcp,
         "unread": unread, "refused": refused, "upload": upload, "forgotten": forgotten}

if __name__ == "__main__":
    KINDS[sys.argv[1]](int(sys.argv[2]))
    print(sys.argv[1], "through")
