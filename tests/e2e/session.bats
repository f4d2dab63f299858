#!/usr/bin/env bats
# Sessions without a terminal: what the agent does in the project is on the host, all else is not.

load helpers

setup_file() {
	start_e2e
	if [ "$(id -u)" -eq 0 ]; then
		# A file in /etc that the user may write, so that the probe succeeds outside.
		ETC_CANARY=$(mktemp /etc/csb-canary.XXXXXX)
		chown "$TEST_USER" "$ETC_CANARY"
	else
		ETC_CANARY=/etc/csb-canary
	fi
	export ETC_CANARY
}

teardown_file() {
	[ "$(id -u)" -ne 0 ] || rm -f -- "${ETC_CANARY:-}"
	end_file
}

teardown() {
	[ -z "${SPAWNED:-}" ] || kill "$SPAWNED" 2>/dev/null || true
	stop_api
}

# --- work ---------------------------------------------------------------------------------

# check_work SIDE MARK: edit, build and commit arrive on the host and belong to the user.
check_work() {
	make_project "work-$1"
	start_api work "MARK=$2"
	run agent "$1" -p "please do the work"
	exits 0
	says '^All done\.$'
	api_ok
	[ "$(<"$PROJECT/hello.txt")" = edited ]
	[ "$(<"$PROJECT/hello")" = edited ]
	[ "$(as_user git -C "$PROJECT" log -1 --format='%s %an')" = "by the agent Tess Tester" ]
	[ -z "$(as_user git -C "$PROJECT" status --short)" ]
	[ -z "$(find "$PROJECT" ! -user "$TEST_USER")" ]
}

@test "outside: a session edits, builds and commits" {
	check_work outside ""
}

# bats test_tags=backend
@test "inside: a session edits, builds and commits; all is on the host with the right owner" {
	check_work inside 1
}

# bats test_tags=backend
@test "inside: the prompt can come from standard input" {
	make_project stdin
	start_api greet
	run in_pipe
	exits 0
	says 'A fine morning'
	api_ok
}

in_pipe() {
	echo "good morning" | USER_DIR=$PROJECT as_user "${AGENT_ENV[@]}" "$CSB" . -p
}

# bats test_tags=backend
@test "inside: the client's own failure ends with the client's own exit code" {
	make_project failure
	start_api greet
	run agent outside --no-such-option
	local outside=$status
	[ "$outside" -ne 0 ]
	says 'unknown option'
	run agent inside --no-such-option
	says 'unknown option'
	exits "$outside"
}

# --- continuing ---------------------------------------------------------------------------

# check_continue FIRST SECOND [NAME]: a conversation begun on one side goes on on the other.
check_continue() {
	make_project "continue-$1-$2-${3:-plain}"
	start_api remember
	run agent "$1" -p "remember the word"
	exits 0
	api_ok
	start_api recall
	run agent "$2" --continue -p "which word was it?"
	exits 0
	says 'It was heliotrope'
	api_ok
}

@test "control: without --continue the conversation is not there" {
	make_project forget
	start_api remember
	run agent outside -p "remember the word"
	start_api recall
	run agent outside -p "which word was it?"
	run api_ok
	exits 1
	says 'the conversation does not contain'
}

@test "control: --continue outside after outside" {
	check_continue outside outside
}

# bats test_tags=backend
@test "--continue outside after inside" {
	check_continue inside outside
}

# bats test_tags=backend
@test "--continue inside after outside" {
	check_continue outside inside
}

# bats test_tags=backend
@test "--continue inside after inside" {
	check_continue inside inside
}

# The client keeps sessions in a directory named after the path: one dash for each UTF-16 unit
# that is no letter or digit; beyond 200 cut off there, with a hash. The launcher must agree.
@test "sessions of a path with other letters are found on both sides" {
	check_continue outside outside "größe-日本-😀"
	check_continue inside outside "größe-日本-😀"
	check_continue outside inside "größe-日本-😀"
}

@test "sessions of a very long path are found on both sides" {
	local long
	long=$(printf 'long%.0s' {1..50})
	check_continue outside outside "$long"
	check_continue inside outside "$long"
	check_continue outside inside "$long"
}

# --- what must not arrive -----------------------------------------------------------------

