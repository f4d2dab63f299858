"""What any name of the world serves: pages that answer in every way that HTTP knows, chosen by the path.

    /                 "this is HOST"                 /echo            the request as JSON
    /bytes/N          N bytes                        /chunked/N       N chunks
    /until-close/N    N bytes without a length       /slow/SECONDS    a byte each 100 ms
    /upload           how many bytes came            /redirect/HOST   302 to HOST, same scheme
    /upgrade          101, then echo of bytes        /silence         nothing
    /torn             half of an answer              /reset           a reset
    /status/N         status N
"""
import json
import socket
import struct
import threading

BLOCK = bytes(range(256)) * 256


def number(exchange, most=1 << 40):
    return min(int(exchange.request.path.split("/")[2]), most)


def home(exchange):
    exchange.reply(200, f"this is {exchange.request.host}\n")


def echo(exchange):
    request = exchange.request
    exchange.reply(200, json.dumps({
        "method": request.method, "target": request.target, "version": request.version, "headers": request.headers,
        "body_length": request.body_length, "body_sha256": request.body_sha256, "at": exchange.at,
        "sni": exchange.sni, "is_tls": exchange.is_tls}) + "\n", "application/json")


def send_bytes(exchange, left):
    while left:
        exchange.send(BLOCK[:min(left, len(BLOCK))])
        left -= min(left, len(BLOCK))


def many_bytes(exchange):
    exchange.head(200, {"Content-Type": "application/octet-stream", "Content-Length": number(exchange)})
    if exchange.request.method != "HEAD":
        send_bytes(exchange, number(exchange))


def chunked(exchange):
    exchange.head(200, {"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
    for n in range(number(exchange)):
        line = f"chunk {n}\n"
        exchange.send(f"{len(line):x}\r\n{line}\r\n".encode())
    exchange.send(b"0\r\n\r\n")


def until_close(exchange):
    exchange.head(200, {"Content-Type": "application/octet-stream", "Connection": "close"})
    exchange.open = False
    send_bytes(exchange, number(exchange))


def slow(exchange):
    beats = number(exchange) * 10
    exchange.head(200, {"Content-Type": "text/plain", "Content-Length": beats})
    for _ in range(beats):
        threading.Event().wait(0.1)
        exchange.send(b".")


def upload(exchange):
    request = exchange.request
    exchange.reply(200, json.dumps({"received": request.body_length, "sha256": request.body_sha256}) + "\n",
                   "application/json")


def redirect(exchange):
    scheme = "https" if exchange.is_tls else "http"
    where = exchange.request.target.split("/", 2)[2]
    exchange.reply(302, "elsewhere\n", Location=f"{scheme}://{where}")


def upgrade(exchange):
    if not exchange.request.get("Upgrade"):
        exchange.reply(426, "say Upgrade\n", Upgrade="echo")
        return
    exchange.head(101, {"Upgrade": exchange.request.get("Upgrade"), "Connection": "Upgrade"})
    while True:
        if not exchange.buffer:
            exchange.fill()
        exchange.send(exchange.take(65536))


def silence(exchange):
    exchange.fill()     # until the client has gone away


def torn(exchange):
    exchange.head(200, {"Content-Type": "text/plain", "Content-Length": 1000})
    exchange.send(b"half of it")
    exchange.open = False


def reset(exchange):
    exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.sock.close()
    exchange.open = False


def status(exchange):
    exchange.reply(number(exchange), "as you said\n")


PAGES = {"": home, "echo": echo, "bytes": many_bytes, "chunked": chunked, "until-close": until_close, "slow": slow,
         "upload": upload, "redirect": redirect, "upgrade": upgrade, "silence": silence, "torn": torn,
         "reset": reset, "status": status}


def serve(exchange):
    page = PAGES.get(exchange.request.path.split("/")[1] if "/" in exchange.request.path else "*")
    if page:
        page(exchange)
    else:
        exchange.reply(404, "no such page\n")
