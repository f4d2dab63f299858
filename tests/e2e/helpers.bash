# shellcheck shell=bash
# What the e2e suites share: the scripted API, and the real client on either side of the wall.
# SIDE is always `outside` (the control run) or `inside`.

load ../lib/common
load ../lib/terminal

E2E=$REPO/tests/e2e

# start_e2e: start_file plus a key that nothing else on this machine can contain.
start_e2e() {
	need_claude || return 1
	start_file
	export API_KEY
	API_KEY=sk-ant-test-$(tr -dc a-z0-9 </dev/urandom | head -c 40)
}

# start_api SCENARIO [NAME=VALUE]...: a server that plays scenarios/SCENARIO.json, and no other.
start_api() {
	local pair set=()
	stop_api
	API_DIR=$(mktemp -d "$TEST_DIR/own/api.XXXXXX")
	for pair in "PROJECT=$PROJECT" "HOME=$TEST_HOME" "${@:2}"; do
		set+=(--set "$pair")
	done
	/usr/bin/python3 "$E2E/api_server.py" --scenario "$E2E/scenarios/$1.json" "${set[@]}" \
		--port-file "$API_DIR/port" --result "$API_DIR/result.json" >"$API_DIR/log" 2>&1 3>&- 4>&- &
	API_PID=$!
	remember_process "$API_PID"
	wait_for 10 test -e "$API_DIR/port" || {
		cat "$API_DIR/log"
		return 1
	}
	AGENT_ENV=("ANTHROPIC_BASE_URL=http://127.0.0.1:$(<"$API_DIR/port")" "ANTHROPIC_API_KEY=$API_KEY"
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1)
}

stop_api() {
	[ -n "${API_PID:-}" ] || return 0
	kill "$API_PID" 2>/dev/null
	wait "$API_PID" 2>/dev/null
	API_PID=
}

# api_says FILTER: evaluates a Python expression on the result `r`.
api_says() {
	/usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$API_DIR/result.json" "$1"
}

# api_ok: the whole scenario was played and everything that came back was as expected.
api_ok() {
	[ "$(api_says 'r["ok"]')" = True ] && return
	api_says '"steps done: %d of %d" % (r["steps_done"], r["steps"])'
	api_says '"mismatches: " + json.dumps(r["mismatches"], indent=1)'
	return 1
}

# agent SIDE ARGS...: the client in the project, allowed to do everything, without a terminal.
agent() {
	local side=$1
	shift
	if [ "$side" = inside ]; then
		USER_DIR=$PROJECT as_user "${AGENT_ENV[@]}" "$CSB" --yolo . "$@" </dev/null
	else
		USER_DIR=$PROJECT as_user "${AGENT_ENV[@]}" \
			claude --dangerously-skip-permissions "$@" </dev/null
	fi
}

# seed_claude_json: a home in which the client has been used before, and trusts the project.
seed_claude_json() {
	as_user KEY="${API_KEY: -20}" DIR="$PROJECT" /usr/bin/python3 - <<-'END'
		import json, os
		trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True,
		           "allowedTools": []}
		approved = {"approved": [os.environ["KEY"]], "rejected": []}
		with open(os.environ["HOME"] + "/.claude.json", "w", encoding="utf-8") as f:
		    json.dump({"hasCompletedOnboarding": True, "theme": "dark",
		               "customApiKeyResponses": approved,
		               "projects": {os.environ["DIR"]: trusted}}, f)
	END
}
