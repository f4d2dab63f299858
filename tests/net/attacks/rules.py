"""What rules say and what passes: ports, methods, and that no beats yes."""
import hello
import way
import wire
from attack import SEEN, Attack

GET_ONLY, PORT_ONLY, DENIED, DENIED_PORT = "www.example.com", "echo.example.com", "x.wild.example.com", "mail.example.com"


def plain(kind, mark, method="GET", *lines, body=b""):
    return way.say(way.WAYS[kind](GET_ONLY, 80), wire.head(f"/{mark}", GET_ONLY, "Connection: close", *lines, method=method) + body)


def rows():
    for kind in way.WAYS:
        yield Attack(f"rule-post-{kind}", f"POST where GET is allowed, by {kind}",
                     lambda m, k=kind: plain(k, m, "POST", "Content-Length: 1", body=b"x"))
        yield Attack(f"rule-tls-{kind}", f"TLS where GET is allowed, by {kind}",
                     lambda m, k=kind: hello.get(way.WAYS[k](GET_ONLY, 443), GET_ONLY, m, GET_ONLY))
        yield Attack(f"rule-raw-{kind}", f"no HTTP where GET is allowed, by {kind}",
                     lambda m, k=kind: way.say(way.WAYS[k](GET_ONLY, 80), f"hello {m}\r\n\r\n".encode()))
        yield Attack(f"rule-empty-line-{kind}", f"an empty line and POST where GET is allowed, by {kind}",
                     lambda m, k=kind: way.say(way.WAYS[k](GET_ONLY, 80), b"\r\n" + wire.head(f"/{m}", GET_ONLY, method="POST")))
        yield Attack(f"rule-port-{kind}", f"another port than the rule's, by {kind}",
                     lambda m, k=kind: way.say(way.WAYS[k](PORT_ONLY, 8443), m.encode()))
        yield Attack(f"rule-deny-{kind}", f"a name that a glob allows and a rule denies, by {kind}",
                     lambda m, k=kind: way.get(k, DENIED, 80, m))
        yield Attack(f"rule-deny-port-{kind}", f"a port that is denied, by {kind}",
                     lambda m, k=kind: way.say(way.WAYS[k](DENIED_PORT, 25), b"HELO x\r\n", m.encode() + b"\r\n"))
        yield Attack(f"rule-honest-get-{kind}", f"GET where GET is allowed, by {kind}", lambda m, k=kind: plain(k, m), answer=SEEN)
        yield Attack(f"rule-honest-port-{kind}", f"the rule's port, by {kind}",
                     lambda m, k=kind: way.say(way.WAYS[k](PORT_ONLY, 7), m.encode()), answer=SEEN)
        yield Attack(f"rule-honest-port-587-{kind}", f"a port that is not denied, by {kind}",
                     lambda m, k=kind: way.say(way.WAYS[k](DENIED_PORT, 587), b"EHLO host.example.com\r\n", m.encode() + b"\r\n"), answer=SEEN)
    for method in ("POST", "PUT", "DELETE", "get", "GETX", "HEAD"):
        yield Attack(f"rule-method-{method}", f"{method} in absolute form where GET is allowed",
                     lambda m, t=method: way.say(way.dial(way.HTTP), wire.head(f"http://{GET_ONLY}/{m}", GET_ONLY, method=t)))
    yield Attack("rule-override", "a method hidden behind a blank", lambda m: way.say(
        way.tcp(GET_ONLY, 80), wire.head(f"/{m}", GET_ONLY, method="POST ")))


ATTACKS = list(rows())
