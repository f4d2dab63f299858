#!/usr/bin/env bats
# Bad input: one sentence that says what, where and what to do; exit 1 or 125; nothing started, nothing left.

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox" "$TEST_HOME/.ssh"
}

teardown_file() {
	end_file
}

setup() {
	rm -f "$TEST_HOME/.config/claude-sandbox/config.json" "$PROJECT/.claude-sandbox.json"
	rm -rf "$TEST_HOME/.local/state" "$TEST_HOME/.claude"
}

# Nothing was made by the refused start.
nothing_made() {
	[ ! -e "$TEST_HOME/.local/state/claude-sandbox" ]
	[ ! -e "$TEST_HOME/.claude/projects" ]
}

launch() {
	USER_DIR=$PROJECT run as_user "$CSB" "$@"
}

user_config() {
	printf '%s' "$1" | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
}

@test "unknown option, missing value, wrong value" {
	launch --no-such-thing
	refused
	says "'--no-such-thing'"
	nothing_made
	launch --network
	refused
	says 'network'
	launch --network everywhere
	refused
	says 'none, filtered, nat, host'
	launch --dry-run --explain
	refused
}

@test "no such directory, a file, an empty name" {
	launch "$TEST_HOME/nowhere"
	refused
	says 'nowhere'
	launch "$PROJECT/hello.txt"
	refused
	says 'hello.txt'
	launch ''
	refused
	nothing_made
}

@test "broken JSON: file, line and column" {
	user_config '{
  "network": "host",
}'
	launch -- true
	refused
	says 'config.json:3:1'
	nothing_made
}

@test "unknown key, wrong type, duplicate key, value out of range" {
	user_config '{"netwrok": "host"}'
	launch -- true
	refused
	says "config.json:1:2: .*netwrok"
	says network
	user_config '{"env": "PATH"}'
	launch -- true
	refused
	says 'config.json:1:9'
	user_config '{"level": "default", "level": "compat"}'
	launch -- true
	refused
	says 'config.json:1'
	user_config '{"level": "paranoid"}'
	launch -- true
	refused
	says 'strict, default, compat'
	nothing_made
}

@test "a named config file that is missing is an error, an absent usual one is not" {
	launch --config "$TEST_HOME/absent.json" -- true
	refused
	says absent.json
	launch -- true
	exits 0
}

@test "what cannot be enforced yet is refused by name, or admitted with --allow-degraded" {
	user_config '{"packages": {"default": ["fd"]}}'
	launch -- true
	refused
	says packages
	launch --allow-degraded -- true
	exits 0
	says 'degraded: .*packages'
	launch --memory 4G -- true
	refused
	says -- --memory
}

@test "an unknown system call name is refused, a known one is blocked" {
	user_config '{"blocked_syscalls": ["no_such_call"]}'
	launch -- true
	[ "$status" -ne 0 ]
	says no_such_call
	user_config '{"blocked_syscalls": ["uname"]}'
	launch -- uname
	[ "$status" -ne 0 ]
	rm "$TEST_HOME/.config/claude-sandbox/config.json"
	launch -- uname
	exits 0
}

@test "refused project directories" {
	for dir in / /etc /usr/lib "$TEST_HOME" "$TEST_HOME/.ssh" "$TEST_HOME/.claude" /proc "$(dirname "$TEST_HOME")"; do
		as_user mkdir -p "$TEST_HOME/.claude"
		launch "$dir"
		refused || return 1
	done
	nothing_made
	launch --allow-unsafe-project "$TEST_HOME/.ssh" -- true
	exits 0
}

@test "the project's own file may tighten; what it asks beyond that is said and ignored" {
	echo '{"network": "none", "claude_config": "shared"}' | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	launch -- sh -c 'grep -c : /proc/net/dev'
	exits 0
	says '^1$'
	says 'claude_config: layered -> shared.*ignored'
	ln -sfn "$TEST_HOME/.gitconfig" "$PROJECT/.claude-sandbox.json"
	launch -- true
	[ "$status" -ne 0 ]
	says claude-sandbox.json
}

# bats test_tags=backend
@test "the program that makes the sandbox is missing: it is named, and the package" {
	local program=bwrap package=bubblewrap
	if [ "$(id -u)" -ne 0 ]; then skip "needs root to hide a program"; fi
	if is_container; then program=systemd-nspawn package=systemd-container; fi
	: >"$TEST_DIR/own/none"
	chmod 644 "$TEST_DIR/own/none"
	run unshare -m bash -c 'mount --bind "$1" "$2" && cd "$3" && shift 3 && exec "$@"' - \
		"$TEST_DIR/own/none" "/usr/bin/$program" "$PROJECT" setpriv --reuid="$TEST_USER" --regid="$TEST_USER" --init-groups -- \
		env -i HOME="$TEST_HOME" PATH="$PATH" "$CSB" -- true
	[ "$status" -ne 0 ]
	says "$program"
	says "apt install $package"
}

# bats test_tags=backend
@test "no user namespaces: one sentence and the remedy, nothing left" {
	# A user namespace of our own in which no further one may be made plays the host without them.
	run as_user unshare -Ur bash -c 'echo 0 >/proc/sys/user/max_user_namespaces; cd "$1"; shift; exec "$@"' - \
		"$PROJECT" "$CSB" -- true
	exits 125
	if is_container; then # sudo has no rights there
		says 'sudo'
		return
	fi
	says '^claude-sandbox: .*user namespaces'
	says 'max_user_namespaces'
}

# bats test_tags=backend
@test "closed stdin, stdout and stderr" {
	USER_DIR=$PROJECT as_user bash -c '"$1" -- sh -c "echo ok >closed.txt" <&- >&- 2>&-' - "$CSB"
	[ "$(cat "$PROJECT/closed.txt")" = ok ]
}

@test "an environment of 10,000 entries, odd names and values" {
	USER_DIR=$PROJECT run as_user bash -c 'for n in $(seq 10000); do export "V$n=x$n"; done
		exec env "odd name=1" "=x" "NL=a
b" "$1" -- sh -c "env | wc -l"' - "$CSB"
	exits 0
	[ "$output" -lt 60 ]
}

@test "--test passes on this machine and names a remedy for what fails" {
	launch --test
	exits 0
	says '^Results: [0-9]+ passed, 0 failed'
	launch --test --json
	jq -e '.checks | length > 5' <<<"$output"
}

# bats test_tags=backend
@test "--dry-run starts nothing and can be pasted" {
	as_user ANTHROPIC_API_KEY=sk-dry-canary "$CSB" --dry-run "$PROJECT" -- sh -c 'echo pasted $CLAUDE_SANDBOX $(grep -c "^Seccomp:.2" /proc/self/status)' >"$TEST_DIR/own/line"
	nothing_made
	run ! grep -q sk-dry-canary "$TEST_DIR/own/line"
	as_user "$CSB" "$PROJECT" -- true # the line expects the state directories of an earlier start
	run as_user ANTHROPIC_API_KEY=sk-dry-canary bash <"$TEST_DIR/own/line"
	exits 0
	if is_container; then # it is to be read
		[ -z "$output" ]
		return
	fi
	says '^pasted 1 1$'
}

# bats test_tags=backend
@test "--explain --json is JSON, --version and --help work anywhere" {
	launch --explain --json -- true
	jq -e '.mounts | length > 20' <<<"$output"
	launch --version
	exits 0
	says '^claude-sandbox [0-9]'
	run as_user "$CSB" --help
	exits 0
	says 'Usage'
	says -- --network
}
