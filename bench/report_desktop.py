#!/usr/bin/python3
"""Prints what bench/desktop.sh measured as Markdown: report_desktop.py DIRECTORY."""
import sys
from datetime import date
from pathlib import Path
from statistics import median

MAX_MORE_MS = 100
OUTSIDE = "outside, with a screen of its own (`xvfb-run`)"
OURS = "`--display virtual`"


def rows(path):
    if not path.exists():
        return []
    return [line.split("\t") for line in path.read_text().splitlines()]


def windows(path):
    """{name: all times in ms}"""
    times = {}
    for name, ms in rows(path):
        times.setdefault(name, []).append(int(ms))
    return times


def window_table(times):
    yield "| from the command to a visible window of Chromium | min, ms | median, ms | median against outside |"
    yield "|---|---:|---:|---:|"
    base = median(times[OUTSIDE])
    for name in sorted(times, key=lambda name: median(times[name])):
        middle = median(times[name])
        yield f"| {name} | {min(times[name])} | {middle:.0f} | {middle / base:.2f} |"


def idle_table(idle):
    yield "| a screen that nobody draws on | processes | PSS, KiB | processor time in 30 s, ms |"
    yield "|---|---:|---:|---:|"
    for name, processes, kib, ms in idle:
        yield f"| {name} | {processes} | {kib} | {ms} |"


def main(name):
    directory = Path(name)
    times = windows(directory / "windows.tsv")
    idle = rows(directory / "idle.tsv")
    print("# Desktop\n")
    print("Written by `./dev bench desktop`; [README.md](README.md) tells what the rows mean and how to repeat it.\n")
    print(f"{date.today()}\n")
    print("\n".join(window_table(times)))
    more = median(times[OURS]) - median(times[OUTSIDE])
    met = "PASS" if more <= MAX_MORE_MS else "MISS"
    print(f"\nA window in a sandbox with a screen of its own: {more:+.0f} ms (target: at most {MAX_MORE_MS} ms more): {met}\n")
    if idle:
        print("\n".join(idle_table(idle)))


main(sys.argv[1])
