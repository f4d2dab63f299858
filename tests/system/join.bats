#!/usr/bin/env bats
# Sessions: joining a running sandbox, entering, detaching, freezing, stopping; and who may not.
# bats file_tags=backend

load ../lib/common
load ../lib/terminal

setup_file() {
	start_file
	make_project app
}

teardown_file() {
	end_file
}

teardown() {
	close_terminal
	USER_DIR=$PROJECT as_user "$CSB" --stop . >/dev/null 2>&1
	wait_for 5 nothing_runs
}

# csb ARGS...: the launcher in the project, without a terminal.
csb() {
	USER_DIR=$PROJECT as_user "$CSB" "$@" </dev/null
}

# found: a sandbox that stays until it is stopped; FOUNDER is its launcher.
found() {
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" . -- sh -c 'readlink /proc/self/ns/pid >up; exec sleep 300'
	FOUNDER=$SPAWNED
	wait_for 5 test -s "$PROJECT/up"
}

# answer TEXT: to a program that reads lines.
answer() {
	type_text "$1"
	type_keys Enter
}

# What a process can know of its walls.
walls='grep -E "^(Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp|Seccomp_filters):" /proc/self/status
	for ns in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$ns; done
	cat /proc/self/limits /proc/self/mountinfo; ls /proc/self/fd; pwd; env | grep -vE "^(_|SHLVL)=" | sort'

@test "a second launch joins the first" {
	found
	run csb . -- readlink /proc/self/ns/pid
	exits 0
	says "^claude-sandbox: Joining live sandbox for $PROJECT \(pid [0-9]+, started 20"
	[ "${lines[1]}" = "$(<"$PROJECT/up")" ]
}

@test "whoever joins or enters stands behind the payload's walls" {
	printf '%s\n' "$walls" >"$PROJECT/walls.sh"
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" . -- sh -c 'sh walls.sh >payload.txt; touch up; exec sleep 300'
	wait_for 5 test -e "$PROJECT/up"
	csb --enter . -- sh -c 'sh walls.sh >entered.txt'
	csb . -- sh -c 'sh walls.sh >joined.txt'
	grep -q 'Seccomp:.2' "$PROJECT/payload.txt"
	diff "$PROJECT/payload.txt" "$PROJECT/entered.txt"
	diff "$PROJECT/payload.txt" "$PROJECT/joined.txt"
}

@test "--enter passes words, status and input on" {
	found
	run csb --enter . -- sh -c 'echo "$1"; exit 7' sh 'a  b'
	exits 7
	says '^a  b$'
	[ "$(echo given | USER_DIR=$PROJECT as_user "$CSB" --enter . -- cat)" = given ]
	run csb --enter . -- no-such-program
	exits 127
	run csb --enter . word
	refused
}

@test "nothing to enter, attach, freeze or stop" {
	for verb in --enter --attach --freeze --thaw; do
		run csb $verb .
		refused
		says "No live sandbox for $PROJECT; --list shows"
	done
	run csb --stop .
	exits 0
	says "No live sandbox for $PROJECT"
	run csb --list
	exits 0
	[ -z "$output" ]
	run csb --list --json
	[ "$output" = '[]' ]
}

@test "verbs exclude each other" {
	run csb --stop --list
	refused
	says '--list and --stop exclude each other|--stop and --list exclude each other'
	run csb --enter --dry-run .
	refused
	run csb --stop . too much
	refused
}

@test "other settings do not join; --new is separate" {
	found
	run csb --level strict . -- true
	refused
	says 'other settings.*--new.*--stop'
	run csb --new . -- readlink /proc/self/ns/pid
	exits 0
	[ "$output" != "$(<"$PROJECT/up")" ]
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/new" "$CSB" --new . -- sleep 300
	wait_for 5 sh -c "[ \$(ls '$TEST_DIR/run/claude-sandbox' | wc -l) = 2 ]"
	run csb --list
	[ "${#lines[@]}" = 3 ]
	id=$(awk '/\./ && /running/ { print $1 }' <<<"$output" | grep -F .)
	run csb --enter "$id" -- readlink /proc/self/ns/pid
	exits 0
	[ "$output" != "$(<"$PROJECT/up")" ]
	run csb --stop "$id"
	exits 0
	run csb --list
	[ "${#lines[@]}" = 2 ]
}

