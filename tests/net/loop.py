"""Waits for all sockets of the world in one thread, so that a test can ask for a moment at which whatever has
been sent has also been seen (drain). Conversations have threads of their own.
"""
import selectors
import socket
import threading

IPV6_FREEBIND = 78      # include/uapi/linux/in6.h


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()

    def add(self, sock, ready):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, ready)

    def listen(self, address, port, accepted):
        """accepted(connection, peer) is called in the loop; it may start a thread."""
        sock = make_socket(address, port, socket.SOCK_STREAM)
        sock.listen(512)

        def accept(listener):
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            connection.setblocking(True)
            accepted(connection, peer)

        self.add(sock, accept)

    def datagrams(self, address, port, received):
        """received(socket, data, peer)"""
        def receive(sock):
            try:
                received(sock, *sock.recvfrom(65536))
            except OSError:     # of an earlier answer that nobody waited for
                pass

        self.add(make_socket(address, port, socket.SOCK_DGRAM), receive)

    def run(self):
        while True:
            self.turn(None)

    def turn(self, timeout, besides=None):
        events = [key for key, _ in self.selector.select(timeout) if key.fileobj is not besides]
        for key in events:
            key.data(key.fileobj)
        return events

    def drain(self, besides):
        while self.turn(0, besides):
            pass


def make_socket(address, port, kind):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    sock.bind((address, port))
    return sock


def in_thread(work, *args):
    threading.Thread(target=work, args=args, daemon=True).start()
