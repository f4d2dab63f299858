#!/usr/bin/python3
"""A test's word to the running world, by a socket in WORLD_DIR. As a program: control.py VERB [ARGUMENT...]

    sync                    returns when the world has seen whatever had been sent before
    set NAME ADDRESS...     from now on the DNS server answers so (no address: an empty answer)
    reset                   names are as in names.py again, and alternating ones begin anew
    play NAME PORT          TLS connections for NAME are taken to 127.0.0.1:PORT, without TLS; 0: no more
"""
import json
import os
import socket
import sys


class Control:
    """The world's end."""

    def __init__(self, path, loop, dns, web):
        self.loop, self.dns, self.web = loop, dns, web
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.bind(path)
        self.sock.listen(16)
        loop.add(self.sock, self.serve)

    def serve(self, listener):
        try:
            conn = listener.accept()[0]
        except OSError:
            return
        with conn:
            conn.setblocking(True)
            try:
                self.loop.drain(self.sock)
                self.obey(*json.loads(conn.recv(65536)))
                conn.send(b"done")
            except (OSError, TypeError, ValueError, AttributeError) as error:
                conn.send(str(error).encode())

    def obey(self, verb, *args):
        verbs = {"sync": lambda: None, "set": lambda name, *addresses: self.dns.table.set(name, addresses),
                 "reset": self.dns.table.reset, "play": self.play}
        if verb not in verbs:
            raise ValueError(f"there is no verb '{verb}'")
        verbs[verb](*args)

    def play(self, name, port):
        if int(port):
            self.web.forwards[name] = int(port)
        else:
            self.web.forwards.pop(name, None)


def tell(*words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.connect(os.environ["WORLD_DIR"] + "/own/control")
        sock.send(json.dumps(words).encode())
        answer = sock.recv(65536).decode()
    if answer != "done":
        sys.exit(f"control: {' '.join(words)}: {answer}")


if __name__ == "__main__":
    tell(*sys.argv[1:])
