#!/usr/bin/env bats
# All of git's own useful life, inside: a scripted session whose result is the same as outside; then
# linked worktrees, submodules as projects, and .git files that lie.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
	LIFE=$TEST_DIR/own/git_life.sh
	cp "$REPO/tests/system/git_life.sh" "$LIFE"
	chmod 755 "$TEST_DIR/own" "$LIFE"
	export LIFE
	as_user git config --global advice.detachedHead false
	as_user git lfs install >/dev/null 2>&1 || true
}

teardown_file() {
	end_file
}

# serve: a directory with origin.git and lib.git behind git daemon on a free port; URL is its address.
serve() {
	local dir=$TEST_DIR/served
	as_user mkdir -p "$dir"
	as_user git init -q "$TEST_DIR/work"
	echo lib | as_user tee "$TEST_DIR/work/lib.txt" >/dev/null
	USER_DIR=$TEST_DIR/work as_user git add lib.txt
	USER_DIR=$TEST_DIR/work as_user git commit -qm lib
	as_user git clone -q --bare "$TEST_DIR/work" "$dir/lib.git"
	PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	spawn_user "$TEST_DIR/own/daemon.log" git daemon --reuseaddr --export-all --enable=receive-pack \
		--listen=127.0.0.1 "--port=$PORT" "--base-path=$dir" "$dir"
	URL=git://127.0.0.1:$PORT
	wait_for 10 as_user git ls-remote -q "$URL/lib.git" >/dev/null
}

# fresh_origin: an empty origin.git, since both sessions push there.
fresh_origin() {
	rm -rf "$TEST_DIR/served/origin.git"
	as_user git init -q --bare "$TEST_DIR/served/origin.git"
}

# told DIR: everything that a session leaves, but for objects of stashes that are gone (made at any time).
told() {
	USER_DIR=$1 as_user git fsck --no-progress --no-dangling
	USER_DIR=$1 as_user git log --all --format='%H %T %P %an %ae %at %ct %s%d'
	USER_DIR=$1 as_user git for-each-ref
	USER_DIR=$1 as_user git stash list
	USER_DIR=$1 as_user git status --porcelain
	USER_DIR=$1 as_user git config --local -l | sort
}

# bats test_tags=backend
@test "a life of git inside ends as it ends outside" {
	local lfs=
	[ ! -x /usr/bin/git-lfs ] || lfs=1
	as_user mkdir -p "$TEST_HOME/projects/outside/life" "$TEST_HOME/projects/inside/life"

	serve
	fresh_origin
	USER_DIR=$TEST_HOME/projects/outside/life as_user WITH_LFS=$lfs "$LIFE" "$URL"
	told "$TEST_HOME/projects/outside/life" >"$TEST_DIR/own/outside"

	fresh_origin
	USER_DIR=$TEST_HOME/projects/inside/life run as_user "$CSB" --allow-local "${URL#git://}" -- env WITH_LFS=$lfs bash -c "$(cat "$LIFE")" git_life "$URL"
	echo "$output"
	[ "$status" -eq 0 ]
	grep -qx "end of life" <<<"$output"
	told "$TEST_HOME/projects/inside/life" >"$TEST_DIR/own/inside"
	diff "$TEST_DIR/own/outside" "$TEST_DIR/own/inside"
	grep -q '^branch.main.remote=origin$' "$TEST_DIR/own/inside"
}

@test "a linked worktree as project: a commit inside is one on the host" {
	local wt=$TEST_HOME/projects/app-wt
	USER_DIR=$PROJECT as_user git worktree add -q -b wt "$wt"
	USER_DIR=$wt as_user "$CSB" -- sh -c 'echo x >x && git add x && git commit -qm inside && git status --porcelain'
	[ "$(USER_DIR=$PROJECT as_user git log -1 --format=%s wt)" = inside ]
	# The main work tree is not shown with it.
	USER_DIR=$wt run as_user "$CSB" -- ls "$PROJECT/hello.txt"
	[ "$status" -ne 0 ]
}

@test "a submodule as project: a commit inside is one on the host" {
	local lib=$TEST_DIR/sublib
	as_user git init -q "$lib"
	USER_DIR=$lib as_user git commit -q --allow-empty -m lib
	USER_DIR=$PROJECT as_user git -c protocol.file.allow=always submodule --quiet add "$lib" sub
	USER_DIR=$PROJECT/sub as_user "$CSB" -- sh -c 'echo x >x && git add x && git commit -qm inside'
	[ "$(USER_DIR=$PROJECT/sub as_user git log -1 --format=%s)" = inside ]
}

@test "a .git file that points where nothing points back is told, and mounts nothing" {
	local liar=$TEST_HOME/projects/liar victim=$TEST_HOME/projects/victim
	as_user git init -q "$victim"
	USER_DIR=$victim as_user git commit -q --allow-empty -m victim
	USER_DIR=$victim as_user git worktree add -q "$TEST_HOME/projects/honest"
	as_user mkdir -p "$liar"
	for pointer in "$victim/.git" "$victim/.git/worktrees/honest" "$TEST_HOME/.ssh" / "$victim/.git/modules/x"; do
		echo "gitdir: $pointer" | as_user tee "$liar/.git" >/dev/null
		USER_DIR=$liar run as_user "$CSB" -- sh -c "ls -d '$victim/.git' '$TEST_HOME/.ssh/id' 2>&1; echo x >'$victim/.git/planted'"
		echo "$pointer: $output"
		[[ $output == *"note: git does not work inside: the project's .git file names"* ]]
		[ ! -e "$victim/.git/planted" ]
		[[ $output == *"cannot access '$victim/.git'"* ]]
	done
	# The same probe with the pointer that is pointed back to: it can write there, so the probe works.
	USER_DIR=$TEST_HOME/projects/honest as_user "$CSB" -- sh -c "echo x >'$victim/.git/planted'"
	[ -e "$victim/.git/planted" ]
}

@test "a signed commit, with a key that only the agent has" {
	command -v ssh-agent >/dev/null || skip "no ssh-agent here"
	local key=$TEST_HOME/.ssh/id_sign sock=$TEST_DIR/run/agent
	as_user mkdir -p -m 700 "$TEST_HOME/.ssh"
	as_user ssh-keygen -q -t ed25519 -N '' -f "$key"
	spawn_user "$TEST_DIR/own/agent.log" ssh-agent -D -a "$sock"
	wait_for 5 test -S "$sock"
	as_user SSH_AUTH_SOCK="$sock" ssh-add -q "$key"
	as_user git config --global gpg.format ssh
	as_user git config --global user.signingkey "$key.pub"
	as_user git config --global commit.gpgsign true
	# Without an agent the key is of no use, and commits work without it.
	USER_DIR=$PROJECT as_user "$CSB" --ssh-agent none -- git commit -q --allow-empty -m unsigned
	[ "$(USER_DIR=$PROJECT as_user git cat-file commit HEAD | grep -c gpgsig)" = 0 ]
	USER_DIR=$PROJECT as_user SSH_AUTH_SOCK="$sock" "$CSB" --ssh-agent raw -- git commit -q --allow-empty -m signed
	printf 'tess@example.org %s\n' "$(cut -d' ' -f1,2 "$key.pub")" | as_user tee "$TEST_HOME/signers" >/dev/null
	USER_DIR=$PROJECT as_user git -c gpg.ssh.allowedSignersFile="$TEST_HOME/signers" verify-commit HEAD
	as_user git config --global --unset commit.gpgsign
}
