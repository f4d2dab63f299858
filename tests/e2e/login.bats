#!/usr/bin/env bats
# One login, five sandboxes, the real client in each, and a server whose refresh tokens are good once.

bats_require_minimum_version 1.5.0

load helpers
load ../lib/login

TURNS=3
MOST_ROUNDS=14
RENEWALS=200

setup_file() {
	start_file
	need_claude
	for i in 1 2 3 4 5; do
		make_project "app$i"
	done
}

teardown_file() {
	end_file
}

setup() {
	need_world
}

teardown() {
	[ -z "${WORLD_DIR:-}" ] || stop_world
}

AGENT=(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1)

# client N ROUND: one session of the client in sandbox N.
client() {
	USER_DIR=$TEST_HOME/projects/app$1 in_world "${AGENT[@]}" "$CSB" --yolo --extra-ro "$WORLD_DIR/public" . \
		-p "CSB-$1-$2 go on" </dev/null >"$TEST_DIR/own/out.$1.$2" 2>&1 3>&-
}

# clients N: sessions one after the other until there were renewals enough; each says at its end how
# many tool calls it had.
clients() {
	for round in $(seq "$MOST_ROUNDS"); do
		client "$1" "$round" || return
		grep -qx "done after $TURNS" "$TEST_DIR/own/out.$1.$round" || return
		[ "$(world_says "r['refreshes'] < $RENEWALS")" = True ] || return 0
	done
}

@test "outside, with a copy for each: two clients end the login for both" {
	start_world --lifetime 300 --turns 3
	seed_login 1000
	for i in 1 2; do
		as_user mkdir -p "$TEST_HOME/copy$i"
		as_user cp "$LOGIN" "$TEST_HOME/copy$i/"
		in_world "${AGENT[@]}" "CLAUDE_CONFIG_DIR=$TEST_HOME/copy$i" claude -p "CSB-$i" </dev/null || true
	done
	[ "$(world_says 'r["revoked"]')" = True ]
}

@test "five clients in five sandboxes, 200 renewals, a launcher killed: all stay logged in, and so does the host" {
	start_world --lifetime 300 --linger 2 --turns "$TURNS"
	seed_login 1000
	began=$EPOCHSECONDS
	for i in 2 3 4 5; do
		clients "$i" 3>&- &
		jobs[i]=$!
	done
	# The first one's launcher is killed again and again, in whatever it does just then.
	for round in 1 2 3; do
		client 1 "killed$round" &
		killed=$!
		sleep "2.$RANDOM"
		kill -9 "$(pgrep -P "$killed")" || true
		wait "$killed" || true
	done
	clients 1
	for i in 2 3 4 5; do
		wait "${jobs[i]}"
	done
	echo "# $((EPOCHSECONDS - began)) s, renewals: $(world_says 'r["refreshes"]'), by: $(world_says 'r["agents"]')" >&3
	world_says 'r'
	[ "$(world_says 'r["revoked"]')" = False ]
	[ "$(world_says 'r["reused"] + r["unknown"]')" = 0 ]
	[ "$(world_says "r['refreshes'] >= $RENEWALS")" = True ]
	[ "$(world_says 'r["refresh"]')" = "$(login_says 'r["refreshToken"]')" ]
	in_world "${AGENT[@]}" claude -p CSB-host </dev/null | grep -q '^done after'
}
