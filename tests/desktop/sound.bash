# shellcheck shell=bash
# A sound server that plays the host's, with a sink that only its monitor hears. Sourced after ../lib/common.

tone() {
	"$BATS_TEST_DIRNAME/tone.py" "$@"
}

need_sound() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

# start_sound: files for both sides; the servers are the caller's.
start_sound() {
	start_file
	make_project app
	as_user cp "$BATS_TEST_DIRNAME/raw_sound.py" "$PROJECT/"
	tone make 440 2 | as_user tee "$PROJECT/tone.raw" >/dev/null
}

# server CMD...: one of its programs.
server() {
	spawn_user "$TEST_DIR/own/$1.log" "$@"
}

# outside CMD..., inside CMD...: beside the server, and in a sandbox; both in the project.
outside() {
	USER_DIR=$PROJECT as_user PULSE_SERVER="unix:$TEST_DIR/run/pulse/native" "$@"
}

inside() {
	USER_DIR=$PROJECT as_user "$CSB" . -- "$@"
}

# play SIDE [ARG...]: the tone, to its end.
play() {
	"$1" timeout 20 pacat --raw --format=s16le --rate=44100 --channels=1 --latency-msec=100 "${@:2}" tone.raw
}

# listen: from now on what the sink plays is written down; heard HZ: was it there?
listen() {
	spawn_user "$TEST_DIR/own/heard.raw" timeout 60 parec --raw --format=s16le --rate=44100 --channels=1 \
		--latency-msec=50 -d nulls.monitor
	LISTENER=$SPAWNED
	wait_for 10 test -s "$TEST_DIR/own/heard.raw"
}

heard() {
	kill "$LISTENER"
	wait "$LISTENER" || true
	tone hear "$1" "$TEST_DIR/own/heard.raw"
}

# records SIDE [ARG...]: does anything come?
records() {
	[ "$("$1" timeout 3 parec --raw --latency-msec=50 "${@:2}" 2>/dev/null | head -c 1000 | wc -c)" -gt 0 ]
}

# stream_of NAME: the number of a program's stream, as the user's mixer has it.
stream_of() {
	outside pactl -f json list sink-inputs |
		jq -e --arg name "$1" '.[] | select(.properties["application.name"] == $name) | .index'
}

no_stream_of() {
	! stream_of "$1" >/dev/null
}

# spawn_inside CMD...: a sandbox in the background; SPAWNED is its launcher.
spawn_inside() {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/inside.log" "$CSB" . -- "$@"
}

# filters: ids of the processes outside that filter for a sandbox of this file.
filters() {
	local dir
	for dir in /proc/[0-9]*; do
		[ "$(tr '\0' ' ' <"$dir/cmdline")" = "/program /sound-server /host-cookie " ] &&
			grep -qF "$TEST_DIR/run" "$dir/mountinfo" && echo "${dir#/proc/}"
	done 2>/dev/null
	return 0
}

no_filter() {
	[ -z "$(filters)" ]
}

has_filter() {
	[ -n "$(filters)" ]
}

# says_not REGEX: no line of the last `run` is like it.
says_not() {
	! grep -E -- "$1" <<<"${output:-}"
}
