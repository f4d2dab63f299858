#!/usr/bin/python3
"""A scripted Anthropic API on loopback: plays the model of a scenario file (README.md beside this).

Usage: api_server.py --scenario FILE --port-file FILE --result FILE
                     [--set NAME=VALUE]... [--lifetime SECONDS]
"""
import argparse
import hashlib
import http.server
import json
import os
import re
import secrets
import signal
import sys
import threading

from messages import events_of, message_of

MAX_REQUESTS = 200  # remembered in the result file; later ones are only counted
MAX_TEXT = 4000     # characters kept of any one text in the result file
MAX_BODY = 64 << 20 # a longer request is refused
HANG_LIMIT = 60     # seconds that a step with "hang" keeps the client waiting at most
STEP_KEYS = {"text", "tool", "input", "expect", "seen", "hang"}
EXPECT_KEYS = {"match", "not", "is_error"}


class ScenarioError(Exception):
    """The scenario file is wrong; the message says where."""


def fill(value, names):
    """Replace @NAME@ in every string of a JSON value."""
    def named(match):
        if match.group(1) not in names:
            raise ScenarioError(f"{match.group(0)} has no value (give it with --set)")
        return names[match.group(1)]

    if isinstance(value, str):
        return re.sub(r"@([A-Z_]+)@", named, value)
    if isinstance(value, list):
        return [fill(v, names) for v in value]
    if isinstance(value, dict):
        return {k: fill(v, names) for k, v in value.items()}
    return value


def check_step(number, step):
    expect = step.get("expect", {})
    unknown = sorted(set(step) - STEP_KEYS) + sorted(set(expect) - EXPECT_KEYS)
    if unknown:
        raise ScenarioError(f"step {number}: unknown key {unknown[0]!r}")
    if ("tool" in step) == ("text" in step):
        raise ScenarioError(f"step {number}: needs either 'tool' or 'text'")
    if "tool" not in step and ("expect" in step or "input" in step):
        raise ScenarioError(f"step {number}: 'input' and 'expect' belong to a tool call")
    for pattern in (step.get("seen"), expect.get("match"), expect.get("not")):
        if pattern is not None:
            re.compile(pattern)


def load_scenario(path, names):
    try:
        with open(path, encoding="utf-8") as f:
            scenario = fill(json.load(f), names)
        if set(scenario) - {"about", "steps"} or not scenario.get("steps"):
            raise ScenarioError("a scenario has 'about' and a non-empty list 'steps', no more")
        for number, step in enumerate(scenario["steps"], 1):
            check_step(number, step)
    except (OSError, ValueError, re.error, ScenarioError) as error:
        sys.exit(f"api_server: {path}: {error}")
    return scenario["steps"]


def text_of(content):
    """What a message or tool result says, in whichever of the two shapes that the API allows.

    Reminders that the client adds by itself are left out.
    """
    if isinstance(content, str):
        return content
    texts = [b.get("text") or text_of(b.get("content")) for b in content or []]
    return "\n".join(t for t in texts if t and not t.startswith("<system-reminder>"))


def blocks_of(message, kind):
    content = message.get("content")
    return [b for b in content if b.get("type") == kind] if isinstance(content, list) else []


