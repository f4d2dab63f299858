#!/usr/bin/env bats
# The real client starts the browser on a page of the project, clicks on it by Playwright and takes a picture of the
# screen: outside on a screen of the test's, inside on the sandbox's own, in which pages are sandboxed once more. And so
# that the user sees it: in a window on an X server, weston and sway that play the host's.

bats_require_minimum_version 1.5.0

load helpers
load ../lib/playwright
load ../desktop/screen
load ../desktop/compositor

setup_file() {
	start_e2e
	need_playwright
}

teardown_file() {
	end_file
}

teardown() {
	stop_api
	stop_compositor
}

prepare() {
	make_project "browser-$1"
	put_playwright
	as_user cp "$REPO/tests/desktop/page.html" "$REPO/tests/desktop/browse.cjs" "$PROJECT/"
}

# keep_picture FILE NAME: for people to look at.
keep_picture() {
	[ -z "${CSB_PICTURES:-}" ] || cp "$1" "$CSB_PICTURES/$2.png"
}

# watched NAME=VALUE...: the client clicks inside, beside the user's screen, whose picture (host_picture) shows it until
# the client is done, and no longer.
watched() {
	start_api run COMMAND='node browse.cjs click screen.png seen' MATCH='You are adequately sandboxed' NOT='^Error'
	AGENT_ENV+=("$@")
	host_picture
	run ! has_blue
	agent inside -p "please run it" >"$TEST_DIR/own/agent" &
	local agent=$!
	wait_for 60 blue_is_seen
	keep_picture "$TEST_HOME/host.png" "$(basename "$PROJECT")"
	touch "$PROJECT/seen"
	wait "$agent"
	api_ok
	picture_is_right
	host_picture
	run ! has_blue
}

host_picture() {
	if [ -n "${COMPOSITOR_PID:-}" ]; then
		picture "$TEST_HOME/host.png"
	else
		at_screen import-im6.q16 -window root "$TEST_HOME/host.png"
	fi
}

# has_blue: what page.html turns to, in a window's worth of pixels.
has_blue() {
	local n
	n=$(convert-im6.q16 "$TEST_HOME/host.png" -depth 8 -format '%c' histogram:info: |
		sed -n 's/^ *\([0-9]*\):.*#0080FF.*/\1/p' | head -n 1)
	[ "${n:-0}" -ge 100000 ]
}

blue_is_seen() {
	host_picture && has_blue
}

# picture_is_right: blue where the page was red before the click.
picture_is_right() {
	[ "$(as_user convert-im6.q16 "$PROJECT/screen.png" -format '%[pixel:p{500,600}]' info:)" = 'srgb(0,128,255)' ]
}

@test "outside: the client clicks, and the picture of the screen is right" {
	local display=$TEST_DIR/own/display
	prepare outside
	spawn_user "$display" Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp
	wait_for 10 grep -qxE '[0-9]+' "$display"
	start_api run COMMAND='node browse.cjs click screen.png' MATCH='Seccomp' NOT='^Error'
	AGENT_ENV+=("DISPLAY=:$(grep -xE "[0-9]+" "$display")" CHROME_PATH=/usr/bin/chromium)
	run agent outside -p "please run it"
	exits 0
	api_ok
	picture_is_right
}

# bats test_tags=backend
@test "inside: the same on the sandbox's own screen, and pages are sandboxed" {
	prepare inside
	start_api run COMMAND='node browse.cjs click screen.png' MATCH='You are adequately sandboxed' NOT='^Error'
	run agent inside -p "please run it"
	exits 0
	api_ok
	picture_is_right
	keep_picture "$PROJECT/screen.png" agent
}

@test "nested: the same in a window on the user's X server" {
	prepare nested
	start_screen
	watched "DISPLAY=$SCREEN" "XAUTHORITY=$SCREEN_COOKIE"
}

@test "nested: the same in a window under weston" {
	prepare weston
	start_compositor weston
	watched "WAYLAND_DISPLAY=$COMPOSITOR"
}

@test "nested: the same in a window under sway" {
	prepare sway
	start_compositor sway
	watched "WAYLAND_DISPLAY=$COMPOSITOR"
}
