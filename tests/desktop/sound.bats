#!/usr/bin/env bats
# Sound: programs inside play on the host's PulseAudio, and do nothing else there. Each attempt works outside first.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common
load sound

setup_file() {
	need_sound pulseaudio pactl jq
	start_sound
	server pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no -L module-native-protocol-unix \
		-L module-filter-apply -L "module-null-sink sink_name=nulls"
	wait_for 10 outside pactl info >/dev/null 2>&1
	OWN=$(sha256sum <"$TEST_HOME/.config/pulse/cookie")
	export OWN
}

teardown_file() {
	end_file
}

@test "K-12: what is played inside arrives, and only then" {
	listen
	sleep 1
	run ! heard 440
	listen
	play inside
	heard 440
	run ! tone hear 880 "$TEST_DIR/own/heard.raw"
}

@test "a place to play can be chosen, and one that is none cannot" {
	listen
	play inside -d nulls
	heard 440
	run ! play inside -d nothing
	says 'No such entity'
}

@test "the user's mixer tells that it comes from a sandbox" {
	spawn_inside pacat --raw --client-name=Music /dev/zero
	wait_for 10 stream_of "claude-sandbox: Music"
	outside pactl set-sink-input-mute "$(stream_of "claude-sandbox: Music")" 1
	kill "$SPAWNED"
	wait_for 5 no_stream_of "claude-sandbox: Music"
}

@test "K-12: neither the microphone nor what others play is recorded" {
	records outside
	records outside -d nulls.monitor
	run ! records inside
	run ! records inside -d nulls.monitor
	run inside parec --raw
	says 'Access denied'
}

@test "K-12: no module is loaded, nothing is written on the host" {
	local file=$TEST_HOME/pipe
	outside pactl load-module module-pipe-sink "file=$file"
	[ -p "$file" ]
	outside pactl unload-module module-pipe-sink
	run -1 inside pactl load-module module-pipe-sink "file=$file"
	says 'Access denied'
	[ ! -e "$file" ]
	run -0 outside pactl list modules short
	says_not pipe-sink
}

# module-filter-apply loads what a stream's properties name, with the arguments that they name: a library of the project.
@test "K-12: no module is loaded by a property of a stream" {
	local ask=(--property=filter.apply=ladspa-sink
		--property=filter.apply.ladspa-sink.parameters=plugin="$PROJECT/evil")
	local log=$TEST_DIR/own/pulseaudio.log
	play outside "${ask[@]}" || true
	grep -q ladspa "$log"
	: >"$log"
	play inside "${ask[@]}"
	run ! grep ladspa "$log"
}

@test "K-12: what others play is not seen and not touched" {
	local index state words
	spawn_user "$TEST_DIR/own/other.log" pacat --raw --client-name=Secret /dev/zero
	wait_for 10 stream_of Secret
	index=$(stream_of Secret)
	state=$(outside pactl list sink-inputs | grep -E 'Mute|Volume|Sink:')
	for words in "list sources" "list clients" "list modules" "list sink-inputs" "list cards" "list source-outputs" \
		"list samples"; do
		# shellcheck disable=SC2086
		{
			outside pactl $words >/dev/null
			run inside pactl $words
		}
		says 'Access denied'
		says_not Secret
	done
	for words in "set-sink-input-mute $index 1" "set-sink-input-volume $index 10%" "move-sink-input $index nulls" \
		"set-sink-mute nulls 1" "set-sink-volume nulls 10%" "set-default-sink nulls" "suspend-sink nulls 1"; do
		# shellcheck disable=SC2086
		run -1 inside pactl $words
		says 'Access denied|Failure'
	done
	[ "$(outside pactl list sink-inputs | grep -E 'Mute|Volume|Sink:')" = "$state" ]
	outside pactl set-sink-input-mute "$index" 1
	outside pactl list sink-inputs | grep -q 'Mute: yes'
	run ! inside pactl exit
	stream_of Secret
	kill "$SPAWNED"
}

@test "the host's user, name, devices and cookie are not told" {
	run -0 outside pactl info
	says "User Name: $TEST_USER"
	run -0 inside pactl info
	says 'User Name: claude-sandbox'
	says 'Host Name: claude-sandbox'
	says_not monitor
	run -0 outside pactl list sinks
	says 'device.description'
	run -0 inside pactl list sinks
	says 'Name: nulls'
	says_not 'device\.|monitor'
	run -0 inside sh -c 'pactl info >/dev/null; find / -name cookie -path "*pulse*" -exec sha256sum {} + 2>/dev/null; true'
	says_not "${OWN%% *}"
}

