# shellcheck shell=bash
# What suites say to the world that they run in (tests/net/world.sh bats ...), and ask of it.
#
#   WORLD_DIR  the world's directory     WORLD_CA  its authority, as PEM
#
# A suite says:  load helpers
#                setup_file() { start_net; }
#                setup() { world_mark; }
#                teardown_file() { end_file; }

load ../lib/common

NET=$REPO/tests/net

start_net() {
	[ -S "${WORLD_DIR:-}/own/control" ] || {
		echo "these tests run in a world: tests/net/world.sh bats FILE" >&2
		return 1
	}
	start_file
	# For programs that have lists of authorities of their own.
	as_user cp "$WORLD_CA" "$TEST_HOME/ca.pem"
	export NET_CA=$TEST_HOME/ca.pem
}

# world_tell VERB [ARGUMENT...]: verbs are in control.py.
world_tell() {
	/usr/bin/python3 -B "$NET/control.py" "$@"
}

world_names() {
	/usr/bin/python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1]); import names; print(*names.NAMES, sep="\n")' "$NET"
}

# world_mark: from now on seen and world_rows look only at what comes.
world_mark() {
	local log
	world_tell sync
	declare -gA WORLD_MARK
	for log in dns web raw; do
		WORLD_MARK[$log]=$(stat -c %s "$WORLD_DIR/$log.jsonl")
	done
}

# world_rows LOG TARGET [KIND]: the rows since the mark as JSON lines; false without any. LOG is dns, web or raw, TARGET and
# KIND as in seen.py.
world_rows() {
	/usr/bin/python3 -B "$NET/seen.py" "$1" "$2" "${3:-any}" "${WORLD_MARK[$1]:-0}"
}

has_rows() {
	world_rows "$@" >/dev/null
}

# seen LOG TARGET [KIND]: something came there, or does so soon.
seen() {
	wait_for 3 has_rows "$@"
}

# seen_nothing LOG TARGET [KIND]: not a connection, not a byte. What was sent before is waited for.
seen_nothing() {
	local rows status=0
	world_tell sync
	rows=$(world_rows "$@") || status=$?
	[ "$status" -ne 3 ] || return 0
	printf 'nothing should have come to %s:\n%s\n' "$2" "$rows"
	return 1
}

# world_play_api: after start_api of tests/e2e, the real client finds it as https://api.anthropic.com, its default.
world_play_api() {
	world_tell play api.anthropic.com "$(<"$API_DIR/port")"
	export AGENT_ENV=("ANTHROPIC_API_KEY=$API_KEY" "NODE_EXTRA_CA_CERTS=$NET_CA"
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1)
}

# make_clients: clients/ where the user can run them: $CLIENTS/fetch (Go), Fetch.java, fetch.py.
make_clients() {
	export CLIENTS=$TEST_HOME/clients
	as_user mkdir -p "$CLIENTS"
	local file
	for file in Fetch.go Fetch.java fetch.py; do
		as_user tee "$CLIENTS/$file" <"$NET/clients/$file" >/dev/null
	done
	! command -v go >/dev/null || as_user GO111MODULE=off go build -o "$CLIENTS/fetch" "$CLIENTS/Fetch.go"
}

needs() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

# give_attacks: the programs of attacks/ as the user's, in the directory ATTACKS.
give_attacks() {
	local file
	as_user mkdir "$ATTACKS"
	for file in "$NET"/attacks/*.py; do
		as_user tee "$ATTACKS/${file##*/}" <"$file" >/dev/null
	done
}
