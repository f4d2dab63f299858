#!/usr/bin/env bats
# A sandbox on a host with Wayland: a window with a screen of its own (nested), and windows beside the user's where
# the compositor keeps sandboxes apart (wayland). For that one a stub plays the compositor, since none of Debian 12
# can: security_compositor.c.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common
load compositor

readonly colour=12AB34

# What a client can do with others' windows, keys and clipboard.
readonly privileged='zwlr_screencopy_manager_v1 zwlr_export_dmabuf_manager_v1 zwp_virtual_keyboard_manager_v1
	zwlr_virtual_pointer_manager_v1 zwlr_data_control_manager_v1 zwlr_layer_shell_v1 zwp_input_method_manager_v2
	zwlr_foreign_toplevel_manager_v1'

setup_file() {
	start_file
	make_project app
	make_stub
}

teardown_file() {
	end_file
}

teardown() {
	stop_compositor
	rm -f "$PROJECT/up" "$PROJECT/down"
}

# Eyes of one colour inside (what xterm draws has alpha 0, and weston-screenshooter makes that black), on the compositor's picture while it is there, and not before.
window_appears() {
	start_compositor "$1"
	run ! shows "$colour"
	beside_compositor_bg --display nested . -- \
		sh -c 'xeyes -geometry 400x300+100+100 -center "#'"$colour"'" & sleep 60'
	wait_for 30 shows "$colour"
	kill "$SPAWNED"
	wait_for 10 process_gone "$SPAWNED"
	run ! shows "$colour"
}

@test "nested under weston: what is drawn inside is seen in a window, and gone with the sandbox" {
	window_appears weston
	run beside_compositor --display nested . -- xdpyinfo
	exits 0
	says 'dimensions: +1280x800 pixels'
}

@test "nested under sway: the same" {
	window_appears sway
}

@test "nested: nothing of the compositor is inside, only the screen of its own" {
	start_compositor weston
	at_compositor wayland-info >/dev/null # the probe works outside
	run beside_compositor --display nested . -- \
		sh -c 'echo "$DISPLAY|$WAYLAND_DISPLAY"; ls -A "$XDG_RUNTIME_DIR"; wayland-info || echo no Wayland'
	exits 0
	[ "${lines[0]}" = ':0|' ]
	[ "${lines[-1]}" = 'no Wayland' ]
	run ! grep -q wayland-7 <<<"$output"
}

@test "auto: nested where the compositor has no security contexts, and wayland where it has them" {
	local answer='echo "$WAYLAND_DISPLAY $DISPLAY"'
	start_compositor weston
	run beside_compositor . -- sh -c "$answer"
	[ "$output" = ' :0' ]
	stop_compositor
	start_compositor secure
	run beside_compositor . -- sh -c "$answer"
	[ "$output" = 'wayland-0 :0' ]
}

# globals MODE: the names that a client inside is told.
globals() {
	beside_compositor --display "$1" . -- wayland-info | sed -n "s/^interface: '\([^']*\)'.*/\1/p"
}

@test "X-05: no privileged global is seen inside in mode wayland; each is outside, and inside in mode host" {
	local name inside outside host
	start_compositor secure
	outside=$(at_compositor wayland-info | sed -n "s/^interface: '\([^']*\)'.*/\1/p")
	inside=$(globals wayland)
	host=$(globals host)
	grep -qx wl_compositor <<<"$inside"
	for name in $privileged wp_security_context_manager_v1; do
		echo "$name"
		grep -qx "$name" <<<"$outside"
		grep -qx "$name" <<<"$host"
		run ! grep -qx "$name" <<<"$inside"
	done
}

@test "the compositor is told whose clients they are, and stops listening when the sandbox ends" {
	local name
	start_compositor secure
	run beside_compositor --display wayland . -- sh -c 'wayland-info >/dev/null && wayland-info >/dev/null'
	exits 0
	name=$(sed -n 's/^context org.claude-sandbox \(.*\) .*/\1/p' "$TEST_DIR/own/secure.log")
	[[ $name == app-* ]]
	[ "$(grep -cx "context org.claude-sandbox $name $name" "$TEST_DIR/own/secure.log")" = 1 ]
	[ "$(grep -cx "client of $name" "$TEST_DIR/own/secure.log")" = 2 ]
	wait_for 5 grep -qx "closed $name" "$TEST_DIR/own/secure.log"
}

