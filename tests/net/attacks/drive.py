#!/usr/bin/python3
"""Tries attacks, many at a time, and prints a JSON line for each: its id, and what was told to it.

Usage: drive.py RUN CONTROL TABLE...

RUN is the beginning of all marks. CONTROL: "inside" tries all; "outside" those whose control is the same, after it has
started a naive proxy in place of ours; "root" those that need a network of their own.
"""
import concurrent.futures
import importlib
import json
import sys

import naive
from attack import mark_of

AT_ONCE = 24


def attempt(attack, run):
    row = {"id": attack.id, "errno": 0}
    try:
        row["told"] = str(attack.how(mark_of(run, attack)))[:200]
    except Exception as error:      # whatever it is, it is told
        row.update(told=f"{type(error).__name__}: {error}"[:200], errno=getattr(error, "errno", None) or -1)
    return row


def is_wanted(attack, control):
    return control == "inside" or attack.control in {"outside": ("same", "user"), "root": ("root",)}[control]


def main(run, control, *tables):
    attacks = [a for table in tables for a in importlib.import_module(table).ATTACKS if is_wanted(a, control)]
    if control == "outside":
        naive.start()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for row in pool.map(lambda a: attempt(a, run), attacks):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
