#!/usr/bin/env bats
# --review: the project stays as it is until a person accepts; what waits is hostile.

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
}

teardown_file() {
	end_file
}

setup() {
	rm -rf "$TEST_HOME/.local/state" "$TEST_HOME/projects"
	make_project "p${BATS_TEST_NUMBER}"
	watch_host "$PROJECT"
}

# Unlike "!", which nobody notices before the last line.
not() {
	if "$@"; then
		echo "unexpected: $*"
		return 1
	fi
}

launch() {
	USER_DIR=$PROJECT run as_user "$CSB" "$@"
}

# inside SCRIPT: a session with a layer.
inside() {
	launch --review -- bash -c "$1"
	exits 0
}

# Where the layer is.
layer() {
	echo "$TEST_HOME"/.local/state/claude-sandbox/projects/*/review
}

# bats test_tags=backend
@test "the project is byte-identical after a session, and the session sees its own changes" {
	inside 'echo new >new; echo more >>hello.txt; rm -r src; mkdir src; echo x >src/x; chmod 700 Makefile; cat hello.txt src/x'
	says '^more$'
	says 'review: .*added.*changed.*deleted.*claude-sandbox review'
	host_unchanged
	launch review
	exits 0
	says '^  A  .*new$'
	says '^  M  .*hello.txt$'
	says '^  D  .*src/Makefile$'
	says '^\+more$'
	host_unchanged
}

# bats test_tags=backend
@test "one file is accepted, the rest waits, and is there again in the next session" {
	inside 'echo new >new; echo more >>hello.txt; touch -d 2020-02-02 new; chmod 750 new'
	launch review accept . new
	exits 0
	[ "$(cat "$PROJECT/new")" = new ]
	[ "$(cat "$PROJECT/hello.txt")" = start ]
	[ "$(stat -c '%a %y %U' "$PROJECT/new" | cut -c1-14)" = '750 2020-02-02' ]
	[ "$(owner_of "$PROJECT/new")" = "$TEST_USER" ]
	launch --review -- cat hello.txt new
	exits 0
	says '^more$'
	says '^new$'
	says 'there again'
	launch review discard . hello.txt
	exits 0
	[ ! -e "$(layer)/upper" ]
	launch --review -- cat hello.txt
	not says '^more$'
}

@test "all at once, and what was accepted no longer waits" {
	inside 'echo new >new; mkdir -p a/b; echo c >a/b/c; rm hello.txt; mv Makefile makefile; ln -s a/b/c link'
	launch review accept
	exits 0
	[ "$(cat "$PROJECT/a/b/c" "$PROJECT/link")" = $'c\nc' ]
	[ ! -e "$PROJECT/hello.txt" ]
	[ ! -e "$PROJECT/Makefile" ]
	launch review
	[ "$status" -eq 1 ] || says '^no changes'
}

@test "discard removes everything, directories without rights too" {
	inside 'mkdir -p shut/in; echo x >shut/in/x; chmod 000 shut/in; echo y >y'
	launch review
	exits 0
	says 'shut/in/.*cannot be read'
	says ' y$'
	launch review discard
	exits 0
	[ ! -e "$(layer)/upper" ]
	[ ! -e "$(layer)/work" ]
	host_unchanged
}

@test "what cannot be accepted: pipes, sockets, links out, hooks and settings that host tools obey" {
	inside 'mkfifo pipe; ln -s /etc/passwd abs; ln -s ../../x up; mkdir -p .vscode deep; echo {} >.vscode/tasks.json
		echo "#!/bin/sh" >.git/hooks/pre-commit; chmod 755 .git/hooks/pre-commit; git config core.fsmonitor /bin/false
		git init -q deep/er; echo evil >deep/er/.git/hooks/post-checkout; ln -s abs/../../x winding; echo fine >fine
		python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"sock\")"'
	launch review accept
	exits 0
	[ "$(cat "$PROJECT/fine")" = fine ]
	for name in pipe sock abs up winding .vscode/tasks.json .git/hooks/pre-commit deep/er/.git/hooks/post-checkout; do
		[ ! -e "$PROJECT/$name" ] && [ ! -L "$PROJECT/$name" ] || return 1
	done
	not grep -q fsmonitor "$PROJECT/.git/config"
	launch review accept . .git deep
	exits 0
	[ ! -e "$PROJECT/.git/hooks/pre-commit" ]
	[ ! -e "$PROJECT/deep/er/.git/hooks/post-checkout" ]
	launch review accept . .git/hooks/pre-commit abs
	exits 0
	[ -x "$PROJECT/.git/hooks/pre-commit" ]
	[ "$(readlink "$PROJECT/abs")" = /etc/passwd ]
	launch review accept . pipe
	exits 1
	says 'cannot be accepted'
	[ ! -e "$PROJECT/pipe" ]
}

@test "devices, set-id bits, redirects and planted marks in a crafted layer" {
	inside 'echo x >x'
	local upper
	upper=$(layer)/upper
	as_user bash -c "cd '$upper' && echo s >setid && chmod 4755 setid && mkdir away && mknod gone c 0 0 && mknod hello.txt.not c 0 0"
	[ "$(id -u)" -ne 0 ] || mknod -m 666 "$upper/null" c 1 3
	as_user python3 -c "import os; os.setxattr('$upper/away', 'user.overlay.redirect', b'/.git')"
	launch review accept
	[ "$(cat "$PROJECT/x")" = x ]
	for name in setid away gone null; do
		[ ! -e "$PROJECT/$name" ] || return 1
		launch review accept . "$name"
		[ "$status" -eq 1 ] || return 1
	done
	[ -e "$PROJECT/hello.txt" ]
}

@test "links on the host's side are not followed" {
	mkdir "$TEST_DIR/own/away" && chown "$TEST_USER" "$TEST_DIR/own/away" && chmod 755 "$TEST_DIR/own"
	inside 'mkdir out; echo evil >out/file; rm -r src; echo fine >fine'
	as_user ln -s "$TEST_DIR/own/away" "$PROJECT/out"
	launch review accept . out/file fine
	[ ! -e "$TEST_DIR/own/away/file" ]
	[ "$(cat "$PROJECT/fine")" = fine ]
	[ -L "$PROJECT/out" ]
}

@test "a file that changed on both sides is a conflict: told, shown, not taken with all" {
	inside 'echo inside >>hello.txt; echo fine >fine; rm src/Makefile'
	sleep 0.1
	echo outside | as_user tee -a "$PROJECT/hello.txt" "$PROJECT/src/Makefile" >/dev/null
	launch review
	says 'hello.txt  \[it changed on the host as well'
	says '^-outside$'
	says '^\+inside$'
	says 'D .*src/Makefile  \[it changed'
	launch review accept
	exits 0
	[ "$(cat "$PROJECT/hello.txt")" = $'start\noutside' ]
	[ -e "$PROJECT/fine" ]
	[ -e "$PROJECT/src/Makefile" ]
	launch review accept . hello.txt
	exits 0
	[ "$(cat "$PROJECT/hello.txt")" = $'start\ninside' ]
	# What was accepted once is no conflict in the next session.
	inside 'echo again >>hello.txt'
	launch review accept . ./
	[ "$(tail -n 1 "$PROJECT/hello.txt")" = again ]
}

@test "names with every sort of bytes reach the terminal harmless, and the right file" {
	inside $'echo x >$\'a\\033]0;title\\007\\n b\'; printf "\\033[2J\\n" >text; echo y >-y; mkdir "it, is:odd"; echo z >"it, is:odd/z"'
	launch review
	exits 0
	[[ $output != *$'\e'* ]]
	says 'a\\x1b\]0;title\\x07\\x0a b'
	says '^\+\\x1b\[2J'
	launch review accept
	exits 0
	[ "$(cat "$PROJECT/"$'a\e]0;title\a\n b')" = x ]
	[ "$(cat "$PROJECT/-y")" = y ]
	[ "$(cat "$PROJECT/it, is:odd/z")" = z ]
}

@test "a project whose own path has commas and colons" {
	make_project $'odd, na:me\\'
	inside 'echo new >new'
	[ ! -e "$PROJECT/new" ]
	launch review accept
	[ "$(cat "$PROJECT/new")" = new ]
}

# bats test_tags=backend
@test "after kill -9 everything is still there" {
	spawn_user "$TEST_DIR/own/log" bash -c "cd '$PROJECT' && exec '$CSB' --review -- bash -c 'echo new >new; sync; touch ready; sleep 60'"
	# Where the layer is can be told when it is there.
	wait_for 10 compgen -G "$TEST_HOME/.local/state/claude-sandbox/projects/*/review/upper/ready" >/dev/null
	kill -KILL "$SPAWNED"
	wait_for 10 nothing_runs
	host_unchanged
	launch review accept . new
	exits 0
	[ "$(cat "$PROJECT/new")" = new ]
}

