# shellcheck shell=bash
# A terminal for tests: a tmux server of the test's own, on a socket below TEST_DIR, run by the
# ordinary user. In it runs an interactive bash whose prompt is `ready:CODE$`, so that job control
# and exit codes can be seen. Uses common.bash.

# -f /dev/null because a person's own tmux.conf must not matter.
on_terminal() {
	as_user tmux -S "$TEST_DIR/run/tmux" -f /dev/null "$@"
}

# open_terminal ALIAS [NAME=VALUE]...: 100 columns, 30 rows, in USER_DIR. In the shell, the word
# `w` means ALIAS: empty for a program outside, the launcher's words for one inside.
open_terminal() {
	local rc=$TEST_DIR/own/bashrc
	{
		# shellcheck disable=SC2016 # the shell in the terminal expands it
		echo 'PS1='"'"'ready:$?$ '"'"
		echo "alias w=${1@Q}"
	} >"$rc"
	chmod 644 "$rc"
	shift
	as_user "$@" TERM=xterm-256color tmux -S "$TEST_DIR/run/tmux" -f /dev/null \
		new-session -d -x 100 -y 30 "exec bash --noprofile --rcfile '$rc' -i" 3>&- 4>&-
	remember_process "$(on_terminal display-message -p '#{pid}')"
	on_terminal set-option -g status off
	wait_prompt 0
}

close_terminal() {
	on_terminal kill-server 2>/dev/null || true
}

# The screen as text, without the empty lines at its end.
screen() {
	on_terminal capture-pane -p | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

shows() {
	screen | grep -Eq -- "$1"
}

hides() {
	! shows "$1"
}

# The last line that is not empty.
last_line() {
	screen | grep . | tail -n 1
}

# at_prompt CODE: the shell is back and says that the last command ended with CODE.
at_prompt() {
	[ "$(last_line)" = "ready:$1\$" ]
}

# wait_on_screen SECONDS CMD...: like wait_for, and shows the screen when it gives up.
wait_on_screen() {
	wait_for "$@" && return
	echo "the screen is:"
	screen
	return 1
}

# wait_shows REGEX [SECONDS], wait_prompt CODE [SECONDS]
wait_shows() {
	wait_on_screen "${2:-20}" shows "$1"
}

wait_prompt() {
	wait_on_screen "${2:-20}" at_prompt "$1"
}

# type_keys KEY...: by tmux's names (Enter, C-c, Up); type_text TEXT: letter by letter.
type_keys() {
	on_terminal send-keys "$@"
}

type_text() {
	on_terminal send-keys -l -- "$1"
}

# type_line TEXT: at the shell's prompt, on an empty screen, so that what shows afterwards is new.
# Enter comes after the echo: until then the old prompt could be taken for the next one.
type_line() {
	type_keys C-l
	wait_on_screen 5 one_line
	type_text "$1"
	wait_on_screen 5 echoed "$1"
	type_keys Enter
}

one_line() {
	[ "$(screen | grep -c .)" = 1 ]
}

# -J joins what the terminal has wrapped.
echoed() {
	on_terminal capture-pane -pJ | grep -qF -- "$1"
}

resize_terminal() {
	on_terminal resize-window -x "$1" -y "$2"
}
