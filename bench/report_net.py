#!/usr/bin/python3
"""Prints what bench/net.sh measured as Markdown: report_net.py DIRECTORY."""
import json
import sys
from datetime import date
from pathlib import Path
from statistics import median

MAX_START_MS = 5
MIN_THROUGHPUT = 0.6
MAX_LATENCY_US = 300
MAX_TUNNELS_KIB = 32 * 1024
OURS = "claude-sandbox"
ROWS = (
    ("download, MB/s", "download_mb_per_s"), ("upload, MB/s", "upload_mb_per_s"),
    ("a connection with a byte there and back, us more than direct", "added_latency_us"),
    ("connections a second", "rate_per_s"),
    ("processor time of the proxy, ms for a GiB down", "download_processor_ms_per_gib"),
    ("PSS of the proxy, KiB", "pss_idle_kib"), ("PSS with 2,000 open tunnels, KiB", "pss_tunnels_kib"),
)


def starts(directory):
    """{mode: all times in ms}"""
    times = {}
    for path in sorted(directory.glob("*-*.json")):
        result = json.loads(path.read_text())["results"][0]
        times.setdefault(result["command"], []).extend(t * 1000 for t in result["times"])
    return times


def start_table(times):
    yield "| start of `true` with network | min, ms | median, ms | more than `none` | target |"
    yield "|---|---:|---:|---:|---|"
    for mode in ("none", "filtered", "nat"):
        if mode not in times:
            continue
        more = median(times[mode]) - median(times["none"])
        target = f"{MAX_START_MS} ms: {'PASS' if more <= MAX_START_MS else 'MISS'}" if mode == "filtered" else ""
        yield f"| `{mode}` | {min(times[mode]):.1f} | {median(times[mode]):.1f} | {more:+.1f} ms | {target} |"


def way_table(ways):
    names = list(ways)
    yield f"| medians | {' | '.join(names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for what, key in ROWS:
        yield f"| {what} | {' | '.join(str(ways[name].get(key, '')) for name in names)} |"


def targets(ways):
    ours, direct = ways[OURS], ways["direct"]
    for what, key in (("download", "download_mb_per_s"), ("upload", "upload_mb_per_s")):
        part = ours[key] / direct[key]
        yield f"{what} at least {MIN_THROUGHPUT:.0%} of direct", f"{part:.0%}", part >= MIN_THROUGHPUT
    more = ours["added_latency_us"]
    yield f"at most {MAX_LATENCY_US} us more for a connection", f"{more} us", more <= MAX_LATENCY_US
    kib = ours["pss_tunnels_kib"]
    yield f"2,000 tunnels in at most {MAX_TUNNELS_KIB} KiB", f"{kib} KiB", kib <= MAX_TUNNELS_KIB


def target_table(ways):
    yield "| target | measured | |"
    yield "|---|---:|---|"
    for what, value, met in targets(ways):
        yield f"| {what} | {value} | {'PASS' if met else 'MISS'} |"


def main(name):
    directory = Path(name)
    ways = directory / "ways.json"
    print("# Network\n")
    print("Written by `./dev bench net`; [README.md](README.md) tells what the rows mean and how to repeat it.\n")
    print(f"{date.today()}\n")
    print("\n".join(start_table(starts(directory))) + "\n")
    if ways.exists():
        table = json.loads(ways.read_text())
        print("\n".join(way_table(table)) + "\n")
        print("\n".join(target_table(table)))


main(sys.argv[1])
