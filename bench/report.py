#!/usr/bin/env python3
"""Turns hyperfine's JSON and "NAME=PROCESSES=KIB" words into bench/results.md on stdout."""

import json
import os
import platform
import re
import sys
from datetime import date
from pathlib import Path

OURS, BARE, RIVAL = "claude-sandbox", "bare bwrap, same options", "sandbox-runtime (npm)"
PLAIN, THROUGH_FDEXEC = "plain exec", "plain exec through fdexec"

MAX_RATIO_TO_BARE = 1.5
MAX_START_MS = 10
MIN_RATIO_OF_RIVAL = 30
MAX_HELPERS_KIB = 4096


def read_times(path):
    """name -> (min, median) in ms; bare bwrap without what fdexec itself costs."""
    results = json.loads(Path(path).read_text())["results"]
    times = {r["command"]: (r["min"] * 1000, r["median"] * 1000) for r in results}
    extra = [t - p for t, p in zip(times[THROUGH_FDEXEC], times[PLAIN])]
    times[BARE] = tuple(t - max(0, e) for t, e in zip(times[BARE], extra))
    return times, len(results[0]["times"])


def start_table(times):
    ours = times[OURS][1]
    yield "| start of `true` | min, ms | median, ms | times claude-sandbox |"
    yield "|---|---:|---:|---:|"
    for name, (least, median) in times.items():
        yield f"| {name} | {least:.2f} | {median:.2f} | {median / ours:.2f} |"


def helper_table(helpers):
    yield "| while a payload runs | helper processes | their PSS, KiB |"
    yield "|---|---:|---:|"
    for name, (processes, kib) in helpers.items():
        yield f"| {name} | {processes} | {kib} |"


def targets(times, helpers):
    """(what, value as text, met) for each target that could be measured."""
    ours = times[OURS][1]
    ratio = ours / times[BARE][1]
    yield f"at most {MAX_RATIO_TO_BARE} x bare bwrap", f"{ratio:.2f} x", ratio <= MAX_RATIO_TO_BARE
    yield f"under {MAX_START_MS} ms", f"{ours:.2f} ms", ours < MAX_START_MS
    if RIVAL in times:
        ratio = times[RIVAL][1] / ours
        what = f"at least {MIN_RATIO_OF_RIVAL} x faster than {RIVAL}"
        yield what, f"{ratio:.1f} x", ratio >= MIN_RATIO_OF_RIVAL
    if OURS in helpers:
        kib = helpers[OURS][1]
        yield f"helpers under {MAX_HELPERS_KIB} KiB PSS", f"{kib} KiB", kib < MAX_HELPERS_KIB


def target_table(times, helpers):
    yield "| target (medians) | measured | |"
    yield "|---|---:|---|"
    for what, value, met in targets(times, helpers):
        yield f"| {what} | {value} | {'PASS' if met else 'MISS'} |"


def machine():
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return f"{os.cpu_count()} x {cpu[1] if cpu else platform.machine()}, Linux {platform.release()}"


def main(start_json, *helper_words):
    times, runs = read_times(start_json)
    words = (word.rsplit("=", 2) for word in helper_words)
    helpers = {name: (int(processes), int(kib)) for name, processes, kib in words}
    print("# Start and memory\n")
    print("Written by `./dev bench`; [README.md](README.md) tells what the rows mean and how to repeat it.\n")
    print(f"{date.today()}, {runs} runs each, {machine()}\n")
    for table in (start_table(times), target_table(times, helpers), helper_table(helpers)):
        print("\n".join(table) + "\n")


main(*sys.argv[1:])
