#!/usr/bin/python3
"""What a way to the network costs: throughput, time and processor time of connections, memory of open tunnels.

Usage, as root:  bench/egress.py [--rounds N] [--quick] [--way NAME[,KEY=VALUE]...]...

Prints JSON: {"way": {"download_mb_per_s": N, ...}}. Ways that are always measured are direct connections and, where they are
installed, tinyproxy, the proxy of sandbox-runtime, and HAProxy, which judges nothing and splices what it is given to one server:
what is to be had of a program between two sockets. A --way is another one; keys:

    proxy=HOST:PORT   through this proxy (CONNECT); otherwise directly, or however connections are redirected there
    pid=PID           the process whose time and memory count
    wrapper=WORDS     what calls the client, as "claude-sandbox DIR --"
    load=PATH         where the client (build/bench/tcp_load) is for it; otherwise in a directory below /tmp

All of it happens in a world of its own (tests/net/world.sh), where servers have public addresses; whoever starts
a proxy first starts a world around both.
"""
import argparse
import json
import os
import random
import resource
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEER = ("93.184.216.41", 9999)
TARGET = f"{PEER[0]}:{PEER[1]}"
USER = "csb-tester"
RUNTIME = Path("/var/cache/claude-sandbox-tests/sandbox-runtime/node_modules/@anthropic-ai/sandbox-runtime")
COUNTS = {"download": 512, "upload": 512, "latency": 1000, "rate": 4000}
QUICK = {"download": 64, "upload": 64, "latency": 100, "rate": 400}
TUNNELS = 2000
KEYS = {"download": "mb_per_s", "upload": "mb_per_s", "latency": "median_us", "rate": "per_s"}


@dataclass
class Way:
    name: str
    proxy: str = ""
    pid: int = 0
    wrapper: list = field(default_factory=list)
    load: str = ""
    target: str = TARGET

    def command(self, load, verb, count):
        proxy = ["--proxy", self.proxy] if self.proxy else []
        return [*self.wrapper, self.load or str(load), *proxy, verb, self.target, str(count)]

    def processor_ms(self):
        """Of all threads, or 0."""
        if not self.pid:
            return 0
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def pss_kib(self):
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def parse_way(text):
    name, *pairs = text.split(",")
    values = dict(pair.split("=", 1) for pair in pairs)
    if unknown := set(values) - {"proxy", "pid", "wrapper", "load"}:
        raise ValueError(f"there is no key {sorted(unknown)[0]!r}")
    return Way(name, values.get("proxy", ""), int(values.get("pid", 0)), shlex.split(values.get("wrapper", "")),
               values.get("load", ""))


# --- who takes part -----------------------------------------------------------------------


def more_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def more_ports():
    """In this network namespace: many connections to one place in a short time."""
    for name, value in (("ip_local_port_range", "20000 65535"), ("tcp_tw_reuse", "1")):
        Path("/proc/sys/net/ipv4", name).write_text(value, encoding="ascii")


def start(started, port, address, command):
    """Its process, as the ordinary user; listening when this returns. Noted in @started."""
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "--"]
    process = subprocess.Popen([*become, *map(str, command)], preexec_fn=more_files, stdout=sys.stderr)
    started.append(process)
    for _ in range(200):
        try:
            socket.create_connection((address, port), 1).close()
            return process
        except OSError:
            time.sleep(0.05)
    sys.exit(f"egress: {command[0]} does not listen on port {port}")


def tinyproxy(started, directory):
    """A proxy of Debian in C, with a list of what may be reached."""
    if not shutil.which("tinyproxy"):
        return None
    (directory / "filter").write_text(f"^{PEER[0]}$\n".replace(".", "\\."), encoding="ascii")
    (directory / "tinyproxy.conf").write_text(
        "Port 18001\nListen 127.0.0.1\nTimeout 600\nMaxClients 4096\nLogLevel Critical\n"
        f'Filter "{directory}/filter"\nFilterDefaultDeny Yes\nFilterType ere\nConnectPort {PEER[1]}\n', encoding="ascii")
    process = start(started, 18001, "127.0.0.1", ["tinyproxy", "-d", "-c", directory / "tinyproxy.conf"])
    return Way("tinyproxy", "127.0.0.1:18001", process.pid)


