# shellcheck shell=bash
# A sandbox in the world, and what it leaves behind. A suite loads it after helpers.

# start_box: PROJECT, with the programs of clients/ in it.
start_box() {
	make_clients
	make_project app
	as_user cp -r "$CLIENTS" "$PROJECT/"
	local file
	for file in tunnel.py each.bash; do
		as_user tee "$PROJECT/clients/$file" <"$NET/clients/$file" >/dev/null
	done
	as_user cp "$NET_CA" "$PROJECT/ca.pem"
	as_user tee "$PROJECT/.gitignore" <<<'*' >/dev/null
}

# box [NAME=VALUE]... [OPTION...] -- COMMAND...: in the project's sandbox.
box() {
	local env=()
	while [[ ${1:-} =~ ^[A-Za-z_]+= ]]; do
		env+=("$1")
		shift
	done
	USER_DIR=$PROJECT as_user "${env[@]}" "$CSB" "$@"
}

# each [NAME=VALUE]... [OPTION...]: the lines of standard input as in clients/each.bash; WAY=... as there.
each() {
	box "$@" -- env "WAY=${WAY:-direct}" bash clients/each.bash
}

# configure [JSON]: the user's own settings; none without it.
configure() {
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" <<<"${1:-{\}}" >/dev/null
}

# journal FILTER: jq's, for each line that egress has written.
journal() {
	jq -r "$1" "$(journal_file)"
}

journal_file() {
	find "$TEST_HOME/.local/state/claude-sandbox" -path '*/network/log.jsonl'
}

# egresses: the ids of all that run in this world, however young they are.
egresses() {
	pgrep -x csb-egress || pgrep -x egress || true
}

no_egress() {
	[ -z "$(egresses)" ]
}

# listens PORT: of the host's 127.0.0.1; whoever listens sees a connection.
listens() {
	: <>"/dev/tcp/127.0.0.1/$1"
} 2>/dev/null

# is TEXT: the output of the last `run` is TEXT and it succeeded.
is() {
	exits 0 && [ "${output:-}" = "$1" ] && return
	printf 'expected: %s\nseen: %s\n' "$1" "$output"
	return 1
}

# times N TEXT: so many lines of the last `run` contain it.
times() {
	local n
	n=$(grep -cF -- "$2" <<<"${output:-}") || true
	[ "$n" = "$1" ] && return
	printf 'expected %s lines with: %s\nseen %s of: %s\n' "$1" "$2" "$n" "$output"
	return 1
}
