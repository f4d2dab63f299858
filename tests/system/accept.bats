#!/usr/bin/env bats
# A project's own file gets nothing beyond tightening, until a person accepts exactly that file.

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	as_user mkdir -p "$TEST_HOME/data"
}

teardown_file() {
	end_file
}

setup() {
	rm -rf "$TEST_HOME/.local/state" "$TEST_HOME/projects" "$TEST_HOME/.config/claude-sandbox"
	make_project app
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	printf '{"network": "none"}' | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
}

# Unlike "!", which nobody notices before the last line.
not() {
	if "$@"; then
		echo "unexpected: $*"
		return 1
	fi
}

launch() {
	USER_DIR=$PROJECT run as_user "$CSB" "$@"
}

ask_for() {
	printf '%s' "$1" | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
}

# The effective settings, of the last launch --explain.
settings() {
	sed -n '/^Settings/,/^$/p' <<<"$output" | awk '{ print $1, $2 }'
}

network_is() {
	launch --explain -- true
	exits 0
	says "^  network +$1 "
}

@test "what is asked for is shown as a difference, and not given" {
	ask_for '{"network": "host", "env": ["TOKEN"], "gh_token": true, "claude_config": "shared"}'
	launch -- bash -c 'ls /sys/class/net 2>/dev/null; cat /proc/net/dev | wc -l; echo "[${TOKEN-}]"'
	exits 0
	says 'network: none -> host'
	says 'env: \+ TOKEN'
	says 'gh_token: false -> true'
	says 'claude_config: layered -> shared'
	says 'claude-sandbox accept'
	TOKEN=secret launch -- bash -c 'echo "[${TOKEN-}]"'
	says '^\[\]$'
	network_is none
}

@test "every setting that loosens, none is granted without a word" {
	local level word
	for level in strict default; do
		rm -f "$PROJECT/.claude-sandbox.json"
		launch --level "$level" --explain -- true
		settings >"$TEST_DIR/own/without"
		ask_for '{"network": "host", "backend": "bubblewrap", "ptrace": "own", "terminal": "raw", "agent": "codex",
			"extra_bind": ["~/data"], "extra_ro_binds": ["~/data"], "env": ["TOKEN"], "extra_path": ["/opt"],
			"claude_config": "shared", "git_config": "raw", "ssh_files": "all", "ssh_agent": "raw", "gh_config": true,
			"gh_token": true, "review": false, "memory_mib": "900G", "pids": 4000000}'
		launch --level "$level" --explain -- true
		for word in terminal extra_bind extra_ro_binds env claude_config git_config ssh_files ssh_agent gh_token review; do
			says "$word: "
		done
		launch --level "$level" --explain -- true
		settings | grep -v 'memory_mib\|pids' >"$TEST_DIR/own/with"
		diff <(grep -v 'memory_mib\|pids' "$TEST_DIR/own/without") "$TEST_DIR/own/with"
	done
	launch -- test -e "$TEST_HOME/data"
	exits 1
}

@test "accepted once by its bytes; one byte more and it is ignored again" {
	ask_for '{"network": "host"}'
	launch accept
	exits 1
	says 'nobody can be asked'
	network_is none
	launch accept --yes
	exits 0
	says 'network: none -> host'
	network_is host
	[ "$(stat -c '%a %U' "$TEST_HOME"/.local/state/claude-sandbox/accepted/*)" = "600 $TEST_USER" ]
	printf ' ' | as_user tee -a "$PROJECT/.claude-sandbox.json" >/dev/null
	network_is none
	ask_for '{"network": "host"}'
	network_is host
	launch accept --revoke
	exits 0
	network_is none
}

@test "a word for one file is none for another that asks for more" {
	ask_for '{"env": ["ONE"]}'
	launch accept --yes
	ask_for '{"env": ["ONE"], "network": "host"}'
	network_is none
	launch accept --yes
	network_is host
}

@test "another project with the same file needs its own word" {
	ask_for '{"network": "host"}'
	launch accept --yes
	network_is host
	make_project other
	ask_for '{"network": "host"}'
	network_is none
	network_is none
}

@test "never by a file: level, backend, review, and places that no project may have" {
	ask_for '{"level": "compat", "network": "host"}'
	launch accept --yes
	exits 0
	says 'level: default -> compat  \(never'
	launch --explain -- true
	says 'level: default -> compat'
	network_is host
	ask_for '{"level": "compat"}'
	launch accept --yes
	[ "$status" -eq 1 ]
	says 'nothing of this can be accepted'
	ask_for '{"allow_degraded": true}'
	launch accept --yes
	refused
	as_user mkdir -p "$TEST_HOME/.ssh"
	ask_for '{"extra_bind": ["~/.ssh"]}'
	launch --allow-unsafe-project accept --yes
	[ "$status" -eq 1 ]
	says 'keys and logins'
	launch --allow-unsafe-project -- test -e "$TEST_HOME/.ssh"
	[ "$status" -ne 0 ]
}

@test "a sandbox cannot accept for itself: what it writes is another file, and our state is not there" {
	ask_for '{"network": "host"}'
	launch accept --yes
	launch --risk-files writable -- bash -c 'ls ~/.local/state/claude-sandbox/accepted 2>/dev/null; echo "{\"network\": \"host\", \"env\": [\"X\"]}" >.claude-sandbox.json'
	not says '[0-9a-f]{64}'
	network_is none
}

@test "a link in the place of our own file gives nothing" {
	ask_for '{"network": "host"}'
	launch accept --yes
	local file
	file=$(echo "$TEST_HOME"/.local/state/claude-sandbox/accepted/*)
	as_user mv "$file" "$TEST_HOME/moved"
	as_user ln -s "$TEST_HOME/moved" "$file"
	network_is none
}
