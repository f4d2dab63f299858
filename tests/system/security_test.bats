#!/usr/bin/env bats
# --security-test: what it says of a sandbox that holds and of one with a hole, and that it leaves nothing behind.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
	plant_home
}

teardown_file() {
	end_file
}

# Files that the promises name, so that there is something to be found.
plant_home() {
	local file
	for file in .ssh/id_ed25519 .aws/credentials .netrc .bashrc .profile .claude/settings.json; do
		as_user mkdir -p "$(dirname "$TEST_HOME/$file")"
		echo '{}' | as_user tee "$TEST_HOME/$file" >/dev/null
	done
}

# shellcheck disable=SC2153 # PROJECT comes from make_project
security_test() {
	USER_DIR=$PROJECT as_user "${launcher:-$CSB}" --security-test "$@"
}

# answer_of ID: from the JSON of the last `run`.
answer_of() {
	jq -r --arg id "$1" '.promises[] | select(.id == $id) | .answer' <<<"$output"
}

nothing_of_it_is_left() {
	! compgen -G '/tmp/claude-sandbox-test.*' && ! compgen -G '/var/tmp/claude-sandbox-test.*' &&
		! compgen -G '/dev/shm/claude-sandbox-test.*' && ! pgrep -u "$TEST_USERS" -f -- '--ground /tmp csb-'
}

# another_launcher: a copy of ours in the test's own directory, whose parts may be replaced.
another_launcher() {
	local from
	from=$(dirname "$(dirname "$(readlink -f "$CSB")")")
	launcher=$TEST_DIR/copy/bin/claude-sandbox
	mkdir -p "$TEST_DIR/copy/bin" "$TEST_DIR/copy/libexec/claude-sandbox"
	cp "$from/bin/claude-sandbox" "$launcher"
	cp "$from/libexec/claude-sandbox/"{init,probe,egress} "$TEST_DIR/copy/libexec/claude-sandbox/"
}

