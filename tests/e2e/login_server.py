#!/usr/bin/python3
"""A scripted sign-in and API server over TLS, for any number of clients that share one login.

Usage: login_server.py --cert FILE --key FILE --state FILE --ready FILE [--port N]
                       [--lifetime SECONDS] [--linger SECONDS] [--turns N]
                       [--delay SECONDS]

Refresh tokens rotate: each is good once, and one that is used again revokes the login for good, as
RFC 9700 section 4.14.2 wants it. An access token is good for --lifetime, and --linger after the next one
has been given out. --state names a file with the first pair, which is replaced by what the
server has seen so far. --delay is how long a renewal's answer takes. SIGUSR1 makes a login of another account, "other" in the
state, SIGUSR2 a second one of the same, "again".
"""
import argparse
import http.server
import json
import os
import secrets
import signal
import ssl
import threading
import time

from messages import events_of, message_of

ACCOUNT = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
SCOPES = "user:inference user:profile"


class Login:
    """One family of tokens and everything that was seen of it."""

    def __init__(self, options):
        self.options, self.lock = options, threading.Lock()
        self.access = {}    # token -> [time at which it ends, account]
        self.refresh, self.used = secrets.token_hex(8), set()
        self.seen = {"refreshes": 0, "reused": 0, "unknown": 0, "revoked": False, "denied": 0,
                     "turns": {}, "agents": {}, "profiles": 0, "unread": 0}
        self.seen["first"] = self.pair(ACCOUNT)

    def pair(self, account):
        now = time.time()
        token = "sk-ant-oat01-" + secrets.token_hex(24)
        if account == ACCOUNT:
            for old in self.access.values():
                old[0] = min(old[0], now + self.options.linger) if old[1] == ACCOUNT else old[0]
            self.refresh = "sk-ant-ort01-" + secrets.token_hex(24)
        refresh = self.refresh if account == ACCOUNT else "sk-ant-ort01-" + secrets.token_hex(24)
        self.access[token] = [now + self.options.lifetime, account]
        return {"accessToken": token, "refreshToken": refresh,
                "expiresAt": int((now + self.options.lifetime) * 1000)}

    def save(self):
        with open(self.options.state + ".new", "w", encoding="utf-8") as f:
            json.dump({**self.seen, "refresh": self.refresh}, f, indent=1)
        os.replace(self.options.state + ".new", self.options.state)

    def account_of(self, header):
        entry = self.access.get(header.removeprefix("Bearer "))
        return entry[1] if entry and time.time() < entry[0] and not self.seen["revoked"] else None

    def renew(self, request, agent):
        token = request.get("refresh_token")
        if request.get("grant_type") != "refresh_token" or not request.get("client_id"):
            return 400, {"error": "invalid_request"}
        if self.seen["revoked"] or token != self.refresh:
            known = token in self.used
            self.seen["reused" if known else "unknown"] += 1
            self.seen["revoked"] |= known
            return 400, {"error": "invalid_grant", "error_description": "refresh token is not valid"}
        self.used.add(token)
        self.seen["refreshes"] += 1
        self.seen["agents"][agent] = self.seen["agents"].get(agent, 0) + 1
        pair = self.pair(ACCOUNT)
        return 200, {"token_type": "Bearer", "access_token": pair["accessToken"],
                     "refresh_token": pair["refreshToken"], "expires_in": self.options.lifetime,
                     "scope": SCOPES, "account": {"uuid": ACCOUNT, "email_address": "t@example.org"},
                     "organization": {"uuid": "33333333-3333-4333-8333-333333333333"}}


def words_of(message):
    content = message.get("content")
    if isinstance(content, str):
        return [content], 0
    return ([b.get("text", "") for b in content if b.get("type") == "text"],
            sum(b.get("type") == "tool_result" for b in content))


def answer_of(request, turns):
    """A conversation has @turns tool calls, then a last word. Its name is the first CSB-NAME in it."""
    texts, results = [], 0
    for message in request.get("messages") or []:
        more, n = words_of(message)
        texts, results = texts + more, results + n
    name = next((w for t in texts for w in t.split() if w.startswith("CSB-")), "")
    tools = any(t.get("name") == "Bash" for t in request.get("tools") or [])
    if tools and results < turns:
        block = {"type": "tool_use", "id": f"toolu_{secrets.token_hex(8)}", "name": "Bash",
                 "input": {"command": "true", "description": "nothing"}}
    else:
        block = {"type": "text", "text": f"done after {results}"}
    return name, message_of(f"msg_{secrets.token_hex(8)}", block, request.get("model", "unknown"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    login = None        # set once, before the server starts

    def log_message(self, *args):
        pass

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(b"" if self.command == "HEAD" else body)
        except OSError:     # the client is gone: it was killed while it asked
            self.login.seen["unread"] += 1

    def handle_any(self):
        login, path = self.login, self.path.split("?")[0]
        length = min(int(self.headers.get("Content-Length") or 0), 64 << 20)
        try:
            request = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            return self.reply(400, {"error": "invalid_request"})
        agent = self.headers.get("User-Agent", "none").split("/")[0]
        with login.lock:
            if path == "/v1/oauth/token":
                status, value = login.renew(request, agent)
                login.save()
                time.sleep(login.options.delay)
                return self.reply(status, value)
            account = login.account_of(self.headers.get("Authorization", ""))
            if account is None and path in ("/v1/messages", "/api/oauth/profile"):
                login.seen["denied"] += 1
                login.save()
                return self.reply(401, {"type": "error", "error": {
                    "type": "authentication_error", "message": "OAuth token has expired"}})
            if path == "/api/oauth/profile":
                login.seen["profiles"] += 1
                login.save()
                return self.reply(200, {"account": {"uuid": account, "email": "t@example.org"},
                                        "organization": {"uuid": "3", "organization_type": "claude_max"}})
        if path == "/v1/messages":
            return self.messages(request)
        return self.reply(200, {})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def messages(self, request):
        name, answer = answer_of(request, self.login.options.turns)
        with self.login.lock:
            turns = self.login.seen["turns"]
            turns[name] = turns.get(name, 0) + 1
            self.login.save()
        if not request.get("stream"):
            return self.reply(200, answer)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for event in events_of(answer):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):    # a client that was killed
        pass

    def finish_request(self, request, client_address):
        # The handshake is the thread's work, so that a slow client holds up no other.
        super().finish_request(self.tls.wrap_socket(request, server_side=True), client_address)


def main():
    parser = argparse.ArgumentParser()
    for name in ("--cert", "--key", "--state", "--ready"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--lifetime", type=int, default=301)
    parser.add_argument("--linger", type=float, default=10)
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0)
    options = parser.parse_args()
    login = Handler.login = Login(options)

    def make(name, account):
        with login.lock:
            login.seen[name] = login.pair(account)
            login.save()

    for number, name, account in ((signal.SIGUSR1, "other", OTHER), (signal.SIGUSR2, "again", ACCOUNT)):
        signal.signal(number, lambda *_, n=name, a=account:
                      threading.Thread(target=make, args=(n, a)).start())
    Server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Server.tls.load_cert_chain(options.cert, options.key)
    server = Server(("0.0.0.0", options.port), Handler)
    login.save()
    with open(options.ready, "w", encoding="utf-8") as f:
        f.write("ready\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
