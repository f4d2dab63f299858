#!/usr/bin/python3
"""Says of each attack of some tables whether it HELD or FELL, by what the world's servers have logged of its mark.

Usage: judge.py DIRECTORY RUN TABLE...

DIRECTORY has RUN.jsonl, outside.jsonl and root.jsonl, as drive.py prints them. An attack that was not tried, or whose
control was not seen outside, is NOT TRIED. False unless all have held.
"""
import base64
import collections
import importlib
import json
import os
import re
import sys

from attack import REFUSED, SEEN, mark_of

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seen     # noqa: E402

MARK = re.compile(r"(?:outside|root|narrow|wide)-[a-z0-9-]+-z(?![a-z0-9-])")


def all_marks():
    """mark -> rows of the logs that have it."""
    found = collections.defaultdict(list)
    for log in ("dns", "web", "raw"):
        with open(f"{os.environ['WORLD_DIR']}/{log}.jsonl", encoding="utf-8") as f:
            for line in f:
                row = json.loads(line)
                text = json.dumps({k: v for k, v in row.items() if k != "raw"}) + " " + \
                    base64.b64decode(row.get("raw", "")).decode("latin-1")
                for mark in set(MARK.findall(text.lower())):
                    found[mark].append(row)
    return found


def told(directory, name):
    try:
        with open(f"{directory}/{name}.jsonl", encoding="utf-8") as f:
            return {row["id"]: row for row in map(json.loads, f)}
    except FileNotFoundError:
        return {}


class Judge:
    def __init__(self, directory, run):
        self.run, self.marks = run, all_marks()
        self.rows = {name: told(directory, name) for name in (run, "outside", "root")}

    def is_seen(self, run, attack):
        return any(seen.matches(row, attack.at) for row in self.marks.get(mark_of(run, attack), ()))

    def lacks_control(self, attack):
        """Why its control proves nothing; None if it does."""
        if attack.control not in ("same", "user", "root"):
            return None
        row = self.rows["root" if attack.control == "root" else "outside"].get(attack.id)
        if not row:
            return "no control was run"
        if attack.answer == REFUSED:
            return f"the control failed: {row['told']}" if row["errno"] else None
        return None if self.is_seen("outside", attack) else f"the control was not seen: {row['told']}"

    def verdict(self, attack):
        row = self.rows[self.run].get(attack.id)
        reason = "it was not run" if not row else self.lacks_control(attack)
        if reason:
            return "NOT TRIED", reason
        if attack.answer == REFUSED:
            held = row["errno"] in attack.errors
        else:
            held = self.is_seen(self.run, attack) == (attack.answer == SEEN)
        return "HELD" if held else "FELL", row["told"]


def main(directory, run, *tables):
    judge, counts = Judge(directory, run), collections.Counter()
    for table in tables:
        for attack in importlib.import_module(table).ATTACKS:
            answer, why = judge.verdict(attack)
            counts[answer] += 1
            print(f"{answer} {attack.id}: {attack.text}: {json.dumps(why)}")
    print("sum:", *(f"{n} {answer}" for answer, n in sorted(counts.items())))
    sys.exit(set(counts) != {"HELD"})


if __name__ == "__main__":
    main(*sys.argv[1:])