# Everything the probe aims at, as it was before.
prepare_targets() {
	make_project "targets-$1"
	as_user mkdir -p "$TEST_HOME/.claude"
	echo '{"env":{"A":"original"}}' | as_user tee "$TEST_HOME/.claude/settings.json" >/dev/null
	echo '# original' | as_user tee "$TEST_HOME/.bashrc" >/dev/null
	as_user rm -f "$TEST_HOME/planted.txt" "$TEST_HOME/written.txt"
	[ "$(id -u)" -ne 0 ] || : >"$ETC_CANARY"
	watch_host "$ETC_CANARY" /etc/passwd /etc/hosts "$TEST_HOME/.bashrc" "$TEST_HOME/.gitconfig" \
		"$TEST_HOME/planted.txt" "$TEST_HOME/written.txt" "$TEST_HOME/.claude/settings.json"
	start_api write_outside "ETC=$ETC_CANARY"
}

@test "outside: writes to /etc, the home and the client's settings arrive (the probes work)" {
	prepare_targets outside
	run agent outside -p "try to write"
	exits 0
	api_ok
	[ "$(id -u)" -ne 0 ] || grep -q planted "$ETC_CANARY"
	grep -q planted "$TEST_HOME/planted.txt"
	grep -q planted "$TEST_HOME/.bashrc"
	grep -q planted "$TEST_HOME/written.txt"
	grep -q planted "$TEST_HOME/.claude/settings.json"
	run host_unchanged
	exits 1
}

# bats test_tags=backend
@test "inside: writes to /etc, the home and the client's settings do not arrive" {
	prepare_targets inside
	run agent inside -p "try to write"
	exits 0
	api_ok
	grep -q planted "$PROJECT/planted.txt"
	host_unchanged
}

# Files of the home that a session may leave on the host: this project, our state, and the
# client's sessions and caches.
MAY_APPEAR='^\./(projects/|\.local/state/claude-sandbox/|\.cache/|\.claude/(projects|todos|'
MAY_APPEAR+='statsig|shell-snapshots|file-history|session-env|sessions|debug|cache|history\.jsonl))'

files_of_home() {
	(cd "$TEST_HOME" && find . ! -type d -printf '%p %s %T@\n' | sort)
}

# bats test_tags=backend
@test "inside: nothing else of the home changes on the host" {
	make_project home
	seed_claude_json
	start_api work MARK=1
	files_of_home >"$TEST_DIR/own/home.before"
	run agent inside -p "please do the work"
	exits 0
	files_of_home >"$TEST_DIR/own/home.after"
	comm -3 "$TEST_DIR/own/home.before" "$TEST_DIR/own/home.after" | sed 's/^\t//' \
		>"$TEST_DIR/own/home.changes"
	grep -q '^\./projects/home/hello.txt ' "$TEST_DIR/own/home.changes"
	run grep -vE "$MAY_APPEAR" "$TEST_DIR/own/home.changes"
	echo "$output"
	exits 1
}

# --- secrets ------------------------------------------------------------------------------

# key_in_argv: some process on the host has the key among its words. The key comes from a file,
# because grep has an argv too.
key_in_argv() {
	grep -laFf "$TEST_DIR/own/key" /proc/[0-9]*/cmdline 2>/dev/null
}

@test "control: a key in an argv is seen" {
	echo "$API_KEY" >"$TEST_DIR/own/key"
	run key_in_argv
	[ -z "$output" ]
	spawn_user "$TEST_DIR/own/log" /usr/bin/python3 -c 'import time; time.sleep(100)' "$API_KEY"
	wait_for 5 key_in_argv
	kill "$SPAWNED"
}

# bats test_tags=backend
@test "inside: the key is in no argv at any time, yet it arrives" {
	make_project secret
	start_api hold
	echo "$API_KEY" >"$TEST_DIR/own/key"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "${AGENT_ENV[@]}" "$CSB" --yolo . -p "begin"
	watch_argv_until "$PROJECT/begun"
	as_user touch "$PROJECT/go"
	wait "$SPAWNED"
	api_ok
	[ "$(api_says 'r["requests"][-1]["auth"]')" = "x-api-key ...${API_KEY: -4}" ]
}

# Scans all the way from the start, and once when everything is up.
watch_argv_until() {
	local deadline=$((SECONDS + 30))
	until [ -e "$1" ]; do
		((SECONDS < deadline)) || { cat "$TEST_DIR/own/log"; return 1; }
		! key_in_argv || return 1
	done
	! key_in_argv
}

# --- afterwards ---------------------------------------------------------------------------

# bats test_tags=backend
@test "after all sessions nothing is left running, mounted or registered" {
	wait_for 5 nothing_runs
	[ -z "$(find "$TEST_DIR/run" -mindepth 2)" ]
	run grep -F "$TEST_DIR" /proc/self/mountinfo
	exits 1
}
