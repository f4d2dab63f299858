#!/usr/bin/python3
"""Runs a command in a world of its own: an internet that consists of the servers beside this file.

Usage: world.py DIRECTORY COMMAND...     (by world.sh; DIRECTORY is where the world's own files will be)

Three processes hold it: this one outside, which passes signals on; the first one inside, whose end takes everything
with it; and the servers. The command is the first one's other child.
"""
import os
import signal
import sys
import threading
import traceback

import ca
import control
import dns
import git
import go
import loop
import names
import namespace
import npm
import pypi
import raw
import web

GRACE_S = 20    # that a command has to end by itself when it is told to


def serve(directory, ready):
    """The servers, for ever; a byte into @ready when they can be used."""
    authority = ca.Authority(directory)
    main_loop = loop.Loop()
    sites = {**git.sites(directory), **npm.sites(), **pypi.sites(), **go.sites()}
    name_server, web_server = dns.Server(directory), web.Server(directory, authority, sites)
    for server in (name_server, raw.Server(directory), web_server):
        server.start(main_loop)
    control.Control(f"{directory}/own/control", main_loop, name_server, web_server)
    os.write(ready, b"!")
    main_loop.run()


def fork(work, *args):
    """The child's id; work()'s result is its exit code."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work(*args)
        except BaseException:       # also an exit: nothing of the parent's goes on in a child
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status or 0)
    return pid


def run_servers(directory, ready):
    errors = os.open(f"{directory}/errors.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open("/dev/null", os.O_RDWR)
    for number, source in ((0, null), (1, errors), (2, errors)):
        os.dup2(source, number)
    os.closerange(3, ready)
    os.closerange(ready + 1, 1024)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):   # they last as long as the command
        signal.signal(number, signal.SIG_IGN)
    threading.excepthook = note_exception
    serve(directory, ready)


def note_exception(args):
    """A client may go away at any time; all else is a mistake of ours, and the selftest looks for it."""
    if not isinstance(args.exc_value, (OSError, EOFError)):
        sys.__excepthook__(args.exc_type, args.exc_value, args.exc_traceback)


def run_command(directory, command, interrupt):
    signal.signal(signal.SIGINT, interrupt)
    for number in (signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.environ.update(WORLD_DIR=directory, WORLD_CA=f"{directory}/ca.pem")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"world: {command[0]}: {error.strerror}", file=sys.stderr)
        return 127


def inside(directory, command, interrupt):
    """The first process of the namespaces."""
    namespace.die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
    namespace.make_directory(directory)
    namespace.replace_etc(directory, names.RESOLVER)
    namespace.assign(names.OWN, names.routed(raw.places()))
    wait_ready, ready = os.pipe()
    servers = fork(run_servers, directory, ready)
    os.close(ready)
    if os.read(wait_ready, 1) != b"!":
        with open(f"{directory}/errors.log", encoding="utf-8") as f:
            print(f"world: its servers did not start\n{f.read()}", file=sys.stderr)
        return 1
    os.close(wait_ready)
    namespace.trust(directory)
    leader = fork(run_command, directory, command, interrupt)
    pass_signals(leader)
    return wait_for(leader, servers)


def pass_signals(pid):
    def pass_on(number, _):
        signal.alarm(GRACE_S)
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    signal.signal(signal.SIGINT, signal.SIG_IGN)    # the terminal has told the command too
    signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + signal.SIGTERM))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)


def wait_for(leader, servers):
    """The leader's status as a shell would say it. Orphans of the namespace end here too."""
    while True:
        pid, status = os.wait()
        if pid == leader:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if pid == servers:
            print("world: its servers have ended", file=sys.stderr)
            return 1


def main():
    directory, command = sys.argv[1], sys.argv[2:]
    interrupt = signal.SIG_IGN if signal.getsignal(signal.SIGINT) == signal.SIG_IGN else signal.SIG_DFL
    try:
        namespace.enter()
    except OSError as error:
        sys.exit(f"world: {error.strerror}")
    first = fork(inside, directory, command, interrupt)
    pass_signals(first)
    signal.alarm(0)
    sys.exit(wait_for(first, None))


if __name__ == "__main__":
    main()
