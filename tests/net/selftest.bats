#!/usr/bin/env bats
# The world works where no sandbox is: each server answers the programs that it is for, and sees what they do. Without that a
# refusal inside would prove nothing.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load helpers

setup_file() {
	start_net
	make_clients
}

setup() {
	world_mark
}

teardown_file() {
	end_file
}

fetch() {
	as_user timeout 20 /usr/bin/python3 "$CLIENTS/fetch.py" "$@"
}

# get ARGUMENTS...: curl, that fails for statuses of errors.
get() {
	as_user timeout 20 curl -sS --fail "$@"
}

# is TEXT: the output of the last `run` is TEXT and it succeeded.
is() {
	exits 0 && [ "$output" = "$1" ] && return
	printf 'expected: %s\nseen: %s\n' "$1" "$output"
	return 1
}

@test "every name is served, over IPv4 and IPv6, with and without TLS" {
	local name
	for name in $(world_names | grep -vE '^(git|slow|many)\.|github|registry|pypi|python|golang'); do
		run get "http://$name/" "https://$name/"
		is "this is $name"$'\n'"this is $name"
	done
	run get -4 https://allowed.example.com/
	is "this is allowed.example.com"
	run get -6 https://allowed.example.com/
	is "this is allowed.example.com"
	run get https://x.y.wild.example.com/
	[ "$status" -ne 0 ] # a certificate's star is one label
	run get https://x.wild.example.com/
	is "this is x.wild.example.com"
}

@test "a certificate holds for its name, and for nobody who does not trust the world" {
	run get --connect-to evil.example.net:443:allowed.example.com:443 https://evil.example.net/
	is "this is evil.example.net"
	run get --resolve nobody.example.com:443:93.184.216.34 https://nobody.example.com/
	exits 60
	run get --cacert /dev/null --capath /nowhere https://allowed.example.com/
	[ "$status" -ne 0 ]
}

@test "bodies: with a length, in chunks, until the end, slow, large; uploads in both ways" {
	[ "$(get https://allowed.example.com/bytes/3000000 | wc -c)" = 3000000 ]
	[ "$(get http://allowed.example.com/chunked/5 | tail -1)" = "chunk 4" ]
	[ "$(get https://allowed.example.com/until-close/70000 | wc -c)" = 70000 ]
	[ "$(get http://allowed.example.com/slow/1)" = .......... ]
	head -c 2000000 /dev/zero >"$TEST_DIR/own/zeros"
	get -T - http://allowed.example.com/upload <"$TEST_DIR/own/zeros" | grep -q '"received": 2000000'
	get --data-binary @- https://allowed.example.com/upload <"$TEST_DIR/own/zeros" | grep -q '"received": 2000000'
	run get http://allowed.example.com/torn
	exits 18
	run get http://allowed.example.com/reset
	exits 56
	run get -m 1 http://allowed.example.com/silence
	exits 28
}

@test "keep-alive, a redirect to another host, an upgrade, the request as JSON" {
	get https://allowed.example.com/ https://allowed.example.com/echo >/dev/null
	[ "$(world_rows web allowed.example.com open | wc -l)" = 1 ]
	[ "$(world_rows web allowed.example.com head | wc -l)" = 2 ]
	run get -L http://allowed.example.com/redirect/evil.example.net/x
	exits 22 # there is no /x, but it went there
	seen web evil.example.net head
	run fetch --all www.example.com 80 $'GET /upgrade HTTP/1.1\r\nHost: www.example.com\r\nUpgrade: echo\r\n\r\nand on'
	says '^HTTP/1.1 101 ' && says 'and on$'
	run get -H 'X-Test: 1' -X PUT -d 12345 https://allowed.example.com/echo
	says '"method": "PUT"' && says '\["X-Test", "1"\]' && says '"body_length": 5,'
}

