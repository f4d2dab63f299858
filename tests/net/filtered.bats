#!/usr/bin/env bats
# With the network filtered real programs reach what is allowed and notice nothing, and what is not allowed is refused in words
# that they show. Whether something was reached is asked of the servers.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load helpers
load box

setup_file() {
	start_net
	start_box
}

setup() {
	world_mark
	configure
	rm -rf "$TEST_HOME/.local/state/claude-sandbox"
}

teardown() {
	[ -z "${SPAWNED:-}" ] || kill "$SPAWNED" 2>/dev/null || true
	rm -f "$PROJECT/.claude-sandbox.json"
	wait_for 5 no_egress
}

teardown_file() {
	end_file
}

# --- programs -----------------------------------------------------------------------------

# on_each_way OPTION...: the lines of standard input, directly and through both proxies.
on_each_way() {
	local way table
	table=$(</dev/stdin)
	for way in direct connect socks; do
		echo "way: $way"
		WAY=$way each "$@" <<<"$table"
	done
}

@test "git clones and pushes, with its host allowed and nothing else" {
	on_each_way --allow-host git.example.com:443 <<-'END'
		 <- git clone -q https://git.example.com/team/app.git /tmp/one
		 <- cd /tmp/one && echo more >>hello.txt && git commit -qam more && git push -q
		0 <- git clone -q https://git.example.com/team/app.git /tmp/two && cd /tmp/two && git diff origin/HEAD HEAD | wc -l
	END
	[ "$(world_rows web git.example.com request | jq -r 'select(.target | test("/git-receive-pack$")) | .method' | sort -u)" = POST ]
}

@test "npm installs a package and what it needs, by a preset" {
	needs node npm
	on_each_way --allow-host @npm <<-'END'
		 <- mkdir /tmp/n; cd /tmp/n; npm install --silent --no-audit --no-fund --no-update-notifier --cache /tmp/c --cafile "$OLDPWD/ca.pem" tiny-greeting
		hello world <- cd /tmp/n; node -e 'console.log(require("tiny-greeting")())'
	END
	[ "$(world_rows web registry.npmjs.org request | grep -c tgz)" = 6 ]
}

@test "pip installs a wheel, in a place and in an environment, by a preset" {
	/usr/bin/python3 -c 'import pip' 2>/dev/null || skip "pip is not installed"
	local way
	for way in direct connect; do # for SOCKS it needs a package
		WAY=$way each --allow-host @pypi <<-'END'
			 <- /usr/bin/python3 -m pip install -q --disable-pip-version-check --no-cache-dir --cert ca.pem --target /tmp/site tiny-world
			hello world <- PYTHONPATH=/tmp/site /usr/bin/python3 -c 'import tiny_world; print(tiny_world.greet())'
		END
	done
	seen web files.pythonhosted.org request
}