# init_without TEXT REPLACEMENT: its init is built again, with one wall's code changed.
init_without() {
	local src=$TEST_DIR/copy/src text
	mkdir -p "$src"
	cp -r "$REPO/src/init" "$REPO/src/base" "$src/"
	text=$(<"$src/init/walls.c")
	[[ $text == *"$1"* ]]
	printf '%s\n' "${text/"$1"/"$2"}" >"$src/init/walls.c"
	(cd "$src" && cc -static -O1 -std=gnu17 -D_GNU_SOURCE -I. -o ../libexec/claude-sandbox/init \
		init/*.c base/wire*.c base/packet.c)
}

# bats test_tags=backend
@test "every promise that can be tried holds, at every level" {
	local level
	for level in default strict compat; do
		run -0 --separate-stderr security_test --json --level "$level"
		[ "$(jq .fell <<<"$output")" -eq 0 ]
		[ "$(jq .held <<<"$output")" -ge 60 ]
		[ "$(answer_of tmp)" = held ]
		[ "$(answer_of signal-host)" = held ]
		[ "$(answer_of i386-getpid)" != fell ]
		[ "$(answer_of inherited-open)" = held ]
		[ "$(answer_of home-aws)" = held ]
		[ "$level" = compat ] || [ "$(jq '[.promises[] | select(.id | startswith("plant-")) | .answer] | unique == ["held"]' <<<"$output")" = true ]
	done
}

@test "the text has a line for each promise and a sum" {
	run -0 security_test
	says '^  HELD +other processes cannot be signalled$'
	says '^[0-9]+ promises: [0-9]+ held, 0 fell, [0-9]+ not tried$'
	[ "$(grep -cE '^  (HELD|FELL|NOT TRIED) ' <<<"$output")" -eq "$(sed -n 's/ promises: .*//p' <<<"$output")" ]
}

@test "what the settings do not promise is not tried, and it says so" {
	run -0 security_test --network host
	says 'NOT TRIED  services on the host.s loopback are out of reach \(the network is the host.s\)$'
	run -0 security_test --network none
	says '^  HELD       services on the host.s loopback are out of reach$'
	run -0 security_test --extra-ro "$TEST_HOME/.aws"
	says 'NOT TRIED  the cloud credentials of AWS cannot be read \(the settings show it\)$'
	run -0 --separate-stderr security_test --level compat --json
	[ "$(answer_of home-ed25519)" = not_tried ]
	[ "$(answer_of plant-hook)" = not_tried ]
	run -0 security_test --review
	says 'NOT TRIED  a git hook cannot be made \(the settings let them be written, or keep them in a layer\)$'
}

@test "a sandbox without its filter falls, with exit status 1" {
	another_launcher
	init_without 'return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? -errno : 0;' \
		'return prog.len == 0 ? -EINVAL : 0;'
	run -1 --separate-stderr security_test --json
	[ "$(jq .fell <<<"$output")" -ge 10 ]
	[ "$(answer_of io-uring-setup)" != held ]
	[ "$(answer_of key-join)" = fell ]
	[ "$(answer_of tmp)" = held ]
	run -1 security_test
	says '^  FELL       no keyring is joined \(it works inside\)$'
	says ' promises: [0-9]+ held, [1-9][0-9]* fell, '
}

# silent_probe WHERE: answers nothing outside, or inside.
silent_probe() {
	printf '#!/bin/sh\n[ "$1" = --batch ] && [ %s -e /run/claude-sandbox/init ] && exit 0\nexec %s "$@"\n' \
		"$([ "$1" = inside ] || echo '!')" \
		"$(dirname "$(dirname "$(readlink -f "$CSB")")")/libexec/claude-sandbox/probe" \
		>"$TEST_DIR/copy/libexec/claude-sandbox/probe"
}

@test "a probe that says nothing keeps no promise" {
	another_launcher
	silent_probe outside
	run -125 security_test
	says 'has no answer to [0-9]+ attacks outside'
	silent_probe inside
	run -1 --separate-stderr security_test --json
	[ "$(jq .held <<<"$output")" -eq 0 ]
	[ "$(jq .fell <<<"$output")" -ge 60 ]
}

# bats test_tags=backend
@test "it changes nothing in the project and the home, and leaves nothing" {
	# What any start makes of its own, and the runtime directory's lock, are made first.
	security_test "$PROJECT" >/dev/null
	watch_host "$PROJECT" "$TEST_HOME/.ssh" "$TEST_HOME/.aws" "$TEST_HOME/.netrc" "$TEST_HOME/.bashrc" \
		"$TEST_HOME/.profile" "$TEST_HOME/.claude/settings.json" "$TEST_HOME/.config" "$TEST_HOME/projects"
	ls -A "$TEST_HOME" >"$TEST_DIR/own/names"
	ipcs >"$TEST_DIR/own/ipcs"
	security_test "$PROJECT" >/dev/null
	host_unchanged
	diff "$TEST_DIR/own/names" <(ls -A "$TEST_HOME")
	diff "$TEST_DIR/own/ipcs" <(ipcs)
	nothing_of_it_is_left
}

@test "killed at any moment it leaves nothing either" {
	local delay signal
	for signal in INT TERM KILL; do
		for delay in 0.01 0.05 0.1 0.15; do
			USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "$CSB" --security-test
			sleep "$delay"
			kill -"$signal" "$SPAWNED" 2>/dev/null || true
			wait "$SPAWNED" 2>/dev/null || true
			wait_for 5 nothing_of_it_is_left
		done
	done
	wait_for 5 nothing_runs
}

@test "what makes no sense with it is refused in one sentence" {
	run -1 security_test --tmux
	says 'leave out --shell, --args and --tmux$'
	run -1 security_test -- true
	[ "$status" -eq 1 ]
	run -1 security_test "$PROJECT" -- true
	says 'leave out the words after the directory$'
	run -1 security_test --explain
	says 'exclude each other'
}
