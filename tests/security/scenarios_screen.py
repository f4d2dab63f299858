"""T: what a payload writes to its terminal, and what of it the caller's terminal sees."""

import os
import signal
import subprocess
import termios
import time
from pathlib import Path

from story import held, must, scenario, wait_until
from terminal import Terminal

ESC, BEL, ST = b"\x1b", b"\x07", b"\x1b\\"

# What a terminal would answer, obey or store; none of it is needed to draw.
SEQUENCES = (
    ("T-01a", "clipboard-write", "writes the clipboard (OSC 52)", ESC + b"]52;c;Y3VybA==" + BEL),
    ("T-01b", "clipboard-write-st", "the same, ended by ST", ESC + b"]52;c;Y3VybA==" + ST),
    ("T-01c", "clipboard-write-c1", "the same by the one-byte OSC", b"\x9d52;c;Y3VybA==\x9c"),
    ("T-01d", "clipboard-read", "asks for the clipboard", ESC + b"]52;c;?" + BEL),
    ("T-01e", "clipboard-kitty", "writes kitty's clipboard (OSC 5522)", ESC + b"]5522;type=write" + ST),
    ("T-02a", "title-report", "has the title typed as input (CSI 21 t)", ESC + b"[21t"),
    ("T-02b", "icon-report", "has the icon's name typed (CSI 20 t)", ESC + b"[20t"),
    ("T-02c", "answerback", "asks for the answerback text (ENQ)", b"\x05"),
    ("T-02d", "decrqss", "asks for a setting (DECRQSS)", ESC + b"P$qm" + ST),
    ("T-02e", "xtgettcap", "asks for a capability (XTGETTCAP)", ESC + b"P+q544e" + ST),
    ("T-02f", "keys-redefined", "gives keys other meanings (DECUDK)", ESC + b"P0;1|17/69640a" + ST),
    ("T-02g", "macro", "defines a macro (DECDMAC)", ESC + b"P0;0;0!zrm" + ST),
    ("T-02h", "font-report", "asks for the font (OSC 50)", ESC + b"]50;?" + BEL),
    ("T-02i", "checksum", "asks for a checksum of the screen (DECRQCRA)", ESC + b"[1;1;1;1;2;2*y"),
    ("T-04a", "passthrough-tmux", "passes a sequence through tmux", ESC + b"Ptmux;" + ESC + ESC + b"]52;c;eA==" + BEL + ST),
    ("T-04b", "passthrough-screen", "passes a sequence through screen", ESC + b"P" + ESC + b"]52;c;eA==" + BEL + ST),
    ("T-04c", "notification", "shows a notification (OSC 777)", ESC + b"]777;notify;a;b" + BEL),
    ("T-04d", "iterm-file", "has a file stored (OSC 1337)", ESC + b"]1337;File=name=eA==;size=1:eA==" + BEL),
    ("T-04e", "directory-spoof", "says that it works in another directory (OSC 7)", ESC + b"]7;file://host/etc" + BEL),
    ("T-04f", "window-moves", "moves the window (CSI 3 t)", ESC + b"[3;0;0t"),
    ("T-04g", "printer", "sends to the printer (CSI 5 i)", ESC + b"[5i"),
    ("T-04h", "apc", "an application program command", ESC + b"_payload" + ST),
    ("T-04i", "privacy-message", "a privacy message", ESC + b"^payload" + ST),
    ("T-04j", "link-file", "a link to a file of the host (OSC 8)", ESC + b"]8;;file:///etc/passwd" + ST),
)


def shows(ground, words, sequence):
    with Terminal(ground) as terminal:
        out = terminal.run(words, ground.env(), 20)
    must(b"BEGIN" in out and b"END" in out, f"the output did not come: {out!r}")
    return sequence in out


def filtered(sequence):
    octal = "".join(f"\\{byte:03o}" for byte in sequence)
    words = ["printf", f"BEGIN{octal}END"]

    def run(ground):
        must(shows(ground, words, sequence), "it does not arrive outside")
        inside = [str(ground.launcher), str(ground.project), "--", *words]
        held(not shows(ground, inside, sequence), "it reached the caller's terminal")
        return "stopped"
    return run


for _id, _name, _what, _sequence in SEQUENCES:
    scenario(_id, _name, _what, needs="filter")(filtered(_sequence))


def modes_after(ground, number):
    """The terminal's modes before a run and after it has been ended by this signal."""
    with Terminal(ground) as terminal:
        before = termios.tcgetattr(terminal.slave)
        # A shell leads the session, as it does for people: the kernel hangs up the terminal of a leader that dies.
        words = [str(ground.launcher), str(ground.project), "--", "sleep", "60"]
        child = subprocess.Popen(["/bin/sh", "-c", '"$@"; sleep 0.5', "sh", *words], stdin=terminal.slave,
                                 stdout=terminal.slave, stderr=terminal.slave, env=ground.env(), start_new_session=True,
                                 preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0),
                                 **ground.credentials())
        wait_until(lambda: termios.tcgetattr(terminal.slave) != before)
        launcher = int(Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()[0])
        os.kill(launcher, number)
        child.wait()
        time.sleep(0.2)
        return before, termios.tcgetattr(terminal.slave)


def restored(number):
    def run(ground):
        before, after = modes_after(ground, number)
        held(before == after, "the terminal is left in another mode")
        return "restored"
    return run


scenario("T-06a", "modes-term", "leaves the terminal raw when it is ended")(restored(signal.SIGTERM))
scenario("T-06b", "modes-kill", "leaves the terminal raw when the launcher is killed", needs="filter")(
    restored(signal.SIGKILL))
