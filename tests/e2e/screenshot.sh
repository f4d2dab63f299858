#!/usr/bin/env bash
# Shows a terminal program in an xterm on a display of its own and saves the picture.
# Usage: screenshot.sh OUT.png CMD...
set -euo pipefail

deadline=30 # seconds until the picture must stand still

if [ $# -lt 2 ]; then
	echo "usage: ${0##*/} OUT.png CMD..." >&2
	exit 2
fi
out=$1
shift

work=$(mktemp -d)
pids=()

cleanup() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait
	rm -rf -- "$work"
}
trap cleanup EXIT

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# The server chooses a free display itself and writes its number when it is ready.
start_display() {
	Xvfb -displayfd 3 -screen 0 1000x640x24 -nolisten tcp 3>"$work/display" 2>"$work/xvfb.log" &
	pids+=($!)
	until [ -s "$work/display" ]; do
		kill -0 "${pids[0]}" 2>/dev/null || die "Xvfb: $(<"$work/xvfb.log")"
		sleep 0.05
	done
	DISPLAY=:$(<"$work/display")
	export DISPLAY
}

picture() {
	import -window root "$1"
}

# The xterm keeps its last screen when the program ends (-hold).
show() {
	xterm -hold -geometry 110x34+0+0 -fa Monospace -fs 10 -bg black -fg white -e "$@" &
	pids+=($!)
}

# Steady: something is on the screen and nothing changes for a second.
wait_steady() {
	local same=0 last='' now empty=$1
	while ((SECONDS < deadline)); do
		picture "$work/now.png"
		now=$(convert "$work/now.png" rgba:- | sha256sum)
		if [ "$now" = "$last" ] && [ "$now" != "$empty" ]; then
			same=$((same + 1))
		else
			same=0
		fi
		[ "$same" -lt 5 ] || return 0
		last=$now
		sleep 0.2
	done
	echo "${0##*/}: the picture does not stand still; saved as it is" >&2
}

start_display
picture "$work/empty.png"
empty=$(convert "$work/empty.png" rgba:- | sha256sum)
show "$@"
wait_steady "$empty"
cp -- "$work/now.png" "$out"
