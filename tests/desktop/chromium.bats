#!/usr/bin/env bats
# The host's Chromium inside: with its own sandbox at work, driven by Playwright, with a profile of the project's.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common
load ../lib/playwright

setup_file() {
	start_file
	need_playwright || return 1
	export PORT=$((20000 + RANDOM % 10000))
	make_project app
	put_playwright
	as_user cp "$REPO/tests/desktop/page.html" "$REPO/tests/desktop/browse.cjs" "$PROJECT/"
	{
		echo 'CHROMIUM_READY=60'
		echo 'curl -sf --retry 100 --retry-all-errors --retry-delay 1 --max-time $CHROMIUM_READY "http://127.0.0.1:$1/json/version" >/dev/null'
	} | as_user tee "$PROJECT/ready.sh" >/dev/null
}

teardown_file() {
	end_file
}

teardown() {
	stop_browser
}

# start_browser [OPTION...]: a sandbox in the background with a window of the browser in it.
start_browser() {
	csb "$@" --detach . -- chromium "--remote-debugging-port=$PORT" page.html
	csb --enter . -- sh ready.sh "$PORT"
}

stop_browser() {
	csb --stop . >/dev/null 2>&1 || true
}

browse() {
	csb --enter . -- env PORT="$PORT" node browse.cjs "$@"
}

