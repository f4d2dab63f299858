"""Servers on the host that count who comes."""

import os
import selectors
import socket
import threading


class Listeners:
    """Servers that count who comes. One thread serves them all."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.counts = {}
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def add(self, name, sock):
        sock.setblocking(False)
        self.counts[name] = 0
        self.selector.register(sock, selectors.EVENT_READ, name)
        return sock

    def unix(self, path):
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        if not path.startswith("\0"):
            os.chmod(path, 0o777)
        sock.listen(64)
        return self.add(path.replace("\0", "@"), sock)

    def inet(self, family, host, kind=socket.SOCK_STREAM):
        sock = socket.socket(family, kind)
        sock.bind((host, 0))
        if kind == socket.SOCK_STREAM:
            sock.listen(64)
        self.add(f"{host} {kind.name}", sock)
        return sock.getsockname()[1]

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                try:
                    if key.fileobj.type == socket.SOCK_DGRAM:
                        key.fileobj.recv(100)
                    else:
                        key.fileobj.accept()[0].close()
                    self.counts[key.data] += 1
                except OSError:
                    pass
