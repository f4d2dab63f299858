"""ClientHellos, honest and not: made by the ssl module in memory, and changed."""
import ssl
import struct

import way
import wire

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Client:
    """TLS whose bytes pass through our hands."""

    def __init__(self, name):
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = CONTEXT.wrap_bio(self.into, self.out, server_hostname=name)

    def hello(self):
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.out.read()

    def read(self, sock):
        data = sock.recv(65536)
        if not data:
            raise way.Refused("closed in the handshake")
        self.into.write(data)

    def request(self, sock, data):
        """After the hello has been sent: the rest of the handshake, @data, and the beginning of the answer."""
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(self.out.read())
                self.read(sock)
        self.tls.write(data)
        sock.sendall(self.out.read())
        while True:
            try:
                return self.tls.read(100).decode("latin-1").split("\r\n")[0]
            except ssl.SSLWantReadError:
                self.read(sock)


def of(name):
    return Client(name).hello()


def get(sock, name, mark, host, send=None):
    """A whole request; send(sock, hello) sends the first message."""
    client = Client(name)
    with sock:
        (send or (lambda sock, data: sock.sendall(data)))(sock, client.hello())
        return client.request(sock, wire.head(f"/{mark}", host, "Connection: close"))


def message(hello):
    """(what is before the extensions, the extensions as [(type, body)]) of the message in one record."""
    body = hello[9:]
    at = 2 + 32
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at:at + 2], "big")
    at += 1 + body[at]
    before, rest, found = body[:at], body[at + 2:], []
    while rest:
        kind, size = struct.unpack_from("!2H", rest)
        found.append((kind, rest[4:4 + size]))
        rest = rest[4 + size:]
    return before, found


def record(body, kind=22):
    return bytes((kind, 3, 1)) + struct.pack("!H", len(body)) + body


def build(before, extensions):
    """The handshake message, without a record."""
    packed = b"".join(struct.pack("!2H", kind, len(body)) + body for kind, body in extensions)
    body = before + struct.pack("!H", len(packed)) + packed
    return b"\1" + len(body).to_bytes(3, "big") + body


def names(*values):
    """The body of server_name; a value is a name or (type, name)."""
    rows = [v if isinstance(v, tuple) else (0, v) for v in values]
    packed = b"".join(bytes([kind]) + struct.pack("!H", len(wire.raw(v))) + wire.raw(v) for kind, v in rows)
    return struct.pack("!H", len(packed)) + packed


def with_names(*bodies):
    """A hello whose server_name extensions are these, in their order and in the place of the first."""
    before, found = message(of("x.example.com"))
    return build(before, [(0, body) for body in bodies] + [row for row in found if row[0] != 0])


def cut(data, size):
    """A message as many records of @size bytes."""
    return b"".join(record(data[i:i + size]) for i in range(0, len(data), size))
