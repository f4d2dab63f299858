#!/usr/bin/env bats
# The screen of a sandbox: its own in mode virtual and nested, the host's in mode host. The attacks of a client on
# its neighbours (threats X-01 to X-04) are tried from inside in each mode; in mode host all succeed, so that they
# are honest.

bats_require_minimum_version 1.5.0

load ../lib/common
load screen

readonly colour=12ab34

setup_file() {
	start_file
	make_project app
	start_screen
	# A window of the user's: a terminal into which he types, and a colour.
	as_user sh -c 'cat >"$HOME/hears.sh"' <<-'SH'
		exec cat >"$HOME/heard"
	SH
	at_screen_bg xterm -geometry 60x10+10+10 -bg "#$colour" -e sh "$TEST_HOME/hears.sh"
	wait_for 10 at_screen xdotool search --class xterm
}

teardown_file() {
	end_file
}

# user_types TEXT: into his terminal, which hears it.
user_types() {
	local window
	window=$(at_screen xdotool search --class xterm | head -n 1)
	at_screen xdotool windowfocus --sync "$window" 2>/dev/null || at_screen xdotool windowfocus "$window"
	at_screen xdotool type --delay 20 "$1"
	at_screen xdotool key Return
}

# spied MODE: keys that a client inside saw while the user typed; one line each.
spied() {
	local log=$PROJECT/keys-$1
	rm -f "$log" "$PROJECT/ready"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/spy.log" DISPLAY="$SCREEN" XAUTHORITY="$SCREEN_COOKIE" "$CSB" --display "$1" . -- \
		sh -c 'xinput test-xi2 --root >keys-'"$1"' 2>&1 & p=$!; sleep 1; touch ready; sleep 3; kill $p'
	wait_for 20 test -e "$PROJECT/ready"
	user_types sesame
	wait_for 20 process_gone "$SPAWNED"
	grep -c 'RawKeyPress' "$log" || true
}

@test "X-01: what the user types elsewhere is seen in mode host, and not in nested and virtual" {
	local keys
	keys=$(spied host)
	[ "$keys" -ge 6 ]
	for mode in nested virtual; do
		keys=$(spied "$mode")
		echo "$mode: $keys"
		[ "$keys" -eq 0 ]
		grep -q sesame "$TEST_HOME/heard" # he did type
	done
}

@test "X-02: keys that are sent from inside reach the user's terminal in mode host alone" {
	local mode window
	window=$(at_screen xdotool search --class xterm | head -n 1)
	for mode in nested virtual host; do
		at_screen xdotool windowfocus "$window"
		beside_screen --display "$mode" . -- sh -c "xdotool type --delay 20 typed-by-$mode; xdotool key Return; sleep 0.3"
	done
	wait_for 5 grep -q typed-by-host "$TEST_HOME/heard"
	run ! grep -e typed-by-nested -e typed-by-virtual "$TEST_HOME/heard"
}

@test "X-03: the picture of the user's windows is taken in mode host alone" {
	local mode
	at_screen xwd -silent -root -out "$TEST_HOME/outside.xwd"
	has_colour "$colour" "$TEST_HOME/outside.xwd"
	for mode in host nested virtual; do
		beside_screen --display "$mode" . -- xwd -silent -root -out "shot-$mode.xwd"
	done
	has_colour "$colour" "$PROJECT/shot-host.xwd"
	run ! has_colour "$colour" "$PROJECT/shot-nested.xwd"
	run ! has_colour "$colour" "$PROJECT/shot-virtual.xwd"
}

@test "X-03: what the user copied is read in mode host alone" {
	local mode
	at_screen sh -c 'printf copied-secret | xclip -selection clipboard -in'
	[ "$(at_screen xclip -selection clipboard -out)" = copied-secret ]
	[ "$(beside_screen --display host . -- xclip -selection clipboard -out)" = copied-secret ]
	for mode in nested virtual; do
		run beside_screen --display "$mode" . -- timeout 5 xclip -selection clipboard -out
		[ "$status" -ne 0 ]
		[[ "$output" != *copied-secret* ]]
		beside_screen --display "$mode" . -- sh -c "printf from-$mode | xclip -selection clipboard -in"
		[ "$(at_screen xclip -selection clipboard -out)" = copied-secret ]
	done
}

