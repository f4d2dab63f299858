"""The ground an attack is fought on: a user with a home, a project, and canaries all around it.

Everything is made anew for a run and taken away after it. `picture()` is what must not change,
`touched()` counts what reached a listener, `victim` is a process that must live on.
"""

import hashlib
import os
import pwd
import re
import secrets
import shutil
import socket
import stat
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from host import has_ipv6, is_root, own_address
from listeners import Listeners
from terminal import Terminal

ANSWER = re.compile(r"^(DONE|REFUSED|CANNOT)(?: (.*?))?\r?$", re.M)
TIMEOUT = 30
STRAY_FDS = 200


@dataclass
class Answer:
    """What a probe said. `word` is DONE, REFUSED or CANNOT; NOTHING if it never spoke."""

    word: str
    detail: str = ""
    said: str = ""

    @property
    def short(self):
        return self.detail or self.word


def answer_in(text):
    found = ANSWER.findall(text)
    if not found:
        return Answer("NOTHING", said=text.strip()[-400:])
    return Answer(found[-1][0], found[-1][1], text.strip()[-400:])


class Ground:
    """One user's ground. `names` is what the attacks' arguments are made of: "{home}/.bashrc"."""

    def __init__(self, user, probe, launcher):
        entry = pwd.getpwnam(user)
        self.user, self.uid, self.gid = user, entry.pw_uid, entry.pw_gid
        self.launcher = launcher
        self.probe_source = probe
        self.tag = secrets.token_hex(6)
        self.outside = []  # directories and files of ours that lie elsewhere
        cache = Path(os.path.realpath(entry.pw_dir)) / ".cache/csb-tests"
        self.make_dir(cache.parent, 0o755)
        self.make_dir(cache, 0o755)
        self.base = Path(tempfile.mkdtemp(prefix="security-", dir=cache))
        self.give(self.base)
        os.chmod(self.base, 0o755)
        self.home, self.run = self.base / "home", self.base / "run"
        self.project = self.home / "projects/app"
        self.make_dir(self.run, 0o700)
        self.make_dir(self.run / "claude-sandbox", 0o700)
        self.make_dir(self.project, 0o755)
        self.make_dir(self.home / ".cache")
        self.probe = self.project / "probe"
        shutil.copy(probe, self.probe)
        self.token = "csb-token-" + secrets.token_hex(12)
        self.environ_token = "csb-secret-" + secrets.token_hex(12)
        self.victim = self.founder = None
        self.listeners = Listeners()
        self.names = {}
        self.make_places()
        self.make_sockets()
        self.make_objects()
        self.plant()

    # --- making -----------------------------------------------------------------------------

    def give(self, path):
        os.lchown(path, self.uid, self.gid)

    def make_dir(self, path, mode=0o755):
        path = Path(path)
        for parent in reversed([path, *path.parents]):
            if not parent.exists():
                parent.mkdir()
                os.chmod(parent, mode)
                self.give(parent)

    def make_file(self, path, text="canary\n", mode=0o644):
        self.make_dir(Path(path).parent)
        Path(path).write_text(text)
        os.chmod(path, mode)
        self.give(path)

    def make_elsewhere(self, parent):
        """A directory of the user's in a place of the system's; None where only root could."""
        path = Path(parent) / f"csb-canary.{self.tag}"
        try:
            path.mkdir()
        except OSError:
            return None
        os.chmod(path, 0o755)
        self.give(path)
        self.outside.append(path)
        return path

    def make_places(self):
        n = self.names
        n.update(home=self.home, project=self.project, run=self.run, base=self.base, pid1="1")
        for key, parent in {"etc": "/etc", "usr": "/usr/local", "tmp": "/tmp", "shm": "/dev/shm",
                            "var_tmp": "/var/tmp", "var_lib": "/var/lib", "slash_run": "/run"}.items():
            n[key] = self.make_elsewhere(parent)
        n["state"] = self.home / ".local/state/claude-sandbox/projects/other-0000"
        n["disk"] = next((d for d in ("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0")
                          if Path(d).is_block_device()), None)
        n["serial"] = next((d for d in ("/dev/ttyS0", "/dev/tty1") if Path(d).is_char_device()), None)
        n["release_agent"] = next(iter(sorted(Path("/sys/fs/cgroup").glob("*/release_agent"))), None)
        self.make_programs()

    def make_programs(self):
        """Copies of the probe that give whoever runs them more rights."""
        self.names["set_id_program"] = self.names["caps_program"] = None
        if not is_root() or self.uid == 0:
            return
        for key, mode in {"set_id_program": 0o4755, "caps_program": 0o755}.items():
            self.names[key] = self.project / key
            shutil.copy(self.probe_source, self.names[key])
            os.chown(self.names[key], 0, 0)
            os.chmod(self.names[key], mode)
        # struct vfs_cap_data, revision 2, effective: CAP_SETPCAP, which is bit 8.
        os.setxattr(self.names["caps_program"], "security.capability",
                    struct.pack("<IIIII", 0x02000001, 1 << 8, 0, 0, 0))

    def listen(self, key, path):
        if path is None or str(path).startswith("None"):
            self.names[key] = None
            return
        self.make_dir(Path(path).parent)
        self.listeners.unix(str(path))
        self.names[key] = path

    def make_sockets(self):
        n = self.names
        for key, path in {"docker": f"{n['slash_run']}/docker.sock", "lxd": f"{n['var_lib']}/unix.socket",
                          "podman": self.run / "podman/podman.sock", "docker_home": self.home / ".docker/run/docker.sock",
                          "bus": self.run / "bus", "systemd": self.run / "systemd/private",
                          "agent": self.run / "ssh-agent", "gpg": self.home / ".gnupg/S.gpg-agent",
                          "gpg_run": self.run / "gnupg/S.gpg-agent", "nvim": self.run / "nvim.0",
                          "pulse": self.run / "pulse/native", "pipewire": self.run / "pipewire-0",
                          "cups": f"{n['slash_run']}/cups.sock", "system_bus": f"{n['slash_run']}/system_bus_socket",
                          "tmux": f"{n['tmp']}/tmux/default", "x11": f"{n['tmp']}/X11-unix/X7",
                          "shown": self.home / "shown/service.sock"}.items():
            self.listen(key, path)
        # The same socket by the other name of its directory.
        var_run = "/var/run" if os.path.realpath("/var/run") == "/run" else None
        n["docker_var"] = var_run and n["docker"] and f"{var_run}/{Path(n['docker']).relative_to('/run')}"
        for key in ("abstract", "abstract_x11"):
            n[key] = f"csb/{key}/{self.tag}"
            self.listeners.unix("\0" + n[key])
        n["port"] = self.listeners.inet(socket.AF_INET, "127.0.0.1")
        n["port6"] = self.listeners.inet(socket.AF_INET6, "::1") if has_ipv6() else None
        n["lan"] = own_address()
        n["lan_port"] = n["lan"] and self.listeners.inet(socket.AF_INET, n["lan"])
        n["udp_port"] = n["lan"] and self.listeners.inet(socket.AF_INET, n["lan"], socket.SOCK_DGRAM)

    def make_objects(self):
        n = self.names
        n["key"], n["ipc"] = f"csb-key-{self.tag}", str(int(self.tag[:7], 16))
        n["queue"] = f"/csb-{self.tag}"
        n["token"], n["environ_token"] = self.token[::-1], self.environ_token[::-1]
        n["node"] = os.uname().nodename
        machine = Path("/etc/machine-id")
        n["machine_id"] = machine.read_text().strip() or None if machine.exists() else None
        held = self.base / "held"
        self.make_dir(held)
        info = held.stat()
        n["held_dev"], n["held_ino"] = info.st_dev, info.st_ino
        self.held = os.open(held, os.O_RDONLY | os.O_DIRECTORY)
        self.planted = [n["key"], n["ipc"], n["queue"]]
        self.as_user([str(self.probe), "--plant", *self.planted])

    def plant(self):
        """All canaries as they should be, after a control run has had its way with them."""
        for key in ("etc", "usr", "tmp", "shm", "var_tmp", "slash_run"):
            if self.names[key]:
                self.fresh(self.names[key] / "f")
        for path in ("docs/f", ".bashrc", ".profile", "projects/other/f", ".claude/settings.json",
                     ".claude/projects/-other/s.jsonl", ".config/gh/hosts.yml"):
            self.fresh(self.home / path)
        for path in (".ssh/id_ed25519", ".ssh/authorized_keys", ".aws/credentials"):
            self.fresh(self.home / path, mode=0o600)
        self.fresh(self.names["state"] / "local/f")
        self.fresh(self.run / "f")
        if not self.victim_is_well():
            self.start_victim()

    def fresh(self, path, mode=0o644):
        """The file alone and as it was; whatever an attack made beside it goes."""
        path = Path(path)
        if path.parent.exists():
            for other in path.parent.glob(path.name + ".*"):
                remove(other)
        if path.exists() and path.stat().st_mtime == 1_600_000_000 and path.read_text() == "canary\n" \
                and stat.S_IMODE(path.stat().st_mode) == mode and not os.listxattr(path):
            return
        if path.exists() or path.is_symlink():
            remove(path)
        self.make_file(path, mode=mode)
        os.utime(path, (1_600_000_000, 1_600_000_000))

    # --- the victim -------------------------------------------------------------------------

    def start_victim(self):
        self.end_victim()
        env = {"CSB_CANARY_SECRET": self.environ_token, "PATH": "/usr/bin:/bin"}
        self.victim = subprocess.Popen([self.token, "3600"], executable="/bin/sleep", env=env, start_new_session=True,
                                       stdin=subprocess.DEVNULL, pass_fds=[self.held], **self.credentials())
        self.names["victim"] = str(self.victim.pid)
        self.victim_looks = self.look_at_victim()

    def end_victim(self):
        if self.victim:
            self.victim.kill()
            self.victim.wait()

    def look_at_victim(self):
        try:
            fields = Path(f"/proc/{self.victim.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return fields[0] not in "TtXZ", fields[16], sorted(os.sched_getaffinity(self.victim.pid))
        except OSError:
            return None

    def victim_is_well(self):
        return self.victim is not None and self.victim.poll() is None and \
            self.look_at_victim() == self.victim_looks

    # --- looking ----------------------------------------------------------------------------

    def watched(self):
        n = self.names
        places = [n[k] for k in ("etc", "usr", "tmp", "shm", "var_tmp", "var_lib", "slash_run") if n[k]]
        places += [self.home / p for p in ("docs", ".bashrc", ".profile", "projects/other", ".claude", ".ssh", ".aws",
                                           ".config")]
        return places + [n["state"], self.run]

    def picture(self):
        seen = {"home": sorted(os.listdir(self.home))}
        for place in self.watched():
            for path in [place, *sorted(place.rglob("*"))]:
                if self.is_session(path):
                    continue
                seen[str(path)] = look_of(path)
        seen["victim"] = self.victim_is_well()
        seen["reached"] = dict(self.listeners.counts)
        return seen

    def is_session(self, path):
        """~/.claude/projects/<this project> is shared on purpose; its parents' times change with it."""
        root = self.home / ".claude/projects"
        return path in (root, root.parent) or (root in path.parents and root / "-other" not in (path, *path.parents))

    # --- running ----------------------------------------------------------------------------

    def credentials(self):
        if not is_root() or self.uid == 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [self.gid]}

    def env(self, more=None):
        return {"HOME": str(self.home), "USER": self.user, "LOGNAME": self.user, "SHELL": "/bin/bash", "TERM": "xterm",
                "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(self.run), "PATH": "/usr/local/bin:/usr/bin:/bin",
                **(more or {})}

    def as_user(self, argv, *, env=None, stdin=subprocess.DEVNULL, fds=(), cwd=None, timeout=TIMEOUT, root=False):
        """(exit status, stdout and stderr) of a command of the user's."""
        credentials = {} if root else self.credentials()
        child = subprocess.Popen([str(a) for a in argv], env=self.env(env), cwd=cwd or self.project, stdin=stdin,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=fds, **credentials)
        try:
            out = child.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            child.kill()
            out = child.communicate()[0] + b"\n(timed out)"
        return child.returncode, out.decode(errors="replace")

    def on_terminal(self, argv, *, env=None, timeout=TIMEOUT):
        """(output, what was pushed into the terminal's input) of a command on a terminal of ours."""
        with Terminal(self) as terminal:
            out = terminal.run([str(a) for a in argv], self.env(env), timeout)
            return out.decode(errors="replace"), terminal.pushed()

    def inside(self, level, words, *options):
        if level == "entered":
            self.found()
            return [self.launcher, "--enter", self.project, "--", *words]
        return [self.launcher, "--new", "--level", level, *options, self.project, "--", *words]

    def unfound(self):
        if self.founder:
            self.founder.terminate()
            self.founder.wait()
            self.founder = None

    def found(self):
        """A sandbox that runs from the first time it is needed to the end."""
        if self.founder:
            return
        self.founder = subprocess.Popen([str(self.launcher), str(self.project), "--", "sleep", "infinity"], env=self.env(),
                                        cwd=self.project, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, **self.credentials())
        until = time.monotonic() + TIMEOUT
        while self.as_user([self.launcher, "--enter", self.project, "--", "true"])[0] != 0:
            if time.monotonic() > until:
                raise AssertionError("no sandbox to enter came up")
            time.sleep(0.05)

    # --- the end ----------------------------------------------------------------------------

    def done(self):
        self.end_victim()
        self.unfound()
        for key in (self.names["key"], self.names["key"] + "-planted"):
            self.as_user([str(self.probe), "--uproot", key, *self.planted[1:]])
        os.close(self.held)
        for path in self.outside:
            shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self.base, ignore_errors=True)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def look_of(path):
    try:
        st = path.lstat()
    except OSError:
        return None
    content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(st.st_mode) else ""
    times = st.st_mtime_ns if stat.S_ISREG(st.st_mode) else 0
    attributes = os.listxattr(path) if stat.S_ISREG(st.st_mode) else []
    return st.st_mode, st.st_uid, st.st_gid, st.st_nlink, times, content, attributes
