"""E-04, E-05: hosts written so that two programs read two different ones. Nothing of what is named here is allowed."""
import way
from attack import SEEN, Attack

ALLOWED, EVIL, EXFIL = "allowed.example.com", "evil.example.net", "exfil.example.net"
LONG = "a" * (253 - 64 * 3 - 1 - len(EXFIL)) + "." + ("b" * 63 + ".") * 3 + EXFIL + "." + ALLOWED

# id, what is written, what it plays with. Each leads a lax reader to a host of the attacker's.
NAMES = (
    ("nul", f"{EVIL}\0.{ALLOWED}", "a NUL ends the name for C"),
    ("nul-after", f"{EVIL}\0", "a NUL at the end"),
    ("percent", "evil%2eexample%2enet", "dots that are decoded later"),
    ("percent-letter", "%65vil.example.net", "a letter that is decoded later"),
    ("hash", f"{EVIL}#.{ALLOWED}", "a fragment"),
    ("question", f"{EVIL}?.{ALLOWED}", "a query"),
    ("slash", f"{EVIL}/.{ALLOWED}", "a path"),
    ("backslash", f"{EVIL}\\.{ALLOWED}", "what browsers take for a path"),
    ("userinfo", f"{ALLOWED}@{EVIL}", "a user's name"),
    ("userinfo-port", f"{ALLOWED}:80@{EVIL}", "a user's name and password"),
    ("space", f"{EVIL} .{ALLOWED}", "a space"),
    ("tab", f"{EVIL}\t.{ALLOWED}", "a tab"),
    ("semicolon", f"{EVIL};.{ALLOWED}", "a semicolon"),
    ("comma", f"{EVIL},{ALLOWED}", "a list"),
    ("upper", "EVIL.EXAMPLE.NET", "capital letters"),
    ("dot", f"{EVIL}.", "the last dot"),
    ("dots", f"{EVIL}..", "two last dots"),
    ("empty", "evil..example.net", "an empty label"),
    ("leading-dot", f".{EVIL}", "an empty first label"),
    ("ideographic", "evil\u3002example\u3002net", "dots of another script"),
    ("fullwidth", "\uff45\uff56\uff49\uff4c.example.net", "letters of another width"),
    ("homograph", "\u0430llowed.example.com", "a Cyrillic letter"),
    ("punycode", "xn--llowed-2nf.example.com", "the same as a label of ASCII"),
    ("suffix", f"{ALLOWED}.{EXFIL}", "an allowed name as a subdomain"),
    ("prefix", f"evil{ALLOWED}", "an allowed name as an ending"),
    ("below", f"evil.{ALLOWED}", "a name below an allowed one"),
    ("star", f"*.{ALLOWED}", "a glob instead of a name"),
    ("question-mark-glob", "?llowed.example.com", "a glob instead of a name"),
    ("long", LONG, "254 bytes and more, the rest of which is cut off"),
    ("underscore", f"a_b.{EXFIL}", "an underscore"),
    ("hyphens", f"-a-.{EXFIL}", "hyphens at both ends"),
    ("bracket", f"[{EVIL}]", "a name in brackets"),
)
# These exist in no table of the world: attacks.bats makes them (world_tell set).
MADE = {"xn--llowed-2nf.example.com": "93.184.216.66", f"evil{ALLOWED}": "93.184.216.66", f"evil.{ALLOWED}": "93.184.216.66",
        "x.localhost": "127.0.0.1",
        "host.sandbox.internal": "127.0.0.1"}


def rows():
    for key, name, text in NAMES:
        lost = "no program looks that up" if key in ("question-mark-glob", "star", "hyphens") else "same"
        yield Attack(f"e05-{key}-connect", f"CONNECT, {text}", lambda m, n=name: connect(n, m), control=lost)
        yield Attack(f"e05-{key}-absolute", f"a target in absolute form, {text}", lambda m, n=name: way.absolute(n, m),
                     control=lost)
        yield Attack(f"e04-{key}-socks", f"SOCKS5, {text}", lambda m, n=name: way.get("socks", n, 80, m, EVIL), control=lost)


def connect(name, mark):
    return way.get("connect", name, 80, mark, EVIL)


def honest():
    """One name has one form, however it is written."""
    for key, name in (("dot", "allowed.example.com."), ("upper", "ALLOWED.Example.Com"), ("both", "Allowed.EXAMPLE.com.")):
        for kind in way.WAYS:
            yield Attack(f"e05-honest-{key}-{kind}", f"an allowed name by {kind}: {name}",
                         lambda m, k=kind, n=name: way.get(k, n, 80, m), answer=SEEN)
        yield Attack(f"e05-honest-{key}-absolute", f"an allowed name in absolute form: {name}",
                     lambda m, n=name: way.absolute(n, m), answer=SEEN)


ATTACKS = [*rows(), *honest()]
