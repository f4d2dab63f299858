#!/usr/bin/env bats
# What a person says about a sandbox's network: the words of "claude-sandbox net", answers to what is asked, ports that are
# published, and the proxy that the host itself needs.

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
	start_net
}

setup() {
	make_project "p$BATS_TEST_NUMBER"
	world_mark
}

teardown() {
	as_user "$CSB" --stop "$PROJECT" >/dev/null 2>&1 || true
	rm -rf "$PROJECT"
}

teardown_file() {
	end_file
}

net() {
	USER_DIR=$PROJECT as_user "$CSB" net "$@"
}

# inside COMMAND...: in the strict network, where the agent's hosts alone are allowed.
inside() {
	as_user "$CSB" --level strict "$PROJECT" -- "$@"
}

says() {
	grep -qF -- "$1" <<<"$output" && return
	printf 'expected: %s\nseen: %s\n' "$1" "$output"
	return 1
}

# A sandbox in which `fetch` asks for a page whenever a line comes.
serve_inside() {
	mkfifo "$TEST_DIR/own/lines"
	# shellcheck disable=SC2016
	spawn_user "$TEST_DIR/own/inside.log" "$CSB" --level strict "$@" "$PROJECT" -- bash -c '
		touch ready; while sleep 0.1; do for f in ask*; do [ -e "$f" ] || continue
		curl -sS -m 8 "$(cat "$f")" >"out-$f" 2>&1; mv "$f" "done-$f"; done; done'
	wait_for 10 test -e "$PROJECT/ready"
	rm "$TEST_DIR/own/lines"
}

