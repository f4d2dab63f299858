"""F-02, F-04, F-09, F-17, F-18, L-12: a project that attacks whoever starts a sandbox on it."""

import contextlib
import fnmatch
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

from host import is_root
from story import Unfit, held, is_container, launch, must, scenario

@contextlib.contextmanager
def profile(ground, make):
    """A project whose .claude-sandbox.json is what `make` makes at its path."""
    project = ground.home / "projects/profile"
    ground.make_dir(project)
    path = project / ".claude-sandbox.json"
    make(path)
    if is_root():
        os.lchown(path, ground.uid, ground.gid)
    try:
        yield project, path
    finally:
        shutil.rmtree(project)


# --- files that the launcher reads, in a project that a sandbox writes ------------------------------


@scenario("F-02d", "profile-link", "makes the project's settings a link to a file elsewhere")
def profile_link(ground):
    wanted = ground.home / "docs/settings.json"
    ground.make_file(wanted, '{"network": "none"}')
    with profile(ground, lambda path: path.symlink_to(wanted)) as (project, path):
        must(json.loads(path.read_text())["network"] == "none", "the link leads there")
        status, said = launch(ground, "true", project=project)
        held(status != 0 and "claude-sandbox.json" in said, f"the launcher followed it: {status} {said}")
    wanted.unlink()
    return "refused"


def hangs(path):
    """A plain reader of this file does not come to an end."""
    try:
        subprocess.run(["cat", path], timeout=0.5, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)
        return False
    except subprocess.TimeoutExpired:
        return True
    except subprocess.CalledProcessError:
        return True


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


HANGING = {"fifo": ("F-17a", os.mkfifo), "endless": ("F-17b", lambda path: path.symlink_to("/dev/zero")),
           "sparse": ("F-17c", sparse), "directory": ("F-17d", os.mkdir),
           "loop": ("F-17e", lambda path: path.symlink_to(path.name)),
           "socket": ("F-17f", lambda path: bind_at(path))}


def bind_at(path):
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path.name)


def hanging_profile(kind, make):
    def run(ground):
        with profile(ground, make) as (project, path):
            must(hangs(path), "a plain reader comes to an end with it")
            status, said = launch(ground, "true", project=project)  # one that hung would be ended, and say nothing
            held(status == 1 and said.count("\n") == 1, f"no refusal in one sentence: {status} {said}")
        return "refused"
    return run


for _kind, (_id, _make) in HANGING.items():
    scenario(_id, f"profile-{_kind}", f"makes the project's settings a file that hangs who reads it: {_kind}")(
        hanging_profile(_kind, _make))


@scenario("L-12d", "profile-asks", "asks in the project's settings for everything")
def profile_asks(ground):
    asked = {"network": "host", "ssh_files": "all", "claude_config": "shared", "extra_bind": ["~/docs"],
             "extra_ro_binds": ["~/.ssh"], "env": ["AWS_SECRET_ACCESS_KEY"], "level": "compat", "ssh_agent": "raw"}
    ground.make_file(ground.home / "config.json", json.dumps(asked))
    probe = f'cat {ground.home}/docs/f {ground.home}/.ssh/id_ed25519; echo "$AWS_SECRET_ACCESS_KEY"'
    env = {"AWS_SECRET_ACCESS_KEY": "leaked"}
    said = launch(ground, "sh", "-c", probe, options=["--config", ground.home / "config.json"], env=env)[1]
    must(said.count("canary") == 2 and "leaked" in said, f"the user's own file does not get it either: {said}")
    with profile(ground, lambda path: path.write_text(json.dumps(asked))) as (project, _):
        said = launch(ground, "sh", "-c", probe, project=project, env=env)[1]
    (ground.home / "config.json").unlink()
    held("canary" not in said and "leaked" not in said, f"the project got what it asked for: {said}")
    return "ignored"


# --- the project is hostile to whoever opens it ----------------------------------------------------


@scenario("F-09a", "bare-repository", "makes the project a repository whose settings execute")
def bare_repository(ground):
    project, fired = ground.home / "projects/bare", ground.home / "fired"
    ground.make_dir(project)
    for name, text in {"HEAD": "ref: refs/heads/m\n",
                       "config": f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
                                 f"\tfsmonitor = touch {fired}; false\n"}.items():
        ground.make_file(project / name, text)
    for name in ("objects", "refs/heads"):
        ground.make_dir(project / name)
    ground.as_user(["git", "status"], cwd=project)
    must(fired.exists(), "git outside executes nothing of it")
    fired.unlink()
    launch(ground, "true", project=project)
    ground.as_user([ground.launcher, "--explain", project])
    ran = fired.exists()
    shutil.rmtree(project)
    held(not ran, "the launcher had the repository's settings executed")
    return "not executed"