@test "what comes is logged: a silent connection, bytes that are no request, SNI that differs from Host" {
	fetch --all evil.example.net 80 '' || true
	seen web evil.example.net:80 close
	world_mark
	fetch --all evil.example.net 443 'not TLS' || true
	seen web evil.example.net:443 close
	[ "$(world_rows web evil.example.net:443 close | jq -r '.raw | @base64d')" = "not TLS" ]
	world_mark
	get -H 'Host: cdn-evil.example.net' https://cdn-allowed.example.com/ >/dev/null
	[ "$(world_rows web cdn-evil.example.net head | jq -r .sni)" = cdn-allowed.example.com ]
	fetch --sni cdn-evil.example.net https://cdn-allowed.example.com/ >/dev/null
	seen web cdn-evil.example.net tls
	seen_nothing web evil.example.net
	run seen_nothing web cdn-evil.example.net
	exits 1
}

@test "nobody can claim that nothing was seen where no server looks" {
	local target
	for target in 'raw 127.0.0.1:5433' 'raw nobody.example.net' 'web 93.184.216.250:443' 'raw evil.example.net:80' 'wbe any' \
		'raw any byte'; do
		# shellcheck disable=SC2086 # two words
		run seen_nothing $target
		exits 1
	done
	seen_nothing raw lan.example.net
	get http://lan.example.net/ >/dev/null
	seen raw lan.example.net bytes
}

@test "DNS: each kind of name, by UDP and TCP, and the log of questions" {
	[ "$(fetch --resolve allowed.example.com)" = $'2606:2800:220:1::34\n93.184.216.34' ]
	[ "$(fetch --resolve v6only.example.com)" = 2606:2800:220:1::39 ]
	[ "$(fetch --resolve many.example.com | wc -l)" = 30 ]
	[ "$(fetch --resolve alias-lan.example.net)" = 192.168.77.1 ]
	[ "$(fetch --resolve metadata.example.net)" = 169.254.169.254 ]
	[ "$(fetch --resolve nat64.example.net)" = 64:ff9b::7f00:1 ]
	[ "$(fetch --resolve secret.exfil.example.net)" = 93.184.216.67 ]
	seen dns .exfil.example.net query
	seen_nothing dns huge.example.com
	[ "$(fetch --resolve huge.example.com | wc -l)" = 1500 ]
	[ "$(world_rows dns huge.example.com | jq -r .by | sort -u | xargs)" = "tcp udp" ]
	local name
	for name in nx servfail refused; do
		run fetch --resolve "$name.example.com"
		exits 1
	done
	run as_user timeout 2 getent ahosts silent.example.com
	exits 124
	seen dns silent.example.com
}

@test "DNS: a slow answer comes after 2 s, a stuck server lets nobody connect" {
	local began=${EPOCHREALTIME/./}
	get http://slow.example.com/ >/dev/null
	((${EPOCHREALTIME/./} - began > 1900000))
	run get -m 1 http://stuck.example.com/
	exits 28
}

@test "a rebinding name leads to two places by turns, and a test can lead one elsewhere" {
	world_tell reset
	local first second
	first=$(as_user getent ahostsv4 rebind.example.net | awk '{ print $1; exit }')
	second=$(as_user getent ahostsv4 rebind.example.net | awk '{ print $1; exit }')
	[ "$first $second" = "93.184.216.34 127.0.0.1" ]
	world_tell set allowed.example.com 10.9.8.7
	[ "$(fetch --resolve allowed.example.com)" = 10.9.8.7 ]
	world_tell reset
	[ "$(fetch --resolve v4only.example.com)" = 93.184.216.38 ]
}

@test "canaries: each answers and is logged; one that nobody called is not" {
	local place
	for place in 127.0.0.1:80 127.0.0.1:8080 192.168.77.1:80 10.9.8.7:80 172.16.5.4:80 169.254.169.254:80 \
		100.100.100.200:80 '[fd00:ec2::254]:80' '[::1]:80' '[64:ff9b::a9fe:a9fe]:80' '[2002:7f00:1::1]:80' \
		93.184.219.20:8080 192.168.77.20:8080 '[2606:2800:220:77::20]:8080'; do
		seen_nothing raw "$place"
		run get "http://$place/latest/meta-data"
		is "canary $place"
		seen raw "$place" bytes
	done
	for place in '127.0.0.1 5432' '::1 6379' '10.9.8.7 22' '0.0.0.0 5432'; do
		# shellcheck disable=SC2086 # two words
		run fetch $place hello
		says '^canary '
	done
	seen_nothing raw 192.168.77.1:445
}

