#!/usr/bin/env python3
"""Speaks PulseAudio's native protocol by hand, at $PULSE_SERVER, and says what became of each attempt, a line each:

    raw_sound.py [INDEX]            "granted" or "refused" after its name; INDEX: another program's stream
    raw_sound.py hold N             N connections; how many get an answer; held for a while
"""
import os
import socket
import struct
import sys
import time

PATH = os.environ["PULSE_SERVER"].removeprefix("unix:")
NOBODY = 0xffffffff
COOKIE_FILE = os.path.expanduser("~/.config/pulse/cookie")
COOKIE = open(COOKIE_FILE, "rb").read() if os.path.exists(COOKIE_FILE) else bytes(256)
ERROR, REPLY, AUTH, SET_NAME = 0, 2, 8, 9
MEMFD, SHM = 1 << 30, 1 << 31


def u32(n):
    return b"L" + struct.pack(">I", n)


def text(s):
    return b"N" if s is None else b"t" + s.encode() + b"\0"


def props(**values):
    out = b"P"
    for key, value in values.items():
        data = value.encode() + b"\0"
        out += text(key) + u32(len(data)) + b"x" + struct.pack(">I", len(data)) + data
    return out + b"N"


def flags(bits):
    return bits.encode()


SPEC = b"a\x03\x01" + struct.pack(">I", 44100)
MAP = b"m\x01\x00"
VOLUME = b"v\x01\x00\x01\x00\x00"
FORMAT = b"fB\x01P" + b"".join(
    text(k) + u32(len(v) + 1) + b"x" + struct.pack(">I", len(v) + 1) + v.encode() + b"\0"
    for k, v in {"format.sample_format": '"s16le"', "format.rate": "44100", "format.channels": "1"}.items()) + b"N"
FORMATS = b"B\x01" + FORMAT


class Closed(Exception):
    pass


class Connection:
    def __init__(self, version=35):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(2)
        self.socket.connect(PATH)
        self.tag = 0
        self.version = self.ask(AUTH, u32(version) + b"x" + struct.pack(">I", 256) + COOKIE, creds=True)

    def send(self, packet, channel=NOBODY, offset=0, flag=0, fds=()):
        data = struct.pack(">IIQI", len(packet), channel, offset, flag) + packet
        try:
            if fds:
                socket.send_fds(self.socket, [data], fds)
            else:
                self.socket.sendall(data)
        except BrokenPipeError as e:
            raise Closed from e

    def receive(self, n):
        data = b""
        while len(data) < n:
            try:
                part = self.socket.recv(n - len(data))
            except ConnectionError as e:
                raise Closed from e
            if not part:
                raise Closed
            data += part
        return data

    def packet(self):
        while True:
            length, channel = struct.unpack(">IIQI", self.receive(20))[:2]
            data = self.receive(length)
            if channel == NOBODY:
                return data
            self.heard = True

    def ask(self, command, args=b"", creds=False):
        """The arguments of the answer, or the number of the error."""
        self.tag += 1
        packet = u32(command) + u32(self.tag) + args
        if creds:
            data = struct.pack(">IIQI", len(packet), NOBODY, 0, 0) + packet
            who = struct.pack("iII", os.getpid(), os.getuid(), os.getgid())
            self.socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, who)])
        else:
            self.send(packet)
        while True:
            data = self.packet()
            number, tag = struct.unpack(">xIxI", data[:10])
            if tag == self.tag:
                return int.from_bytes(data[11:15], "big") if number == ERROR else data[10:]


def ready(version=35):
    c = Connection(version)
    c.ask(SET_NAME, props(**{"application.name": "raw"}))
    return c


def play(c):
    return c.ask(3, SPEC + MAP + u32(NOBODY) + text(None) + u32(NOBODY) + flags("0") + 3 * u32(NOBODY) + u32(0) + VOLUME +
                 flags("0000000" "00") + props(**{"media.name": "raw"}) + flags("10" "000" "0" "0") + FORMATS)


def record(c, source=None):
    return c.ask(5, SPEC + MAP + u32(NOBODY) + text(source) + u32(NOBODY) + flags("0") + u32(NOBODY) +
                 flags("0000000" "00") + props(**{"media.name": "raw"}) + u32(NOBODY) + flags("0" "00") + FORMATS +
                 VOLUME + flags("000" "00"))