# A sandbox with tunnels: NAME.open is there when it is used, NAME.ended when it has ended.
serve_tunnels() {
	# shellcheck disable=SC2016
	spawn_user "$TEST_DIR/own/inside.log" "$CSB" --allow-host '*.example.com' --allow-host evil.example.net "$PROJECT" -- bash -c '
		drain() { : >"$1.open"; cat <&5 >/dev/null; : >"$1.ended"; }
		(exec 5<>/dev/tcp/127.0.0.1/3128; printf "CONNECT echo.example.com:7 HTTP/1.1\r\nHost: echo.example.com:7\r\n\r\none\n" >&5
			until read -ru 5 word && [ "$word" = one ]; do :; done; drain used) &
		(exec 5<>/dev/tcp/echo.example.com/7; drain silent) &
		(exec 5<>/dev/tcp/mail.example.com/25; read -ru 5; drain banner) &
		(curl -sSN http://allowed.example.com/slow/60 >page.open; : >page.ended) &
		(exec 5<>/dev/tcp/evil.example.net/4444; echo one >&5; read -ru 5; : >other.open
			until [ -e go ]; do sleep 0.1; done; echo two >&5; read -ru 5 word; echo "$word" >other.words; drain other) &
		wait'
	wait_for 10 all_exist {used,silent,banner,other}.open
	wait_for 10 test -s "$PROJECT/page.open"
	wait_for 5 seen raw echo.example.com:7
}

all_exist() {
	local file
	for file; do
		[ -e "$PROJECT/$file" ] || return 1
	done
}

ended() {
	all_exist "${@/%/.ended}"
}

goes_on() {
	local name
	for name; do
		ended "$name" || continue
		echo "$name has ended"
		return 1
	done
}

# fetch N URL: what the sandbox gets.
fetch() {
	echo "$2" | as_user tee "$PROJECT/.ask$1" >/dev/null
	as_user mv "$PROJECT/.ask$1" "$PROJECT/ask$1"
	wait_for 12 test -e "$PROJECT/done-ask$1"
	cat "$PROJECT/out-ask$1"
}

@test "allow holds from the next start on, and at once in a sandbox that runs; forget takes it back" {
	serve_inside
	run fetch 1 http://allowed.example.com/
	says "BLOCKED: egress to 'allowed.example.com:80' denied by filter: no rule allows it"
	says "claude-sandbox net allow allowed.example.com"
	seen_nothing web allowed.example.com
	run net allow Allowed.Example.COM.
	exits 0
	says "the sandbox that runs was told"
	run fetch 2 http://allowed.example.com/
	[ "$output" = "this is allowed.example.com" ]
	as_user "$CSB" --stop "$PROJECT"
	[ "$(inside curl -sS http://allowed.example.com/)" = "this is allowed.example.com" ]
	run net rules
	says "allow  Allowed.Example.COM.  (this project)"
	net forget Allowed.Example.COM.
	run inside curl -sS http://allowed.example.com/
	says BLOCKED
	run net forget allowed.example.com
	exits 1
	says "there is no rule 'allowed.example.com' of this project's own"
}

@test "deny wins over what is allowed, at once and later" {
	serve_inside --allow-host allowed.example.com
	[ "$(fetch 1 http://allowed.example.com/)" = "this is allowed.example.com" ]
	net deny '*.example.com'
	run fetch 2 http://allowed.example.com/
	says "the rule '*.example.com' denies it"
	as_user "$CSB" --stop "$PROJECT"
	run as_user "$CSB" --allow-host allowed.example.com "$PROJECT" -- curl -sS http://allowed.example.com/
	says "the rule '*.example.com' denies it"
	# Another project does not know of it.
	make_project other
	[ "$(as_user "$CSB" --allow-host allowed.example.com "$PROJECT" -- curl -sS http://allowed.example.com/)" = "this is allowed.example.com" ]
}

@test "deny ends what is open, by name, by port and by number, in words or in silence, and nothing else" {
	serve_tunnels
	net deny echo.example.com:7
	wait_for 3 ended used silent
	goes_on banner other page
	net deny 93.184.216.42
	wait_for 3 ended banner
	goes_on other page
	net deny 'allow*.example.com'
	wait_for 3 ended page
	goes_on other
	as_user touch "$PROJECT/go"
	wait_for 5 grep -qx two "$PROJECT/other.words"
	seen raw echo.example.com:7 close
	net log --json >"$TEST_DIR/own/log"
	[ "$(jq -r 'select(.event == "deny") | "\(.via) \(.host):\(.port) \(.reason)"' "$TEST_DIR/own/log" | sort)" = "$(sed 's/^\t*//' <<-'END'
		connect echo.example.com:7 the rule 'echo.example.com:7' denies it
		tcp allowed.example.com:80 the rule 'allow*.example.com' denies it
		tcp echo.example.com:7 the rule 'echo.example.com:7' denies it
		tcp mail.example.com:25 the rule '93.184.216.42' denies it
	END
	)" ]
	[ "$(jq -s 'map(select(.event == "end")) | length' "$TEST_DIR/own/log")" -ge 4 ]
}

@test "why names the rule that decides, and where there is none" {
	run net why allowed.example.com
	[ "$output" = "allowed.example.com is allowed by the rule '@public'" ]
	net deny evil.example.net:443
	run net why evil.example.net:443
	exits 1
	[ "$output" = "evil.example.net:443 is refused by the rule 'evil.example.net:443'" ]
	run net why evil.example.net:80
	exits 0
	run net why 1.1.1.1:53
	exits 1
	says "1.1.1.1:53 is refused: no rule allows it"
	run as_user "$CSB" --level strict net why allowed.example.com "$PROJECT"
	exits 1
	says "no rule allows it"
	run as_user "$CSB" --network none net why allowed.example.com "$PROJECT"
	exits 1
	says "the network would be 'none'"
}

@test "the log has what was wanted and what became of it, and nothing that drives a terminal" {
	inside bash -c 'curl -sS http://evil.example.net/; curl -sS https://api.anthropic.com/echo' >/dev/null
	run net log
	exits 0
	says "deny   tcp      evil.example.net:80  no rule allows it"
	says "allow  tcp      api.anthropic.com:443  @agent"
	grep -Eq 'end    tcp      api.anthropic.com:443  [0-9]+ bytes out, [0-9]+ in, [0-9]+ ms' <<<"$output"
	net log --json | jq -es 'map(select(.event == "end"))[0] | .bytes_out > 100 and .bytes_in > 100 and .address == "160.79.104.10"'
	# Lines of a hand that is not ours.
	printf '{"event":"deny","via":"tcp","host":"\033]52;c;eA==\007x","port":1}\n' |
		as_user tee -a "$TEST_HOME"/.local/state/claude-sandbox/projects/p"$BATS_TEST_NUMBER"-*/network/log.jsonl >/dev/null
	run net log
	[ "$(grep -c $'\033' <<<"$output")" = 0 ]
}

@test "the log can be followed" {
	spawn_user "$TEST_DIR/own/follow" "$CSB" net log --follow "$PROJECT"
	inside curl -sS http://evil.example.net/ >/dev/null
	wait_for 5 grep -q "evil.example.net:80" "$TEST_DIR/own/follow"
	kill "$SPAWNED"
}

@test "what cannot be understood is one sentence, and changes nothing" {
	local -a row
	while read -ra row; do
		run net "${row[@]}"
		exits 1
		[ "$(wc -l <<<"$output")" = 1 ]
	done <<-'END'
		allow
		allow https://example.com/x
		allow a b c
		allow --local example.com
		deny --local localhost:1
		deny ex ample
		forget
		why
		why a..b
		why example.com:99999
		log --all
		log a b
		ask
		rules /nowhere
		frobnicate
	END
	run net rules
	[ "$(grep -c "this project" <<<"$output")" = 0 ]
}

@test "asking: a connection waits for the answer, which is kept" {
	serve_inside --ask-hosts
	(USER_DIR=$PROJECT as_user "$CSB" net ask < <(sleep 3; echo y; sleep 20) >"$TEST_DIR/own/ask" 2>&1 3>&-) &
	remember_process $!
	run fetch 1 http://allowed.example.com/
	[ "$output" = "this is allowed.example.com" ]
	grep -q "The sandbox wants to reach allowed.example.com:80 (tcp)" "$TEST_DIR/own/ask"
	run net rules
	says "allow  allowed.example.com  (this project)"
}

@test "asking: no is a rule as well, and without an answer it is refused" {
	printf '{"ask_seconds": 2}' | as_user tee "$TEST_DIR/ask.json" >/dev/null
	serve_inside --ask-hosts --config "$TEST_DIR/ask.json"
	run fetch 1 http://allowed.example.com/
	says "nobody answered whether it may be reached"
	seen_nothing web allowed.example.com
	(USER_DIR=$PROJECT as_user "$CSB" net ask < <(sleep 1; echo n; sleep 20) >"$TEST_DIR/own/ask" 2>&1 3>&-) &
	remember_process $!
	run fetch 2 http://evil.example.net/
	says BLOCKED
	seen_nothing web evil.example.net
	run net rules
	says "deny   evil.example.net  (this project)"
	run as_user "$CSB" net ask "$TEST_HOME/projects"
	exits 1
	says "no sandbox with a filtered network runs here"
}

# served PORT: what somebody on this host sees there.
served() {
	curl -sS -m 3 "http://127.0.0.1:$1/hello.txt"
}

@test "a published port leads to what listens inside, on 127.0.0.1 or ::1, in each network of its own" {
	local mode addr
	for mode in none filtered; do
		for addr in 127.0.0.1 ::1; do
			spawn_user "$TEST_DIR/own/served" "$CSB" --network "$mode" --publish 8090:3000 "$PROJECT" -- \
				/usr/bin/python3 -m http.server -b "$addr" 3000
			wait_for 10 served 8090
			[ "$(served 8090)" = start ]
			as_user "$CSB" --stop "$PROJECT"
			wait_for 5 process_gone "$SPAWNED"
			run served 8090
			[ "$status" -ne 0 ]
		done
	done
}

@test "a published port listens on loopback alone, and one that is taken is told before anything starts" {
	spawn_user "$TEST_DIR/own/served" "$CSB" --publish 8091:3000 "$PROJECT" -- /usr/bin/python3 -m http.server -b 127.0.0.1 3000
	wait_for 10 served 8091
	ss -Htln sport = :8091 | awk '{ print $4 }' >"$TEST_DIR/own/listens"
	[ "$(cat "$TEST_DIR/own/listens")" = 127.0.0.1:8091 ]
	run as_user "$CSB" --new --publish 8091:3000 "$PROJECT" -- touch started
	exits 125
	says "cannot publish port 3000: something listens on 127.0.0.1:8091 already"
	[ ! -e "$PROJECT/started" ]
	for text in 0 99999 a:b 1:2:3:4 example.com:80:80; do
		run as_user "$CSB" --publish "$text" "$PROJECT" -- touch started
		exits 1
		says publish
	done
	[ ! -e "$PROJECT/started" ]
}

@test "a port that other machines can connect to is told at the start, once" {
	run as_user "$CSB" --publish 0.0.0.0:8093:3000 --publish '[::]:8094:3000' --publish 8095:3000 "$PROJECT" -- true
	exits 0
	says "note: publish: other machines than this one can connect to 0.0.0.0:8093, [::]:8094; without an address"
	[ "$(grep -c 'other machines' <<<"$output")" -eq 1 ]
	run as_user "$CSB" --publish 8093:3000 "$PROJECT" -- true
	exits 0
	[[ $output != *"other machines"* ]]
}

carries() {
	pgrep -u "$TEST_USER" csb-publish >/dev/null
}

carries_no_more() {
	! carries
}

@test "whoever carries published ports can reach nothing but the sandbox, and ends with it" {
	spawn_user "$TEST_DIR/own/served" "$CSB" --publish 8092:5432 "$PROJECT" -- sleep 60
	wait_for 10 carries
	# On this host somebody listens on 5432, and inside nobody does.
	curl -sS -m 2 http://127.0.0.1:8092/ || true
	seen_nothing raw 127.0.0.1:5432
	kill -9 "$SPAWNED"
	wait_for 5 carries_no_more
}

@test "a proxy that the host needs is used, but for no_proxy" {
	command -v tinyproxy >/dev/null || skip "tinyproxy is not installed"
	printf 'Port 8888\nListen 127.0.0.1\nLogFile "%s"\nLogLevel Connect\nBasicAuth ann s3cret\n' "$TEST_DIR/proxy.log" |
		as_user tee "$TEST_DIR/tiny.conf" >/dev/null
	spawn_user /dev/null tinyproxy -d -c "$TEST_DIR/tiny.conf"
	wait_for 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8888'
	local proxy=https_proxy=http://ann:s3cret@127.0.0.1:8888/
	[ "$(as_user "$proxy" "$CSB" --allow-host allowed.example.com "$PROJECT" -- curl -sS https://allowed.example.com/)" = "this is allowed.example.com" ]
	grep -q "CONNECT allowed.example.com:443" "$TEST_DIR/proxy.log"
	run as_user "$proxy" "$CSB" --allow-host allowed.example.com "$PROJECT" -- curl -sS https://evil.example.net/
	[ "$status" -ne 0 ]
	[ "$(grep -c evil "$TEST_DIR/proxy.log")" = 0 ]
	[ "$(as_user "$proxy" no_proxy=.example.com "$CSB" --allow-host www.example.com "$PROJECT" -- curl -sS https://www.example.com/)" = "this is www.example.com" ]
	[ "$(grep -c www.example.com "$TEST_DIR/proxy.log")" = 0 ]
	# The proxy's own port is none of the sandbox's.
	run as_user "$proxy" "$CSB" "$PROJECT" -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/8888'
	[ "$status" -ne 0 ]
}