def sandbox_runtime(started, directory):
    """The proxy of Anthropic's own sandbox for agents, with a list of what may be reached."""
    if not (RUNTIME / "dist/sandbox/http-proxy.js").exists() or not shutil.which("node"):
        return None
    (directory / "proxy.mjs").write_text(
        f"import {{ createHttpProxyServer }} from '{RUNTIME}/dist/sandbox/http-proxy.js';\n"
        f"createHttpProxyServer({{ filter: (port, host) => host === '{PEER[0]}' }}).listen(18002, '127.0.0.1');\n",
        encoding="ascii")
    process = start(started, 18002, "127.0.0.1", ["node", directory / "proxy.mjs"])
    return Way("sandbox-runtime (npm)", "127.0.0.1:18002", process.pid)


def haproxy(started, directory):
    """A forwarder to the one server, in C, that splices as we do; it knows neither CONNECT nor rules."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    if not program:
        return None
    (directory / "haproxy.cfg").write_text(
        "global\n maxconn 4096\n nbthread 1\n tune.pipesize 1048576\n"
        "defaults\n mode tcp\n option splice-request\n option splice-response\n"
        " timeout connect 5s\n timeout client 600s\n timeout server 600s\n"
        f"listen forward\n bind 127.0.0.1:18003\n server peer {PEER[0]}:{PEER[1]}\n", encoding="ascii")
    process = start(started, 18003, "127.0.0.1", [program, "-db", "-f", directory / "haproxy.cfg"])
    return Way("HAProxy", pid=process.pid, target="127.0.0.1:18003")


# --- measuring ----------------------------------------------------------------------------


def note(results, way, key, value):
    results[way.name].setdefault(key, []).append(value)


def measure(results, way, load, verb, count):
    before = way.processor_ms()
    done = subprocess.run(way.command(load, verb, count), check=False, stdout=subprocess.PIPE)
    if done.returncode != 0:
        print(f"egress: {way.name} did not get through {verb} {count}", file=sys.stderr)
        return
    key = KEYS[verb]
    note(results, way, f"{verb}_{key}", json.loads(done.stdout)[key])
    if way.pid:
        per = {"download": count / 1024, "upload": count / 1024}.get(verb, count / 1000)
        unit = "gib" if verb.endswith("load") else "1000"
        note(results, way, f"{verb}_processor_ms_per_{unit}", (way.processor_ms() - before) / per)


def measure_tunnels(results, way, load):
    before = way.pss_kib()
    process = subprocess.Popen(way.command(load, "tunnels", TUNNELS), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if b'"open"' in process.stdout.readline():
        note(results, way, "pss_idle_kib", before)
        note(results, way, "pss_tunnels_kib", way.pss_kib())
    said = process.communicate()[0]
    note(results, way, "tunnels", TUNNELS if b'"still_open"' in said else 0)


def summary(results):
    table = {way: {key: round(statistics.median(values)) for key, values in rows.items()}
             for way, rows in results.items()}
    for rows in table.values():
        if "latency_median_us" in rows:
            rows["added_latency_us"] = rows["latency_median_us"] - table["direct"]["latency_median_us"]
    return table


def measure_all(ways, load, rounds, counts):
    results = {way.name: {} for way in ways}
    for _ in range(rounds):
        for verb, count in counts.items():
            for way in random.sample(ways, len(ways)):      # a burst of other work hits another one each time
                measure(results, way, load, verb, count)
    for way in ways:
        if way.pid:
            measure_tunnels(results, way, load)
    return summary(results)


def compare(started, directory, options):
    directory.chmod(0o755)
    for program in ("tcp_load", "tcp_peer"):    # the checkout may lie where only its owner may look
        shutil.copy(ROOT / "build/bench" / program, directory)
    start(started, PEER[1], PEER[0], [directory / "tcp_peer", *map(str, PEER)])
    rivals = [way for way in (make(started, directory) for make in (haproxy, tinyproxy, sandbox_runtime)) if way]
    more_files()
    more_ports()
    return measure_all([Way("direct"), *options.way, *rivals], directory / "tcp_load", options.rounds,
                       QUICK if options.quick else COUNTS)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small counts, to see whether it works")
    parser.add_argument("--way", type=parse_way, action="append", default=[])
    options = parser.parse_args()
    if "WORLD_DIR" not in os.environ:
        os.execv(ROOT / "tests/net/world.sh", ["world.sh", *map(str, (Path(__file__).resolve(), *sys.argv[1:]))])
    started = []
    try:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(compare(started, Path(name), options), indent=1))
    finally:
        for process in started:
            process.terminate()


if __name__ == "__main__":
    main()