@test "git: commits made inside are accepted as one thing" {
	inside 'echo more >>hello.txt; git commit -qam second; git branch side; git tag t; git worktree add -q ../wt 2>/dev/null || true; git stash list'
	launch review
	says 'git repository .git: [0-9]+ files, [0-9]+ new commit'
	launch review accept . .git hello.txt
	exits 0
	[ "$(USER_DIR=$PROJECT as_user git log --format=%s | head -n 1)" = second ]
	USER_DIR=$PROJECT as_user git fsck --strict
	[ -z "$(USER_DIR=$PROJECT as_user git status --porcelain)" ]
}

@test "on a terminal each file is asked for, what is risky first, and all never means that" {
	inside 'echo one >one; echo two >two; echo three >three; echo evil >.envrc; echo more >>hello.txt; git commit -qam inside'
	# .envrc: no; the repository: yes; hello.txt: its difference, then yes; one: no; the rest: all
	printf '%s\n' n y d y n a |
		USER_DIR=$PROJECT as_user script -qec "'$CSB' review accept" /dev/null >"$TEST_DIR/own/asked"
	run cat "$TEST_DIR/own/asked"
	says '\+more'
	says 'git repository .git: .*1 new commit'
	[ ! -e "$PROJECT/.envrc" ]
	[ ! -e "$PROJECT/one" ]
	[ "$(cat "$PROJECT/hello.txt" "$PROJECT/three" "$PROJECT/two")" = $'start\nmore\nthree\ntwo' ]
	launch review
	says 'A .* one$'
	says '.envrc  \[tools of the host'
}