@test "go downloads a module and builds with it, by a preset" {
	needs go
	as_user mkdir -p "$PROJECT/mod"
	printf 'module example.org/app\n\ngo 1.19\n\nrequire example.com/tiny v1.0.0\n' | as_user tee "$PROJECT/mod/go.mod" >/dev/null
	printf 'package main\n\nimport "example.com/tiny"\n\nfunc main() { println(tiny.Greet()) }\n' |
		as_user tee "$PROJECT/mod/main.go" >/dev/null
	on_each_way --allow-host @go <<-'END'
		 <- export https_proxy="${https_proxy/socks5h/socks5}"; cd mod; rm -f go.sum; GOMODCACHE=/tmp/mod GOSUMDB=off GOFLAGS=-modcacherw go mod tidy 2>/tmp/log || cat /tmp/log
		hello world <- cd mod; GOMODCACHE=/tmp/mod GOSUMDB=off GOFLAGS=-modcacherw GOPROXY=off go build -o /tmp/app && /tmp/app
	END
	[ "$(world_rows web proxy.golang.org request | grep -c 'zip"')" = 3 ]
}

@test "a Go program, with either resolver" {
	needs go
	each --allow-host '*.example.com' <<-'END'
		200.this is allowed.example.com <- GODEBUG=netdns=go clients/fetch https://allowed.example.com/ | tr '\n' ' ' | sed 's/ $//'
		200.this is v6only.example.com <- GODEBUG=netdns=cgo clients/fetch https://v6only.example.com/ | tr '\n' ' ' | sed 's/ $//'
		220 mail.* <- clients/fetch mail.example.com 25
	END
}

@test "a Java program: its HTTP client, and a plain socket by name" {
	needs java javac
	as_user javac -d "$PROJECT/clients" "$CLIENTS/Fetch.java"
	each --allow-host '*.example.com' <<-'END'
		200 this is allowed.example.com <- WORLD_CA=ca.pem java -cp clients Fetch https://allowed.example.com/ | xargs
		220 mail.* <- java -cp clients Fetch mail.example.com 25
	END
}

@test "curl, wget, Node and Python, over IPv4 and to hosts that have IPv6 alone" {
	needs node wget
	WAY=direct each --allow-host '*.example.com' <<-'END'
		this is allowed.example.com <- get http://allowed.example.com/
		this is allowed.example.com <- get https://allowed.example.com/
		this is v6only.example.com <- get http://v6only.example.com/
		this is v6only.example.com <- get https://v6only.example.com/
		this is alias.example.com <- get https://alias.example.com/
		this is x.wild.example.com <- get https://x.wild.example.com/
		this is allowed.example.com.* <- get https://ALLOWED.example.com./
		this is allowed.example.com.* <- get http://ALLOWED.example.com./
		this is many.example.com <- get https://many.example.com/
		this is huge.example.com <- get http://huge.example.com/
		this is slow.example.com <- get http://slow.example.com/
		this is allowed.example.com <- wget -qO- https://allowed.example.com/
		this is allowed.example.com <- NODE_EXTRA_CA_CERTS=ca.pem node -e 'fetch("https://allowed.example.com/").then(r => r.text()).then(t => process.stdout.write(t))'
		200 this is allowed.example.com <- /usr/bin/python3 clients/fetch.py https://allowed.example.com/ | xargs
	END
	seen web '[2606:2800:220:1::39]:443' tls
}

@test "curl and wget through the proxies" {
	local way
	for way in connect socks; do
		WAY=$way each --allow-host '*.example.com' <<-'END'
			this is allowed.example.com <- get http://allowed.example.com/
			this is allowed.example.com <- get https://allowed.example.com/
			this is v6only.example.com <- get http://v6only.example.com/
			this is v6only.example.com <- get https://v6only.example.com/
		END
	done
	WAY=connect each --allow-host '*.example.com' --allow-host 93.184.216.34 --allow-host '[2606:2800:220:1::34]' <<-'END'
		93.184.216.34 <- get http://93.184.216.34/echo | jq -r '.headers[0][1]'
		\[2606:2800:220:1::34\] <- get -g http://[2606:2800:220:1::34]/echo | jq -r '.headers[0][1]'
		this is allowed.example.com <- wget -qO- https://allowed.example.com/
		this is allowed.example.com <- wget -qO- http://allowed.example.com/
	END
}

@test "bodies of each kind: large ones in both directions, chunked, until the end, slow, torn; keep-alive" {
	on_each_way --allow-host '*.example.com' <<-'END'
		same <- [ "$(get https://allowed.example.com/bytes/30000000 | sha)" = "$(bytes 30000000 | sha)" ] && echo same
		same <- [ "$(get http://allowed.example.com/bytes/30000000 | sha)" = "$(bytes 30000000 | sha)" ] && echo same
		.*"received": 20000000, "sha256": "SUM.* <- bytes 20000000 >/tmp/b; get -T /tmp/b https://allowed.example.com/upload | sed "s/$(sha </tmp/b)/SUM/"
		.*"received": 20000000, "sha256": "SUM.* <- get -T /tmp/b http://allowed.example.com/upload | sed "s/$(sha </tmp/b)/SUM/"
		.*"received": 20000000, "sha256": "SUM.* <- get -T - http://allowed.example.com/upload </tmp/b | sed "s/$(sha </tmp/b)/SUM/"
		.*"received": 20000000, "sha256": "SUM.* <- get -T - https://allowed.example.com/upload </tmp/b | sed "s/$(sha </tmp/b)/SUM/"
		chunk 2999 <- get http://allowed.example.com/chunked/3000 | tail -1
		same <- [ "$(get http://allowed.example.com/until-close/700000 | sha)" = "$(bytes 700000 | sha)" ] && echo same
		same <- [ "$(get https://allowed.example.com/until-close/700000 | sha)" = "$(bytes 700000 | sha)" ] && echo same
		\.{10} <- get http://allowed.example.com/slow/1
		curl: \(18\).* <- get http://allowed.example.com/torn >/dev/null
		curl: \((52|56)\).* <- get http://allowed.example.com/reset
		200 200 200 <- get -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} ' http://allowed.example.com/{,echo,bytes/10} | sed 's/ $//'
		1 0 0 <- get -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' https://allowed.example.com/{,echo,bytes/10} | sed 's/ $//'
		HTTP/1.1 204.* <- curl -sSI http://allowed.example.com/status/204
		"PUT" <- get -X PUT -d 12345 http://allowed.example.com/echo | jq .method
	END
}

@test "an answer that comes before the upload has ended is not lost, although its server hangs up" {
	as_user tee "$PROJECT/early.py" >/dev/null <<-'END'
		import socket
		listener = socket.create_server(("127.0.0.1", 9004))
		while True:
		    conn = listener.accept()[0]
		    if conn.recv(65536):
		        conn.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\nConnection: close\r\n\r\nlarge\n")
		    conn.close()
	END
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" /usr/bin/python3 early.py
	wait_for 5 listens 9004
	head -c 20000000 /dev/zero | as_user tee "$PROJECT/big" >/dev/null
	local put="curl -sS -H Expect: -T $PROJECT/big" wanted url
	run as_user bash -c "for n in {1..5}; do $put http://localhost:9004/; done"
	wanted=$(grep -c large <<<"$output") # outside one may be lost as well: a reset overtakes it
	for url in http://localhost:9004/ http://host.sandbox.internal:9004/ '-x http://127.0.0.1:3128 http://localhost:9004/'; do
		run box --allow-local localhost:9004 -- bash -c "for n in {1..5}; do $put $url; done"
		[ "$(grep -c large <<<"$output")" -ge "$((wanted - 1))" ]
	done
	rm "$PROJECT/big"
}

@test "plain TCP by name: echo, banners, a half-closed connection, an upgrade, 200 connections at once" {
	on_each_way --allow-host '*.example.com' <<-'END'
		hello <- tunnel talk echo.example.com 7 hello
		hello <- tunnel ahead echo.example.com 7 hello
		220 mail.*ESMTP <- tunnel talk mail.example.com 25
		250 <- tunnel smtp mail.example.com home.example.com
		SSH-2.0-world <- tunnel talk ssh.example.com 22
		10 bytes <- tunnel all echo.example.com 9 0123456789
		0 bytes <- tunnel all echo.example.com 9
		101 and on <- tunnel upgrade allowed.example.com
		101 and on <- tunnel upgrade v6only.example.com
		200 of 200 <- tunnel many echo.example.com 7 200
	END
}

