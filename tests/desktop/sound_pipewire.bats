#!/usr/bin/env bats
# What sound.bats shows, where the host's server is PipeWire: it serves the same protocol, and has ways of its own.

bats_require_minimum_version 1.5.0

load ../lib/common
load sound

setup_file() {
	need_sound pipewire wireplumber pipewire-pulse pactl dbus-daemon jq
	start_sound
	local bus=unix:path=$TEST_DIR/run/bus
	server dbus-daemon --session --nofork --nopidfile --address="$bus"
	server pipewire
	wait_for 10 test -S "$TEST_DIR/run/bus" -a -S "$TEST_DIR/run/pipewire-0"
	spawn_user "$TEST_DIR/own/wireplumber.log" DBUS_SESSION_BUS_ADDRESS="$bus" wireplumber
	server pipewire-pulse
	wait_for 10 outside pactl info >/dev/null 2>&1
	outside pactl load-module module-null-sink sink_name=nulls
	wait_for 10 has_sink
}

teardown_file() {
	end_file
}

has_sink() {
	[ "$(outside pactl get-default-sink)" = nulls ]
}

@test "K-12: what is played inside arrives" {
	listen
	play inside
	heard 440
}

@test "K-12: nothing is recorded, whatever the kind of server" {
	listen
	records outside -d nulls.monitor
	run ! records inside -d nulls.monitor
	run ! records inside
	run inside parec --raw
	says 'Access denied'
	kill "$LISTENER"
}

@test "K-12: no module is loaded, and nobody is listed" {
	outside pactl load-module module-null-sink sink_name=more
	run -1 inside pactl load-module module-null-sink sink_name=evil
	says 'Access denied'
	for what in sources clients modules sink-inputs cards; do
		outside pactl list "$what" >/dev/null
		run inside pactl list "$what"
		says 'Access denied'
	done
	run -0 outside pactl list sinks short
	says more
	says_not evil
}

# is_connected NAME: what a program plays goes to the recording one.
is_connected() {
	outside pw-link -l | grep -A1 "^$1:output" | grep -q '|-> Call:input'
}

# PipeWire connects a stream to whatever has the name: what a call records, say.
@test "K-12: what is played does not become what another program records" {
	spawn_user "$TEST_DIR/own/call.raw" timeout 30 parec --raw --client-name=Call --latency-msec=50
	local call=$SPAWNED
	wait_for 10 test -s "$TEST_DIR/own/call.raw"
	spawn_user "$TEST_DIR/own/intruder.log" pacat --raw --client-name=Intruder -d Call /dev/zero
	wait_for 10 is_connected Intruder
	kill "$SPAWNED"
	run ! play inside -d Call
	says 'No such entity'
	run -0 play inside -d nulls
	kill "$call"
}

@test "the user's mixer tells that it comes from a sandbox" {
	spawn_inside pacat --raw --client-name=Music /dev/zero
	wait_for 10 stream_of "claude-sandbox: Music"
	kill "$SPAWNED"
	wait_for 5 no_stream_of "claude-sandbox: Music"
}

@test "K-12: a client that speaks the protocol by hand is refused what it must not have" {
	run -0 inside python3 raw_sound.py 1
	says 'play: granted'
	says 'goes on after samples for nobody: granted'
	[ "$(grep -c granted <<<"$output")" = 2 ]
	run -0 outside python3 raw_sound.py 1
	for what in play record 'record the monitor' sources modules clients module; do
		says "^$what: granted"
	done
}

@test "PipeWire's own socket is not there" {
	test -S "$TEST_DIR/run/pipewire-0"
	run -0 outside pw-cli info 0
	run ! inside pw-cli info 0
	run ! inside sh -c 'ls /run/user/*/pipewire-0'
}