@test "a huge file of nothing, and a link to itself, cost no time and no disk" {
	inside 'truncate -s 1T huge; ln -s loop loop; mkfifo hello.fifo; rm Makefile; mkfifo Makefile'
	SECONDS=0
	launch review
	exits 0
	says 'huge$'
	launch review accept . huge loop
	exits 0
	[ "$(stat -c %s "$PROJECT/huge")" = 1099511627776 ]
	[ "$(stat -c %b "$PROJECT/huge")" -lt 100 ]
	((SECONDS < 5))
}

@test "5,000 files of a dependency tree" {
	inside 'for d in $(seq 100); do mkdir -p node_modules/m$d/lib; for f in $(seq 50); do echo "$d $f" >node_modules/m$d/lib/$f.js; done; done'
	host_unchanged
	launch review accept
	exits 0
	[ "$(find "$PROJECT/node_modules" -type f | wc -l)" -eq 5000 ]
	[ "$(cat "$PROJECT/node_modules/m7/lib/9.js")" = '7 9' ]
	inside 'rm -r node_modules'
	launch review
	says 'D .*node_modules/ and [0-9]+ in it'
	launch review accept
	[ ! -e "$PROJECT/node_modules" ]
}

@test "one layer, one sandbox; and none accepts while a sandbox works on it" {
	spawn_user "$TEST_DIR/own/log" bash -c "cd '$PROJECT' && exec '$CSB' --review -- bash -c 'echo new >new; sleep 60'"
	wait_for 10 bash -c "test -e '$TEST_HOME'/.local/state/claude-sandbox/projects/*/review/upper/new"
	launch --review --new -- true
	[ "$status" -ne 0 ]
	says 'in use by a sandbox'
	launch review accept
	refused
	says 'in use by a sandbox'
	launch review
	exits 0
	says ' new$'
	launch --review -- cat new
	exits 0
	says '^new$'
	launch --stop
}

@test "a project in a directory that nobody trusts gets a layer unasked; a project file can ask for one" {
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	printf '{"untrusted_projects": ["~/projects"]}' | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
	launch -- bash -c 'echo new >new'
	exits 0
	says 'review: '
	host_unchanged
	rm "$TEST_HOME/.config/claude-sandbox/config.json"
	launch review discard
	printf '{"review": true}' | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	launch -- bash -c 'echo new >new'
	exits 0
	says 'review: '
	[ ! -e "$PROJECT/new" ]
}

@test "without --review nothing of a layer is made; --dry-run says that it cannot print one" {
	launch -- bash -c 'echo new >new'
	exits 0
	[ -e "$PROJECT/new" ]
	[ ! -e "$(layer)" ]
	launch review
	refused
	says 'nothing waits'
	launch --review --dry-run -- true
	refused
	says 'explain'
	launch --review --explain -- true
	exits 0
	says 'under a layer'
}
