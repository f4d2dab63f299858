#!/usr/bin/env python3
"""Counts the tests of one phase and shows what failed.

    tally.py PHASE EXIT_CODE TIME LOG [RESULTS]

RESULTS is a TAP stream (bats, lint) or meson's testlog.json, whose programs in turn print
cmocka's standard output, TAP, or nothing but an exit code. The report goes to stdout; its last
line is "PHASE: N passed, N failed, N skipped (TIME)".
"""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

MAX_LINES_SHOWN = 120


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)

    def fail(self, text):
        self.failed += 1
        self.failures.append(text)

    def skip(self, text):
        self.skipped += 1
        self.skips.append(text)


def count_tap(text, tally, prefix=""):
    """False if the text is no TAP. Tests that were planned and never seen have failed."""
    plan = re.search(r"^1\.\.(\d+)(?: *# *skip *(.*))?$", text, re.M | re.I)
    if not plan:
        return False
    if plan[1] == "0":
        tally.skip(f"{prefix}{plan[2] or 'everything'}")
    seen = 0
    for block in re.split(r"^(?=(?:not )?ok\b)", text, flags=re.M):
        line = re.match(r"(not )?ok\b *(\d+)? *-? *(.*)", block)
        if not line:
            continue
        seen += 1
        skipped = re.search(r"# *skip\b *(.*)", line[3], re.I)
        if skipped:
            tally.skip(prefix + line[3])
        elif line[1]:
            tally.fail(prefix + block.rstrip())
        else:
            tally.passed += 1
    for _ in range(int(plan[1]) - seen):
        tally.fail(f"{prefix}planned, but never ran")
    return True


def count_cmocka(text, tally, name):
    """False if the text is not cmocka's. A test that neither passed nor failed killed the program."""
    if "[==========] Running " not in text:
        return False
    ran = text.count("[ RUN      ] ")
    passed = text.count("[       OK ] ")
    failed = listed_below("  FAILED  ", text)
    skipped = listed_below("  SKIPPED ", text)
    failed += max(0, ran - passed - failed - skipped)
    tally.passed += passed
    for _ in range(skipped):
        tally.skip(name)
    if failed:
        tally.failed += failed
        tally.failures.append(f"{name}:\n{text.rstrip()}")
    return True


def listed_below(word, text):
    counts = re.findall(rf"\[{word}\] (\d+) test\(s\), listed below:", text)
    return sum(map(int, counts))


def count_meson_test(test, tally):
    name, text = test["name"], test.get("stdout", "") + test.get("stderr", "")
    before = tally.failed
    counted = count_tap(test.get("stdout", ""), tally, f"{name}: ") or count_cmocka(text, tally, name)
    ended_well = test["result"] in ("OK", "SKIP", "EXPECTEDFAIL")
    if counted:
        # A leak or a crash after the last test shows in the exit code alone.
        if not ended_well and tally.failed == before:
            tally.fail(f"{name}: {test['result']}\n{text.rstrip()}")
    elif test["result"] == "SKIP":
        tally.skip(f"{name}: {' '.join(text.split())[-200:]}")
    elif ended_well:
        tally.passed += 1
    else:
        tally.fail(f"{name}: {test['result']}\n{text.rstrip()}")


def count_results(path, tally):
    text = path.read_text(errors="replace") if path.exists() else ""
    if path.suffix == ".json":
        for line in text.splitlines():
            count_meson_test(json.loads(line), tally)
    else:
        count_tap(text, tally)


def tail(text):
    lines = text.splitlines()
    if len(lines) > MAX_LINES_SHOWN:
        lines = ["..."] + lines[-MAX_LINES_SHOWN:]
    return "\n".join("    " + line for line in lines)


def main(phase, exit_code, time, log, results=None):
    tally = Tally()
    if results:
        count_results(Path(results), tally)
    if exit_code != "0" and tally.failed == 0:
        said = Path(log).read_text(errors="replace")
        tally.fail(f"the phase itself ended with {exit_code}:\n{said}")
    elif results and tally.passed + tally.failed == 0:
        tally.fail("the phase ran no test")
    print(f"== {phase}")
    for text in tally.failures:
        print("FAILED\n" + tail(text))
    for text in tally.skips:
        print("skipped: " + text)
    print(f"{phase}: {tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped ({time})")


main(*sys.argv[1:])