@scenario("F-04a", "mount-point-link", "leads bubblewrap's mount points out by a link (CVE-2026-87766)")
def mount_point_link(ground):
    victim, outer = ground.home / "docs/victim", ground.home / ".local/share/x"
    ground.make_dir(victim)
    link = ground.project / "link"
    link.symlink_to(f"/oldroot{victim}")
    ground.as_user(["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--bind", ground.project, "/p",
                    "--tmpfs", "/p/link/made", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
                    "--symlink", "usr/lib64", "/lib64", "true"])
    made = os.listdir(victim)
    link.unlink()
    shutil.rmtree(victim)
    if not made:
        raise Unfit("bubblewrap here is not affected")
    # A project below a directory that is kept from one run to the next: the first run plants the link.
    ground.make_dir(victim)
    project = outer / "app"
    ground.make_dir(project)
    launch(ground, "sh", "-c", f"cd {outer.parent} && mv x y; ln -s /oldroot{victim} x", project=project)
    status, said = launch(ground, "true", project=project)
    held(status == 0, f"it does not start: {said}")
    planted = os.listdir(victim)
    shutil.rmtree(outer)
    shutil.rmtree(victim)
    held(not planted, f"made on the host: {planted}")
    ground.make_dir(ground.project / "sub")
    status, said = launch(ground, "true", options=["--extra-ro", ground.project / "sub"])
    held(status == 1, f"a mount point in the project was accepted: {said}")
    return "nothing made"


# --- names -----------------------------------------------------------------------------------------

NAMES = {"newline": b"a\nb", "substitution": b"$(touch FIRED)`touch FIRED`;touch FIRED", "dash": b"--level=compat",
         "escape": b"\x1b]0;owned\x07\x1b[2J", "not-utf8": b"\xff\xfe\xc3", "glob": b"*[ab]?{a,b}", "long": b"n" * 255,
         "quotes": b"'\"\\ '\"", "colon": b"a:b=c,d", "format": b"%s%n%d%(x)s"}


def hostile_name(name):
    def run(ground):
        base = ground.home / "projects/names"
        ground.make_dir(base)
        path = os.path.join(os.fsencode(base), name)
        os.mkdir(path)
        if is_root():
            os.chown(path, ground.uid, ground.gid)
        try:
            must(confuses(name, base), "even a careless program is not confused by it")
            works_in(ground, path, base)
            check_texts(ground, os.fsdecode(path), base)
            held(not fired(base), "the name was executed")
        finally:
            shutil.rmtree(base)
        return "a name"
    return run


def fired(base):
    """Whether some shell took the name for a command; the trace is removed."""
    traces = [path for path in (base / "FIRED", Path("FIRED")) if path.exists()]
    for path in traces:
        path.unlink()
    return bool(traces)


def confuses(name, base):
    """A program that puts names into a shell line, a pattern, a list or a terminal goes wrong."""
    line = b"printf %s " + name
    said = subprocess.run(["sh", "-c", line], capture_output=True, cwd=base, check=False).stdout
    ways = {"it was executed": fired(base), "a shell line is another": said != name,
            "a pattern does not find it": not fnmatch.fnmatchcase(name, name), "it is an option": name[:1] == b"-",
            "it is two of a list": b":" in name or b"," in name, "it is a format": b"%" in name,
            "a terminal obeys it": any(byte < 32 or byte > 126 for byte in name), "a buffer ends": len(name) > 200}
    return any(ways.values())


def works_in(ground, path, base):
    # A leading dash would be an option; that is the caller's to write as ./NAME.
    relative = "./" + os.fsdecode(os.path.basename(path))
    status, said = ground.as_user([ground.launcher, relative, "--", "sh", "-c",
                                   "pwd | head -c -1 | od -An -v -tx1 | tr -d ' \\n'; touch inside"], cwd=base)
    held(status == 0 and said.endswith(path.hex()), f"it does not work in it: {status} {said}")
    held(os.path.exists(os.path.join(path, b"inside")), "nothing arrived in it")


def shown(path):
    """As as_user() hands output back."""
    return os.fsencode(path).decode(errors="replace") + "\n"


def broken_below(ground, path):
    """A project in there whose settings are broken, so that an error tells its path."""
    ground.make_file(os.path.join(path, "broken", ".claude-sandbox.json"), "{,}")
    return os.path.join(path, "broken")


def check_texts(ground, path, cwd):
    """Nothing of a name reaches a terminal raw, and a pasted line does what the launch does."""
    for option in ("--explain", "--dry-run"):
        said = ground.as_user([ground.launcher, option, path, "--", "true"], cwd=cwd)[1]
        held("\x1b" not in said, f"{option} prints an escape sequence")
    for wrong in (path + "/nowhere", broken_below(ground, path)):
        said = ground.as_user([ground.launcher, wrong, "--", "true"], cwd=cwd)[1]
        held("\x1b" not in said and said.count("\n") == 1, f"an error shows the name raw: {said!r}")
    line = ground.as_user([ground.launcher, "--dry-run", path, "--", "pwd"], cwd=cwd)[1]
    status, said = ground.as_user(["bash", "-c", line], cwd=cwd)
    # That of a container is to be read, and pasted it does nothing.
    held(status == 0 and said == ("" if is_container(ground) else shown(path)), f"the line of --dry-run does something else: {said!r}")


for _number, (_kind, _name) in enumerate(NAMES.items()):
    scenario(f"F-18{chr(ord('a') + _number)}", f"name-{_kind}", f"a project whose name confuses parsers: {_kind}")(
        hostile_name(_name))
