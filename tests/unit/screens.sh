#!/usr/bin/env bash
# A terminal emulator's opinion of the filter: tmux shows each recording of data/terminal as it is and
# filtered, and the screens must be the same, colours and all; and after a recording that was cut off
# anywhere, what the filter then sends must leave no mode of tmux switched.
#
#     tests/unit/screens.sh FILTER        the program bench/vtfilter
set -euo pipefail

filter=$(readlink -f "$1")
data=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/data/terminal
work=
n_failed=0

type -P tmux >/dev/null || {
	echo "tmux is not here"
	exit 77
}

terminal() {
	env -u TMUX LANG=C.UTF-8 tmux -S "$work/socket" -f /dev/null "$@"
}

end() {
	terminal kill-server 2>/dev/null || true
	rm -rf "$work"
}

# show FILE: its bytes in a new window of 80 by 24, without echo of what the terminal answers. The
# pane says it is done by a channel, because what it shows is the test's.
show() {
	terminal new-window -d -n screen \
		"stty raw -echo; cat '$1'; tmux -S '$work/socket' wait-for -S shown; exec sleep 60"
	terminal wait-for shown
	# What cat wrote before that message is read before the next command is answered; most times.
	sleep 0.1
}

screen() {
	show "$1"
	terminal capture-pane -epN -t :screen
	terminal kill-window -t :screen
}

# modes FILE: the state of the terminal after it.
modes() {
	show "$1"
	terminal display-message -p -t :screen \
		'alt=#{alternate_on} mouse=#{mouse_any_flag}#{mouse_button_flag}#{mouse_standard_flag}#{mouse_sgr_flag} cursor=#{cursor_flag} keypad=#{keypad_flag}#{keypad_cursor_flag} insert=#{insert_flag} wrap=#{wrap_flag} origin=#{origin_flag} region=#{scroll_region_upper}-#{scroll_region_lower}'
	terminal kill-window -t :screen
}

fail() {
	echo "screens: $*"
	n_failed=$((n_failed + 1))
}

# compare NAME BYTES: up to there, since many programs clear the screen at their end.
compare() {
	head -c "$2" "$data/$1" >"$work/cut"
	"$filter" --filter <"$work/cut" >"$work/filtered" 2>/dev/null
	screen "$work/cut" >"$work/want"
	screen "$work/filtered" >"$work/got"
	cmp -s "$work/want" "$work/got" || fail "$1, up to byte $2, looks different when it is filtered"
	[[ $(tr -d '[:space:]' <"$work/want" | wc -c) -gt 10 ]] || fail "$1, up to byte $2, shows nothing"
}

# cut_off NAME BYTES: a payload that was killed there.
cut_off() {
	head -c "$2" "$data/$1" >"$work/cut"
	"$filter" --reset <"$work/cut" >"$work/filtered" 2>/dev/null
	[[ $(modes "$work/filtered") == "$clean" ]] ||
		fail "$1, killed after $2 bytes, leaves $(modes "$work/filtered"), not $clean"
}

main() {
	local file name size
	work=$(mktemp -d)
	trap end EXIT
	terminal new-session -d -x 80 -y 24 'exec sleep 600'
	terminal set-option -g status off
	: >"$work/empty"
	clean=$(modes "$work/empty")
	for file in "$data"/*; do
		name=${file##*/}
		size=$(stat -c %s "$file")
		compare "$name" $((size * 2 / 3))
		cut_off "$name" $((size / 3))
		cut_off "$name" $((size / 2))
	done
	# The control: such a death does leave a mess when nothing is done about it.
	head -c 1400 "$data/vim" >"$work/cut"
	[[ $(modes "$work/cut") != "$clean" ]] || fail "vim, killed, leaves the terminal clean by itself"
	((n_failed == 0))
}

main