@test "of all addresses only the host's own are on its interface" {
	run bash -c 'ip -br addr show dev lo | tr " " "\n" | grep / | sort | xargs'
	is '127.0.0.1/8 192.168.77.20/32 2606:2800:220:77::20/128 93.184.219.20/32 ::1/128 fd00:77::20/128'
	get http://evil.example.net/ >/dev/null
	world_rows web evil.example.net open | grep -q '"from": "\(93.184.219.20:\|\[2606:2800:220:77::20\]\)'
}

@test "canaries of datagrams, and resolvers that anybody may ask" {
	run fetch --udp evil.example.net 443 hello
	says '^canary '
	run fetch --udp 10.9.8.7 161 hello
	is "canary 10.9.8.7:161"
	seen raw 10.9.8.7:161 datagram
	run /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)
s.sendto(bytes.fromhex("1234010000010000000000000377777707657861")+b"mple\3com\0\0\1\0\1", ("8.8.8.8", 53))
print(s.recv(512)[-4:].hex())'
	is 5db8d823
	seen dns 8.8.8.8:53 query
}

@test "raw TCP by name: echo, banners of servers that speak first, a half-closed connection" {
	run fetch echo.example.com 7 hello
	is hello
	run fetch mail.example.com 25
	says '^220 mail.example.com'
	run fetch ssh.example.com 22
	says '^SSH-2.0-'
	run fetch --all echo.example.com 9 0123456789
	is '10 bytes'
	run fetch evil.example.net 4444 hello
	is hello
}

@test "git: clone, push, clone again" {
	as_user bash -ec 'cd && git clone -q https://git.example.com/team/app.git one && cd one && echo more >>hello.txt &&
		git commit -qam more && git push -q && cd && git clone -q https://github.com/team/app.git two && cat two/hello.txt'
	seen web git.example.com request
	run as_user git ls-remote https://git.example.com/team/app.git main
	[ "$output" = "$(cd "$TEST_HOME/one" && as_user git -C "$TEST_HOME/one" rev-parse HEAD)"$'\trefs/heads/main' ]
}

@test "npm installs a package and what it needs" {
	needs node npm
	as_user mkdir -p "$TEST_HOME/npm"
	USER_DIR=$TEST_HOME/npm as_user npm install --silent --no-audit --no-fund --no-update-notifier \
		--registry https://registry.npmjs.org --cafile "$NET_CA" tiny-greeting
	run env -C "$TEST_HOME/npm" node -e 'console.log(require("tiny-greeting")())'
	is 'hello world'
	seen web registry.npmjs.org request
}

@test "pip installs a wheel" {
	/usr/bin/python3 -c 'import pip' 2>/dev/null || skip "pip is not installed"
	as_user PIP_CONFIG_FILE=/dev/null /usr/bin/python3 -m pip install -q --disable-pip-version-check --no-cache-dir \
		--index-url https://pypi.org/simple --cert "$NET_CA" --target "$TEST_HOME/site" tiny-world
	run as_user "PYTHONPATH=$TEST_HOME/site" /usr/bin/python3 -c 'import tiny_world; print(tiny_world.greet())'
	is 'hello world'
	seen web files.pythonhosted.org request
}

@test "go downloads a module" {
	needs go
	as_user mkdir -p "$TEST_HOME/mod"
	printf 'module example.org/app\n\ngo 1.19\n\nrequire example.com/tiny v1.0.0\n' |
		as_user tee "$TEST_HOME/mod/go.mod" >/dev/null
	USER_DIR=$TEST_HOME/mod as_user GOPROXY=https://proxy.golang.org GOSUMDB=off GOTOOLCHAIN=local \
		GOFLAGS=-modcacherw go mod download
	seen web proxy.golang.org request
	[ -e "$TEST_HOME/go/pkg/mod/example.com/tiny@v1.0.0/tiny.go" ]
}

