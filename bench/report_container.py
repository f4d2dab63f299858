#!/usr/bin/python3
"""Prints what bench/container.sh measured as Markdown: report_container.py DIRECTORY [NAME=PROCESSES=KIB]..."""
import json
import sys
from datetime import date
from pathlib import Path
from statistics import median

OURS = "claude-sandbox-container, by an ordinary user through sudo"
STOCK = "systemd-nspawn as it comes"
MAX_RATIO = 0.5


def starts(directory):
    """{name: all times in ms}"""
    times = {}
    for path in sorted(directory.glob("*.json")):
        for row in json.loads(path.read_text())["results"]:
            times.setdefault(row["command"], []).extend(1000 * seconds for seconds in row["times"])
    return times


def start_table(times):
    yield "| start of `true` | min, ms | median, ms | median against systemd-nspawn |"
    yield "|---|---:|---:|---:|"
    for name in sorted(times, key=lambda name: median(times[name])):
        middle = median(times[name])
        yield f"| {name} | {min(times[name]):.1f} | {middle:.1f} | {middle / median(times[STOCK]):.2f} |"


def file_table(path):
    times = {}
    for line in path.read_text().splitlines():
        where, what, us = line.split("\t")
        times.setdefault(what, {}).setdefault(where, []).append(int(us))
    yield "| work on files of the project, median of seven | outside, ms | bubblewrap, ms | container, ms | container against outside |"
    yield "|---|---:|---:|---:|---:|"
    for what, by in times.items():
        out, bwrap, ours = (median(by[name]) / 1000 for name in ("outside", "claude-sandbox", "claude-sandbox-container"))
        yield f"| {what} | {out:.1f} | {bwrap:.1f} | {ours:.1f} | {ours / out:.2f} |"


def helper_table(helpers):
    yield "| what stays beside a payload | processes | PSS, KiB |"
    yield "|---|---:|---:|"
    for name, processes, kib in (helper.rsplit("=", 2) for helper in helpers):
        yield f"| {name} | {processes} | {kib} |"


def main(name, *helpers):
    directory = Path(name)
    times = starts(directory)
    print("# Container\n")
    print("Written by `./dev bench container`; [README.md](README.md) tells what the rows mean and how to repeat it.\n")
    print(f"{date.today()}\n")
    print("\n".join(start_table(times)))
    ratio = median(times[OURS]) / median(times[STOCK])
    print(f"\nA start against systemd-nspawn's own on the same root: {ratio:.2f} (target: at most {MAX_RATIO}): "
          f"{'PASS' if ratio <= MAX_RATIO else 'MISS'}\n")
    print("\n".join(helper_table(helpers)) + "\n")
    print("\n".join(file_table(directory / "files.tsv")))


main(*sys.argv[1:])