class Script:
    """Where the conversation stands, and everything that has been seen so far."""

    def __init__(self, steps, result_path):
        self.steps, self.result_path = steps, result_path
        self.lock = threading.Lock()
        self.salt = secrets.token_hex(4)    # ids differ from those of an earlier server's session
        self.next_step = 0
        self.answered = {}      # fingerprint of a request -> its step: a retry must not use another
        self.waiting = {}       # tool_use id -> number of the step whose result is still to come
        self.mismatches, self.requests, self.unrecorded = [], [], 0

    def mismatch(self, number, problem, seen=""):
        self.mismatches.append({"step": number, "problem": problem, "seen": seen[:MAX_TEXT]})

    def record(self, entry):
        if len(self.requests) < MAX_REQUESTS:
            self.requests.append(entry)
        else:
            self.unrecorded += 1
        self.save()

    def save(self):
        done = self.next_step == len(self.steps) and not self.waiting
        state = {"ok": done and not self.mismatches, "steps": len(self.steps),
                 "steps_done": self.next_step, "waiting": sorted(self.waiting.values()),
                 "mismatches": self.mismatches, "unrecorded": self.unrecorded,
                 "requests": self.requests}
        with open(self.result_path + ".new", "w", encoding="utf-8") as f:
            json.dump(state, f, indent=1)
        os.replace(self.result_path + ".new", self.result_path)

    def check_results(self, messages):
        """Compare the tool results in this request with what their steps expected."""
        for message in messages:
            for block in blocks_of(message, "tool_result"):
                number = self.waiting.pop(block.get("tool_use_id"), None)
                if number is not None:
                    self.check_result(number, block)

    def check_result(self, number, block):
        expect = self.steps[number - 1].get("expect", {})
        text = text_of(block.get("content"))
        if "match" in expect and not re.search(expect["match"], text, re.M):
            self.mismatch(number, f"the result does not match {expect['match']!r}", text)
        if "not" in expect and re.search(expect["not"], text, re.M):
            self.mismatch(number, f"the result matches {expect['not']!r}", text)
        if "is_error" in expect and bool(block.get("is_error")) != expect["is_error"]:
            self.mismatch(number, f"is_error of the result is not {expect['is_error']}", text)

    def take_step(self, request):
        """Number and step that answer this request; 0 and a filler when the scenario is over."""
        messages = request["messages"]
        identity = json.dumps([messages, request.get("metadata")], sort_keys=True)
        fingerprint = hashlib.sha256(identity.encode()).hexdigest()
        if fingerprint in self.answered:
            number = self.answered[fingerprint]
            return number, self.steps[number - 1]
        self.check_results(messages)
        conversation = "\n".join(text_of(m.get("content")) for m in messages)
        if self.next_step == len(self.steps):
            self.mismatch(0, "a request came after the last step", conversation[-MAX_TEXT:])
            return 0, {"text": "The scenario is over."}
        self.next_step += 1
        number, step = self.next_step, self.steps[self.next_step - 1]
        self.answered[fingerprint] = number
        if "seen" in step and not re.search(step["seen"], conversation, re.M):
            self.mismatch(number, f"the conversation does not contain {step['seen']!r}",
                          conversation[-MAX_TEXT:])
        if "tool" in step:
            self.waiting[self.tool_id(number)] = number
        return number, step

    def tool_id(self, number):
        return f"toolu_{self.salt}_{number:04d}"

    def message(self, number, step, model):
        if "tool" in step:
            block = {"type": "tool_use", "id": self.tool_id(number), "name": step["tool"],
                     "input": step.get("input", {})}
        else:
            block = {"type": "text", "text": step["text"]}
        return message_of(f"msg_{self.salt}_{number:04d}", block, model)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script = None       # set once, before the server starts

    def log_message(self, *args):   # the result file is the log
        pass

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def body(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_BODY:
            raise ValueError("the body is too long")
        value = json.loads(self.rfile.read(length) or b"{}")
        return value if isinstance(value, dict) else {}

    def auth(self):
        """Which key was used: the header's name and the last four characters, never more."""
        for name in ("x-api-key", "authorization"):
            if self.headers.get(name):
                return f"{name} ...{self.headers[name][-4:]}"
        return "none"

    def handle_any(self):
        path = self.path.split("?")[0]
        try:
            request = self.body()
        except ValueError as error:
            self.close_connection = True
            problem = {"type": "invalid_request_error", "message": str(error)}
            return self.reply(400, {"type": "error", "error": problem})
        if self.command == "POST" and path == "/v1/messages":
            return self.messages(request)
        with self.script.lock:
            self.script.record({"kind": "other", "method": self.command,
                                "path": self.path[:200], "auth": self.auth()})
        return self.reply(200, {"input_tokens": 10} if path.endswith("/count_tokens") else {})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def messages(self, request):
        messages, model = request.get("messages") or [], request.get("model", "unknown")
        # The agent's own turns offer tools; titles, summaries and quota probes offer none.
        offered = {t.get("name") for t in request.get("tools") or []}
        main = "Bash" in offered and bool(messages)
        prompt = next((m for m in reversed(messages) if m.get("role") == "user"), {})
        with self.script.lock:
            number, step = self.script.take_step(request) if main else (0, {"text": "ok"})
            self.script.record({
                "kind": "step" if main else "side", "step": number, "model": model,
                "stream": bool(request.get("stream")), "auth": self.auth(),
                "said": text_of(prompt.get("content"))[:MAX_TEXT],
                "results": [{"is_error": bool(b.get("is_error")),
                             "text": text_of(b.get("content"))[:MAX_TEXT]}
                            for b in blocks_of(prompt, "tool_result")]})
            answer = self.script.message(number, step, model)
        if request.get("stream"):
            return self.stream(answer, step.get("hang", False))
        return self.reply(200, answer)

    def stream(self, answer, hang):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for event in events_of(answer):
            if hang and event["type"] == "content_block_stop":
                self.hold()
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()

    def hold(self):
        """Keep the answer unfinished until the client has gone away."""
        self.connection.settimeout(HANG_LIMIT)
        try:
            self.connection.recv(1)
        except OSError:
            pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # hanging up is no news
            super().handle_error(request, client_address)


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--result", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--lifetime", type=int, default=240,
                        help="seconds after which the server ends by itself")
    return parser.parse_args()


def main():
    args = parse_args()
    names = dict(pair.split("=", 1) for pair in args.set)
    Handler.script = Script(load_scenario(args.scenario, names), args.result)
    Handler.script.save()
    server = Server(("127.0.0.1", 0), Handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))  # a forgotten server must not live on
    signal.alarm(args.lifetime)
    with open(args.port_file + ".new", "w", encoding="ascii") as f:
        f.write(str(server.server_address[1]))
    os.replace(args.port_file + ".new", args.port_file)  # appears complete or not at all
    server.serve_forever()


if __name__ == "__main__":
    main()
