#!/usr/bin/env bats
# The real client starts the browser on a page of the project, clicks on it by Playwright and takes a picture of the
# screen: outside on a screen of the test's, inside on the sandbox's own, in which pages are sandboxed once more.

load helpers
load ../lib/playwright

setup_file() {
	start_e2e
	need_playwright
}

teardown_file() {
	end_file
}

teardown() {
	stop_api
}

prepare() {
	make_project "browser-$1"
	put_playwright
	as_user cp "$REPO/tests/desktop/page.html" "$REPO/tests/desktop/browse.cjs" "$PROJECT/"
}

# picture_is_right: blue where the page was red before the click.
picture_is_right() {
	[ "$(as_user convert-im6.q16 "$PROJECT/screen.png" -format '%[pixel:p{500,600}]' info:)" = 'srgb(0,128,255)' ]
}

@test "outside: the client clicks, and the picture of the screen is right" {
	local display=$TEST_DIR/own/display
	prepare outside
	spawn_user "$display" Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp
	wait_for 10 grep -qxE '[0-9]+' "$display"
	start_api run COMMAND='node browse.cjs click screen.png' MATCH='Seccomp' NOT='^Error'
	AGENT_ENV+=("DISPLAY=:$(grep -xE "[0-9]+" "$display")" CHROME_PATH=/usr/bin/chromium)
	run agent outside -p "please run it"
	exits 0
	api_ok
	picture_is_right
}

@test "inside: the same on the sandbox's own screen, and pages are sandboxed" {
	prepare inside
	start_api run COMMAND='node browse.cjs click screen.png' MATCH='You are adequately sandboxed' NOT='^Error'
	run agent inside -p "please run it"
	exits 0
	api_ok
	picture_is_right
	[ -z "${CSB_PICTURES:-}" ] || cp "$PROJECT/screen.png" "$CSB_PICTURES/agent.png"
}
