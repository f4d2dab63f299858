#!/usr/bin/env python3
"""Turns hyperfine's JSON of starts, that of work, and "NAME=PROCESSES=KIB" words into bench/results.md on stdout."""

import json
import os
import platform
import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

OURS, ENTER = "claude-sandbox", "claude-sandbox --enter"
BARE, RIVAL = "bare bwrap, same options", "sandbox-runtime (npm)"
PLAIN, THROUGH_FDEXEC = "plain exec", "plain exec through fdexec"

MAX_RATIO_TO_BARE = 1.5
MAX_START_MS = 10
MAX_ENTER_MS = 10
MIN_RATIO_OF_RIVAL = 30
MAX_HELPERS_KIB = 4096
MAX_SLOWER = 1.03
MAX_GUARDED_MS = 0.4
MAX_UNGUARDED_MS = 0.05  # nothing, as far as it can be seen
FILES = 2000  # that bench/border.sh unpacks


@dataclass
class Time:
    """In ms."""

    least: float
    median: float

    def minus(self, other):
        return Time(self.least - max(0, other.least), self.median - max(0, other.median))


def read_runs(directory):
    """name -> ms of each run, over all rounds"""
    runs = {}
    for path in sorted(Path(directory).glob("*.json")):
        for result in json.loads(path.read_text())["results"]:
            runs.setdefault(result["command"], []).extend(t * 1000 for t in result["times"])
    return runs


def read_starts(directory):
    """name -> Time over all rounds, and the number of runs; bare bwrap without what fdexec costs."""
    runs = read_runs(directory)
    times = {name: Time(min(all_), median(all_)) for name, all_ in runs.items()}
    times[BARE] = times[BARE].minus(times[THROUGH_FDEXEC].minus(times[PLAIN]))
    return times, len(runs[OURS])


def start_table(times):
    yield "| start of `true` | min, ms | median, ms | median of claude-sandbox = 1 |"
    yield "|---|---:|---:|---:|"
    for name, time in times.items():
        ratio = time.median / times[OURS].median
        yield f"| {name} | {time.least:.2f} | {time.median:.2f} | {ratio:.2f} |"


def helper_table(helpers):
    yield "| while a payload runs | helper processes | their PSS, KiB |"
    yield "|---|---:|---:|"
    for name, (processes, kib) in helpers.items():
        yield f"| {name} | {processes} | {kib} |"


def by_round(directory, side):
    """name -> the median of each round, in ms"""
    rounds = {}
    for path in sorted(Path(directory).glob(f"{side}-*.json")):
        for result in json.loads(path.read_text())["results"]:
            rounds.setdefault(result["command"], []).append(result["median"] * 1000)
    return rounds


def work_table(directory):
    inside = by_round(directory, "*-inside")
    yield "| the same work | outside, ms | inside, ms | inside / outside, round by round | target |"
    yield "|---|---:|---:|---:|---|"
    for name, outside in by_round(directory, "*-outside").items():
        ratios = sorted(i / o for i, o in zip(inside[name], outside))
        value, spread = median(ratios), f"{ratios[len(ratios) // 4]:.2f} to {ratios[-len(ratios) // 4]:.2f}"
        verdict = "PASS" if value <= MAX_SLOWER else "MISS"
        yield (f"| {name} | {median(outside):.1f} | {median(inside[name]):.1f} | {value:.3f} (half of them: {spread}) | "
               f"{MAX_SLOWER}: {verdict} |")


def command_table(directory):
    """What a rule costs its command and the others, round by round."""
    plain, rules = (by_round(directory, f"calls-{side}") for side in ("plain", "rules"))
    yield "| a call inside | no rules, ms | with a rule for `true`, ms | more, round by round | target: at most |"
    yield "|---|---:|---:|---:|---|"
    for name, most in (("/usr/bin/true", MAX_GUARDED_MS), ("/usr/bin/uname", MAX_UNGUARDED_MS)):
        more = median(r - p for p, r in zip(plain[name], rules[name]))
        yield (f"| `{name}` | {median(plain[name]):.2f} | {median(rules[name]):.2f} | {more:+.2f} ms | "
               f"{most} ms: {'PASS' if more <= most else 'MISS'} |")


def unpack_table(directory):
    """What the guard of planted files costs whoever makes many files."""
    sides = {side: by_round(directory, f"unpack-{side}")["unpack"] for side in ("outside", "writable", "inside")}
    yield f"| `tar -x` of {FILES} small files in the project | ms | for each file, more than outside |"
    yield "|---|---:|---:|"
    for side, name in (("outside", "outside"), ("writable", "inside, `--risk-files writable`"), ("inside", "inside")):
        more = median(s - o for s, o in zip(sides[side], sides["outside"])) * 1000 / FILES
        yield f"| {name} | {median(sides[side]):.0f} | {more:.0f} us |"


def ratio(over, under):
    """The ratio of the medians, and both ratios as text."""
    by_median, by_least = over.median / under.median, over.least / under.least
    return by_median, f"{by_median:.2f} x (minima: {by_least:.2f} x)"


def targets(times, helpers):
    """(what, value as text, met) for each target that could be measured."""
    ours = times[OURS]
    value, text = ratio(ours, times[BARE])
    yield f"at most {MAX_RATIO_TO_BARE} x bare bwrap", text, value <= MAX_RATIO_TO_BARE
    text = f"{ours.median:.2f} ms (minimum: {ours.least:.2f} ms)"
    yield f"under {MAX_START_MS} ms", text, ours.median < MAX_START_MS
    enter = times[ENTER]
    text = f"{enter.median:.2f} ms (minimum: {enter.least:.2f} ms)"
    yield f"--enter under {MAX_ENTER_MS} ms", text, enter.median < MAX_ENTER_MS
    if RIVAL in times:
        value, text = ratio(times[RIVAL], ours)
        yield f"at least {MIN_RATIO_OF_RIVAL} x faster than {RIVAL}", text, value >= MIN_RATIO_OF_RIVAL
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


def main(directory, work_directory, border_directory, *helper_words):
    times, runs = read_starts(directory)
    words = (word.rsplit("=", 2) for word in helper_words)
    helpers = {name: (int(processes), int(kib)) for name, processes, kib in words}
    print("# Start, memory and work\n")
    print("Written by `./dev bench`; [README.md](README.md) tells what the rows mean and how to repeat it.\n")
    print(f"{date.today()}, {runs} runs each, {machine()}\n")
    for table in (start_table(times), target_table(times, helpers), helper_table(helpers),
                  command_table(border_directory), unpack_table(border_directory), work_table(work_directory)):
        print("\n".join(table) + "\n")


main(*sys.argv[1:])
