# shellcheck shell=bash
# Screens that play the host's, and what their user does. Sourced after ../lib/common.

# start_screen [ARG...]: an X server of the user's with a cookie of its own; SCREEN is its DISPLAY, SCREEN_COOKIE
# its file. No abstract socket and no TCP, as a display manager starts it.
start_screen() {
	local number=$((100 + RANDOM % 10000)) # that inside is 0
	export SCREEN=:$number SCREEN_COOKIE=$TEST_DIR/cookie SCREEN_PID
	as_user sh -c 'umask 77; : >"$1"' sh "$SCREEN_COOKIE"
	as_user xauth -q -f "$SCREEN_COOKIE" add "$SCREEN" . "$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
	spawn_user "$TEST_DIR/own/screen.log" Xvfb "$SCREEN" -auth "$SCREEN_COOKIE" -nolisten tcp -nolisten local \
		-screen 0 1600x1000x24 "$@"
	SCREEN_PID=$SPAWNED
	wait_for 10 at_screen xdpyinfo >/dev/null 2>&1
}

# at_screen CMD...: by the user, outside.
at_screen() {
	as_user DISPLAY="$SCREEN" XAUTHORITY="$SCREEN_COOKIE" "$@"
}

# at_screen_bg CMD...: the same in the background; SPAWNED.
at_screen_bg() {
	spawn_user "$TEST_DIR/own/client.log" DISPLAY="$SCREEN" XAUTHORITY="$SCREEN_COOKIE" "$@"
}

# beside_screen [ARG...]: the launcher on PROJECT, by somebody who sits at that screen.
beside_screen() {
	USER_DIR=$PROJECT at_screen "$CSB" "$@"
}

# has_colour RRGGBB FILE.xwd: a dump of 32 bits a pixel has it, in 1000 pixels at least.
has_colour() {
	python3 - "$1" "$2" <<-'PY'
		import struct, sys
		data = open(sys.argv[2], "rb").read()
		head, colours = struct.unpack_from(">I", data)[0], struct.unpack_from(">I", data, 76)[0]
		pixels = data[head + 12 * colours:]
		wanted = bytes.fromhex(sys.argv[1])[::-1]
		found = sum(pixels[i:i + 3] == wanted for i in range(0, len(pixels), 4))
		print(f"{found} pixels of {sys.argv[1]}")
		sys.exit(found < 1000)
	PY
}

readonly x_servers='Xvfb|Xephyr|Xwayland'

# servers NAMES: ids of X servers that serve this file's sandboxes.
servers() {
	local pid
	for pid in $(pgrep -u "$TEST_USERS" -x "$1"); do
		[ "$pid" = "${SCREEN_PID:-}" ] || ! is_of_test "$pid" || echo "$pid"
	done
}

no_servers() {
	[ -z "$(servers "$x_servers")" ]
}