@test "a client's own SSH stops at the banner that it gets" {
	needs ssh
	each --allow-host ssh.example.com:22 <<-'END'
		.*remote software version world.* <- timeout 3 ssh -v -o BatchMode=yes -o StrictHostKeyChecking=no ssh.example.com
	END
}

@test "a redirect to a host that is not allowed ends there" {
	each --allow-host allowed.example.com --allow-host www.example.com <<-'END'
		this is www.example.com <- get -L http://allowed.example.com/redirect/www.example.com/
		this is www.example.com <- get -L https://allowed.example.com/redirect/www.example.com/
	END
	seen web www.example.com
	run each --allow-host allowed.example.com <<-'END'
		.*BLOCKED.*evil.example.net.* <- curl -sSL http://allowed.example.com/redirect/evil.example.net/
		curl: \(35\).*access denied <- get -L https://allowed.example.com/redirect/evil.example.net/
	END
	exits 0
	seen_nothing web evil.example.net
	seen_nothing dns evil.example.net
}

@test "without a rule none of them gets anywhere" {
	each --allow-host allowed.example.com <<-'END'
		.*403 <- git clone -q http://git.example.com/team/app.git /tmp/one 2>&1 | tail -1
		.*(denied|alert).* <- git clone -q https://git.example.com/team/app.git /tmp/one
		1 <- timeout 20 npm install --silent --no-audit --no-fund --fetch-retries 0 --cafile ca.pem tiny-greeting; echo $?
		1 <- timeout 20 /usr/bin/python3 -m pip install -q --retries 0 --no-cache-dir --cert ca.pem --target /tmp/site tiny-world 2>/dev/null; echo $?
		.*access denied.* <- clients/fetch https://evil.example.net/
		reset <- tunnel refusal ssh.example.com 22
		reset <- tunnel refusal mail.example.com 587 hello
	END
	local name
	for name in git.example.com registry.npmjs.org pypi.org evil.example.net; do
		seen_nothing web "$name"
		seen_nothing dns "$name"
	done
	seen_nothing raw any
}

# --- refusals -----------------------------------------------------------------------------

@test "each protocol is told in its own words, and the user once" {
	run each --allow-host allowed.example.com --deny-host www.example.com <<-'END'
		this is allowed.example.com <- get http://allowed.example.com/
		\[claude-sandbox\] BLOCKED: egress to 'evil.example.net:80' denied by filter: no rule allows it; if you want it: claude-sandbox net allow evil.example.net.*HTTP 403 <- curl -sS -w 'HTTP %{http_code}' http://evil.example.net/
		.*BLOCKED: egress to 'www.example.com:80' denied by filter: the rule 'www.example.com' denies it.*HTTP 403 <- curl -sS -w 'HTTP %{http_code}' http://www.example.com/
		.*BLOCKED: egress to 'evil.example.net:80' .*HTTP 403 <- curl -sS -x http://127.0.0.1:3128 -w 'HTTP %{http_code}' http://evil.example.net/
		HTTP 403.*BLOCKED: egress to 'evil.example.net:443' .*net allow evil.example.net <- WAY=connect tunnel refusal evil.example.net 443
		HTTP 403.*BLOCKED: egress to 'www.example.com:443' .*the rule 'www.example.com' denies it <- WAY=connect tunnel refusal www.example.com 443
		SOCKS 2 <- WAY=socks tunnel refusal evil.example.net 443
		SOCKS 2 <- WAY=socks tunnel refusal www.example.com 22
		TLS alert 49 <- tunnel refusal evil.example.net 443 '\x16\x03\x01\x00\x05'
		curl: .*access denied <- get https://evil.example.net/
		reset <- tunnel refusal evil.example.net 4444 hello
		reset <- tunnel refusal evil.example.net 22
	END
	exits 0
	times 1 "network: evil.example.net:443 was refused: no rule allows it; if you want it: claude-sandbox net allow evil.example.net"
	times 1 "network: evil.example.net:80 was refused: no rule allows it"
	times 1 "network: www.example.com:80 was refused: the rule 'www.example.com' denies it"
	seen web allowed.example.com
	seen_nothing web evil.example.net
	seen_nothing web www.example.com
	seen_nothing raw any
	[ "$(world_rows dns any | jq -r .name | sort -u)" = allowed.example.com ]
}

@test "of many refused hosts the user is told twelve, and where the others are" {
	run box --allow-host allowed.example.com -- bash -c 'for n in {1..30}; do curl -sS http://h$n.example.net/; done >/dev/null'
	exits 0
	times 12 "was refused: no rule allows it"
	times 1 "network: more hosts were refused; all of them: claude-sandbox net log"
	[ "$(journal 'select(.event == "deny") | .host' | sort -u | wc -l)" = 30 ]
}

