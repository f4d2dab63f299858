#!/usr/bin/env bash
# git's useful life in one session, for git.bats: runs in the current directory, inside the sandbox
# and outside of it alike. All that it makes is made the same way each time: the same names and
# times, so that the commits have the same ids.
#
#   git_life.sh URL    URL of the served directory, with lib.git and origin.git in it
#
# The project itself is a repository (mediated by the sandbox); the clones below it are others.
set -euo pipefail

url=$1
tick=1700000000

step() {
	echo "== $*" >&2
}

# put FILE TEXT
put() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >"$1"
}

# commit MESSAGE: everything, at a time of its own.
commit() {
	tick=$((tick + 60))
	git add -A
	GIT_AUTHOR_DATE="$tick +0000" GIT_COMMITTER_DATE="$tick +0000" git commit -qm "$1"
}

# at_time COMMAND...: with a fixed committer's time.
at_time() {
	tick=$((tick + 60))
	GIT_AUTHOR_DATE="$tick +0000" GIT_COMMITTER_DATE="$tick +0000" GIT_EDITOR=true "$@"
}

# stops COMMAND...: fails, as it must with a conflict.
stops() {
	if "$@" >/dev/null 2>&1; then
		echo "this went through: $*" >&2
		return 1
	fi
}

begin() {
	step init
	git init -q .
	git config user.name "Tess Tester"
	git config user.email tess@example.org
	git config pull.rebase true
	put a.txt one
	put src/b.txt two
	put docs/c.txt three
	commit first
	step remote, push, fetch
	git remote add origin "$url/origin.git"
	git push -q -u origin main
	git fetch -q origin
	[ "$(git config branch.main.remote)" = origin ]
	git remote add other "$url/lib.git"
	git fetch -q other
	git remote set-url other "$url/lib.git/"
	git remote remove other
}

branches() {
	step branch, stash, rebase
	git switch -qc topic
	put topic.txt topic
	commit topic
	put a.txt changed
	git stash push -q
	[ "$(cat a.txt)" = one ]
	git stash pop -q
	git checkout -q -- a.txt
	git switch -q main
	put main.txt main
	commit main
	git switch -q topic
	at_time git rebase -q main
	git switch -q main
	at_time git merge -q --no-ff -m merged topic
	git push -q origin main topic
	git branch -q -d topic
	git switch -qc topic2 --track origin/topic
	git branch -q --unset-upstream
	git switch -q main
	git branch -q -D topic2
	git push -q origin --delete topic
}

conflict() {
	step merge with a conflict
	git switch -qc left
	put a.txt left
	commit left
	git switch -q main
	put a.txt right
	commit right
	stops git merge -q left
	grep -q '<<<<<<<' a.txt
	git merge --abort
	stops git merge -q left
	put a.txt both
	git add a.txt
	at_time git commit -qm "left and right"
	git branch -q -d left
	step rebase with a conflict, cherry-pick, revert
	git switch -qc third HEAD~1
	put a.txt third
	commit third
	stops git rebase main
	put a.txt rebased
	git add a.txt
	at_time git -c core.editor=true rebase --continue >/dev/null 2>&1
	git switch -q main
	at_time git cherry-pick third >/dev/null
	at_time git revert --no-edit HEAD >/dev/null
	git branch -q -D third
}

worktrees() {
	step worktree
	git worktree add -q wt -b wt
	put wt/wt.txt wt
	(cd wt && commit "in a worktree")
	git worktree list | grep -q '\[wt\]'
	git worktree remove wt
	git merge -q --ff-only wt
	git branch -q -d wt
}

submodules() {
	step submodule
	git submodule --quiet add "$url/lib.git" lib
	commit "lib added"
	git submodule deinit -q -f lib
	[ ! -e lib/lib.txt ]
	git submodule --quiet update --init lib
	[ "$(cat lib/lib.txt)" = lib ]
	git submodule sync -q
	git submodule --quiet foreach 'git status --short'
	git -C lib switch -qc work
	put lib/more.txt more
	(cd lib && commit "in a submodule")
	git add lib
	git diff --cached --submodule | grep -q lib
	git reset -q
	git submodule --quiet update
	git submodule deinit -q -f lib
	git rm -q lib
	commit "lib removed"
}

sparse() {
	step sparse-checkout
	git sparse-checkout set src
	[ -e src/b.txt ]
	[ ! -d docs ]
	git sparse-checkout list | grep -qx src
	git sparse-checkout disable
	[ -d docs ]
}

tags() {
	step tag, bisect, gc
	git tag light
	at_time git tag -a -m annotated v1
	git push -q origin v1
	git bisect start HEAD "$(git rev-list --max-parents=0 HEAD)" >/dev/null
	git bisect run sh -c '[ ! -e wt.txt ]' >/dev/null 2>&1
	[ "$(git log -1 --format=%s refs/bisect/bad)" = "in a worktree" ]
	git bisect reset >/dev/null 2>&1
	git gc -q
	git maintenance run --quiet --task=commit-graph
	git config gc.auto 0
}

clones() {
	step clone over the network, pull
	git push -q origin main
	git clone -q "$url/origin.git" clone
	git -C clone config user.name "Tess Tester"
	git -C clone config user.email tess@example.org
	put clone/fromclone.txt fromclone
	(cd clone && commit "from the clone" && git push -q origin main)
	git pull -q origin main
	[ -e fromclone.txt ]
	git clone -q --depth 1 --branch v1 "$url/origin.git" shallow 2>/dev/null
	step clone from a path
	git clone -q . copy
	git -C copy fsck --no-progress --no-dangling
	rm -rf clone shallow copy
}

# Over a path, because git daemon serves no large files; beside the project, which has no such remote.
lfs() {
	local hub
	hub=$(mktemp -d)
	step git-lfs
	git lfs track '*.bin' >/dev/null
	put big.bin "$(seq 1 2000)"
	commit "a large file"
	git show HEAD:big.bin | grep -q '^oid sha256:'
	rm big.bin
	git checkout -q -- big.bin
	[ "$(wc -l <big.bin)" -eq 2000 ]
	git lfs ls-files | grep -q big.bin
	git lfs fsck >/dev/null
	git init -q --bare "$hub/hub.git"
	git clone -q . "$hub/clone"
	git -C "$hub/clone" remote set-url origin "file://$hub/hub.git"
	# By hand what the hook of git-lfs does: no hook can be made inside.
	git -C "$hub/clone" lfs push --all origin >/dev/null
	git -C "$hub/clone" push -q --no-verify origin main
	git clone -q -b main "file://$hub/hub.git" "$hub/again"
	cmp big.bin "$hub/again/big.bin"
	rm -rf "$hub"
}

begin
branches
conflict
worktrees
submodules
sparse
tags
clones
if [ -n "${WITH_LFS:-}" ]; then
	lfs
fi
git status --porcelain
echo "end of life"
