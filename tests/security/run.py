#!/usr/bin/python3
"""Tries every attack outside and inside, as TAP: what worked outside must be refused inside.

Usage: run.py [--only NAME,...] [--level LEVEL,...] [--results FILE] [--list]

    CSB        the launcher (default: build/bin/claude-sandbox); the user must be able to execute it
    CSB_PROBE  the probe (default: build/libexec/claude-sandbox/probe)

Three answers: HELD, FELL, NOT TRIED with a reason. FELL, and NOT TRIED without a reason of reasons.py, fail.
As root it attacks as the ordinary user csb-tester, and once more as root.
"""

import argparse
import json
import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

import reasons
import report
import scenarios
from attacks import LEVELS, NOT_STARTED, PRIVATE, Open, Skip, rows
from ground import Ground, answer_in
from host import is_root
from story import Unfit

REPO = Path(__file__).resolve().parents[2]
HELD, FELL, NOT_TRIED, OPEN = "HELD", "FELL", "NOT TRIED", "open"
THROW_AWAY = ["unshare", "--mount", "--pid", "--fork", "--ipc", "--uts", "--net", "--cgroup", "--mount-proc"]


def outcome(answer, detail=""):
    return {"answer": answer, "detail": detail}


# --- one probe ----------------------------------------------------------------------------------


def fill(templates, names):
    filled = []
    for template in templates:
        for key, value in names.items():
            if value is None and "{" + key + "}" in template:
                raise Unfit(reasons.MISSING.get(key, f"no {key}"))
            template = template.replace("{" + key + "}", str(value))
        filled.append(template)
    return filled


def control_words(row, ground):
    """The command line of the control run, and whether root runs it."""
    args = row.args if row.control_args is None else row.control_args
    words = [str(ground.probe), row.name, *fill(args, ground.names)]
    if row.control == "ns":
        return [THROW_AWAY[0], "--user", "--map-root-user", *THROW_AWAY[1:], *words], False
    if row.control in ("root", "rootns"):
        if not is_root():
            raise Unfit(reasons.NEEDS_ROOT)
        return (THROW_AWAY if row.control == "rootns" else []) + words, True
    if row.under_shell:
        words = ["/bin/sh", "-c", '"$@"; :', "sh", *words]
    return words, False


def execute(row, ground, words, root=False):
    env = {name: fill([value], ground.names)[0] for name, value in row.env.items()}
    if row.terminal:
        text, pushed = ground.on_terminal(words, env=env)
        answer = answer_in(text)
        answer.pushed, answer.written = pushed, "attacked" in text
        return answer
    if row.stray:
        return with_stray_fds(ground, words, env)
    stdin = os.open(fill([row.stdin or os.devnull], ground.names)[0], os.O_RDONLY)
    try:
        return answer_in(ground.as_user(words, env=env, root=root, stdin=stdin)[1])
    finally:
        os.close(stdin)


def with_stray_fds(ground, words, env):
    """A caller that leaves directories and a socket open."""
    import socket

    ours, theirs = socket.socketpair()
    home = os.open(ground.home, os.O_RDONLY | os.O_DIRECTORY)
    fds = [theirs.fileno(), home] + [os.dup(home) for _ in range(200)]
    try:
        answer = answer_in(ground.as_user(words, env=env, fds=fds)[1])
        ours.setblocking(False)
        try:
            answer.reached = len(ours.recv(100))
        except BlockingIOError:
            answer.reached = 0
        return answer
    finally:
        for fd in fds[1:]:
            os.close(fd)
        ours.close()
        theirs.close()


