#!/usr/bin/env python3
"""Tries to plant files that tools on the host run by themselves. Runs in a project, inside or outside.

    plant.py WAY    missing existing parent nested later case

Each attempt ends in a file with the word PLANTED if it succeeds. What happened is judged on the host,
by looking (planted.bats): this program's own words count for nothing.
"""
import os
import pathlib
import shutil
import sys

NAMES = """
.git/hooks/pre-commit .git/hooks/post-checkout .git/hooks/fsmonitor-watchman .git/config .git/config.worktree
.git/info/attributes .git/commondir .husky/pre-commit .husky/_/h .pre-commit-config.yaml lefthook.yml .overcommit.yml
.githooks/pre-push .mcp.json .claude/settings.json .claude/settings.local.json .claude/hooks/x.sh
.claude/commands/c.md .claude/agents/a.md .claude/skills/s/SKILL.md .claude/plugins/p.json .claude/workflows/w.js
.codex/config.toml .gemini/settings.json .cursor/mcp.json .windsurf/mcp.json .aider.conf.yml .continue/config.json
.opencode/plugin/p.js opencode.json .kiro/hooks/h .claude-sandbox.json .vscode/tasks.json .vscode/settings.json
.vscode/launch.json w.code-workspace .idea/workspace.xml .zed/tasks.json .fleet/run.json .helix/languages.toml
.nvim.lua .nvimrc .exrc .vimrc .lvimrc .vim/plugin/p.vim .dir-locals.el p.sublime-project .clangd
.devcontainer/devcontainer.json .devcontainer.json evil.desktop .directory .envrc .direnv/bin/x mise.toml .mise.toml
.config/mise/config.toml .tool-versions .autoenv.zsh .bashrc .bash_profile .profile .zshrc .zshenv .cshrc .inputrc
.tmux.conf .screenrc .gdbinit .lldbinit .pdbrc .netrc .curlrc .npmrc .yarnrc .yarnrc.yml .yarn/releases/yarn.cjs
.pnpmfile.cjs bunfig.toml .cargo/config.toml pip.conf .pypirc .condarc .bundle/config .mvn/jvm.config sitecustomize.py
""".split()
EVIL = "#!/bin/sh\n# PLANTED\ntouch ~/hooked\n[core]\n\tfsmonitor = touch canary\n\thooksPath = PLANTED\n"


def attempt(step, *args):
    try:
        step(*args)
    except OSError:
        pass


def write(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(EVIL)
    path.chmod(0o755)


def overwrite(path):
    """Each way to change a file that is there."""
    def append():
        with path.open("a") as f:
            f.write(EVIL)

    def in_place():
        fd = os.open(path, os.O_RDWR)
        os.pwrite(fd, EVIL.encode(), 0)
        os.close(fd)

    def by_other_name():
        alias = pathlib.Path("alias")
        attempt(alias.unlink)
        os.link(path, alias)
        alias.write_text(EVIL)

    def by_descriptor():
        fd = os.open(path, os.O_RDONLY)
        try:
            pathlib.Path(f"/proc/self/fd/{fd}").write_text(EVIL)
        finally:
            os.close(fd)

    def by_symlink():
        link = pathlib.Path("link")
        attempt(link.unlink)
        link.symlink_to(path)
        link.write_text(EVIL)

    def replaced():
        pathlib.Path("new").write_text(EVIL)
        os.replace("new", path)

    def moved_away():
        os.rename(path, "moved")
        pathlib.Path("moved").write_text(EVIL)
        os.rename("moved", path)

    attempt(os.truncate, path, 2)
    for way in (append, in_place, by_other_name, by_descriptor, by_symlink, replaced, moved_away):
        attempt(way)


def parent_moved(name):
    """The directory is made under another name and moved into place; what is there is moved away."""
    path = pathlib.Path(name)
    first = path.parts[0]
    attempt(shutil.rmtree, "stage")
    if len(path.parts) == 1:
        pathlib.Path("stage").mkdir(exist_ok=True)
        attempt(pathlib.Path("stage/f").write_text, EVIL)
        attempt(os.rename, "stage/f", name)
        return
    attempt(write, pathlib.Path("stage", *path.parts[1:]))
    if os.path.exists(first):
        attempt(os.rename, first, "gone")
    attempt(os.rename, "stage", first)
    # And one level lower: .git stays, .git/hooks is exchanged.
    if len(path.parts) > 2:
        second = pathlib.Path(*path.parts[:2])
        attempt(write, pathlib.Path("stage2", *path.parts[2:]))
        attempt(os.rename, second, "gone2")
        attempt(os.rename, "stage2", second)


def nested(name):
    attempt(write, pathlib.Path("deep/er", name))
    os.system("git init -q dep 2>/dev/null")
    attempt(write, pathlib.Path("dep", name))
    attempt(write, pathlib.Path("dep/sub", name))


def later(name):
    path = pathlib.Path(name)
    attempt(path.parent.mkdir, 0o777, True, True)
    pathlib.Path("harmless").write_text(EVIL)
    attempt(os.link, "harmless", path)
    attempt(path.symlink_to, pathlib.Path("harmless").absolute())
    attempt(os.rename, "harmless", path)
    pathlib.Path("harmless").write_text(EVIL)
    attempt(shutil.copy, "harmless", path)
    attempt(os.mkfifo, path)


WAYS = {
    "missing": lambda name: attempt(write, pathlib.Path(name)),
    "existing": lambda name: overwrite(pathlib.Path(name)),
    "parent": parent_moved,
    "nested": nested,
    "later": later,
    "case": lambda name: attempt(write, pathlib.Path(name.swapcase())),
}

if __name__ == "__main__":
    if sys.argv[1] == "names":
        print("\n".join(NAMES))
    else:
        for each in NAMES:
            WAYS[sys.argv[1]](each)