@test "a program is started when somebody asks, and not before" {
	start_compositor secure
	beside_compositor --display wayland . -- true
	run ! grep -q context "$TEST_DIR/own/secure.log"
}

@test "display wayland is refused with a way out where there is no such compositor" {
	start_compositor weston
	run beside_compositor --display wayland . -- true
	refused
	says 'has no wp_security_context_manager_v1.*--display nested'
	stop_compositor
	rm -f "$TEST_DIR/run/"wayland-*
	run beside_compositor --display wayland . -- true
	refused
	says 'WAYLAND_DISPLAY leads to no socket'
}

# ends KIND MODE CLIENT NAME: after kill -9 of that process of a sandbox on whose screen CLIENT works, nothing is left.
ends() {
	local launcher members
	start_compositor "$1"
	beside_compositor_bg --display "$2" . -- sh -c "$3"' && touch up; sleep 60'
	launcher=$SPAWNED
	wait_for 20 test -e "$PROJECT/up"
	mapfile -t members < <(family "$launcher")
	kill -KILL "$(member "$launcher" "$4")"
	wait_for 10 all_gone "${members[@]}"
	wait_for 5 no_clients
	stop_compositor
	rm -f "$PROJECT/up"
}

no_clients() {
	[ "$COMPOSITOR_KIND" != secure ] || [ "$(tail -n 1 "$TEST_DIR/own/secure.log")" = "$(grep '^closed ' "$TEST_DIR/own/secure.log")" ]
}

@test "kill -9 of launcher or keeper leaves nothing, of what serves the screen either" {
	local name launcher=${CSB##*/}
	for name in "${launcher:0:15}" csb-keeper; do # as comm has it
		ends weston nested 'xdpyinfo >/dev/null' "$name"
		ends secure wayland 'wayland-info >/dev/null' "$name"
	done
}

# outlives KIND MODE CLIENT NAME: a process that serves the screen is killed; the next client is served again.
outlives() {
	local launcher victim
	start_compositor "$1"
	beside_compositor_bg --display "$2" . -- sh -c "$3"' && touch up; while [ ! -e down ]; do sleep 0.1; done; '"$3"' && touch again; rm up'
	launcher=$SPAWNED
	wait_for 20 test -e "$PROJECT/up"
	victim=$(member "$launcher" "$4")
	kill -KILL "$victim"
	wait_for 5 process_gone "$victim"
	touch "$PROJECT/down"
	wait_for 20 process_gone "$launcher"
	[ -e "$PROJECT/again" ]
	rm -f "$PROJECT/down" "$PROJECT/again"
	stop_compositor
}

@test "kill -9 of what serves the screen: the next program is served again" {
	outlives weston nested 'xdpyinfo >/dev/null' Xwayland
	outlives secure wayland 'wayland-info >/dev/null' program
}

# deserted KIND MODE CLIENT: the compositor dies; programs inside lose the screen, and the sandbox lives.
deserted() {
	start_compositor "$1"
	beside_compositor_bg --display "$2" . -- \
		sh -c "$3"' && touch up; while [ ! -e down ]; do sleep 0.1; done; timeout 20 '"$3"' || touch lost; touch alive'
	wait_for 20 test -e "$PROJECT/up"
	kill -KILL "$COMPOSITOR_PID"
	wait_for 5 process_gone "$COMPOSITOR_PID"
	touch "$PROJECT/down"
	wait_for 30 process_gone "$SPAWNED"
	[ -e "$PROJECT/lost" ] && [ -e "$PROJECT/alive" ]
	rm -f "$PROJECT/down" "$PROJECT/lost" "$PROJECT/alive" "$PROJECT/up"
	grep -q "$4" "$TEST_DIR/own/launcher.log"
}

@test "the compositor dies: programs inside lose the screen, the sandbox lives and says why" {
	deserted weston nested 'xdpyinfo >/dev/null' 'screen of the sandbox .*ended as soon as'
	deserted secure wayland 'wayland-info >/dev/null' 'way to your compositor ended as soon as.*cannot reach'
}