@test "a Go program, with either resolver" {
	needs go
	local resolver
	for resolver in go cgo; do
		run as_user "GODEBUG=netdns=$resolver" "$CLIENTS/fetch" https://allowed.example.com/
		is $'200\nthis is allowed.example.com'
	done
	run as_user "$CLIENTS/fetch" mail.example.com 25
	says '^220 '
}

@test "a Java program: its HTTP client, and a plain socket" {
	needs java
	run as_user "WORLD_CA=$NET_CA" java "$CLIENTS/Fetch.java" https://allowed.example.com/
	is $'200\nthis is allowed.example.com'
	run as_user java "$CLIENTS/Fetch.java" mail.example.com 25
	says '^220 '
}

@test "a Node program, and a Python program with the system's certificates" {
	run fetch https://allowed.example.com/
	is $'200\nthis is allowed.example.com'
	needs node
	run as_user "NODE_EXTRA_CA_CERTS=$NET_CA" node -e 'fetch("https://allowed.example.com/").then(r => r.text()).then(t => process.stdout.write(t))'
	is "this is allowed.example.com"
}

@test "a name can be played by another server, as the scripted API" {
	local port=18080
	spawn_user "$TEST_DIR/own/served" /usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory /etc "$port"
	wait_for 10 fetch 127.0.0.1 "$port" $'GET / HTTP/1.0\r\n\r\n' >/dev/null 2>&1
	world_tell play api.anthropic.com "$port"
	run get https://api.anthropic.com/resolv.conf
	is "nameserver 127.0.0.53"
	world_tell play api.anthropic.com 0
	run get https://api.anthropic.com/
	is "this is api.anthropic.com"
}

@test "the real client talks to the scripted API under its own name, by TLS" {
	[ -x "$CSB_CLAUDE" ] || skip "CSB_CLAUDE is not the path of Claude Code"
	load ../e2e/helpers
	export API_KEY
	API_KEY=sk-ant-test-$(tr -dc a-z0-9 </dev/urandom | head -c 40)
	make_project app
	start_api greet
	world_play_api
	run agent outside -p "good morning"
	stop_api
	world_tell play api.anthropic.com 0
	exits 0
	says 'A fine morning'
	api_ok
	seen web api.anthropic.com tls
}

@test "a world gives the exit code of its command, and ends with it" {
	run "$NET/world.sh" bash -c 'exit 7'
	exits 7
	run "$NET/world.sh" bash -c 'curl -sS https://evil.example.net/'
	is "this is evil.example.net"
	run -127 "$NET/world.sh" /nowhere
	seen_nothing web evil.example.net
}

# children_of PID...: all below them.
children_of() {
	local pid children
	for pid in "$@"; do
		read -ra children <"/proc/$pid/task/$pid/children" || true
		echo "${children[*]}"
		children_of "${children[@]}"
	done 2>/dev/null
}

# end_world SIGNAL: of a world with a command in it; nothing of it lives on.
end_world() {
	local own=$TEST_DIR/own pid world
	rm -f "$own/ready"
	"$NET/world.sh" bash -c ': >"$1"; sleep 1000; true' - "$own/ready" 3>&- &
	world=$!
	wait_for 10 test -e "$own/ready"
	local below=() # words of all lines
	read -ra below -d '' < <(children_of "$world") || true
	[ "${#below[@]}" -ge 4 ] # the first process, the servers, bash, sleep
	kill "-$1" "$world"
	for pid in "${below[@]}"; do
		wait_for 5 process_gone "$pid"
	done
}

@test "a world that is told to end takes everything with it" {
	end_world TERM
}

@test "a world that is killed takes everything with it" {
	end_world KILL
}

@test "no server has stumbled, and what is theirs is not the user's" {
	cat "$WORLD_DIR/errors.log"
	[ ! -s "$WORLD_DIR/errors.log" ]
	run as_user cat "$WORLD_DIR/own/leaf.key" "$WORLD_DIR/web.jsonl"
	[ "$status" -ne 0 ]
	[ "$(grep -c 'denied$' <<<"$output")" = 2 ]
}
