#!/usr/bin/python3
"""How many pixmaps of 256 MiB an X server keeps of N: pixmaps.py N, with DISPLAY's socket at /tmp/.X11-unix/X0."""
import os
import socket
import struct
import sys

SIDE = 8192
CREATE_PIXMAP, CREATE_GC, POLY_FILL, GET_INPUT_FOCUS = 53, 55, 70, 43


def connect():
    """The socket, the first id that may be used, and the root window."""
    with open(os.environ["XAUTHORITY"], "rb") as file:
        key = file.read()[-16:]
    server = socket.socket(socket.AF_UNIX)
    server.connect("/tmp/.X11-unix/X0")
    server.sendall(struct.pack("<BxHHHHxx", 0x6C, 11, 0, 18, 16) + b"MIT-MAGIC-COOKIE-1\0\0" + key)
    head = server.recv(8, socket.MSG_WAITALL)
    body = server.recv(struct.unpack("<H", head[6:8])[0] * 4, socket.MSG_WAITALL)
    base = struct.unpack_from("<I", body, 4)[0]
    vendor = struct.unpack_from("<H", body, 16)[0]
    root = struct.unpack_from("<I", body, 32 + (vendor + 3 & ~3) + 8 * body[21])[0]
    return server, base, root


def failures(server):
    """Errors up to the answer."""
    count = 0
    while True:
        packet = server.recv(32, socket.MSG_WAITALL)
        if len(packet) < 32 or packet[0] == 1:
            return count
        count += packet[0] == 0 and packet[10] == CREATE_PIXMAP


def main():
    wanted = int(sys.argv[1])
    server, base, root = connect()
    for i in range(wanted):
        pixmap, context = base + i, base + 1000 + i
        server.sendall(struct.pack("<BBHIIHH", CREATE_PIXMAP, 24, 4, pixmap, root, SIDE, SIDE))
        server.sendall(struct.pack("<BBHIII", CREATE_GC, 0, 4, context, pixmap, 0))
        server.sendall(struct.pack("<BBHIIhhHH", POLY_FILL, 0, 5, pixmap, context, 0, 0, SIDE, SIDE))
        server.sendall(struct.pack("<BBH", GET_INPUT_FOCUS, 0, 1))
        wanted -= failures(server)
    print(wanted)


main()