@test "the log: who was reached and what passed, who was refused and why" {
	box --allow-host allowed.example.com --deny-host www.example.com -- bash -c '
		curl -sS http://allowed.example.com/bytes/100000 >/dev/null
		head -c 50000 /dev/zero | curl -sS -T - https://allowed.example.com/upload >/dev/null
		curl -sS -x socks5h://127.0.0.1:1080 http://allowed.example.com/ >/dev/null
		curl -sS http://www.example.com/ http://evil.example.net/
		curl -sS -x http://127.0.0.1:3128 -X POST http://evil.example.net/
		curl -sS http://nx.example.com/; true' >/dev/null 2>&1
	jq -e -s 'all(.time | test("^20[0-9-]{8}T[0-9:.]{12}Z$"))' "$(journal_file)" >/dev/null
	[ "$(journal '[.event, .via, .host, (.port | tostring), .rule // "-"] | join(" ")' | grep ^allow)" = "$(sed 's/^\t*//' <<-'END'
		allow tcp allowed.example.com 80 allowed.example.com
		allow tcp allowed.example.com 443 allowed.example.com
		allow socks allowed.example.com 80 allowed.example.com
	END
	)" ]
	[ "$(journal 'select(.event == "end") | .address' | sort -u)" = 93.184.216.34 ]
	# All that the servers got, they got from here.
	[ "$(journal 'select(.event == "end" and .port == 80) | .bytes_out' | sort -n)" = \
		"$(world_rows web allowed.example.com:80 close | jq .bytes | sort -n)" ]
	journal 'select(.event == "end" and .port == 80) | .bytes_in' | awk '$1 > 100000 { n++ } END { exit n != 1 }'
	journal 'select(.event == "end" and .port == 443) | .bytes_out' | awk '{ exit !($1 > 50000 && $1 < 60000) }'
	[ "$(journal 'select(.event == "deny" and .host == "www.example.com") | .rule + ": " + .reason')" = \
		"www.example.com: the rule 'www.example.com' denies it" ]
	[ "$(journal 'select(.event == "deny" and .via == "http") | .method + " " + .host')" = "POST evil.example.net" ]
	[ "$(stat -c %a "$(journal_file)")" = 600 ]
	run box -- ls -a "$(dirname "$(journal_file)")"
	[ "$status" -ne 0 ]
}

# --- rules --------------------------------------------------------------------------------

# nothing_at PLACE: whatever listens there, and something does.
nothing_at() {
	local log status listens=
	world_tell sync
	for log in web raw; do
		status=0
		world_rows "$log" "$1" 2>/dev/null || status=$?
		[ "$status" -ne 0 ] || return 1
		[ "$status" -ne 3 ] || listens=1
	done
	[ -n "$listens" ]
}

