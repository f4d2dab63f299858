#!/usr/bin/env bats
# What a payload may do to the caller's terminal, and in what state it leaves it. The terminal is tmux's.
# bats file_tags=backend

load ../lib/common
load ../lib/terminal

setup_file() {
	start_file
	make_project app
	cat >"$PROJECT/copy.sh" <<-'END'
		printf '\033]52;c;%s\007' "$(printf stolen | base64)"
	END
	cat >"$PROJECT/ask.sh" <<-'END'
		printf '\033]2;owned\007\033[21t'
		read -r -t 0.5 answer
		echo "$answer"
	END
}

teardown_file() {
	end_file
}

setup() {
	USER_DIR=$PROJECT open_terminal "$CSB"
	on_terminal set-option -s set-clipboard on
}

teardown() {
	close_terminal
}

clipboard_is() {
	[ "$(on_terminal show-buffer 2>/dev/null || true)" = "$1" ]
}

# in_terminal PREFIX COMMAND: types it; PREFIX is empty outside and 'w . --' inside.
in_terminal() {
	type_line "$1 $2"
}

@test "the clipboard is not written, and it is told" {
	in_terminal '' 'sh copy.sh' # outside it is
	wait_for 5 clipboard_is stolen
	on_terminal delete-buffer
	in_terminal 'w . --' 'sh copy.sh'
	wait_shows 'terminal: stopped 1 clipboard write'
	clipboard_is ''
}

@test "--terminal raw lets it pass" {
	in_terminal 'w --terminal raw . --' 'sh copy.sh'
	wait_for 5 clipboard_is stolen
}

@test "a title comes back to nobody" {
	in_terminal 'w . --' 'bash ask.sh'
	wait_shows 'stopped 1 title report'
	hides 'owned'
}

@test "colours and characters pass" {
	in_terminal 'w . --' "printf '\\033[31mred\\033[0m \\303\\244 \\342\\224\\200\\n'"
	wait_shows '^red ä ─'
	on_terminal capture-pane -e -p | grep -qF $'\e[31mred'
}

@test "a killed session leaves neither alternate screen nor mouse reports" {
	in_terminal 'w . --' "sh -c \"printf '\\033[?1049h\\033[?1002h\\033[?2004hin the other screen'; sleep 306\""
	wait_shows 'in the other screen'
	[ "$(on_terminal display-message -p '#{alternate_on} #{mouse_any_flag}')" = '1 1' ]
	launcher=$(pgrep -u "$TEST_USERS" -P "$(on_terminal display-message -p '#{pane_pid}')" claude-sandbox)
	kill -KILL "$launcher"
	wait_for 5 restored
	type_keys Enter # the shell's prompt may have gone to the other screen, just before it went
	wait_prompt 137
	type_line 'stty -a | grep -o " icanon"'
	wait_shows ' icanon'
}

restored() {
	[ "$(on_terminal display-message -p '#{alternate_on} #{mouse_any_flag}')" = '0 0' ]
}

@test "a payload that dies leaves neither" {
	in_terminal 'w . --' "sh -c \"printf '\\033[?1049h\\033[?1002h'; kill -9 \\\$\\\$\""
	wait_prompt 137
	restored
}
