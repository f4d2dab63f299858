#!/usr/bin/env bats
# kill -9 of the launcher and of bubblewrap at any moment: no process, mount, file or directory stays.
# bats file_tags=backend

load ../lib/common

setup_file() {
	start_file
	make_project app
	# What is kept on purpose exists from here on.
	USER_DIR=$PROJECT as_user "$CSB" -- sh -c 'touch up; rm up'
}

teardown_file() {
	end_file
}

leftovers() {
	find "$TEST_HOME" "$TEST_DIR/run" | sort
	find /tmp -maxdepth 1 -user "$TEST_USER" ! -name 'srt-*' ! -name 'csb-*' | sort # not the rival's, not other suites'
}

# victim TARGET LAUNCHER: the pid of that part of the launcher's sandbox, or the launcher's while it has none.
victim() {
	local found
	found=$(part_of "$1" "$2")
	echo "${found:-$2}"
}

# kill_round TARGET MICROSECONDS: starts, waits that long, kills that part of the sandbox with -9.
kill_round() {
	local launcher
	(USER_DIR=$PROJECT become_user "$CSB" -- sh -c 'setsid sleep 300 & exec sleep 300') </dev/null >/dev/null 2>&1 3>&- &
	launcher=$!
	sleep "$(printf '0.%06d' "$2")"
	kill -KILL "$(victim "$1" "$launcher")" 2>/dev/null || true
	wait_for 5 process_gone "$launcher" || return 1
	wait "$launcher" 2>/dev/null || true
	wait_for 5 nothing_runs
}

# The same while shells that joined come, work and go; once it stands, at a moment of their lives.
kill_round_joined() {
	local launcher joiner
	(USER_DIR=$PROJECT become_user "$CSB" -- sh -c 'touch up; exec sleep 300') </dev/null >/dev/null 2>&1 3>&- &
	launcher=$!
	wait_for 5 test -e "$PROJECT/up"
	(USER_DIR=$PROJECT become_user sh -c "while $CSB --enter . -- sh -c 'setsid sleep 300 & ls -R / >/dev/null 2>&1 & sleep 0.01'; do :; done") \
		</dev/null >/dev/null 2>&1 3>&- &
	joiner=$!
	sleep "$(printf '0.%06d' "$2")"
	kill -KILL "$(victim "$1" "$launcher")" 2>/dev/null || true
	wait_for 5 process_gone "$launcher" || return 1
	wait "$launcher" 2>/dev/null || true
	wait_for 5 process_gone "$joiner" || return 1
	wait "$joiner" 2>/dev/null || true
	wait_for 5 nothing_runs || return 1
	rm -f "$PROJECT/up"
}

# rounds FUNCTION N MICROSECONDS TARGET...: of another backend's keeper and init, which are the same, a quarter is enough.
rounds() {
	local round=$1 n=$2 most=$3 i target
	shift 3
	! is_container || n=$((n / 4))
	for ((i = 0; i < n; i++)); do
		target=${*:i % $# + 1:1}
		"$round" "$target" $((RANDOM % most)) || {
			echo "round $i of $target"
			ps -u "$TEST_USERS" -o pid,ppid,args
			return 1
		}
	done
}

# Of this test's or of bubblewrap's making; others may mount meanwhile.
our_mounts() {
	grep -cE "$TEST_HOME|newroot|oldroot" /proc/self/mountinfo || true
}

nothing_stays() {
	leftovers >"$TEST_DIR/own/before"
	mounts=$(our_mounts)
	rounds "$@"
	leftovers | diff "$TEST_DIR/own/before" -
	[ "$(our_mounts)" = "$mounts" ]
}

@test "kills of the launcher leave nothing" {
	nothing_stays kill_round 100 30000 launcher
}

@test "kills of wrapper, keeper and init leave nothing" {
	nothing_stays kill_round 100 30000 wrapper keeper init
}

@test "kills of any part while joined shells work leave nothing" {
	nothing_stays kill_round_joined 200 60000 launcher wrapper keeper init
}

@test "a sandbox that is killed while it runs was killed, and was set up" {
	for target in wrapper keeper init; do
		rm -f "$PROJECT/up"
		USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/out" "$CSB" -- sh -c 'touch up; exec sleep 300'
		wait_for 10 test -e "$PROJECT/up"
		kill -KILL "$(victim "$target" "$SPAWNED")"
		code=0
		wait "$SPAWNED" || code=$?
		[ "$code" = 137 ]
		[ ! -s "$TEST_DIR/own/out" ]
		wait_for 5 nothing_runs
	done
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
