#!/usr/bin/env bats
# A plain command behind the launcher behaves like the command alone: exit codes, pipes, job
# control. Each check runs without the launcher first; `outside` and `inside` must give the same.
# shellcheck disable=SC2016,SC2030,SC2031 # text for other shells; `run` sets status and output

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	start_file
	make_project commands
	export USER_DIR=$PROJECT
}

teardown_file() {
	end_file
}

teardown() {
	close_terminal
}

# words SIDE: what stands before the command.
words() {
	[ "$1" = outside ] || printf '%s -- ' "$CSB"
}

# --- exit codes ---------------------------------------------------------------------------

# bats test_tags=backend
@test "exit codes are passed on" {
	local code
	for code in 0 1 7 125 255; do
		run as_user "$CSB" -- bash -c "exit $code"
		exits "$code"
	done
}

# A shell tells of a signal by 128+n; so does the launcher.
killed_by() {
	run as_user bash -c '"$@"; exit $?' - "$@"
}

# bats test_tags=backend
@test "a command killed by a signal ends with 128+n" {
	local signal
	for signal in HUP INT TERM KILL USR1; do
		killed_by bash -c "kill -$signal \$\$"
		local expected=$status
		[ "$expected" = $((128 + $(kill -l "$signal"))) ]
		killed_by "$CSB" -- bash -c "kill -$signal \$\$"
		exits "$expected"
	done
}

# bats test_tags=backend
@test "a command that does not exist is 127, one that cannot be executed is 126" {
	run -127 as_user "$CSB" -- no-such-command-anywhere
	says 'no-such-command-anywhere'
	run as_user "$CSB" -- ./hello.txt
	exits 126
	says 'hello\.txt'
}

# --- pipes --------------------------------------------------------------------------------

# pipeline SIDE TEXT: runs TEXT by bash; in it, `w COMMAND` is the command on that side.
pipeline() {
	local w='"$@"'
	[ "$1" = outside ] || w='"$CSB" -- "$@"'
	run as_user CSB="$CSB" bash -c "w() { $w; }; $2"
}

# same_pipeline TEXT: outside and inside print the same and exit alike.
same_pipeline() {
	pipeline outside "$1"
	local expected_status=$status expected_output=$output
	pipeline inside "$1"
	exits "$expected_status" || return 1
	[ "$output" = "$expected_output" ] && return
	printf 'outside: %s\ninside: %s\n' "$expected_output" "$output"
	return 1
}

# bats test_tags=backend
@test "a reader that leaves ends the command" {
	same_pipeline 'yes | w cat | head -n 1; echo "${PIPESTATUS[*]}"'
	[ "$output" = $'y\n141 141 0' ]
}

# bats test_tags=backend
@test "data passes unchanged and its end is seen" {
	same_pipeline 'head -c 3000000 /dev/zero | tr "\0" "\r" | w cat | sha256sum'
	same_pipeline 'printf "a\nb\n\004c" | w wc -c'
	[ "$output" = 6 ]
}

# bats test_tags=backend
@test "standard output and standard error stay apart" {
	same_pipeline 'w sh -c "echo out; echo err >&2" 2>/dev/null'
	[ "$output" = out ]
	same_pipeline 'w sh -c "echo out; echo err >&2" 2>&1 >/dev/null'
	[ "$output" = err ]
}

# bats test_tags=backend
@test "a pipe is no terminal inside either" {
	same_pipeline 'w sh -c "test -t 0; echo \$?; test -t 1; echo \$?" </dev/null | cat'
	[ "$output" = $'1\n1' ]
}

# --- terminal -----------------------------------------------------------------------------

check_terminal() {
	open_terminal "$(words "$1")"
	type_line 'w sh -c "test -t 0 && test -t 1 && test -t 2 && tty -s && exit 9"'
	wait_prompt 9
	type_line "w bash -c 'trap \"stty size\" WINCH; stty size; until [ -e end ]; do sleep 0.1; done'"
	wait_shows '^30 100$'
	resize_terminal 90 25
	wait_shows '^25 90$'
	type_keys C-c
	wait_prompt 130
}

@test "outside: a command has the terminal, its size and its Ctrl-C" {
	check_terminal outside
}

# bats test_tags=backend
@test "inside: a command has the terminal, its size and its Ctrl-C" {
	check_terminal inside
}

# The settings of the terminal as the shell finds them after a command.
check_settings() {
	open_terminal "$(words "$1")"
	type_line 'stty -g >before; w true; w sh -c "kill -9 \$\$"; stty -g >after; cmp before after'
	wait_prompt 0
	[ -s "$PROJECT/before" ]
}

@test "outside: the terminal's settings survive" {
	check_settings outside
}

# bats test_tags=backend
@test "inside: the terminal's settings survive" {
	check_settings inside
}