# reaches WORD...: in each "+URL" answers from where it should, and each "-URL" is seen by nobody. The words before "--" are the
# launcher's.
reaches() {
	local options=() word url place urls=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	world_mark
	for word in "$@"; do
		url=${word:1}
		urls+=("$([[ $url == *://* ]] && echo "$url" || echo "http://$url/")")
	done
	box "${options[@]}" -- bash -c 'for url; do curl -sS -m 5 "$url"; done; true' - "${urls[@]}" >"$TEST_DIR/own/out" 2>&1
	for word in "$@"; do
		place=${word#?}
		place=${place#*://}
		[[ $place != *.*.*.* || $place == *:* ]] || place+=:80
		case $word in
		+*) { has_rows web "$place" head || has_rows raw "$place" bytes; } 2>/dev/null ;;
		-*) nothing_at "$place" ;;
		esac || {
			echo "$word, with: ${options[*]}"
			cat "$TEST_DIR/own/out"
			return 1
		}
	done
}

@test "rules: names, globs, ports, addresses; deny wins" {
	reaches --allow-host allowed.example.com -- +allowed.example.com -www.example.com -evil.example.net -93.184.216.35
	reaches --allow-host '*.example.com' -- +allowed.example.com +www.example.com +x.wild.example.com -evil.example.net
	reaches --allow-host '*.example.com' --deny-host www.example.com -- +allowed.example.com -www.example.com
	reaches --allow-host www.example.com --deny-host '*.example.com' -- -www.example.com +https://api.anthropic.com
	reaches --deny-host '*.example.net' -- +allowed.example.com -evil.example.net
	reaches --allow-host allowed.example.com:443 -- +https://allowed.example.com -http://allowed.example.com:80
	reaches --allow-host '*:80' --deny-host '*:443' -- +allowed.example.com -https://allowed.example.com:443
	reaches --allow-host allowed.example.com --allow-host www.example.com -- +allowed.example.com +www.example.com -api.example.com
	# Who denies an address denies the names that have it.
	reaches --deny-host 93.184.216.0/24 -- -v4only.example.com +allowed.example.com +https://api.anthropic.com
}

@test "rules with methods: plain HTTP with these, and nothing else" {
	run each --allow-host 'GET,HEAD allowed.example.com' <<-'END'
		this is allowed.example.com <- get http://allowed.example.com/
		this is allowed.example.com <- get -x http://127.0.0.1:3128 http://allowed.example.com/
		HTTP/1.1 200.* <- curl -sSI http://allowed.example.com/
		.*BLOCKED.*no rule allows it.* <- curl -sS -d words http://allowed.example.com/upload
		.*BLOCKED.*no rule allows it.* <- curl -sS -x http://127.0.0.1:3128 -d words http://allowed.example.com/upload
		curl.* <- get https://allowed.example.com/
		reset|end <- tunnel refusal allowed.example.com 80 hello
	END
	exits 0
	[ "$(world_rows web allowed.example.com head | jq -r .method | sort | uniq -c | xargs)" = "2 GET 1 HEAD" ]
	seen_nothing web allowed.example.com:443 tls # the methods of a connection are known when it speaks
	world_mark
	run each --allow-host allowed.example.com --deny-host 'POST allowed.example.com' <<-'END'
		this is allowed.example.com <- get http://allowed.example.com/
		.*the rule 'POST allowed.example.com' denies it.* <- curl -sS -d words http://allowed.example.com/upload
	END
	exits 0
	[ "$(world_rows web allowed.example.com head | jq -r .method)" = GET ]
}

@test "presets hold for their hosts and ports" {
	run each --allow-host @github <<-'END'
		 <- git clone -q https://github.com/team/app.git /tmp/one
		SSH-2.0-world <- tunnel talk github.com 22
		reset <- tunnel refusal github.com 9418 hello
	END
	exits 0
	reaches --allow-host @github -- +https://github.com -http://github.com:80 -https://registry.npmjs.org -evil.example.net
	reaches --allow-host @npm -- +https://registry.npmjs.org -https://github.com
	reaches --allow-host @npm --allow-host @github --deny-host @github -- +https://registry.npmjs.org -https://github.com
	run box --allow-host @nobody -- true
	refused
	says "there is no such preset; write one of @agent, .*@github"
}

@test "the lists: of the configuration, of options, an empty one, and the names of an older launcher" {
	configure '{"allow_hosts": ["www.example.com"]}'
	reaches -- +www.example.com +https://api.anthropic.com -allowed.example.com
	reaches --allow-host allowed.example.com -- +www.example.com +allowed.example.com -evil.example.net
	configure '{"allow_hosts": []}'
	reaches -- -www.example.com -https://api.anthropic.com -http://93.184.216.34:80
	configure '{"egress_whitelist": ["www.example.com"]}'
	reaches -- +www.example.com -allowed.example.com
	reaches --level compat -- +www.example.com -allowed.example.com -127.0.0.1:8080
	configure '{"egress_blacklist": ["*.example.net"]}'
	reaches -- +www.example.com -evil.example.net
	reaches --level compat -- +www.example.com -evil.example.net -127.0.0.1:8080
	configure '{"deny_hosts": ["www.example.com"]}'
	reaches --allow-host '*' -- +allowed.example.com -www.example.com
}

@test "a project's own list gives nothing before it is accepted, and takes away at once" {
	as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null <<-'END'
		{"allow_hosts": ["evil.example.net"], "deny_hosts": ["www.example.com"], "network": "host"}
	END
	reaches --allow-host '*.example.com' -- +allowed.example.com -evil.example.net -www.example.com -127.0.0.1:8080
	grep -q 'allow_hosts: + .*evil.example.net' "$TEST_DIR/own/out"
	run box accept --yes
	exits 0
	reaches --network filtered --allow-host '*.example.com' -- +allowed.example.com +evil.example.net -www.example.com
	echo '{"allow_local": ["127.0.0.1:8080"]}' | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	reaches -- +allowed.example.com -127.0.0.1:8080
}

@test "levels, and the ways to have the host's network" {
	local inner=(-127.0.0.1:8080 -192.168.77.1:80 -169.254.169.254:80 '-93.184.219.20:8080')
	reaches --level strict -- +https://api.anthropic.com -allowed.example.com -evil.example.net "${inner[@]}"
	reaches -- +https://api.anthropic.com +allowed.example.com +evil.example.net "${inner[@]}"
	reaches --level compat -- +allowed.example.com "${inner[@]/#-/+}"
	reaches --no-egress-filter -- +allowed.example.com "${inner[@]/#-/+}"
	reaches CLAUDE_SANDBOX_NO_EGRESS_FILTER=1 -- +allowed.example.com "${inner[@]/#-/+}"
	reaches --no-network-isolation -- +127.0.0.1:8080
	reaches --network host -- +allowed.example.com +127.0.0.1:8080
	reaches --network none -- -allowed.example.com -https://api.anthropic.com "${inner[@]}"
	reaches --level strict --network none -- -https://api.anthropic.com
	reaches --level compat --network filtered -- +allowed.example.com "${inner[@]}"
}

@test "names that lead to forbidden places are refused there, and the user is told how to want it" {
	local name names=()
	for name in localhost lan metadata mapped-metadata nat64 own own6 alias-lan; do
		names+=("$name.example.net")
	done
	run box -- bash -c 'for name; do curl -sS -m 5 "http://$name/"; done; true' - allowed.example.com "${names[@]}"
	exits 0
	says '^this is allowed.example.com'
	for name in "${names[@]}"; do
		says "^claude-sandbox: network: $name:80 was refused: its address .* is .*; if you want it: claude-sandbox net allow --local $name:80"
	done
	seen_nothing raw any
}

@test "an address that a rule denies by its number is refused under any name, with no advice that would not help" {
	run box --deny-host 93.184.216.38 -- curl -sS -m 5 http://v4only.example.com/
	says '^claude-sandbox: network: v4only.example.com:80 was refused: its address 93.184.216.38 is denied by a rule about its number$'
	[[ $output != *"net allow"* ]]
	seen_nothing web any
}

@test "addresses by number, which no name's rule allows, are refused by both proxies as well" {
	run each <<-'END'
		this is allowed.example.com <- get -x http://127.0.0.1:3128 http://allowed.example.com/
		this is allowed.example.com <- get -x socks5://127.0.0.1:1080 http://allowed.example.com/
		HTTP 403.*no rule allows it; if you want it: claude-sandbox net allow 93.184.216.34:80 <- WAY=connect tunnel refusal 93.184.216.34 80
		HTTP 403.*no rule allows it; if you want it: claude-sandbox net allow --local 192.168.77.1:80 <- WAY=connect tunnel refusal 192.168.77.1 80
		HTTP 403.*net allow --local 169.254.169.254:80 <- WAY=connect tunnel refusal 169.254.169.254 80
		HTTP 403.*net allow --local 127.0.0.1:8080 <- WAY=connect tunnel refusal 127.0.0.1 8080
		HTTP 403.*net allow --local \[::1\]:6379 <- WAY=connect tunnel refusal '[::1]' 6379
		HTTP 403.*net allow --local localhost:8080 <- WAY=connect tunnel refusal localhost 8080
		SOCKS 2 <- WAY=socks tunnel refusal 93.184.216.34 80
		SOCKS 2 <- WAY=socks tunnel refusal 192.168.77.1 80
		SOCKS 2 <- WAY=socks tunnel refusal 127.0.0.1 8080
	END
	exits 0
	[ "$(world_rows web any open | wc -l)" = 2 ]
	seen_nothing raw any
}

@test "the line that a refusal shows is the one that allows it" {
	local url place shown words
	for url in http://evil.example.net:80 http://lan.example.net:80 http://localhost:8080 http://10.9.8.7:80; do
		run box --allow-host allowed.example.com -- curl -sS -m 5 -x http://127.0.0.1:3128 "$url"
		shown=$(sed -n 's/^.*BLOCKED.*if you want it: claude-sandbox //p' <<<"$output")
		read -ra words <<<"$shown"
		[ "${words[*]:0:2}" = "net allow" ]
		place=${url#http://}
		[[ $place != localhost:* ]] || place=127.0.0.1:8080
		nothing_at "$place"
		run box "${words[@]}"
		exits 0
		run box --allow-host allowed.example.com -- curl -sS -m 5 -x http://127.0.0.1:3128 "$url"
		says '^(this is evil|canary )'
		run nothing_at "$place"
		exits 1
	done
}

# --- services of this machine and of the local network --------------------------------------

@test "allow_local: a service of this machine at its own port, and by the host's name, and no other" {
	world_mark
	run each --allow-local localhost:8080 <<-'END'
		canary 127.0.0.1:8080 <- get http://localhost:8080/
		canary 127.0.0.1:8080 <- get http://127.0.0.1:8080/
		canary 127.0.0.1:8080 <- get http://host.sandbox.internal:8080/
		curl: \(7\).* <- get http://localhost:5432/
		.*BLOCKED: egress to 'localhost:5432' .*net allow --local localhost:5432 <- curl -sS http://host.sandbox.internal:5432/
		.*BLOCKED.* <- curl -sS http://lan.example.net/
	END
	exits 0
	[ "$(world_rows raw any open | jq -r .at | sort -u)" = 127.0.0.1:8080 ]
	# A service that listens on IPv6 alone is found as well.
	each --allow-local localhost:6379 <<-'END'
		canary \[::1\]:6379 <- get http://localhost:6379/
		canary \[::1\]:6379 <- get http://127.0.0.1:6379/
	END
	configure '{"allow_local": ["127.0.0.1:5432"]}'
	reaches -- +127.0.0.1:5432 -127.0.0.1:8080
	reaches --allow-local localhost:8080 -- +127.0.0.1:5432 +127.0.0.1:8080 -192.168.77.1:80
	reaches --level strict -- +127.0.0.1:5432 -allowed.example.com
}

@test "allow_local: a service of this machine that speaks TLS, by each of its names" {
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$TEST_DIR/own/tls.key" -out "$TEST_DIR/own/tls.pem" 2>/dev/null
	chmod 644 "$TEST_DIR/own/tls.key"
	chmod 755 "$TEST_DIR" "$TEST_DIR/own"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" openssl s_server -quiet -WWW -accept 127.0.0.1:9443 \
		-key "$TEST_DIR/own/tls.key" -cert "$TEST_DIR/own/tls.pem"
	wait_for 5 listens 9443
	each --allow-local localhost:9443 <<-'END'
		start <- get -k https://localhost:9443/hello.txt
		start <- get -k https://127.0.0.1:9443/hello.txt
		start <- get -k https://host.sandbox.internal:9443/hello.txt
		start <- get -k -x http://127.0.0.1:3128 https://localhost:9443/hello.txt
		start <- get -k -x socks5h://127.0.0.1:1080 https://host.sandbox.internal:9443/hello.txt
		curl: \(35\).* <- get -k --connect-to evil.example.net:9443:host.sandbox.internal:9443 https://evil.example.net:9443/hello.txt
	END
}

@test "allow_local: what begins to listen later is reached, and the sandbox's own loopback stays its own" {
	as_user tee "$PROJECT/serve.py" >/dev/null <<-'END'
		import http.server, sys
		http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
	END
	run box --allow-local localhost:9001 -- curl -sS -m 5 http://localhost:9001/
	# A reset, which curl takes for a failure to connect if it is quick enough.
	exits 56 || exits 7
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" /usr/bin/python3 serve.py 9001
	wait_for 5 listens 9001
	run each --allow-local localhost:9001 <<-'END'
		200 <- get -o /dev/null -w '%{http_code}' http://localhost:9001/hello.txt
		200 <- /usr/bin/python3 serve.py 9002 2>/dev/null & sleep 0.5; get -o /dev/null -w '%{http_code}' http://localhost:9002/hello.txt; kill $!
	END
	exits 0
}

@test "allow_local: an address of the local network by number and by name; metadata only if it is named" {
	reaches --allow-local 192.168.77.1:80 -- +192.168.77.1:80 -192.168.77.1:443 -192.168.77.1:445 -10.9.8.7:80
	reaches --allow-local lan.example.net:80 -- +lan.example.net -192.168.77.1:443 -10.9.8.7:80 || true
	run each --allow-local lan.example.net:80 --allow-local 10.9.0.0/16:80 <<-'END'
		canary 192.168.77.1:80 <- get http://lan.example.net/
		canary 10.9.8.7:80 <- get http://10.9.8.7/
		canary 10.9.8.7:80 <- get http://ten.example.net/
		.*net allow --local lan.example.net:445 <- curl -sS http://lan.example.net:445/
		.*net allow --local 10.9.8.7:81 <- curl -sS http://10.9.8.7:81/
		curl.* <- get http://10.9.8.7:22/
		.*BLOCKED.*private.* <- curl -sS http://rebind-lan.example.net/ http://rebind-lan.example.net/
	END
	seen raw 192.168.77.1:80
	reaches --allow-local 169.254.0.0/16:80 -- -169.254.169.254:80
	reaches --allow-local 169.254.169.254:80 -- +169.254.169.254:80 -192.168.77.1:80
	run each --allow-local metadata.example.net:80 --allow-local own.example.net:8080 <<-'END'
		canary 169.254.169.254:80 <- get http://metadata.example.net/
		canary 93.184.219.20:8080 <- get http://own.example.net:8080/
	END
	exits 0
}

@test "the agent's API at an address that the caller has set is reached without an option, and --explain says so" {
	local url=http://127.0.0.1:8080
	for level in strict default; do
		world_mark
		run each "ANTHROPIC_BASE_URL=$url" --level "$level" <<-'END'
			canary 127.0.0.1:8080 <- get "$ANTHROPIC_BASE_URL"
			curl.* <- get http://127.0.0.1:5432/
		END
		exits 0
		seen_nothing raw 127.0.0.1:5432
	done
	run box "ANTHROPIC_BASE_URL=$url" --explain -- true
	says 'network: 127.0.0.1:8080 may be reached, because ANTHROPIC_BASE_URL names it'
	# The project's own word is not the caller's, and who allows nothing means it.
	run box --level strict -- env "ANTHROPIC_BASE_URL=$url" curl -sS -m 5 "$url"
	exits 7
	configure '{"allow_hosts": []}'
	run box "ANTHROPIC_BASE_URL=$url" -- curl -sS -m 5 "$url"
	exits 7
}

# --- budgets ------------------------------------------------------------------------------

# got_at_most BYTES TARGET: the server there got something, and no more than that.
got_at_most() {
	local n
	wait_for 3 has_rows web "$2" close
	n=$(world_rows web "$2" close | jq -s 'map(.bytes) | add')
	((n <= $1 && n > 0)) && return
	echo "$2 got $n bytes, of $1"
	return 1
}

@test "--upload ends what is sent, in all" {
	run box --upload 1M -- bash -c '
		for n in 1 2 3; do head -c 400000 /dev/zero | curl -sS -T - http://www.example.com/upload; done
		head -c 3000000 /dev/zero | curl -sS -T - http://allowed.example.com/upload
		true'
	exits 0
	times 2 '"received": 400000'
	says '^claude-sandbox: network: .* was refused: the sandbox has sent as much as it may \(upload_mib, upload_host_mib\)'
	[ "$(world_rows web any close | jq -s 'map(.bytes) | add')" -le 1048576 ]
	[ "$(journal 'select(.event == "end") | .bytes_out' | jq -s add)" -le 1048576 ]
	# Of many connections at once, exactly; none of them is told that it has all.
	world_mark
	box --upload 1M -- bash -c 'for n in 1 2 3 4 5; do head -c 3000000 /dev/zero >/dev/tcp/echo.example.com/9 & done
		wait' 2>/dev/null || true
	wait_for 3 has_rows raw echo.example.com:9 close
	[ "$(world_rows raw echo.example.com:9 bytes | jq .bytes | jq -s add)" -le 1048576 ]
	world_mark
	run box --upload 1M -- bash -c 'head -c 3000000 /dev/zero | curl -sS -T - https://allowed.example.com/upload'
	[ "$status" -ne 0 ]
	got_at_most 1048576 allowed.example.com
}

@test "what a budget cuts off is no end for the server" {
	as_user tee "$PROJECT/count.py" >/dev/null <<-'END'
		import socket
		listener = socket.create_server(("127.0.0.1", 9005))
		while True:
		    conn, n = listener.accept()[0], 0
		    try:
		        while data := conn.recv(65536):
		            n += len(data)
		        print("all of", n, flush=True)
		    except ConnectionResetError:
		        print("reset", flush=True)
	END
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" /usr/bin/python3 count.py
	wait_for 5 listens 9005
	run box --allow-local localhost:9005 --upload 1M -- bash -c '
		head -c 500000 /dev/zero >/dev/tcp/localhost/9005; head -c 3000000 /dev/zero >/dev/tcp/localhost/9005; sleep 0.5'
	wait_for 3 grep -q reset "$TEST_DIR/own/log"
	[ "$(<"$TEST_DIR/own/log")" = $'all of 0\nall of 500000\nreset' ] # the first only looked whether it listens
	says 'network: localhost:9005 was refused: the sandbox has sent as much as it may'
}

@test "upload_host_mib ends what is sent to each host" {
	configure '{"upload_host_mib": 1}'
	run box -- bash -c '
		head -c 3000000 /dev/zero | curl -sS -T - http://allowed.example.com/upload
		head -c 1000000 /dev/zero | curl -sS -T - http://www.example.com/upload'
	exits 0
	times 1 '"received": 1000000'
	says 'network: allowed.example.com:80 was refused: the sandbox has sent as much'
	got_at_most 1048576 allowed.example.com
}

# --- lives --------------------------------------------------------------------------------

@test "egress is started by the first use, and an idle one uses no time" {
	no_egress
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "$CSB" -- bash -c ': >up; until [ -e go ]; do sleep 0.1; done
		for way in direct connect socks; do WAY=$way /usr/bin/python3 clients/tunnel.py hold echo.example.com 7 "$PWD/end" & done; wait'
	wait_for 5 test -e "$PROJECT/up"
	no_egress
	as_user touch "$PROJECT/go"
	wait_for 5 all_say 3 holding
	local pid before
	pid=$(egresses)
	sleep 1 # what had to be put away has been
	before=$(cut -d' ' -f14,15 "/proc/$pid/stat")
	sleep 3
	[ "$(cut -d' ' -f14,15 "/proc/$pid/stat")" = "$before" ]
	as_user touch "$PROJECT/end"
	wait "$SPAWNED"
	all_say 3 'still there'
	no_egress
	rm -f "$PROJECT"/{up,go,end}
}

@test "what a program says last arrives, although its sandbox ends at once" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "$CSB" -- bash -c 'exec 5<>/dev/tcp/echo.example.com/9; : >up
		until [ -e go ]; do sleep 0.05; done; head -c 2500000 /dev/zero >&5'
	wait_for 5 test -e "$PROJECT/up"
	wait_for 5 has_rows raw echo.example.com:9 open
	local pid
	pid=$(egresses)
	kill -STOP "$pid" # it learns of the last bytes and of the end at the same time
	as_user touch "$PROJECT/go"
	sleep 0.3
	kill -CONT "$pid"
	wait "$SPAWNED"
	rm -f "$PROJECT"/{up,go}
	wait_for 3 has_rows raw echo.example.com:9 close
	[ "$(world_rows raw echo.example.com:9 bytes | jq .bytes | jq -s add)" = 2500000 ]
	# Whoever takes nothing is not waited for.
	box -- bash -c 'exec 5<>/dev/tcp/stuck.example.com/80; echo hello >&5'
}

# all_say N WORDS: so many lines of the log are these.
all_say() {
	[ "$(grep -cx "$2" "$TEST_DIR/own/log")" = "$1" ]
}

@test "who enters a sandbox has its network and no other" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "$CSB" --allow-host allowed.example.com -- bash -c ': >up; until [ -e go ]; do sleep 0.1; done'
	wait_for 5 test -e "$PROJECT/up"
	run box --enter . -- curl -sS -m 5 http://allowed.example.com http://evil.example.net http://127.0.0.1:8080
	says 'this is allowed'
	says "BLOCKED: egress to 'evil.example.net:80'"
	as_user touch "$PROJECT/go"
	wait "$SPAWNED"
	rm -f "$PROJECT"/{up,go}
	seen_nothing web evil.example.net
	seen_nothing raw any
	grep -q 'network: evil.example.net:80 was refused' "$TEST_DIR/own/log"
}

