#!/usr/bin/python3
"""What the servers of the world have seen: rows of a log as JSON lines. The exit code is 3 if there are none, and
another one if nobody can tell: no server is there that could have seen something.

Usage: seen.py LOG TARGET [KIND [OFFSET]]

LOG is web, raw or dns. TARGET is an address, a name (as asked for, in Host, as SNI; or by an address that no other
name has), either with a port; ".NAME" is all below NAME; "any" is everything. KIND is one of the rows' kinds, or
"any". OFFSET is where in the log to begin.
"""
import ipaddress
import json
import os
import re
import sys

import names
import raw

NOTHING = 3
KINDS = {"dns": ("query", "broken"), "web": ("open", "tls", "head", "request", "close"),
         "raw": ("open", "bytes", "close", "datagram")}


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def parse_target(text):
    """(host, port or "")"""
    if is_address(text):
        return text, ""
    host, port = re.fullmatch(r"\[?(.*?)\]?(?::(\d+))?", text).groups()
    return host.lower(), port or ""


def matches(row, target):
    if target == "any":
        return True
    host, port = parse_target(target)
    address, at_port = parse_target(row["at"])
    if port and port != at_port:
        return False
    if is_address(host):
        return address == host
    asked = [str(row.get(key) or "").lower().rstrip(".") for key in ("name", "host", "sni")]
    if host.startswith("."):
        return any(name.endswith(host) for name in asked)
    return host in asked or names.owners(address) == [host] or address in names.FORBIDDEN.get(host, ())


def check(log, target, kind="any"):
    """A target of which nothing can ever be seen is a mistake of the test's."""
    if kind not in ("any", *KINDS[log]):
        sys.exit(f"seen: '{log}' has no rows of kind '{kind}'")
    host, port = parse_target(target)
    if target == "any" or log == "dns" or log == "web" and not is_address(host):
        return
    places = {(row[0], str(row[1])) for table in (raw.CANARIES, raw.PUBLIC, raw.DATAGRAMS) for row in table}
    if log == "web":
        places = {(a, p) for a in names.served() for p in ("80", "443")}
    wanted = [host] if is_address(host) else [*names.NAMES.get(host, ()), *names.FORBIDDEN.get(host, ())]
    if not any(a in wanted and port in ("", p) for a, p in places):
        sys.exit(f"seen: no server of '{log}' is at {target}")


def rows(log, target, kind="any", offset=0):
    with open(f"{os.environ['WORLD_DIR']}/{log}.jsonl", encoding="utf-8") as f:
        f.seek(int(offset))
        for line in f:
            row = json.loads(line)
            if kind in ("any", row["kind"]) and matches(row, target):
                yield row


def main(*args):
    check(*args[:3])
    found = list(rows(*args))
    for row in found:
        print(json.dumps(row))
    sys.exit(0 if found else NOTHING)


if __name__ == "__main__":
    main(*sys.argv[1:])
