"""The only DNS server of the world: answers from the tables of names.py, and logs every question to dns.jsonl."""
import ipaddress
import struct
import threading

import names
from log import Log, raw
from loop import in_thread

A, CNAME, AAAA, OPT = 1, 5, 28, 41
TYPES = {A: "A", 2: "NS", CNAME: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", AAAA: "AAAA", 64: "SVCB", 65: "HTTPS"}
NOERROR, NXDOMAIN = 0, 3
TTL_S = 60
CHAIN_MAX = 8


class Question:
    def __init__(self, message):
        self.id, flags, count, _, _, more = struct.unpack_from("!6H", message)
        if flags & 0x8000 or count != 1:
            raise ValueError("not a question")
        self.recursion = flags & 0x0100
        labels, at = [], 12
        while length := message[at]:
            if length > 63:
                raise ValueError("a compressed name")
            labels.append(message[at + 1:at + 1 + length])
            at += 1 + length
        self.type, _ = struct.unpack_from("!2H", message, at + 1)
        self.section = message[12:at + 5]
        self.name = b".".join(labels).decode("ascii", "backslashreplace").lower()
        self.room = self.room_of(message, at + 5) if more else 512

    @staticmethod
    def room_of(message, at):
        """What fits into a datagram: the size that a first additional record of EDNS names."""
        if message[at:at + 1] == b"\0" and struct.unpack_from("!H", message, at + 1)[0] == OPT:
            return max(512, struct.unpack_from("!H", message, at + 3)[0])
        return 512


class Table:
    """What a name has now. Tests may change it by the control socket (set)."""

    def __init__(self):
        self.lock = threading.Lock()
        self.turns, self.changed = {}, {}

    def set(self, name, addresses):
        with self.lock:
            self.changed[name] = tuple(addresses)

    def reset(self):
        with self.lock:
            self.turns, self.changed = {}, {}

    def addresses(self, name, kind):
        """The addresses of all families, or None if there is no such name."""
        with self.lock:
            if name in self.changed:
                return self.changed[name]
            if name in names.ALTERNATING:
                answers = names.ALTERNATING[name]
                turn = self.turns.get((name, kind), 0)
                self.turns[name, kind] = turn + 1
                return answers[turn % len(answers)]
        for table in (names.NAMES, names.FORBIDDEN, names.HUGE, names.STUCK):
            if name in table:
                return table[name]
        return next((addresses for zone, addresses in names.WILDCARDS.items()
                     if name == zone or name.endswith("." + zone)), None)

    def records(self, question):
        """(rcode, [(owner, type, value)])"""
        name, records = question.name, []
        if name in names.RCODES:
            return names.RCODES[name], []
        while name in names.ALIASES and len(records) < CHAIN_MAX:
            records.append((name, CNAME, names.ALIASES[name]))
            name = names.ALIASES[name]
        addresses = self.addresses(name, question.type)
        if addresses is None and name not in names.ALIASES:
            return NXDOMAIN, records
        wanted = {A: 4, AAAA: 6}.get(question.type)
        records += [(name, question.type, a) for a in addresses or () if ipaddress.ip_address(a).version == wanted]
        return NOERROR, records


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def wire_record(question, owner, kind, value):
    owner = b"\xc0\x0c" if owner == question.name else wire_name(owner)
    data = wire_name(value) if kind == CNAME else ipaddress.ip_address(value).packed
    ttl = 0 if question.name in names.ALTERNATING else TTL_S
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def wire_answer(question, rcode, records, room):
    body = b"".join(wire_record(question, *record) for record in records)
    flags = 0x8480 | question.recursion | rcode      # response, authoritative, recursion is available
    whole = 12 + len(question.section) + len(body) <= room
    head = struct.pack("!6H", question.id, flags if whole else flags | 0x0200, 1, len(records) if whole else 0, 0, 0)
    return head + question.section + (body if whole else b"")


class Server:
    def __init__(self, directory):
        self.log, self.table = Log(f"{directory}/dns.jsonl"), Table()

    def start(self, loop):
        for address in (names.RESOLVER, *names.OTHER_RESOLVERS):
            at = names.host_port(address, 53)
            loop.datagrams(address, 53, lambda sock, data, peer, at=at: self.by_datagram(sock, data, peer, at))
            loop.listen(address, 53, lambda conn, peer, at=at: in_thread(self.by_stream, conn, peer, at))

    def answer(self, data, peer, at, room):
        """(the answer's bytes, after how many seconds) or None"""
        where = {"at": at, "from": names.host_port(*peer[:2]), "by": "tcp" if room else "udp"}
        try:
            question = Question(data)
        except (ValueError, IndexError, struct.error):
            self.log.write("broken", raw=raw(data), **where)
            return None
        silent = question.name in names.SILENT
        rcode, records = (None, []) if silent else self.table.records(question)
        self.log.write("query", name=question.name, type=TYPES.get(question.type, str(question.type)), rcode=rcode,
                       answers=[value for _, _, value in records][:40], **where)
        if silent:
            return None
        return wire_answer(question, rcode, records, room or question.room), names.LATE_S.get(question.name, 0)

    def by_datagram(self, sock, data, peer, at):
        answer = self.answer(data, peer, at, 0)
        if answer and answer[1]:
            timer = threading.Timer(answer[1], sock.sendto, (answer[0], peer))
            timer.daemon = True
            timer.start()
        elif answer:
            sock.sendto(answer[0], peer)

    def by_stream(self, conn, peer, at):
        conn.settimeout(30)
        with conn, conn.makefile("rb") as stream:
            while len(size := stream.read(2)) == 2:
                answer = self.answer(stream.read(int.from_bytes(size, "big")), peer, at, 65535)
                if answer:
                    threading.Event().wait(answer[1])
                    conn.sendall(len(answer[0]).to_bytes(2, "big") + answer[0])
