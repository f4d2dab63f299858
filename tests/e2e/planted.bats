#!/usr/bin/env bats
# The agent itself plants files that tools on the host run by themselves, some ninety names and six ways each; then somebody
# works on the host. Outside they are all there and one fires; inside none is, and the agent's work is.

load helpers

setup_file() {
	start_e2e
}

teardown_file() {
	end_file
}

teardown() {
	stop_api
}

plant() {
	make_project "plant-$1"
	USER_DIR=$PROJECT as_user git commit -q --allow-empty -m first
	install -o "$TEST_USER" "$REPO/tests/system/plant.py" "$PROJECT/plant.py"
	rm -f "$TEST_HOME/hooked"
	start_api plant
	run agent "$1" -p "please plant"
	exits 0
	api_ok
	rm -f "$PROJECT/plant.py"
}

work_on_the_host() {
	USER_DIR=$PROJECT as_user sh -c 'git status; git checkout -q -b other; git commit -q --allow-empty -m x; [ ! -e .envrc ] || . ./.envrc' >/dev/null 2>&1 || true
	start_api greet
	run agent outside -p "good morning"
}

@test "outside: what the agent plants is there, and fires" {
	plant outside
	[ "$(grep -rl PLANTED "$PROJECT" | wc -l)" -ge 100 ]
	work_on_the_host
	[ -e "$TEST_HOME/hooked" ]
}

@test "inside: nothing that the agent plants is there or fires, and its work is" {
	plant inside
	grep -rl PLANTED "$PROJECT" | grep -vE '/(alias|link|new|moved|harmless|stage2?|gone2?)(/|$)' >"$TEST_DIR/own/found" || true
	cat "$TEST_DIR/own/found"
	[ ! -s "$TEST_DIR/own/found" ]
	[ "$(cat "$PROJECT/code.txt")" = edited ]
	[ "$(USER_DIR=$PROJECT as_user git log -1 --format='%an %s')" = "Agent work" ]
	work_on_the_host
	[ ! -e "$TEST_HOME/hooked" ]
	run as_user "$CSB" check "$PROJECT"
	grep -q 'put away' <<<"$output"
}