@test "the sandbox lives as long as its last session" {
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/first" "$CSB" . -- sh -c 'touch up; sleep 1'
	first=$SPAWNED
	wait_for 5 test -e "$PROJECT/up"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/second" "$CSB" --enter . -- sh -c 'sleep 2; echo still here'
	second=$SPAWNED
	wait "$first"
	grep -q 'the sandbox goes on with 1 other session' "$TEST_DIR/own/first"
	wait "$second"
	grep -q 'still here' "$TEST_DIR/own/second"
	wait_for 2 nothing_runs
}

@test "a client that is killed takes its session along, and no other" {
	found
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/second" "$CSB" --enter . -- sleep 301
	second=$SPAWNED
	wait_for 5 in_state 'sleep 301' S
	kill -KILL "$second"
	wait_for 5 in_state 'sleep 301' ''
	in_state 'sleep 300' S
}

@test "--stop ends all, also what does not want to" {
	found
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/second" "$CSB" --enter . -- sh -c 'trap "" TERM HUP; sleep 302 & wait; sleep 302'
	wait_for 5 in_state 'sleep 302' S
	run csb --stop .
	exits 0
	says "Stopping sandbox for $PROJECT \(pid [0-9]+\)"
	wait_for 1 nothing_runs # its launchers hear of it at the same time as we
	[ -z "$(ls "$TEST_DIR/run/claude-sandbox")" ]
}

# daemons_gone: 500 daemons, the launcher killed, and 100 ms later none is left.
daemons_gone() {
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" . -- sh -c \
		'i=0; while [ $i -lt 500 ]; do (setsid sh -c "trap \"\" HUP TERM; exec sleep 303" & ) ; i=$((i + 1)); done; touch up; exec sleep 300'
	wait_for 60 test -e "$PROJECT/up" || return 1
	wait_for 60 all_daemons || return 1
	kill -KILL "$SPAWNED"
	wait "$SPAWNED" || true
	sleep 0.1
	[ -z "$(pgrep -u "$TEST_USERS" -fx 'sleep 303')" ]
}

all_daemons() {
	[ "$(pgrep -u "$TEST_USERS" -fx 'sleep 303' | wc -l)" = 500 ]
}

@test "what was double-forked dies with the sandbox, within 100 ms" {
	# A busy machine may be slow once.
	daemons_gone || { wait_for 5 nothing_runs && daemons_gone; } || { wait_for 5 nothing_runs && daemons_gone; }
}

@test "--detach runs on, --attach shows it, ^] three times leaves" {
	run csb --detach . -- sh -c 'echo first words; while read -r line; do echo "heard $line"; done'
	exits 0
	[ "$output" = "$(ls "$TEST_DIR/run/claude-sandbox")" ]
	run csb --attach .
	refused
	says 'needs a terminal'
	USER_DIR=$PROJECT open_terminal "$CSB --attach ."
	type_line w
	wait_shows 'first words'
	answer hello
	wait_shows 'heard hello'
	type_keys 'C-]' 'C-]' 'C-]'
	wait_shows 'detached; --attach comes back'
	run csb --list --json
	says '"detached": true, "attached": false'
	type_line w
	wait_shows 'attached; press'
	answer again
	wait_shows 'heard again'
	type_keys C-d
	wait_for 5 nothing_runs_but_terminal
}

nothing_runs_but_terminal() {
	[ -z "$(ls "$TEST_DIR/run/claude-sandbox")" ]
}

@test "--detach says what it cannot start" {
	run csb --detach . -- no-such-program
	exits 127
	wait_for 2 nothing_runs
}

@test "frozen is frozen, thawed goes on" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" . -- sh -c 'while :; do echo x >>beat; sleep 0.02; done'
	wait_for 5 test -s "$PROJECT/beat"
	csb --freeze .
	before=$(wc -l <"$PROJECT/beat")
	sleep 0.3
	[ "$(wc -l <"$PROJECT/beat")" = "$before" ]
	run csb --list
	says 'frozen'
	csb --thaw .
	wait_for 2 sh -c "[ \$(wc -l <'$PROJECT/beat') -gt $before ]"
	run csb --list
	says 'running'
	csb --freeze .
	run csb --stop .
	exits 0
	wait_for 2 nothing_runs
	rm "$PROJECT/beat"
}