@test "no path, abstract name or port of the user's screen leads there from inside" {
	local number=${SCREEN#:}
	at_screen sh -c "test -S /tmp/.X11-unix/X$number -a -r $SCREEN_COOKIE"
	for mode in nested virtual; do
		beside_screen --display "$mode" . -- sh -c "
			! test -e $SCREEN_COOKIE && ls -A /tmp/.X11-unix && test \"\$(ls -A /tmp/.X11-unix)\" = X0 &&
			! DISPLAY=:$number timeout 5 xdpyinfo >/dev/null && ! DISPLAY=localhost:$number timeout 5 xdpyinfo >/dev/null"
	done
}

@test "X-04: the cookie of a sandbox opens nothing once it has ended" {
	beside_screen --display virtual . -- sh -c 'cp "$XAUTHORITY" old-cookie; xdpyinfo >/dev/null'
	beside_screen --display virtual . -- sh -c '
		xdpyinfo >/dev/null && ! cmp "$XAUTHORITY" old-cookie &&
		! XAUTHORITY=$PWD/old-cookie xdpyinfo >/dev/null && ! XAUTHORITY=/dev/null xdpyinfo >/dev/null'
	run ! at_screen env XAUTHORITY="$PROJECT/old-cookie" xdpyinfo
}

@test "the sandbox's server listens nowhere but inside" {
	local before screens='X11|:60[0-9][0-9] '
	before=$(ss -xltnH | grep -cE "$screens" || true)
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/idle.log" "$CSB" --display virtual . -- sh -c 'xdpyinfo >/dev/null; touch up; sleep 30'
	wait_for 20 test -e "$PROJECT/up"
	[ -n "$(servers Xvfb)" ]
	[ "$(ss -xltnH | grep -cE "$screens" || true)" = "$before" ]
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT as_user "$CSB" --stop .
}

@test "a server starts with its first client, a nested window goes with its last, and comes back" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/lazy.log" DISPLAY="$SCREEN" XAUTHORITY="$SCREEN_COOKIE" "$CSB" --display nested . -- \
		sh -c 'touch up; while [ -e up ]; do sleep 0.1; done; xdpyinfo >/dev/null; touch asked; while [ -e asked ]; do sleep 0.1; done; xdpyinfo >/dev/null && touch again; sleep 30'
	wait_for 20 test -e "$PROJECT/up"
	gone Xephyr
	rm "$PROJECT/up"
	wait_for 20 test -e "$PROJECT/asked"
	wait_for 10 gone Xephyr
	rm "$PROJECT/asked"
	wait_for 20 test -e "$PROJECT/again"
	rm "$PROJECT/again"
	USER_DIR=$PROJECT as_user "$CSB" --stop .
	gone Xephyr
}

gone() {
	[ -z "$(servers "$1")" ]
}

@test "the nested window says whose it is, and shows what is drawn inside" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/nested.log" DISPLAY="$SCREEN" XAUTHORITY="$SCREEN_COOKIE" "$CSB" --display nested . -- \
		xterm -geometry 40x10+200+300 -bg '#ab1256' -e sleep 30
	wait_for 20 at_screen xdotool search --name '\[claude-sandbox\] app-'
	wait_for 20 shows ab1256
	USER_DIR=$PROJECT as_user "$CSB" --stop .
	wait_for 10 gone Xephyr
}

shows() {
	at_screen xwd -silent -root -out "$TEST_HOME/now.xwd"
	has_colour "$1" "$TEST_HOME/now.xwd"
}

@test "auto is nested where there is a screen, virtual where there is none" {
	beside_screen --explain . | grep 'DISPLAY .*a window of yours'
	USER_DIR=$PROJECT as_user "$CSB" --explain . | grep 'DISPLAY .*nobody sees'
}

