#!/usr/bin/env bats
# The real client in a terminal. Each check runs outside first: what it demands is what the client
# does without the sandbox.

load helpers

setup_file() {
	start_e2e
	make_project talk
	seed_claude_json
	# It asks, whatever the client's own choice is of late.
	as_user mkdir -p "$TEST_HOME/.claude"
	echo '{"permissions": {"defaultMode": "default", "disableAutoMode": "disable"}}' | as_user tee "$TEST_HOME/.claude/settings.json" >/dev/null
}

teardown_file() {
	end_file
}

teardown() {
	close_terminal
	stop_api
}

# begin SIDE SCENARIO: the client is on the screen; `w` is what the user types to start it.
begin() {
	start_api "$2"
	if [ "$1" = inside ]; then
		USER_DIR=$PROJECT open_terminal "$CSB" "${AGENT_ENV[@]}"
	else
		USER_DIR=$PROJECT open_terminal claude "${AGENT_ENV[@]}"
	fi
	type_line w
	wait_shows 'Claude Code v[0-9]'
	wait_shows 'for shortcuts'
}

# say_to_client TEXT: Enter comes after the echo, or the client takes both for one paste.
say_to_client() {
	type_text "$1"
	wait_shows "❯.$1" # what is between them is a blank that does not break
	type_keys Enter
}

greet() {
	say_to_client "good morning"
	wait_shows 'A fine morning to you'
}

# leave: the way a user ends the client. It does not hear a key that comes just as an answer ends, and it waits a moment only for the
# second one, which may come late where much else runs.
leave() {
	local i
	for i in 1 2 3 4; do
		type_keys C-c
		wait_for 5 shows 'Press Ctrl-C again to exit' 2>/dev/null || continue
		type_keys C-c
		wait_for 5 left 2>/dev/null && return
	done
	echo "the client did not leave after $i times"
	return 1
}

left() {
	[[ $(last_line) == ready:* ]]
}

# The client does not hear a key that comes with the question.
granted() {
	hides 'Do you want to proceed' && return
	type_keys Enter
	sleep 0.5
	return 1
}

# --- talking ------------------------------------------------------------------------------

check_talk() {
	as_user rm -f "$PROJECT/granted.txt"
	begin "$1" talk
	# shellcheck disable=SC2088 # the client shows it so
	shows '~/projects/talk'
	greet
	say_to_client "make the file"
	wait_shows 'Do you want to proceed'
	[ ! -e "$PROJECT/granted.txt" ]
	wait_on_screen 20 granted
	wait_shows 'The file is there'
	[ "$(<"$PROJECT/granted.txt")" = "granted [$2]" ] # the value of CLAUDE_SANDBOX
	[ "$(owner_of "$PROJECT/granted.txt")" = "$TEST_USER" ]
	hides '⚠' # a complaint of the client
	api_ok
	leave
	wait_prompt 0
}

@test "outside: first screen, an answer, a permission given by a key, exit code 0" {
	check_talk outside ""
}

# bats test_tags=backend
@test "inside: first screen, an answer, a permission given by a key, exit code 0" {
	check_talk inside 1
}

# --- size ---------------------------------------------------------------------------------

# The client frames its prompt with lines as long as the terminal is wide.
framed() {
	screen | grep -qx "─\{$1\}"
}

check_resize() {
	begin "$1" greet
	wait_on_screen 10 framed 100
	resize_terminal 70 25
	wait_on_screen 10 framed 70
	resize_terminal 120 40
	wait_on_screen 10 framed 120
	greet
	leave
	wait_prompt 0
}

@test "outside: the client follows the size of the terminal" {
	check_resize outside
}

# bats test_tags=backend
@test "inside: the client follows the size of the terminal" {
	check_resize inside
}

# --- Ctrl-Z -------------------------------------------------------------------------------

# The greeting comes first, so that the terminal's answers to the client's questions have all gone
# to the client before the shell is back.
check_suspend() {
	begin "$1" greet_twice
	greet
	type_keys C-z
	wait_prompt 148
	type_line jobs
	wait_shows '\[1\]\+ +Stopped'
	wait_prompt 0
	type_line fg
	wait_shows 'for shortcuts'
	say_to_client "good evening"
	wait_shows 'A calm evening to you'
	api_ok
	leave
	wait_prompt 0
}

@test "outside: Ctrl-Z suspends the client, fg brings it back" {
	check_suspend outside
}

# bats test_tags=backend
@test "inside: Ctrl-Z suspends the client, fg brings it back" {
	check_suspend inside
}

# --- Ctrl-C -------------------------------------------------------------------------------

check_interrupt() {
	begin "$1" endless
	say_to_client "tell me all"
	wait_shows 'Once upon a time'
	type_keys C-c
	wait_shows 'Interrupted'
	greet
	api_ok
	leave
	wait_prompt 0
}

@test "outside: Ctrl-C interrupts an answer; the client goes on" {
	check_interrupt outside
}

# bats test_tags=backend
@test "inside: Ctrl-C interrupts an answer; the client goes on" {
	check_interrupt inside
}

# bats test_tags=backend
@test "inside: the terminal going away ends everything" {
	begin inside greet
	close_terminal
	wait_for 10 nothing_runs
}