def upload(c):
    return c.ask(15, text("sample") + SPEC + MAP + u32(8) + props(**{"media.name": "sample"}))


def tell(name, granted):
    print(f"{name}: {'granted' if granted else 'refused'}", flush=True)


def ends(c):
    try:
        c.ask(13)
        return False
    except (Closed, TimeoutError):
        return True


def refusals(index):
    c = ready()
    tell("play", isinstance(play(c), bytes))
    for name, attempt in {
            "record": lambda: record(c),
            "record the monitor": lambda: record(c, "@DEFAULT_MONITOR@"),
            "upload": lambda: upload(c),
            "sources": lambda: c.ask(24),
            "modules": lambda: c.ask(26),
            "clients": lambda: c.ask(28),
            "streams of others": lambda: c.ask(30),
            "a stream of another": lambda: c.ask(29, u32(index)),
            "its volume": lambda: c.ask(37, u32(index) + VOLUME),
            "moved": lambda: c.ask(67, u32(index) + u32(0) + text(None)),
            "default sink": lambda: c.ask(44, text("nulls")),
            "default source": lambda: c.ask(45, text("nulls.monitor")),
            "volume of a sink": lambda: c.ask(36, u32(NOBODY) + text("@DEFAULT_SINK@") + VOLUME),
            "mute of a sink": lambda: c.ask(39, u32(NOBODY) + text("@DEFAULT_SINK@") + flags("0")),
            "module": lambda: c.ask(51, text("module-null-sink") + text("sink_name=raw")),
            "killed": lambda: c.ask(49, u32(index)),
            }.items():
        tell(name, isinstance(attempt(), bytes))


def shared_memory():
    c = Connection(35 | SHM | MEMFD)
    version = struct.unpack(">xI", c.version[:5])[0]
    tell("shared memory", version & (SHM | MEMFD))
    c = ready(35 | SHM | MEMFD)
    made = play(c)
    channel = struct.unpack(">xI", made[:5])[0]
    fd = os.memfd_create("pool")
    os.ftruncate(fd, 1 << 16)
    c.send(u32(103) + u32(NOBODY) + u32(77), fds=(fd,))  # its number
    c.send(struct.pack(">IIII", 0, 77, 0, 64), channel, flag=0xa0000000)
    tell("a block in it", not ends(c))


def broken():
    for name, data in {
            "a command that is cut": struct.pack(">IIQI", 4, NOBODY, 0, 0) + b"Lxxx",
            "a command of 16 MiB": struct.pack(">IIQI", 1 << 24, NOBODY, 0, 0) + bytes(1 << 16),
            "a frame of 4 GiB": struct.pack(">IIQI", NOBODY, 0, 0, 0) + bytes(1 << 16),
            "an empty frame": struct.pack(">IIQI", 0, NOBODY, 0, 0),
            "values of another type": struct.pack(">IIQI", 12, NOBODY, 0, 0) + u32(12) + u32(9) + b"N1",
            "no values": struct.pack(">IIQI", 10, NOBODY, 0, 0) + u32(3) + u32(9),
            }.items():
        c = ready()
        try:
            c.socket.sendall(data)
        except OSError:
            pass
        tell(name, not ends(c))


def foreign():
    c = ready()
    c.send(bytes(4096), 0)
    c.send(bytes(4096), 12345)
    tell("goes on after samples for nobody", not ends(c))


def hold(n):
    kept = []
    for _ in range(n):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(0.3)
        s.connect(PATH)
        packet = u32(AUTH) + u32(1) + u32(35) + b"x" + struct.pack(">I", 256) + COOKIE
        s.sendall(struct.pack(">IIQI", len(packet), NOBODY, 0, 0) + packet)
        try:
            answered = len(s.recv(1000)) > 20
        except TimeoutError:
            answered = False
        kept.append((s, answered))
    print(f"answered: {sum(a for _, a in kept)}", flush=True)
    time.sleep(30)


if len(sys.argv) > 2:
    hold(int(sys.argv[2]))
else:
    refusals(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    shared_memory()
    broken()
    foreign()