@test "modes that cannot be had are refused in a sentence, and nothing starts" {
	run env USER_DIR="$PROJECT" bash -c "$(declare -f as_user become_user); as_user $CSB --display nested . -- true"
	[ "$status" -eq 1 ]
	[[ "$output" == *"neither DISPLAY nor WAYLAND_DISPLAY leads to a socket; use --display virtual"* ]]
	echo '{ "display_size": "12x" }' | as_user tee "$TEST_HOME/size.json" >/dev/null
	USER_DIR=$PROJECT run as_user "$CSB" --config "$TEST_HOME/size.json" . -- true
	[ "$status" -eq 1 ]
	[[ "$output" == *"display_size: '12x' is no size of a screen; write WIDTHxHEIGHT"* ]]
	no_servers
}

@test "host: the screen is shared in a way that is told; strict has none" {
	beside_screen --display host . -- xdpyinfo 2>"$TEST_HOME/told" >/dev/null
	grep 'your own screen is shared' "$TEST_HOME/told"
	beside_screen --level strict . -- sh -c 'test -z "$DISPLAY$WAYLAND_DISPLAY$XAUTHORITY" && ! test -e /tmp/.X11-unix'
	run beside_screen --env DISPLAY . -- true
	[[ "$output" == *"DISPLAY cannot be passed"* ]]
}

@test "a client cannot make the server keep more than its share of memory" {
	local pid peak
	cp "$BATS_TEST_DIRNAME/pixmaps.py" "$PROJECT/"
	chmod 644 "$PROJECT/pixmaps.py"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/pixmaps.log" "$CSB" --display virtual . -- sh -c 'python3 pixmaps.py 64 >kept && touch up && sleep 30'
	wait_for 60 test -e "$PROJECT/up"
	pid=$(servers Xvfb)
	peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
	echo "$(<"$PROJECT/kept") of 64 pixmaps of 256 MiB; the server took $peak KiB at most"
	[ "$(<"$PROJECT/kept")" -ge 1 ]
	((peak > 256 << 10 && peak <= 2 << 20))
	rm "$PROJECT/up"
	USER_DIR=$PROJECT as_user "$CSB" --stop .
}

@test "100 starts, each killed somewhere: no server, socket, lock or file stays" {
	local before i launcher keeper victims
	USER_DIR=$PROJECT as_user "$CSB" --display virtual . -- sh -c 'xdpyinfo >/dev/null; touch up; rm up' # what is kept on purpose exists from here on
	before=$(leftovers)
	for ((i = 0; i < ${STARTS:-100}; i++)); do
		rm -f "$PROJECT/up"
		(USER_DIR=$PROJECT become_user DISPLAY="$SCREEN" XAUTHORITY="$SCREEN_COOKIE" "$CSB" --display "$( ((i % 4)) && echo virtual || echo nested)" . -- \
			sh -c 'xdpyinfo >/dev/null & touch up; exec sleep 300') </dev/null >/dev/null 2>&1 3>&- &
		launcher=$!
		wait_for 10 test -e "$PROJECT/up"
		sleep "0.$((RANDOM % 3))"
		keeper=$(part_of keeper "$launcher")
		# In turn: the launcher, the keeper, the sandbox, who serves the screen, and (at the end of the line) the server.
		victims=("$launcher" "$keeper" "$(part_of wrapper "$launcher")" "$(pgrep -x -P "$keeper" csb-display || echo "$keeper")" "$(servers "$x_servers" | head -n 1)")
		kill -KILL "${victims[i % 5]:-$keeper}" "$keeper" 2>/dev/null || true
		wait_for 10 process_gone "$launcher"
		wait "$launcher" 2>/dev/null || true
		wait_for 10 no_servers
	done
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT as_user "$CSB" --display none . -- true # the next one is not in the way of what they left
	diff <(echo "$before") <(leftovers)
}

leftovers() {
	find "$TEST_HOME" "$TEST_DIR/run" | sort
	# Other users have screens too.
	find /tmp -maxdepth 2 \( -name '.X*-lock' -o -path '/tmp/.X11-unix/*' \) -user "$TEST_USER" 2>/dev/null | sort
}