profile() {
	echo "$TEST_HOME"/.local/state/claude-sandbox/projects/*/local/share/chromium
}

# browser_main: the browser's first process as seen outside.
browser_main() {
	local pid words
	for pid in $(pgrep -u "$TEST_USERS" -f -- '--user-data-dir='); do
		words=$(tr '\0' ' ' <"/proc/$pid/cmdline")
		[[ $words == /usr/lib/* && $words != *--type=* ]] && is_of_test "$pid" && echo "$pid"
	done 2>/dev/null
	return 0
}

# browser_part TYPE MAIN: one of its others; they write over their environment, so it is told by who started them.
browser_part() {
	local pid above
	for pid in $(pgrep -u "$TEST_USERS" -f -- "--type=$1"); do
		above=$pid
		while [ "${above:-0}" -gt 1 ] && [ "$above" != "$2" ]; do
			above=$(ps -o ppid= -p "$above" | tr -d ' ')
		done
		[ "$above" != "$2" ] || echo "$pid"
	done | head -1
}

pixel() {
	as_user convert-im6.q16 "$PROJECT/$1" -format "%[pixel:p{$2}]" info:
}

@test "Playwright clicks on a page of the project, the screen shows it, and pages are sandboxed" {
	csb --display virtual . -- node browse.cjs click screen.png >"$TEST_DIR/own/said"
	[ "$(pixel screen.png 500,600)" = 'srgb(0,128,255)' ]
	# The words are black on white, above and below them is the page.
	[ "$(as_user convert-im6.q16 "$PROJECT/screen.png" -crop 600x60+20+90 -fill white +opaque black -format '%[fx:mean<0.99]' info:)" = 1 ]
	[ -z "${CSB_PICTURES:-}" ] || cp "$PROJECT/screen.png" "$CSB_PICTURES/chromium.png"
	grep -qE 'Layer 1 Sandbox\s+Namespace' "$TEST_DIR/own/said"
	grep -qE 'PID namespaces\s+Yes' "$TEST_DIR/own/said"
	grep -qE 'Network namespaces\s+Yes' "$TEST_DIR/own/said"
	grep -qE 'Seccomp-BPF sandbox\s+Yes' "$TEST_DIR/own/said"
	grep -q 'You are adequately sandboxed' "$TEST_DIR/own/said"
}

@test "renderers have namespaces and filters besides the sandbox's" {
	start_browser
	local main renderer
	main=$(browser_main)
	[ "$(wc -w <<<"$main")" = 1 ]
	renderer=$(browser_part renderer "$main")
	[ -n "$renderer" ]
	[ "$(readlink "/proc/$main/ns/user")" != "$(readlink /proc/self/ns/user)" ]
	[ "$(readlink "/proc/$renderer/ns/user")" != "$(readlink "/proc/$main/ns/user")" ]
	[ "$(readlink "/proc/$renderer/ns/net")" != "$(readlink "/proc/$main/ns/net")" ]
	[ "$(readlink "/proc/$renderer/ns/pid")" != "$(readlink "/proc/$main/ns/pid")" ]
	grep -q '^Seccomp:[[:space:]]2' "/proc/$renderer/status"
	(($(sed -n 's/^Seccomp_filters:[[:space:]]//p' "/proc/$renderer/status") > $(sed -n 's/^Seccomp_filters:[[:space:]]//p' "/proc/$main/status")))
}

@test "the policy is the browser's, and its tabs are opened by xdg-open and by what asks for BROWSER" {
	start_browser
	run browse policy
	exits 0
	says 'fcoeoabgfenejglbffodgkkbkcdhcgfn'
	echo two | as_user tee "$PROJECT/two words #1.html" >/dev/null
	csb --enter . -- xdg-open 'two words #1.html'
	csb --enter . -- python3 -m webbrowser -t "http://127.0.0.1:$PORT/json/version"
	tabs_are() { browse tabs | grep -q "$1"; }
	wait_for 10 tabs_are 'app/two%20words%20%231.html$'
	wait_for 10 tabs_are "127.0.0.1:$PORT/json/version"
	run csb --enter . -- xdg-open mailto:tess@example.org
	exits 2
	run csb --enter . -- env -u DISPLAY open page.html
	exits 4
	[ "$(csb --enter . -- bash -c 'command -v open sensible-browser x-www-browser | sort -u')" = "$(printf '/run/claude-sandbox/bin/%s\n' open sensible-browser x-www-browser)" ]
}

@test "the port for debugging is reached inside and not from the host" {
	start_browser
	csb --enter . -- curl -sf "http://127.0.0.1:$PORT/json/version" >/dev/null
	run curl -s --max-time 5 "http://127.0.0.1:$PORT/json/version"
	exits 7
	# The control: with the network of the host it is there, and --explain says so.
	stop_browser
	start_browser --network host
	curl -sf "http://127.0.0.1:$PORT/json/version" >/dev/null
	run csb --network host --explain . -- true
	says 'remote-debugging-port is reached by programs of the host'
}

@test "the profile is the project's: kept in its state, and not held by a browser that was killed" {
	local profile main
	start_browser
	browse remember heliotrope
	browse quit
	wait_for 10 nothing_runs
	profile=$(profile)
	[ -d "$profile/Default" ]
	[ ! -e "$TEST_HOME/.config/chromium" ]
	# A lock of nobody's, and one of another machine's, as another sandbox's are: by itself Chromium refuses.
	as_user ln -sfn elsewhere-1 "$profile/SingletonLock"
	run csb . -- timeout 5 /usr/bin/chromium --password-store=basic "--user-data-dir=$TEST_HOME/.local/share/chromium" page.html
	says 'profile appears to be in use'
	start_browser
	[ "$(browse recall)" = heliotrope ]
	main=$(browser_main)
	kill -9 "$main"
	csb --stop . >/dev/null 2>&1 || true
	wait_for 10 nothing_runs
	[ -L "$profile/SingletonLock" ]
	start_browser
	[ "$(browse recall)" = heliotrope ]
	tr '\0' ' ' <"/proc/$(browser_main)/cmdline" | grep -qF -- "--user-data-dir=$TEST_HOME/.local/share/chromium "
}

@test "two sandboxes of a project at once: the second has a profile that is gone at the end" {
	start_browser
	browse remember heliotrope
	csb --new . -- sh -c 'chromium --remote-debugging-port=9000 page.html 2>said & sh ready.sh 9000; PORT=9000 node browse.cjs recall' >"$TEST_DIR/own/said"
	[ "$(cat "$TEST_DIR/own/said")" = null ]
	grep -q "another sandbox has the project's profile" "$PROJECT/said"
	[ "$(browse recall)" = heliotrope ]
	# One without a window beside it does not hand its page over.
	csb --enter . -- chromium --headless --dump-dom page.html 2>/dev/null | grep -q 'Nobody has clicked'
}

@test "strict: with --browser Chromium works without a screen, without it there is none" {
	csb --level strict --browser . -- chromium --headless --dump-dom page.html 2>/dev/null | grep -q 'Nobody has clicked'
	run csb --level strict . -- chromium --headless --dump-dom page.html
	[ "$status" -ne 0 ]
	says 'No usable sandbox'
	csb --level strict . -- sh -c 'test ! -e /run/claude-sandbox/bin/chromium'
	is_container || csb --level strict --dry-run . -- true | grep -q -- --disable-userns
	run csb --level strict --browser --dry-run . -- true
	[[ $output != *--disable-userns* ]]
}
