"""K-08: a real ssh agent behind its guard. Each attack works on such an agent outside first."""

import contextlib
import json
import shutil
import subprocess

from story import Unfit, held, launch, must, scenario, wait_until

# Asks the agent with one message, and ends with 0 if it answers anything but failure.
RAW = """
import base64, os, socket, struct, sys
def string(b): return struct.pack(">I", len(b)) + b
key, other = (base64.b64decode(open(f"k08/{name}.pub").read().split()[1]) for name in ("chosen", "other"))
data = b"SSHSIG" + string(b"x") + string(b"") + string(b"sha512") + string(bytes(64))
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(os.environ["SSH_AUTH_SOCK"])
body = eval(sys.argv[1])
s.sendall(string(body))
answer = s.recv(5)
sys.exit(0 if len(answer) == 5 and answer[4] != 5 else 1)
"""
SIGN = "ssh-keygen -q -Y sign -n file -f k08/{key}.pub k08/text{n}"
ASK = "SSH_ASKPASS=k08/ask SSH_ASKPASS_REQUIRE=force DISPLAY=:9 "


@contextlib.contextmanager
def agent(ground, rules):
    """An agent with two keys, one of them chosen: its variable, and the options for the launcher."""
    if not shutil.which("ssh-agent"):
        raise Unfit("no ssh-agent on this host")
    private, public = ground.base / "k08", ground.project / "k08"
    for path in (private, public):
        ground.make_dir(path, 0o700)
    for key in ("chosen", "other", "new"):
        ground.as_user(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", private / key])
        ground.make_file(public / f"{key}.pub", (private / f"{key}.pub").read_text())
    ground.make_file(public / "new", (private / "new").read_text(), 0o600)
    ground.make_file(public / "raw.py", RAW)
    ground.make_file(public / "ask", "#!/bin/sh\necho secret\n", 0o755)
    for n in range(4):
        ground.make_file(public / f"text{n}")
    ground.make_file(private / "config.json", json.dumps({"ssh_agent_keys": ["chosen"], **rules}))
    socket = private / "agent"
    child = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ground.env(),
                             **ground.credentials())
    env = {"SSH_AUTH_SOCK": str(socket)}
    try:
        wait_until(lambda: ground.as_user(["ssh-add", "-l"], env=env)[0] != 2)  # 2: it does not answer yet
        ground.as_user(["ssh-add", "-q", private / "chosen", private / "other"], env=env)
        yield env, ("--config", private / "config.json")
    finally:
        child.terminate()
        child.wait()
        shutil.rmtree(private)
        shutil.rmtree(public)


def attack(number, name, what, command, rules=None):
    def run(ground):
        words = ["/bin/sh", "-c", command]
        with agent(ground, rules or {}) as (env, _):
            status, said = ground.as_user(words, env=env)
            must(status == 0, said)
        with agent(ground, rules or {}) as (env, options):
            before = ground.as_user(["ssh-add", "-L"], env=env)
            must(launch(ground, "ssh-add", "-l", options=options, env=env)[0] == 0, "the agent is not let in")
            status, said = launch(ground, *words, options=options, env=env)
            held(status != 0, said)
            held(ground.as_user(["ssh-add", "-L"], env=env) == before, "the agent's keys are others now")
        return "refused"
    scenario(number, name, what)(run)


attack("K-08b", "agent-add", "adds a key to the ssh agent", "ssh-add -q k08/new")
attack("K-08c", "agent-remove", "removes a key from the agent", "ssh-add -q -d k08/chosen.pub")
attack("K-08d", "agent-clear", "removes all keys", "ssh-add -q -D")
attack("K-08e", "agent-lock", "locks the agent", ASK + "ssh-add -x")
attack("K-08f", "agent-other-key", "signs with a key that is not chosen",
       "python3 k08/raw.py 'b\"\\x0d\" + string(other) + string(data) + bytes(4)'")
attack("K-08g", "agent-other-listed", "sees a key that is not chosen", "ssh-add -L | grep -q ' other$'")
attack("K-08h", "agent-challenge", "has bytes of its own making signed",
       "python3 k08/raw.py 'b\"\\x0d\" + string(key) + string(b\"anything\") + bytes(4)'")
attack("K-08i", "agent-flags", "signs with flags that nobody has defined",
       "python3 k08/raw.py 'b\"\\x0d\" + string(key) + string(data) + bytes([0, 0, 0, 8])'")
attack("K-08j", "agent-raw-clear", "removes all keys by messages of both versions",
       "python3 k08/raw.py 'bytes([19])' && python3 k08/raw.py 'bytes([9])'")
attack("K-08k", "agent-limit", "signs once more than it may", " && ".join(SIGN.format(key="chosen", n=n) for n in range(4)),
       {"ssh_agent_max_signatures": 3})
