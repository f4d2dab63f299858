# shellcheck shell=bash
# An Xvfb that plays the host's screen, a sandbox with a nested one, and clients on each side. Loaded after lib/common,
# by suites about the clipboard.

setup_file() {
	start_file
	make_project app
	export HOST OTHER STATE
	spawn_user "$TEST_DIR/own/xvfb" sh -c 'exec Xvfb -displayfd 3 -screen 0 1500x1000x24 -nolisten tcp 3>"$1"' - "$TEST_DIR/run/display"
	wait_for 10 test -s "$TEST_DIR/run/display"
	HOST=:$(<"$TEST_DIR/run/display")
	spawn_user "$TEST_DIR/own/xterm" DISPLAY="$HOST" xterm -geometry 10x5-0-0 -class OtherWindow -e sleep 1000
	wait_for 10 host xdotool search --class OtherWindow
	OTHER=$(host xdotool search --class OtherWindow | tail -n 1)
	csb . -- true
	STATE=$(echo "$TEST_HOME"/.local/state/claude-sandbox/projects/app-*)
}

teardown_file() {
	end_file
}

teardown() {
	csb --stop . >/dev/null 2>&1
	wait_for 10 nothing_runs_inside
	rm -rf -- "$STATE/desktop"
	host xsel -b -c
	host xsel -p -c
}

# host CMD...: a client of the host's screen; inside CMD...: of the nested one.
host() {
	as_user DISPLAY="$HOST" "$@"
}

csb() {
	USER_DIR=$PROJECT as_user DISPLAY="$HOST" "$CSB" "$@"
}

inside() {
	csb --enter . -- "$@"
}

# box [OPTION...]: a sandbox with a nested screen that is shown and in use.
box() {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/box" DISPLAY="$HOST" "$CSB" --display nested "$@" . -- xterm -e sleep 1000
	export BOX=$SPAWNED
	wait_for 10 window_there
	use "$(window)"
	[[ " $* " != *" --clipboard "* ]] || wait_for 5 clipboard_there
}

window() {
	host xdotool search --class Xephyr 2>/dev/null | tail -n 1
}

window_there() {
	[ -n "$(window)" ] && inside true 2>/dev/null
}

no_window() {
	[ -z "$(window)" ]
}

use() {
	host xdotool windowfocus --sync "$1"
}

# Cells have no HOME to be known by, but the name of the project's window.
cells() {
	pgrep -f "claude-sandbox[.]$(basename "$STATE")"
}

clipboard_pid() {
	pgrep -f "^/program [a-z]+ claude-sandbox[.]$(basename "$STATE")"
}

clipboard_there() {
	[ -n "$(clipboard_pid)" ] && host_clients_ready
}

# It has taken what was on the host's clipboard, if it may.
host_clients_ready() {
	sleep 0.2
}

nothing_runs_inside() {
	[ -z "$(cells)" ] && [ -z "$(state_of "xterm -e sleep 1000")" ]
}

# copy SIDE TEXT, paste SIDE [OPTION...]: by xclip, which stays as the owner.
copy() {
	printf %b "$2" | "$1" xclip -selection clipboard -i >/dev/null 2>&1 3>&-
}

paste() {
	"$1" timeout 8 xclip -selection clipboard -o "${@:2}" 2>/dev/null
}

# pastes SIDE TEXT: soon.
pastes() {
	wait_for 3 pastes_now "$1" "$2" && return
	printf 'seen: %q\n' "$(paste "$1")"
	return 1
}

pastes_now() {
	[ "$(paste "$1"; echo .)" = "$(printf %b "$2"; echo .)" ]
}

# never SIDE TEXT: not within a second.
never() {
	for _ in 1 2 3 4 5; do
		if pastes_now "$1" "$2"; then
			return 1
		fi
		sleep 0.2
	done
}

log() {
	cat "$STATE/desktop/clipboard.jsonl"
}

# logged FILTER: jq finds a line.
logged() {
	log | jq -se "any(.[]; $1)" >/dev/null && return
	log
	return 1
}
