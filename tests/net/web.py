"""HTTP/1.1 with and without TLS on every served address, and a log of all that comes, also of what is no request.

web.jsonl has, for each connection, rows of these kinds, all with its number `id` and the address `at`:
"open" as it is accepted, "tls" with the `sni` after the handshake, "head" for each request as soon as its head is
there, "request" when its body is there too, and "close" with all `bytes` that came and, if no head did, with them.

What a name serves is a site: a function of the exchange (PAGES here; git.py, npm.py, pypi.py, go.py).
"""
import hashlib
import itertools
import select
import socket
import ssl
import threading

import names
import pages
from log import Log, raw
from loop import in_thread

HEAD_MAX = 1 << 20
BODY_KEPT = 64 << 20    # a longer body is counted and not kept
IDLE_S = 60


class Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.head = head
        self.method, self.target, self.version = (lines[0].split(" ", 2) + ["", ""])[:3]
        self.headers = [tuple(part.strip() for part in line.partition(":")[::2]) for line in lines[1:] if line]
        self.path, _, self.query = self.target.partition("?")
        self.body, self.body_length, self.body_sha256 = b"", 0, ""

    def get(self, name, otherwise=""):
        return next((v for k, v in self.headers if k.lower() == name.lower()), otherwise)

    @property
    def host(self):
        """The name in Host without a port."""
        return self.get("Host").rpartition("]")[0].strip("[") or self.get("Host").split(":")[0].lower()


class Exchange:
    """One connection: its requests, and ways to answer them."""

    def __init__(self, sock, at, facts):
        self.sock, self.at, self.facts = sock, at, facts
        self.buffer, self.n_in, self.first = b"", 0, b""
        self.sni, self.is_tls, self.open = None, False, True
        self.request, self.n_heads = None, 0

    def fill(self):
        data = self.sock.recv(65536)
        self.n_in += len(data)
        self.first += data[:4096 - len(self.first)] if len(self.first) < 4096 else b""
        self.buffer += data
        if not data:
            raise EOFError

    def take(self, count):
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def until(self, mark):
        while (end := self.buffer.find(mark)) < 0:
            if len(self.buffer) > HEAD_MAX:
                raise EOFError
            self.fill()
        return self.take(end + len(mark))

    def pieces(self, length):
        while length:
            if not self.buffer:
                self.fill()
            piece = self.take(min(length, len(self.buffer)))
            length -= len(piece)
            yield piece

    def body_pieces(self):
        request = self.request
        if request.get("Expect").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.get("Transfer-Encoding").lower() == "chunked":
            while size := int(self.until(b"\r\n").split(b";")[0], 16):
                yield from self.pieces(size)
                self.until(b"\r\n")
            while self.until(b"\r\n") != b"\r\n":
                pass
        else:
            yield from self.pieces(int(request.get("Content-Length") or 0))

    def read_body(self):
        digest, kept = hashlib.sha256(), []
        for piece in self.body_pieces():
            digest.update(piece)
            self.request.body_length += len(piece)
            if self.request.body_length <= BODY_KEPT:
                kept.append(piece)
        self.request.body, self.request.body_sha256 = b"".join(kept), digest.hexdigest()

    def send(self, data):
        self.sock.sendall(data)

    def head(self, status, headers):
        lines = [f"HTTP/1.1 {status} Said", *(f"{k}: {v}" for k, v in headers.items())]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def reply(self, status, body, kind="text/plain", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.head(status, {"Content-Type": kind, "Content-Length": len(body),
                           **{k.replace("_", "-"): v for k, v in headers.items()}})
        self.send(b"" if self.request.method == "HEAD" else body)


class Server:
    def __init__(self, directory, authority, sites):
        self.log, self.authority, self.sites = Log(f"{directory}/web.jsonl"), authority, sites
        self.ids = itertools.count(1)
        self.forwards = {}      # name -> port on 127.0.0.1 that plays it
        for context in authority.contexts.values():
            context.sni_callback = self.choose_certificate

    def start(self, loop):
        for address in names.served():
            for port in (80, 443):
                loop.listen(address, port, lambda conn, peer, a=address, p=port: self.accepted(conn, peer, a, p))

    def accepted(self, conn, peer, address, port):
        at = names.host_port(address, port)
        facts = {"id": next(self.ids), "at": at}
        self.log.write("open", **facts, **{"from": names.host_port(*peer[:2])})
        in_thread(self.converse, conn, Exchange(conn, (address, port), facts))

    def choose_certificate(self, sock, name, _):
        sock.sni = name
        context = self.authority.for_name((name or "").lower())
        if context:
            sock.context = context

    def converse(self, conn, exchange):
        problem, conn_timeout = "", IDLE_S
        conn.settimeout(conn_timeout)
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if exchange.at[1] == 443:
                self.begin_tls(conn, exchange)
            self.serve(exchange)
        except EOFError:
            pass
        except (OSError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
        rest = {} if exchange.n_heads else {"raw": raw(exchange.first)}
        self.log.write("close", **exchange.facts, bytes=exchange.n_in, problem=problem, **rest)
        hang_up(exchange.sock)

    def begin_tls(self, conn, exchange):
        exchange.first = conn.recv(4096, socket.MSG_PEEK)   # kept in case that no handshake follows
        owner = names.owners(exchange.at[0])[0]
        context = self.authority.for_name(owner) or self.authority.for_name("any." + owner)
        exchange.sock = context.wrap_socket(conn, server_side=True, do_handshake_on_connect=False)
        exchange.sock.sni = None
        try:
            exchange.sock.do_handshake()
        except OSError:
            exchange.n_in = len(exchange.first)
            raise
        exchange.sni, exchange.is_tls, exchange.first = exchange.sock.sni, True, b""
        self.log.write("tls", **exchange.facts, sni=exchange.sni, version=exchange.sock.version())

    def serve(self, exchange):
        """A forwarded name is played by another program; else one request after the other."""
        name = exchange.sni if exchange.is_tls else None
        if name in self.forwards:
            return self.forward(exchange, self.forwards[name])
        while exchange.open:
            request = exchange.request = Request(exchange.until(b"\r\n\r\n"))
            exchange.n_heads += 1
            facts = {**exchange.facts, "sni": exchange.sni, "host": request.host, "method": request.method,
                     "target": request.target}
            self.log.write("head", **facts, raw=raw(request.head))
            exchange.read_body()
            self.log.write("request", **facts, body_bytes=request.body_length, body_sha256=request.body_sha256)
            exchange.open = request.get("Connection").lower() != "close" and request.version == "HTTP/1.1"
            self.sites.get(request.host, pages.serve)(exchange)
        return None

    def forward(self, exchange, port):
        with socket.create_connection(("127.0.0.1", port)) as to:
            exchange.n_heads += 1   # what came is in the log of the other program
            splice(exchange, to)


def splice(exchange, to):
    """Until one side has ended. One thread, as TLS wants: what it has decrypted already is not in select()."""
    here = exchange.sock
    while True:
        if not getattr(here, "pending", int)():
            ready = select.select([here, to], [], [], 600)[0]
            if not ready:
                return
            if to in ready:
                data = to.recv(65536)
                if not data:
                    return
                here.sendall(data)
            if here not in ready:
                continue
        data = here.recv(65536)
        exchange.n_in += len(data)
        if not data:
            return
        to.sendall(data)


def hang_up(sock):
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.settimeout(0.5)
            sock = sock.unwrap()    # or else the end of an answer may be taken for a cut
        sock.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError):
        pass
    sock.close()


def wait(seconds):
    threading.Event().wait(seconds)
