#!/usr/bin/env bats
# The real client with the network filtered: it reaches its API, under its own name or where the caller says, and its tools reach
# what the rules allow.

bats_require_minimum_version 1.5.0

load ../e2e/helpers
load helpers
load box

setup_file() {
	need_claude || return 1
	start_net
	export API_KEY
	API_KEY=sk-ant-test-$(tr -dc a-z0-9 </dev/urandom | head -c 40)
	make_project app
	as_user cp "$NET_CA" "$PROJECT/ca.pem"
}

setup() {
	configure
	rm -rf "$TEST_HOME/.local/state/claude-sandbox"
}

teardown() {
	stop_api
	world_tell play api.anthropic.com 0
	wait_for 5 no_egress
}

teardown_file() {
	end_file
}

# play COMMAND MATCH [NOT]: the API has the client run this, and expects that of what it prints.
play() {
	start_api run "COMMAND=$1" "MATCH=$2" "NOT=${3:-there is no such text}"
	world_mark
}

# client [OPTION...]: in the sandbox, allowed to run everything.
client() {
	USER_DIR=$PROJECT run as_user "${AGENT_ENV[@]}" "$CSB" --yolo "$@" . -p "please run it" </dev/null
}

# worked: the session went to its end, and its API was the one under the real name.
worked() {
	exits 0
	says '^All done\.$'
	api_ok
}

by_its_name() {
	world_play_api
	AGENT_ENV[1]=NODE_EXTRA_CA_CERTS=$PROJECT/ca.pem
}

@test "control: without a sandbox evil is reached, and seen" {
	play "curl -sS -m 10 https://evil.example.net" "this is evil"
	by_its_name
	run agent outside -p "please run it"
	worked
	seen web evil.example.net tls
}

@test "strict: the client reaches its API by name, its tools nothing else" {
	play "curl -sS -m 10 https://evil.example.net; curl -sS -m 10 http://evil.example.net" \
		"BLOCKED: egress to 'evil.example.net:80' denied by filter: no rule allows it" "this is evil"
	by_its_name
	client --level strict
	worked
	times 1 "network: evil.example.net:443 was refused: no rule allows it; if you want it: claude-sandbox net allow evil.example.net"
	seen web api.anthropic.com tls
	seen_nothing web evil.example.net
	seen_nothing dns evil.example.net
	# The client itself asks for nothing that it may not have.
	[ "$(journal 'select(.event == "deny") | .host' | sort -u)" = evil.example.net ]
	[ "$(journal 'select(.event == "allow") | [.host, .rule] | join(" ")' | sort -u)" = "api.anthropic.com @agent" ]
}

@test "default: a public host works, this machine and its local network do not" {
	play "curl -sS -m 10 https://www.example.com http://lan.example.net http://metadata.example.net; curl -sS -m 5 http://192.168.77.1; curl -sS -m 5 http://127.0.0.1:8080" \
		"this is www.example.com" canary
	by_its_name
	client
	worked
	seen web www.example.com tls
	seen_nothing raw any
}

@test "with a list of hosts the API stays, the public ones go" {
	play "curl -sS -m 10 https://www.example.com https://allowed.example.com" "this is www.example.com" "this is allowed"
	by_its_name
	client --allow-host www.example.com
	worked
	seen web www.example.com tls
	seen_nothing web allowed.example.com
}

@test "the caller's own address of the API, on this machine, needs no option at any level" {
	local level
	for level in strict default; do
		play "curl -sS -m 5 http://127.0.0.1:8080; curl -sS -m 10 http://evil.example.net; echo tried" tried canary
		client --level "$level"
		worked
		seen_nothing web api.anthropic.com
		seen_nothing raw any
		[ "$level" = default ] || seen_nothing web evil.example.net
		stop_api
	done
}

@test "git and npm as the agent's tools, by presets" {
	needs npm
	play "git clone -q https://github.com/team/app.git /tmp/one && cat /tmp/one/hello.txt && mkdir /tmp/n && cd /tmp/n && npm install --silent --no-audit --no-fund --cache /tmp/c --cafile $PROJECT/ca.pem tiny-greeting && ls node_modules" \
		"hello from the world[^Z]*tiny-greeting"
	by_its_name
	client --level strict --allow-host @github --allow-host @npm
	worked
}

@test "without the API's name in the rules the client fails, and the user is told why" {
	play "true" ""
	by_its_name
	configure '{"allow_hosts": []}'
	USER_DIR=$PROJECT run as_user "${AGENT_ENV[@]}" CLAUDE_CODE_MAX_RETRIES=0 timeout --foreground 40 "$CSB" --yolo . -p "please run it" </dev/null
	[ "$status" -ne 0 ]
	says 'network: api.anthropic.com:443 was refused: no rule allows it'
	seen_nothing web api.anthropic.com
}