def becomes(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def control(row, ground):
    """Outside it must work, and be seen."""
    words, root = control_words(row, ground)
    ground.plant()
    before = ground.picture()
    answer = execute(row, ground, words, root)
    seen = row.changes and becomes(lambda: ground.picture() != before)
    ground.plant()
    if answer.word == "DONE" and (seen or not row.changes):
        return
    known = reasons.KERNEL.get(row.name)
    if known and answer.detail == known[0]:
        raise Unfit(known[1])
    raise AssertionError(f"the control run ({row.control}) must be DONE"
                         f"{' and seen' if row.changes else ''}: {answer.word} {answer.detail}: {answer.said}")


def judge(row, ground, expected, level):
    words = [str(ground.probe), row.name, *fill(row.args, ground.names)]
    inside = ground.inside(level, words, *fill(row.options, ground.names))
    before = ground.picture()
    answer = execute(row, ground, inside)
    after = ground.picture()
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if changed:
        return outcome(FELL, f"changed on the host: {', '.join(changed)}; said {answer.word} {answer.detail}")
    if getattr(answer, "pushed", 0):
        return outcome(FELL, f"{answer.pushed} bytes of input wait in the caller's terminal")
    if getattr(answer, "written", False):
        return outcome(FELL, "something was written to the caller's terminal")
    if getattr(answer, "reached", 0):
        return outcome(FELL, "a byte came through a descriptor of the caller's")
    # What is private is kept: an attack before this one may have removed it, or moved it away.
    if expected == PRIVATE and (answer.word == "DONE" or (answer.word, answer.detail) == ("REFUSED", "ENOENT")):
        return outcome(HELD, "private")
    if expected == NOT_STARTED and answer.word == "NOTHING" and answer.said.startswith("claude-sandbox: "):
        return outcome(HELD, "not started")
    if answer.word == "REFUSED" and answer.detail in expected.split("|"):
        return outcome(HELD, answer.detail)
    return outcome(FELL, f"expected {expected}, got {answer.word} {answer.detail}: {answer.said}")


def try_row(row, ground, levels):
    """What happened at each level."""
    if row.needs in reasons.NEEDS:
        return {level: outcome(NOT_TRIED, reasons.NEEDS[row.needs]) for level in levels}
    try:
        control(row, ground)
    except Unfit as unfit:
        return {level: outcome(NOT_TRIED, str(unfit)) for level in levels}
    except AssertionError as error:
        return {level: outcome(FELL, f"no control: {error}") for level in levels}
    results = {}
    for level in levels:
        expected = row.expected(level)
        if isinstance(expected, (Open, Skip)):
            results[level] = outcome(OPEN if isinstance(expected, Open) else NOT_TRIED, expected.why)
        else:
            results[level] = judge(row, ground, expected, "default" if level == "root" else level)
            ground.plant()
    return results


# --- all of them --------------------------------------------------------------------------------


def worst(results):
    """One answer from several runs of one attack at one level."""
    for answer in (FELL, HELD, OPEN, NOT_TRIED):
        chosen = [r for r in results if r["answer"] == answer]
        if chosen:
            details = sorted({r["detail"] for r in chosen})
            return outcome(answer, "; ".join(details) if answer == FELL else ", ".join(details))
    return outcome(FELL, "never ran")


def try_probe(attack, own_rows, grounds, levels):
    by_level = {level: [] for level in levels}
    for row in own_rows:
        for kind, ground in grounds.items():
            wanted = [level for level in levels if (level == "root") == (kind == "root")]
            for level, result in (try_row(row, ground, wanted) if wanted else {}).items():
                by_level[level].append(result)
    return {**attack, "levels": {level: worst(found) for level, found in by_level.items()}}


def ground_of(scenario, grounds):
    """Limits of a whole sandbox need a control group, which on this machine only root may have."""
    return grounds.get("root" if scenario.needs == "limits" else "user", grounds["user"])


def try_scenario(scenario, ground):
    """A scenario shows by itself that its attack works where the wall is absent."""
    ground.unfound()  # each starts a sandbox of its own
    if scenario.needs and scenario.needs in reasons.NEEDS:
        result = outcome(NOT_TRIED, reasons.NEEDS[scenario.needs])
    else:
        ground.plant()
        try:
            result = outcome(HELD, scenario.run(ground) or "")
        except Unfit as unfit:
            result = outcome(NOT_TRIED, str(unfit))
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            result = outcome(FELL, f"{type(error).__name__}: {error}")
    return {"id": scenario.id, "name": scenario.name, "what": scenario.what, "levels": {scenario.level: result}}


def listed(probe):
    """The probe's own table: name -> id and what it tries."""
    lines = subprocess.run([probe, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: {"id": number, "name": name, "what": what}
            for number, name, _, what in (line.split("\t") for line in lines)}


def tell(number, entry):
    answers = {r["answer"] for r in entry["levels"].values()}
    title = f"{entry['id']} {entry['name']}: {entry['what']}"
    if FELL in answers:
        print(f"not ok {number} - {title}: FELL")
        for level, result in entry["levels"].items():
            if result["answer"] == FELL:
                print("\n".join(f"# {line}" for line in f"{level}: {result['detail']}".splitlines()))
    elif HELD in answers:
        said = ", ".join(sorted({r["detail"] for r in entry["levels"].values() if r["answer"] == HELD}))
        print(f"ok {number} - {title}: HELD ({said})")
    else:
        why = "; ".join(sorted({r["detail"] for r in entry["levels"].values()}))
        print(f"ok {number} - {title} # SKIP NOT TRIED: {why}")
    sys.stdout.flush()
    return FELL if FELL in answers else HELD if HELD in answers else NOT_TRIED


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", help="names of attacks, with commas")
    parser.add_argument("--level", default=",".join(LEVELS))
    parser.add_argument("--results", help="where to write what was seen, as JSON")
    return parser.parse_args()


def make_grounds(probe, launcher, levels):
    if not is_root():
        return {"user": Ground(pwd.getpwuid(os.geteuid()).pw_name, probe, launcher)}
    tester = os.environ.get("CSB_TESTER", "csb-tester")
    try:
        pwd.getpwnam(tester)
    except KeyError:
        subprocess.run(["useradd", "-m", "-s", "/bin/bash", tester], check=True)
    grounds = {"user": Ground(tester, probe, launcher)}
    if "root" in levels:
        grounds["root"] = Ground("root", probe, launcher)
    return grounds


def main():
    args = parse_args()
    launcher = os.environ.get("CSB", str(REPO / "build/bin/claude-sandbox"))
    probe = os.environ.get("CSB_PROBE", str(REPO / "build/libexec/claude-sandbox/probe"))
    levels = [level for level in args.level.split(",") if level != "root" or is_root()]
    table, by_name = listed(probe), {}
    for row in rows():
        by_name.setdefault(row.name, []).append(row)
    stories = {s.name: s for s in scenarios.SCENARIOS}
    forgotten = sorted((set(table) | set(by_name)) - (set(table) & set(by_name)) - scenarios.PROBES)
    wanted = args.only.split(",") if args.only else [*by_name, *stories]
    print(f"1..{len(wanted) + 2}")
    entries, counts = [], {HELD: 0, FELL: 0, NOT_TRIED: 0}
    grounds = make_grounds(probe, launcher, levels)
    try:
        for number, name in enumerate(wanted, 1):
            entry = try_scenario(stories[name], ground_of(stories[name], grounds)) if name in stories else \
                try_probe(table[name], by_name[name], grounds, levels)
            entries.append(entry)
            counts[tell(number, entry)] += 1
    finally:
        for ground in grounds.values():
            ground.done()
    print(f"{'not ' if forgotten else ''}ok {len(wanted) + 1} - every probe has a row, every row a probe")
    print("".join(f"# without the other: {name}\n" for name in forgotten), end="")
    print(f"# {len(wanted)} attacks: {counts[HELD]} HELD, {counts[FELL]} FELL, {counts[NOT_TRIED]} NOT TRIED")
    same = " # SKIP only a part was tried" if args.only or set(levels) != set(LEVELS) else report.agrees(entries, "container" if launcher.endswith("-container") else "bubblewrap")
    print(f"{'' if same else 'not '}ok {len(wanted) + 2} - the text of docs/security-status*.md tells what this run saw"
          f"{same if isinstance(same, str) else ''}")
    if not same:
        print("# after a look at what has changed: tests/security/report.py build/security.json")
    if args.results:
        Path(args.results).write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
    sys.exit(1 if counts[FELL] or forgotten or not same else 0)


if __name__ == "__main__":
    main()