# While `less` shows what it has got, the command goes on; every key belongs to less.
check_less() {
	open_terminal "$(words "$1")"
	type_line 'w sh -c "seq 200; sleep 1; echo last" | less'
	wait_shows '^1$'
	type_keys j j j j j
	wait_on_screen 10 first_line 6
	type_keys G
	wait_shows '^last$'
	type_keys q
	wait_prompt 0
	type_line 'w echo hi | less'
	wait_shows '^hi$'
	type_keys q
	wait_prompt 0
}

first_line() {
	[ "$(screen | head -n 1)" = "$1" ]
}

@test "outside: a pager after the command gets all keys" {
	check_less outside
}

@test "inside: a pager after the command gets all keys" {
	check_less inside
}

# A pager that is the command reads its keys from /dev/tty, because standard input is the pipe.
check_pager() {
	open_terminal "$(words "$1")"
	type_line 'seq 200 | w less'
	wait_shows '^1$'
	type_keys j j j
	wait_on_screen 10 first_line 4
	type_keys q
	wait_prompt 0
}

@test "outside: a pager at the end of a pipe gets all keys" {
	check_pager outside
}

@test "inside: a pager at the end of a pipe gets all keys" {
	check_pager inside
}

# A script ends at Ctrl-C only if its command has died of the signal, not if it returned 130.
check_script() {
	open_terminal "$(words "$1")"
	type_line "bash -c '$(words "$1")sleep 100.375; echo went on'"
	wait_on_screen 10 in_state 'sleep 100.375' S
	type_keys C-c
	wait_prompt 130
	hides '^went on$'
}

@test "outside: Ctrl-C ends a script, not only the command in it" {
	check_script outside
}

# bats test_tags=backend
@test "inside: Ctrl-C ends a script, not only the command in it" {
	check_script inside
}

# --- job control --------------------------------------------------------------------------

check_stop() {
	open_terminal "$(words "$1")"
	type_line 'w sleep 100.125'
	wait_on_screen 10 in_state 'sleep 100.125' S
	type_keys C-z
	wait_prompt 148
	# Not only the launcher: the command itself stands still.
	wait_on_screen 5 in_state 'sleep 100.125' T
	type_line fg
	wait_on_screen 5 in_state 'sleep 100.125' S
	type_keys C-z
	wait_prompt 148
	type_line 'kill %1'
	# Not what `jobs` says: bash now and then misses the death of a job that was stopped.
	wait_on_screen 5 in_state 'sleep 100.125' ''
}

@test "outside: Ctrl-Z stops a command, fg goes on, kill ends it" {
	check_stop outside
}

# bats test_tags=backend
@test "inside: Ctrl-Z stops a command, fg goes on, kill ends it" {
	check_stop inside
}

# What a command has written before it stopped itself is on the screen before the shell's prompt.
check_last_words() {
	local round
	open_terminal "$(words "$1")"
	for round in 1 2 3 4 5; do
		echo "round $round"
		type_line 'w sh -c "seq 3000; echo last words; kill -TSTP \$\$; echo back"'
		wait_prompt 148
		shows '^last words$'
		hides '^back$'
		type_line fg
		wait_prompt 0
		shows '^back$'
	done
}

@test "outside: the last words before a stop are not lost" {
	check_last_words outside
}

# bats test_tags=backend
@test "inside: the last words before a stop are not lost" {
	check_last_words inside
}

check_background() {
	open_terminal "$(words "$1")"
	type_line 'w sleep 100.25 &'
	wait_on_screen 10 in_state 'sleep 100.25' S
	type_line 'echo keys are mine'
	wait_shows '^keys are mine$'
	type_line jobs
	wait_shows '\[1\]\+ +Running'
	type_line 'kill %1; wait %1'
	wait_prompt 143
	wait_on_screen 5 in_state 'sleep 100.25' ''
}

@test "outside: a command in the background leaves the keys to the shell" {
	check_background outside
}

# bats test_tags=backend
@test "inside: a command in the background leaves the keys to the shell" {
	check_background inside
}

# Reading the terminal from the background stops a command; in the foreground it gets the line.
check_background_reader() {
	open_terminal "$(words "$1")"
	type_line 'w cat &'
	wait_on_screen 10 job_stopped
	type_line fg
	type_text 'to the cat'
	type_keys Enter
	wait_on_screen 5 twice 'to the cat'
	type_keys C-d
	wait_prompt 0
}

job_stopped() {
	type_line jobs
	wait_prompt 0
	shows '^\[1\]\+ +Stopped'
}

twice() {
	[ "$(screen | grep -cxF "$1")" = 2 ]
}

@test "outside: a reader in the background is stopped, and reads after fg" {
	check_background_reader outside
}

# bats test_tags=backend
@test "inside: a reader in the background is stopped, and reads after fg" {
	check_background_reader inside
}

# bats test_tags=backend
@test "after all commands nothing is left running" {
	wait_for 5 nothing_runs
}