@test "K-12: a client that speaks the protocol by hand is refused what it must not have" {
	local index all='record|record the monitor|upload|sources|modules|clients|streams of others|a stream of another|its volume'
	all+='|moved|default sink|default source|volume of a sink|mute of a sink|module|killed|shared memory|a block in it'
	spawn_user "$TEST_DIR/own/other.log" pacat --raw --client-name=Victim /dev/zero
	wait_for 10 stream_of Victim
	index=$(stream_of Victim)
	run -0 inside python3 raw_sound.py "$index"
	says 'play: granted'
	[ "$(grep -cE "^($all): refused" <<<"$output")" = 18 ]
	for attempt in 'a command that is cut' 'a command of 16 MiB' 'a frame of 4 GiB' 'an empty frame' \
		'values of another type' 'no values'; do
		says "$attempt: refused"
	done
	says 'goes on after samples for nobody: granted'
	[ "$(grep -c granted <<<"$output")" = 2 ]
	stream_of Victim
	run -0 outside python3 raw_sound.py "$index"
	[ "$(grep -cE "^($all): granted" <<<"$output")" = 18 ]
	wait_for 5 no_stream_of Victim
}

@test "connections are counted: those of the user's own programs are left" {
	spawn_inside python3 raw_sound.py hold 40
	wait_for 30 grep -q answered "$TEST_DIR/own/inside.log"
	grep -q 'answered: 16' "$TEST_DIR/own/inside.log"
	outside pactl info
	kill "$SPAWNED"
}

@test "the filter runs from the first connection on, again after its end, and ends with the sandbox" {
	no_filter
	spawn_inside sh -c 'until [ -e first ]; do sleep 0.1; done; pactl info; until [ -e next ]; do sleep 0.1; done; pactl info >again; sleep 100'
	local launcher=$SPAWNED
	wait_for 2 grep -q sandbox /proc/"$launcher"/cmdline
	no_filter
	as_user touch "$PROJECT/first"
	wait_for 30 has_filter
	filters | xargs kill -KILL
	wait_for 5 no_filter
	as_user touch "$PROJECT/next"
	wait_for 10 test -s "$PROJECT/again"
	wait_for 5 has_filter
	kill -KILL "$launcher"
	wait_for 10 no_filter
}

@test "nothing is left when the sandbox is killed while it plays" {
	local launcher
	spawn_inside pacat --raw --client-name=Loud /dev/zero
	launcher=$SPAWNED
	wait_for 10 stream_of "claude-sandbox: Loud"
	as_user "$CSB" --list
	pkill -KILL -P "$launcher" || true
	kill -KILL "$launcher" 2>/dev/null || true
	wait_for 5 no_stream_of "claude-sandbox: Loud"
	wait_for 5 no_filter
}

@test "audio_capture shows the server itself: everything works, and that is told" {
	run -0 as_user sh -c 'cd "$1" && "$2" --level compat --verbose . -- pactl load-module module-null-sink' sh "$PROJECT" "$CSB"
	says 'your own sound server is shared'
	outside pactl unload-module module-null-sink
	outside pactl load-module module-null-sink sink_name=nulls
	compat() { USER_DIR=$PROJECT as_user "$CSB" --level compat . -- "$@"; }
	records compat -d nulls.monitor
	play compat
}

@test "without audio there is no socket, and without a server a sentence" {
	run -0 inside sh -c 'test -S /run/user/$(id -u)/pulse/native && echo $PULSE_SERVER'
	says '^unix:/run/user/'
	run -0 as_user sh -c 'cd "$1" && "$2" --level strict . -- sh -c "ls -d /run/user/*/pulse; echo PULSE=\$PULSE_SERVER"' sh "$PROJECT" "$CSB"
	says '^PULSE=$'
	says 'No such file'
	run -0 as_user PULSE_SERVER=unix:/nowhere sh -c 'cd "$1" && "$2" --explain . -- true' sh "$PROJECT" "$CSB"
	says 'sound: none, since there is no socket of a sound server'
}
