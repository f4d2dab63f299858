# shellcheck shell=bash
# Compositors that play the host's. Sourced after ../lib/common.

# start_compositor KIND: weston and sway without a screen, or our stub with security contexts (secure), in the user's
# runtime directory. COMPOSITOR is its WAYLAND_DISPLAY, COMPOSITOR_PID its process.
start_compositor() {
	local log=$TEST_DIR/own/$1.log
	COMPOSITOR_KIND=$1
	rm -f "$TEST_DIR/run/"wayland-* # of one that was killed
	COMPOSITOR=wayland-7
	case $1 in
	weston)
		spawn_user "$log" weston --backend=headless-backend.so --use-pixman --width=1280 --height=800 --debug \
			--idle-time=0 --no-config --socket="$COMPOSITOR"
		;;
	sway)
		COMPOSITOR=wayland-1 # it takes the first free one
		printf 'output HEADLESS-1 mode 1280x800\nxwayland disable\n' | as_user tee "$TEST_HOME/sway.conf" >/dev/null
		spawn_user "$log" WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 \
			sway -c "$TEST_HOME/sway.conf"
		;;
	secure)
		spawn_user "$log" "$TEST_DIR/own/security_compositor" "$COMPOSITOR"
		;;
	esac
	COMPOSITOR_PID=$SPAWNED
	wait_for 20 at_compositor wayland-info >/dev/null 2>&1
}

# Built once for a file.
make_stub() {
	local -a flags
	read -ra flags <<<"$(pkg-config --cflags --libs wayland-server)"
	gcc -Wall -Wextra -Werror -D_GNU_SOURCE -o "$TEST_DIR/own/security_compositor" \
		"$REPO/tests/desktop/security_compositor.c" "${flags[@]}"
}

stop_compositor() {
	[ -n "${COMPOSITOR_PID:-}" ] || return 0
	kill "$COMPOSITOR_PID" 2>/dev/null || true
	wait_for 10 process_gone "$COMPOSITOR_PID"
}

# at_compositor CMD...: by its user, outside.
at_compositor() {
	as_user WAYLAND_DISPLAY="$COMPOSITOR" "$@"
}

# beside_compositor [ARG...]: the launcher on PROJECT, by that user.
beside_compositor() {
	USER_DIR=$PROJECT at_compositor "$CSB" "$@"
}

# beside_compositor_bg [ARG...]: the same in the background; SPAWNED.
beside_compositor_bg() {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/launcher.log" WAYLAND_DISPLAY="$COMPOSITOR" "$CSB" "$@"
}

# picture FILE.png: what the user sees.
picture() {
	local dir
	case $COMPOSITOR_KIND in
	sway) at_compositor grim "$1" ;;
	weston) # it chooses the name
		dir=$(as_user mktemp -d "$TEST_HOME/shotXXXX")
		USER_DIR=$dir at_compositor timeout 10 weston-screenshooter && as_user mv "$dir"/*.png "$1"
		;;
	esac
}

# shows RRGGBB: the picture has that colour, in 1000 pixels at least.
shows() {
	local n
	picture "$TEST_HOME/seen.png" &&
		n=$(convert "$TEST_HOME/seen.png" -depth 8 -format '%c' histogram:info: | sed -n "s/^ *\([0-9]*\):.*#$1.*/\1/p" | head -n 1) &&
		[ "${n:-0}" -ge 1000 ]
}

# family PID: it and all that descends from it.
family() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do
		family "$child"
	done
}

# member LAUNCHER NAME: the process of that name among the launcher's descendants.
member() {
	local pid
	for pid in $(family "$1"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] && echo "$pid" && return
	done
	return 1
}
