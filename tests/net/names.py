"""The names and addresses of the test world: data only, for every server and every test.

All of them look public, as only such addresses pass a filter of private ones. Packets to them do not leave the
network namespace, but they are not its own addresses: a program that asks finds only OWN on its interfaces.
"""
import ipaddress

RESOLVER = "127.0.0.53"
OWN = ("93.184.219.20", "192.168.77.20", "2606:2800:220:77::20", "fd00:77::20")

# Served by web.py on 80 and 443, and by whoever else asks for them below. A name that shares its address with
# another is there to be confused with it.
NAMES = {
    "allowed.example.com": ("93.184.216.34", "2606:2800:220:1::34"),
    "www.example.com": ("93.184.216.35",),
    "api.example.com": ("93.184.216.37",),
    "v4only.example.com": ("93.184.216.38",),
    "v6only.example.com": ("2606:2800:220:1::39",),
    "git.example.com": ("93.184.216.40",),
    "echo.example.com": ("93.184.216.41", "2606:2800:220:1::41"),
    "mail.example.com": ("93.184.216.42",),
    "ssh.example.com": ("93.184.216.43",),
    "time.example.com": ("93.184.216.44",),
    "cdn-allowed.example.com": ("151.101.0.50",),
    "cdn-evil.example.net": ("151.101.0.50",),
    "evil.example.net": ("93.184.216.66", "2606:2800:220:1::66"),
    "slow.example.com": ("93.184.216.70",),
    "github.com": ("140.82.112.3",),
    "registry.npmjs.org": ("104.16.1.35",),
    "pypi.org": ("151.101.0.223",),
    "files.pythonhosted.org": ("151.101.0.224",),
    "proxy.golang.org": ("142.250.80.17",),
    "sum.golang.org": ("142.250.80.18",),
    "api.anthropic.com": ("160.79.104.10", "2607:6bc0::10"),
    "platform.claude.com": ("160.79.104.11",),
    "dns.google": ("8.8.8.8", "2001:4860:4860::8888"),
    "dns.quad9.net": ("9.9.9.9",),
    "many.example.com": tuple(f"93.184.217.{n}" for n in range(1, 31)),
}

# Any name below these.
WILDCARDS = {
    "wild.example.com": ("93.184.216.36",),
    "exfil.example.net": ("93.184.216.67",),
}

# Names that lead to where nobody from inside may go; the places are rows of raw.py.
FORBIDDEN = {
    "localhost.example.net": ("127.0.0.1",),
    "localhost6.example.net": ("::1",),
    "zero.example.net": ("0.0.0.0",),
    "lan.example.net": ("192.168.77.1",),
    "ten.example.net": ("10.9.8.7",),
    "metadata.example.net": ("169.254.169.254",),
    "metadata6.example.net": ("fd00:ec2::254",),
    "carrier.example.net": ("100.100.100.200",),
    "mapped.example.net": ("::ffff:127.0.0.1",),
    "mapped-metadata.example.net": ("::ffff:169.254.169.254",),
    "nat64.example.net": ("64:ff9b::127.0.0.1",),
    "nat64-metadata.example.net": ("64:ff9b::169.254.169.254",),
    "6to4.example.net": ("2002:7f00:1::1",),
    "compatible.example.net": ("::127.0.0.1",),
    "own.example.net": OWN[:1],
    "own-lan.example.net": OWN[1:2],
    "own6.example.net": OWN[2:3],
    "mixed.example.net": ("93.184.216.34", "127.0.0.1"),
    "mixed-metadata.example.net": ("169.254.169.254", "93.184.216.34"),
}

ALIASES = {
    "alias.example.com": "allowed.example.com",
    "alias-evil.example.com": "evil.example.net",
    "alias-lan.example.net": "lan.example.net",
    "alias-metadata.example.net": "metadata.example.net",
    "alias-localhost.example.net": "localhost.example.net",
    "alias-loop.example.net": "alias-pool.example.net",
    "alias-pool.example.net": "alias-loop.example.net",
    "alias-nowhere.example.net": "nx.example.com",
}

# By turns, one answer after the other.
ALTERNATING = {
    "rebind.example.net": (("93.184.216.34",), ("127.0.0.1",)),
    "rebind-lan.example.net": (("93.184.216.34",), ("192.168.77.1",)),
    "rebind-metadata.example.net": (("93.184.216.34",), ("169.254.169.254",)),
    "rebind-evil.example.net": (("93.184.216.34",), ("93.184.216.66",)),
}

# 24 kB of answer, over TCP: the first address is served, the others are nobody's.
HUGE = {"huge.example.com": ("93.184.216.34",) + tuple(f"93.186.{n // 250}.{n % 250 + 1}" for n in range(1499))}

RCODES = {"servfail.example.com": 2, "nx.example.com": 3, "refused.example.com": 5}
SILENT = ("silent.example.com",)        # never answered
LATE_S = {"slow.example.com": 2.0}
STUCK = {"stuck.example.com": ("93.184.216.99",)}  # resolves; a connection to it is never made

# Resolvers besides RESOLVER that whoever may send UDP or TCP to port 53 can ask.
OTHER_RESOLVERS = ("8.8.8.8", "9.9.9.9", "2001:4860:4860::8888")

CERTIFIED = (*NAMES, *ALIASES, *ALTERNATING, *HUGE, *(f"*.{name}" for name in WILDCARDS))


def host_port(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def served():
    """The addresses on which web.py listens, each once."""
    return tuple(dict.fromkeys(a for table in (NAMES, WILDCARDS) for addresses in table.values() for a in addresses))


def routed(places):
    """What is reached through the loopback device: all that is served, and @places of raw.py."""
    wanted = [*served(), *(a for addresses in STUCK.values() for a in addresses), *places]
    return [a for a in dict.fromkeys(wanted) if not ipaddress.ip_address(a).is_loopback and a not in OWN]


def owners(address):
    """The names that have this address in the plain table."""
    return [name for name, addresses in (*NAMES.items(), *WILDCARDS.items()) if address in addresses]
