#!/usr/bin/env bats
# kill -9 of the launcher and of bubblewrap at any moment: no process, mount, file or directory stays.

load ../lib/common

setup_file() {
	start_file
	make_project app
	as_user "$CSB" "$PROJECT" -- true # what is kept on purpose exists from here on
}

teardown_file() {
	end_file
}

leftovers() {
	find "$TEST_HOME" "$TEST_DIR/run" | sort
	find /tmp -maxdepth 1 -user "$TEST_USER" ! -name 'srt-*' ! -name 'csb-*' | sort # not the rival's, not other suites'
}

# kill_round TARGET MICROSECONDS: starts, waits that long, kills the launcher or bubblewrap with -9.
kill_round() {
	local launcher victim
	(USER_DIR=$PROJECT become_user "$CSB" -- sh -c 'setsid sleep 300 & exec sleep 300') </dev/null >/dev/null 2>&1 3>&- &
	launcher=$!
	sleep "$(printf '0.%06d' "$2")"
	victim=$launcher
	if [ "$1" = wrapper ]; then
		victim=$(pgrep -x -P "$launcher" bwrap)
		[ -n "$victim" ] || victim=$launcher
	fi
	kill -KILL "$victim" 2>/dev/null || true
	wait_for 5 process_gone "$launcher" || return 1
	wait "$launcher" 2>/dev/null || true
	wait_for 5 nothing_runs
}

rounds() {
	local i
	for ((i = 0; i < 100; i++)); do
		kill_round "$1" $((RANDOM % 30000)) || {
			echo "round $i of $1"
			ps -u "$TEST_USER" -o pid,ppid,args
			return 1
		}
	done
}

@test "100 kills of the launcher leave nothing" {
	leftovers >"$TEST_DIR/own/before"
	mounts=$(wc -l </proc/self/mountinfo)
	rounds launcher
	leftovers | diff "$TEST_DIR/own/before" -
	[ "$(wc -l </proc/self/mountinfo)" = "$mounts" ]
}

@test "100 kills of bubblewrap leave nothing" {
	leftovers >"$TEST_DIR/own/before"
	rounds wrapper
	leftovers | diff "$TEST_DIR/own/before" -
}

@test "background processes end with the payload" {
	as_user "$CSB" "$PROJECT" -- sh -c 'setsid sleep 300 & setsid sh -c "trap \"\" HUP TERM; sleep 300" & exit 3' || [ $? = 3 ]
	wait_for 2 nothing_runs
}

@test "TERM, INT and HUP reach the payload, whose status is ours" {
	for signal in TERM INT HUP; do
		USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/out" "$CSB" -- sh -c "trap 'exit 42' $signal; echo ready; while :; do sleep 0.05; done"
		wait_for 10 grep -q ready "$TEST_DIR/own/out"
		kill "-$signal" "$SPAWNED"
		code=0
		wait "$SPAWNED" || code=$?
		[ "$code" = 42 ]
	done
}
