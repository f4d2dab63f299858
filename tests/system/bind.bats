#!/usr/bin/env bats
# "claude-sandbox bind": a part of the host in a sandbox that runs already.
# bats file_tags=backend

load ../lib/common

setup_file() {
	start_file
	make_project app
	as_user mkdir -p "$TEST_HOME/data dir/sub" "$TEST_HOME/.ssh"
	echo hello | as_user tee "$TEST_HOME/data dir/sub/file" >/dev/null
}

teardown_file() {
	end_file
}

teardown() {
	end_processes
}

# started [OPTIONS]: a sandbox that stays, and looks for what comes.
started() {
	rm -f "$PROJECT/up" "$PROJECT/seen"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" "$@" . -- sh -c \
		'touch up; until [ -e "$HOME/data dir/sub/file" ]; do sleep 0.05; done; cat "$HOME/data dir/sub/file" >seen; exec sleep 300'
	wait_for 10 test -e "$PROJECT/up"
}

@test "a directory shows in what runs already and in who enters, read-only, under its name or another" {
	started
	run csb --enter . -- ls "$TEST_HOME/data dir"
	[ "$status" -ne 0 ]
	csb bind . "$TEST_HOME/data dir"
	wait_for 5 grep -q hello "$PROJECT/seen"
	csb bind . "$TEST_HOME/data dir" '/srv/a:b c'
	[ "$(csb --enter . -- cat '/srv/a:b c/sub/file')" = hello ]
	watch_host "$TEST_HOME/data dir"
	run csb --enter . -- sh -c 'touch "$HOME/data dir/new" || : >"/srv/a:b c/sub/file" || rm "/srv/a:b c/sub/file" || touch /srv/new'
	[ "$status" -ne 0 ]
	host_unchanged
}

@test "a file; what is written to it outside is seen" {
	started --network none
	echo one | as_user tee "$TEST_HOME/note" >/dev/null
	csb bind . "$TEST_HOME/note" /tmp/there/note
	[ "$(csb --enter . -- cat /tmp/there/note)" = one ]
	echo two | as_user tee "$TEST_HOME/note" >/dev/null
	[ "$(csb --enter . -- cat /tmp/there/note)" = two ]
}

@test "a link that was planted at its place leads to a place inside" {
	started
	csb --enter . -- ln -s "$TEST_HOME/projects/elsewhere" "$TEST_HOME/planted"
	watch_host "$TEST_HOME/projects"
	csb bind . "$TEST_HOME/data dir" "$TEST_HOME/planted/x" || true
	host_unchanged
	[ ! -e "$TEST_HOME/projects/elsewhere" ]
}

@test "what is not to be had is refused in one sentence, and nothing is shown" {
	started
	for words in "$TEST_HOME/.ssh" "$TEST_HOME" / /nothing/there "$TEST_HOME/.claude"; do
		run csb bind . "$words"
		refused
	done
	run csb bind . "$TEST_HOME/data dir" relative
	refused
	run csb bind .
	refused
	says 'bind DIR HOST-PATH'
	run csb --enter . -- ls "$TEST_HOME/.ssh/"
	[ "$status" -ne 0 ] || [ -z "$output" ]
}

@test "without a sandbox that runs there is none to bind into" {
	run csb bind . "$TEST_HOME/data dir"
	refused
	says 'No live sandbox'
}
