#!/usr/bin/env bats
# Attacks on the network of a sandbox, from inside. The tables of attacks/ are tried outside first, where each must be seen
# by a server of the world; then inside, where none may be. What the servers have logged decides, never what a client saw.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load helpers

NARROW=(spellings fronting smuggling questions packets ports rules kernel)
WIDE=(places)

setup_file() {
	start_net
	make_project app
	export ATTACKS=$PROJECT/attacks OWN=$TEST_DIR/own
	give_attacks
	make_names
	listen_abstract
	local all=()
	drive outside outside "${NARROW[@]}" "${WIDE[@]}" &
	all+=($!)
	(cd "$ATTACKS" && unshare --net bash -c 'ip link set lo up && exec "$@"' - /usr/bin/python3 -B drive.py root root "${NARROW[@]}") >"$OWN/root.jsonl" &
	all+=($!)
	narrow /usr/bin/python3 -B attacks/drive.py narrow inside "${NARROW[@]}" >"$OWN/narrow.jsonl" 2>"$OWN/narrow.err" &
	all+=($!)
	wide /usr/bin/python3 -B attacks/drive.py wide inside "${WIDE[@]}" >"$OWN/wide.jsonl" 2>"$OWN/wide.err" &
	wait "${all[@]}" $! || true
	world_tell sync
}

setup() {
	world_mark
}

teardown_file() {
	end_file
}

# Names that exist for these attacks alone.
make_names() {
	local name address
	while read -r name address; do
		world_tell set "$name" "$address"
	done < <(cd "$ATTACKS" && /usr/bin/python3 -B -c 'import spellings
for row in spellings.MADE.items(): print(*row)')
}

listen_abstract() {
	spawn_user "$OWN/abstract" /usr/bin/python3 -u -c 'import socket
listener = socket.socket(socket.AF_UNIX); listener.bind("\0csb-attacks-canary"); listener.listen()
print("ready")
while True: print(listener.accept()[0].recv(100))'
	wait_for 10 grep -q ready "$OWN/abstract"
}

# drive RUN CONTROL TABLE...: where no sandbox is.
drive() {
	USER_DIR=$ATTACKS as_user /usr/bin/python3 -B drive.py "$@" >"$OWN/$1.jsonl"
}

# narrow COMMAND...: with few rules, in which something is missing for each attack.
narrow() {
	USER_DIR=$PROJECT as_user "$CSB" --new --allow-host allowed.example.com --allow-host cdn-allowed.example.com \
		--allow-host '*.wild.example.com' --deny-host x.wild.example.com --allow-host 'GET www.example.com' \
		--allow-host echo.example.com:7 --allow-host mail.example.com --deny-host mail.example.com:25 . -- "$@"
}

# wide COMMAND...: all names, and all addresses.
wide() {
	USER_DIR=$PROJECT as_user "$CSB" --new --allow-host '*' --allow-host 0.0.0.0/0 --allow-host '[::]/0' . -- "$@"
}

# judged RUN TABLE...: all attacks of the tables have held.
judged() {
	local run=$1
	shift
	run env -C "$ATTACKS" "PYTHONPATH=$NET" /usr/bin/python3 -B judge.py "$OWN" "$run" "$@"
	echo "# $(tail -n 1 <<<"$output")" >&3
	[ "$status" = 0 ] || {
		grep -v '^HELD' <<<"$output"
		tail -n 5 "$OWN/$run.err"
		return 1
	}
}

@test "E-04, E-05: a host that is spelled in two ways" {
	judged narrow spellings
}

@test "E-08: SNI and Host of another, and requests that do not look like any" {
	judged narrow fronting
}

@test "E-09: a second request behind the first" {
	judged narrow smuggling
}

@test "E-13: secrets in questions of DNS" {
	judged narrow questions
}

@test "E-14: datagrams, raw sockets" {
	judged narrow packets
}

@test "K-13: our own ports, called in odd ways" {
	judged narrow ports
}

@test "rules: ports, methods, and no beats yes" {
	judged narrow rules
}

@test "the walls around the payload's network, and egress itself" {
	judged narrow kernel
	grep -q outside-k03-abstract-z "$OWN/abstract"
	run grep narrow- "$OWN/abstract"
	exits 1
}

@test "E-01, E-07, K-13: loopback, LAN, metadata, the host's own, where all names and addresses are allowed" {
	judged wide places
}
