#!/usr/bin/env bats
# The clipboard of a nested screen when it is quarrelled about, killed, and used by clients without manners.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common
load clipboard

@test "fifty owners on each side at once end in peace" {
	box --clipboard both
	local pid
	pid=$(clipboard_pid)
	inside sh -c 'for i in $(seq 50); do echo "inner $i" | xclip -selection clipboard -i; done' >/dev/null 2>&1 3>&- &
	host sh -c 'for i in $(seq 50); do echo "outer $i" | xclip -selection clipboard -i; done' >/dev/null 2>&1 3>&-
	wait "$!"
	sleep 6 # the longest pause
	local began
	began=$(log | wc -l)
	ticks=$(cut -d' ' -f14,15 "/proc/$pid/stat")
	sleep 2
	[ "$(log | wc -l)" = "$began" ]
	[ "$(cut -d' ' -f14,15 "/proc/$pid/stat")" = "$ticks" ]
	[ "$(clipboard_pid)" = "$pid" ]
	[ "$began" -lt 40 ]
	copy host 'last word'
	pastes inside 'last word'
}

@test "the nested screen goes with its last window, and comes again with its clipboard" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/box" DISPLAY="$HOST" "$CSB" --display nested --clipboard both . -- sleep 1000
	wait_for 5 inside true 2>/dev/null
	for text in one two; do
		inside xterm -e sleep 1000 >/dev/null 2>&1 3>&- &
		wait_for 10 window_there
		use "$(window)"
		wait_for 5 clipboard_there
		copy host "$text"
		pastes inside "$text"
		inside sh -c 'kill $(pidof xterm)'
		wait "$!" || true
		wait_for 6 no_window
		[ -z "$(clipboard_pid)" ]
	done
}

@test "killed, nothing of it is left" {
	box --clipboard both
	copy inside inner
	pastes host inner
	kill -9 "$(clipboard_pid)"
	wait_for 3 test -z "$(clipboard_pid)"
	[ "$(paste host)" = "" ]
	inside xclip -selection clipboard -o | grep -qx inner
	local keeper
	keeper=$(part_of keeper "$BOX")
	kill -9 "$keeper"
	wait_for 5 nothing_runs_inside
	[ "$(ls -A "$STATE/desktop")" = clipboard.jsonl ]
}

# rude WHAT: rude.c inside.
rude() {
	[ -e "$PROJECT/rude" ] ||
		as_user cc -O1 -o "$PROJECT/rude" "$BATS_TEST_DIRNAME/rude.c" -lxcb
	inside timeout 30 ./rude "$1" 3>&-
}

@test "whoever is rude inside gets nothing of it" {
	box --clipboard both
	local pid
	pid=$(clipboard_pid)
	copy host text
	pastes inside text
	rude self
	rude flood
	pastes inside text
	rude silent
	logged '.direction == "out" and .reason == "no answer"'
	copy host text
	pastes inside text
	run inside timeout 3 ./rude endless
	logged '.direction == "out" and .reason == "too large"'
	pastes host text
	[ "$(clipboard_pid)" = "$pid" ]
}

@test "whoever holds the nested screen holds neither the host's nor the sandbox" {
	box --clipboard both
	copy inside inner
	pastes host inner
	copy host text
	pastes inside text
	rude hold
	[ -z "$(clipboard_pid)" ]
	pastes host text
	csb --stop . >/dev/null 2>&1
	wait_for 5 grep -q "the clipboard between your screen and the sandbox's ended: one of the screens did not answer" "$TEST_DIR/own/box"
}