@test "kill -9 of launcher, keeper or bubblewrap takes egress and its tunnels along" {
	local part
	for part in launcher keeper wrapper; do
		world_mark
		USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "$CSB" -- \
			/usr/bin/python3 clients/tunnel.py hold echo.example.com 7 /nowhere
		wait_for 5 grep -q holding "$TEST_DIR/own/log"
		[ -n "$(egresses)" ]
		kill -KILL "$(part_of "$part" "$SPAWNED")"
		wait "$SPAWNED" || true
		wait_for 5 no_egress
		wait_for 5 nothing_runs
		[ "$(world_rows raw echo.example.com:7 close | wc -l)" = 2 ]
	done
}

@test "without egress the sandbox has no network, and its user is told" {
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/log" "$CSB" -- bash -c 'curl -sS http://allowed.example.com/
		until [ -e go ]; do sleep 0.1; done; curl -sS -m 5 http://www.example.com/; true'
	wait_for 5 grep -q 'this is allowed' "$TEST_DIR/own/log"
	kill -KILL "$(egresses)"
	wait_for 5 no_egress
	as_user touch "$PROJECT/go"
	wait "$SPAWNED"
	rm -f "$PROJECT/go"
	seen_nothing web www.example.com
	grep -q 'the sandbox lost its network, because our program egress ended before it' "$TEST_DIR/own/log"
}

@test "50 sandboxes at once have a network each" {
	local n pids=()
	for n in {1..50}; do
		spawn_user "$TEST_DIR/own/many.$n" "$CSB" --new --allow-host "h$n.wild.example.com" "$PROJECT" -- bash -c \
			"curl -sS -m 60 http://h$n.wild.example.com/ http://h$((n % 50 + 1)).wild.example.com/"
		pids+=("$SPAWNED")
	done
	for n in {1..50}; do
		wait "${pids[n - 1]}" || true
		grep -q "^this is h$n.wild" "$TEST_DIR/own/many.$n"
		grep -q "BLOCKED: egress to 'h$((n % 50 + 1)).wild" "$TEST_DIR/own/many.$n"
	done
	[ "$(world_rows web .wild.example.com head | wc -l)" = 50 ]
	wait_for 5 no_egress
}
