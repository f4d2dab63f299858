#!/usr/bin/env bats
# Devices of the desk (threats X-07, X-08): none is inside, and with --gpu render nodes alone. Where this machine has
# no such device, a node of /dev/null's number stands for it: what is tested is what is shown.

bats_require_minimum_version 1.5.0

load ../lib/common

readonly devices='dri/card0 dri/renderD128 input/event0 input/mice uinput hidraw0 video0 snd/controlC0 snd/pcmC0D0c fb0 kfd nvidia0'

setup_file() {
	local name
	start_file
	make_project app
	[ "$(id -u)" -eq 0 ] || skip "only root can make the nodes that stand for devices"
	for name in $devices; do
		[ ! -e "/dev/$name" ] || continue
		[ -d "$(dirname "/dev/$name")" ] || {
			mkdir "$(dirname "/dev/$name")"
			dirname "/dev/$name" >>"$TEST_DIR/own/made"
		}
		mknod -m 666 "/dev/$name" c 1 3
		echo "/dev/$name" >>"$TEST_DIR/own/made"
	done
}

teardown_file() {
	local name
	# The last first: a directory comes before what is in it.
	for name in $(tac "$TEST_DIR/own/made" 2>/dev/null); do
		if [ -d "$name" ]; then rmdir "$name"; else rm -f "$name"; fi
	done
	end_file
}

opened() {
	local name
	for name in $devices; do
		# shellcheck disable=SC2016 # expanded by the shell there
		"$@" sh -c ': <"/dev/$0" && echo "$0"' "$name" 2>/dev/null || true
	done | xargs
}

inside() {
	USER_DIR=$PROJECT as_user "$CSB" "${options[@]}" . -- "$@"
}

@test "X-07, X-08: no screen, camera, microphone, keyboard or card of the machine is inside" {
	local options
	[ "$(opened as_user)" = "$devices" ]
	for options in "--level strict" "--level default"; do
		read -ra options <<<"$options"
		[ -z "$(opened inside)" ]
	done
}

@test "--gpu shows render nodes, which cannot set modes, and nothing else" {
	local options=(--gpu)
	if is_container; then # whose user is nobody to the host's devices
		[ "$(opened inside)" = "" ]
		as_user "$CSB" --gpu --explain "$PROJECT" -- true | grep -q 'gpu: not in a container'
		return
	fi
	[ "$(opened inside)" = dri/renderD128 ]
	inside ls /sys/dev/char >/dev/null
	options=()
	run ! inside ls /sys/dev/char
}

@test "compat shows what it always did: the render node" {
	local options=(--level compat)
	[ "$(opened inside)" = "$(is_container || echo dri/renderD128)" ]
}
