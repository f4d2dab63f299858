#!/bin/sh
# The browser of this sandbox, with a profile of the project's. Written by claude-sandbox.
profile=${CHROMIUM_USER_DATA_DIR:-} headless='' bare=''
[ "$(id -u)" != 0 ] || bare=1
for word; do
	case $word in
	--user-data-dir=*) profile= ;;
	--headless | --headless=*) headless=1 ;;
	--no-zygote | --single-process) bare=1 ;;
	esac
done
left=$#
while [ $left -gt 0 ]; do
	word=$1 left=$((left - 1))
	shift
	if [ "$word" != --no-sandbox ] || [ -n "$bare" ]; then
		set -- "$@" "$word"
	fi
done
# take DIR: true with the lock of it, or if this sandbox has it already
take() {
	own=$(readlink /proc/self/ns/pid)
	mkdir -p -- "$1" && exec 9<>"$1/.owner" || return
	if flock -n 9; then
		rm -f -- "$1/SingletonLock" "$1/SingletonCookie" "$1/SingletonSocket"
		echo "$own" >"$1/.owner"
	else
		[ -z "$headless" ] && [ "$(cat -- "$1/.owner")" = "$own" ]
	fi
}
if [ -n "$profile" ] && ! take "$profile"; then
	if [ -n "$headless" ]; then
		profile=$(mktemp -d /tmp/chromium.XXXXXX)
	else
		echo "chromium: another sandbox has the project's profile; this one is gone at the end" >&2
		profile=/tmp/chromium-profile
	fi
	take "$profile"
fi
[ -z "$profile" ] || set -- "--user-data-dir=$profile" "$@"
exec '@PROGRAM@' --no-first-run --no-default-browser-check --disable-breakpad --disable-crash-reporter \
	--password-store=basic --enable-remote-extensions "$@"
