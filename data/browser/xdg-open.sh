#!/bin/sh
# Opens pages and files in the browser of this sandbox, and nothing outside. Written by claude-sandbox.
name=${0##*/}
case ${1:-} in
'' | -*)
	echo "usage: $name URL-OR-FILE" >&2
	exit 1
	;;
esac
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	echo "$name: this sandbox has no screen to open '$1' on (claude-sandbox --display virtual)" >&2
	exit 4
fi
trap '' HUP
for it; do
	case $it in
	http:* | https:* | file:* | about:* | data:*) ;;
	*)
		if [ ! -e "$it" ]; then
			echo "$name: there is no file '$it', and only pages and files are opened here" >&2
			exit 2
		fi
		[ "${it#/}" != "$it" ] || it=$PWD/$it
		;;
	esac
	/run/claude-sandbox/bin/chromium "$it" </dev/null >/dev/null 2>&1 &
done