@test "a freeze does not give the terminal back" {
	USER_DIR=$PROJECT open_terminal "$CSB . -- sh -c 'while read -r line; do echo heard \$line; done'"
	type_line w
	wait_for 5 sh -c "[ -n \"\$(ls '$TEST_DIR/run/claude-sandbox')\" ]"
	answer one
	wait_shows 'heard one'
	csb --freeze .
	csb --thaw .
	answer two
	wait_shows 'heard two'
}

@test "--tmux lives on without a client" {
	USER_DIR=$PROJECT open_terminal "$CSB --tmux . -- sh -c 'echo in tmux; exec sleep 304'"
	type_line w
	wait_shows 'in tmux'
	wait_shows 'sandbox_app'
	type_keys C-b d
	wait_shows 'the sandbox goes on'
	in_state 'sleep 304' S
	type_line w
	wait_shows 'in tmux'
	run csb --stop .
	exits 0
	nothing_runs_but_terminal
}

@test "what a killed sandbox left in the registry is replaced" {
	found
	keeper=$(part_of keeper "$FOUNDER")
	kill -STOP "$FOUNDER" # so that it cannot tidy up
	kill -KILL "$keeper"
	kill -KILL "$FOUNDER"
	wait_for 5 process_gone "$FOUNDER"
	[ -n "$(ls "$TEST_DIR/run/claude-sandbox")" ]
	run csb . -- echo fresh
	exits 0
	[ "$output" = fresh ]
	[ -z "$(ls "$TEST_DIR/run/claude-sandbox")" ]
}

@test "the registry is ours alone, and not inside" {
	found
	[ "$(stat -c %a "$TEST_DIR/run/claude-sandbox")" = 700 ]
	run csb --enter . -- ls "$TEST_DIR/run/claude-sandbox"
	[ "$status" != 0 ]
	chmod 755 "$TEST_DIR/run/claude-sandbox"
	run csb --list
	refused
	says 'closed to others'
	chmod 700 "$TEST_DIR/run/claude-sandbox"
}

@test "1,000 joins and leaves leak nothing" {
	found
	keeper=$(part_of keeper "$FOUNDER")
	count() {
		csb --enter . -- true
		echo "$(find "/proc/$keeper/fd" | wc -l) $(csb --enter . -- sh -c 'ls -d /proc/[0-9]* | wc -l')"
	}
	counts_no_more() {
		local now
		read -ra now <<<"$(count)"
		((now[0] <= $1 && now[1] <= $2))
	}
	# Who has just left is still being seen off, at either time.
	read -ra before <<<"$(count)"
	rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$keeper/status")
	USER_DIR=$PROJECT as_user sh -c "i=0; while [ \$i -lt 1000 ]; do '$CSB' --enter . -- true || exit 1; i=\$((i + 1)); done" </dev/null
	wait_for 5 counts_no_more "${before[@]}"
	[ "$(awk '/^VmRSS/ { print $2 }' "/proc/$keeper/status")" -le $((rss + 512)) ]
}

# fifty SCRIPT: as many launches at once; their output is in own/fifty, their complaints in own/complaints.
fifty() {
	local pids=() pid n_failed=0
	: >"$TEST_DIR/own/fifty"
	: >"$TEST_DIR/own/complaints"
	for ((i = 0; i < 50; i++)); do
		(USER_DIR=$PROJECT become_user "$CSB" . -- sh -c "$1") </dev/null \
			>>"$TEST_DIR/own/fifty" 2>>"$TEST_DIR/own/complaints" 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || ((++n_failed))
	done
	cat "$TEST_DIR/own/complaints"
	[ "$n_failed" = 0 ]
	[ "$(wc -l <"$TEST_DIR/own/fifty")" = 50 ]
}

@test "fifty at once start one sandbox" {
	fifty 'readlink /proc/self/ns/pid; sleep 1'
	[ "$(sort -u "$TEST_DIR/own/fifty" | wc -l)" -le 2 ] # a slow machine may see the first one end
}

@test "fifty short ones at once all run, though sandboxes end under their feet" {
	for ((n = 0; n < 6; n++)); do
		fifty 'echo done'
	done
}
