#!/usr/bin/env bats
# The ssh agent behind its guard, with a real ssh-agent and a real sshd, and what of ~/.ssh is shown.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
	export AGENT=$TEST_DIR/run/agent KEYS=$TEST_DIR/keys SSH_PORT
	as_user mkdir -m 700 "$TEST_HOME/.ssh" "$KEYS"
	for key in chosen other; do
		as_user ssh-keygen -q -t ed25519 -N '' -C "$key key" -f "$KEYS/$key"
	done
	as_user ssh-keygen -q -t ed25519 -N '' -C '' -f "$KEYS/host"
	start_agent
	start_sshd
	as_user cp "$KEYS/chosen" "$KEYS/chosen.pub" "$TEST_HOME/.ssh/"
	as_user cp "$KEYS/other" "$TEST_HOME/.ssh/id_ed25519"
	as_user cp "$KEYS/other.pub" "$TEST_HOME/.ssh/id_ed25519.pub"
	as_user tee "$TEST_HOME/.ssh/config" >/dev/null <<-END
		Include conf.d/*
		Host server
		    HostName = 127.0.0.1
		    Port $SSH_PORT
		    User "$TEST_USER"
		    IdentityFile ~/.ssh/chosen
		    IdentitiesOnly yes
		    HostKeyAlias server
		    StrictHostKeyChecking yes
		    ProxyCommand sh -c 'touch $TEST_HOME/proxied; exec nc 127.0.0.1 $SSH_PORT'
		    IdentityAgent $AGENT
		    ForwardAgent yes
		Match exec "touch $TEST_HOME/matched"
		    User nobody
	END
	as_user mkdir "$TEST_HOME/.ssh/conf.d"
	printf 'Host included\n\tHostName included.example\n\tLocalCommand id\n' |
		as_user tee "$TEST_HOME/.ssh/conf.d/one" >/dev/null
	echo "server $(cut -d' ' -f1,2 "$KEYS/host.pub")" | as_user tee "$TEST_HOME/.ssh/known_hosts" >/dev/null
	as_user git init -q --bare "$TEST_DIR/run/remote.git"
}

teardown_file() {
	end_file
}

setup() {
	process_gone "$AGENT_PID" && start_agent
	rm -f "$(log_file)" "$TEST_HOME/.config/claude-sandbox/config.json"
}

start_agent() {
	rm -f "$AGENT"
	spawn_user "$TEST_DIR/own/agent.log" ssh-agent -D -a "$AGENT"
	export AGENT_PID=$SPAWNED
	wait_for 5 test -S "$AGENT"
	as_user SSH_AUTH_SOCK="$AGENT" ssh-add -q "$KEYS/chosen" "$KEYS/other"
}

start_sshd() {
	SSH_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	as_user tee "$TEST_DIR/run/sshd_config" >/dev/null <<-END
		ListenAddress 127.0.0.1
		Port $SSH_PORT
		HostKey $KEYS/host
		PidFile none
		UsePAM no
		StrictModes no
		PasswordAuthentication no
		AuthorizedKeysFile $KEYS/chosen.pub
	END
	spawn_user "$TEST_DIR/own/sshd.log" /usr/sbin/sshd -D -e -f "$TEST_DIR/run/sshd_config"
	wait_for 5 grep -q listening "$TEST_DIR/own/sshd.log"
}

log_file() {
	echo "$TEST_HOME/.local/state/claude-sandbox/projects/"app-*/ssh/agent.jsonl
}

configure() {
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	echo "$1" | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
}

choose_one() {
	configure "{\"ssh_agent_keys\": [\"~/.ssh/chosen.pub\"] $1}"
}

inside() {
	USER_DIR=$PROJECT as_user SSH_AUTH_SOCK="$AGENT" "$CSB" --allow-local "localhost:$SSH_PORT" -- "$@"
}

on_host() {
	as_user SSH_AUTH_SOCK="$AGENT" "$@"
}

logged() {
	jq -e "select($1)" "$(log_file)" >/dev/null || {
		cat "$(log_file)"
		return 1
	}
}

# bats test_tags=backend
@test "ssh logs in with the agent's key, and the log knows user, server and key" {
	inside ssh -V
	[ "$(inside ssh server 'echo "in as $(id -un)"' 2>/dev/null)" = "in as $TEST_USER" ]
	logged ".event == \"signed\" and .kind == \"login\" and .user == \"$TEST_USER\" and .comment == \"chosen key\" and
		.key == \"$(ssh-keygen -lf "$KEYS/chosen.pub" | cut -d' ' -f2)\" and
		.host_key == \"$(ssh-keygen -lf "$KEYS/host.pub" | cut -d' ' -f2)\""
	[ "$(stat -c %a "$(log_file)")" = 600 ]
	run inside ssh server true
	says "ssh agent: 1 signature with SHA256:.* \(chosen key\)"
	[[ $output != *refused* ]]
}

@test "the configuration is cleaned: nothing in it ran, and what was left out is told" {
	run inside cat .ssh/config "$TEST_HOME/.ssh/config" "$TEST_HOME/.ssh/conf.d/one"
	says '^Host server$'
	says '^HostName 127.0.0.1$'
	says '^HostName included.example$'
	says '^Include conf.d/\*$'
	says "^IdentityFile $TEST_HOME/.ssh/chosen.pub\$"
	run ! grep -iE 'ProxyCommand|IdentityAgent|ForwardAgent|exec|nobody|LocalCommand' <<<"$output"
	[ "$(inside ssh -G included 2>/dev/null | grep '^hostname ')" = "hostname included.example" ]
	[ ! -e "$TEST_HOME/proxied" ]
	[ ! -e "$TEST_HOME/matched" ]
	run on_host "$CSB" --explain "$PROJECT" -- true
	exits 0
	for word in ProxyCommand IdentityAgent ForwardAgent 'Match exec' LocalCommand; do
		says "ssh: $word is not passed on"
	done
}

@test "git push and fetch over ssh" {
	run -0 inside sh -c "git push -q server:$TEST_DIR/run/remote.git HEAD:refs/heads/main && git ls-remote server:$TEST_DIR/run/remote.git"
	says refs/heads/main
	[ "$(git -c safe.directory='*' -C "$TEST_DIR/run/remote.git" rev-parse main)" = "$(USER_DIR=$PROJECT as_user git rev-parse HEAD)" ]
}

@test "a commit signed by the agent, by .pub file and by key:: text, verifies on the host" {
	local key
	for key in "$TEST_HOME/.ssh/chosen.pub" "key::$(cut -d' ' -f1,2 "$KEYS/chosen.pub")"; do
		inside git -c gpg.format=ssh -c user.signingkey="$key" commit -q --allow-empty -S -m signed
		echo "tess@example.org $(cut -d' ' -f1,2 "$KEYS/chosen.pub")" | as_user tee "$TEST_DIR/run/signers" >/dev/null
		USER_DIR=$PROJECT run -0 as_user git -c gpg.ssh.allowedSignersFile="$TEST_DIR/run/signers" verify-commit HEAD
		says 'Good "git" signature'
	done
	logged '.event == "signed" and .kind == "file" and .namespace == "git"'
}

# bats test_tags=backend
@test "a key that is not chosen is neither listed nor used, by file, fingerprint and comment" {
	local choice
	# shellcheck disable=SC2088 # the launcher knows the tilde
	for choice in '~/.ssh/chosen.pub' "$(ssh-keygen -lf "$KEYS/chosen.pub" | cut -d' ' -f2)" 'chosen key'; do
		[ "$(on_host ssh-add -l | wc -l)" = 2 ]
		configure "{\"ssh_agent_keys\": [\"$choice\"]}"
		run -0 inside ssh-add -l
		says 'chosen key'
		[[ $output != *"other key"* ]]
		as_user cp "$KEYS/other.pub" "$PROJECT/other.pub"
		on_host ssh-keygen -q -Y sign -n file -f "$KEYS/other.pub" "$PROJECT/hello.txt" && rm "$PROJECT/hello.txt.sig"
		run inside ssh-keygen -q -Y sign -n file -f other.pub hello.txt
		[ "$status" -ne 0 ]
		[ ! -e "$PROJECT/hello.txt.sig" ]
		[ "$(inside ls "$TEST_HOME/.ssh" | grep -c id_ed25519)" = 0 ]
	done
	configure '{"ssh_agent_keys": ["~/.ssh/nothing.pub"]}'
	run inside true
	refused
	says 'nothing.pub cannot be read'
}

@test "raw requests: only list and sign get another answer than failure; the agent is unchanged" {
	local before
	choose_one ''
	before=$(on_host ssh-add -L)
	as_user tee "$PROJECT/raw.py" >/dev/null <<-'END'
		import os, socket, struct, sys, base64
		def ask(body, frame=None):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(20)
		    s.connect(os.environ["SSH_AUTH_SOCK"])
		    s.sendall(frame or struct.pack(">I", len(body)) + body)
		    head = s.recv(4, socket.MSG_WAITALL)
		    if len(head) < 4: return None
		    return s.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL)
		def string(b): return struct.pack(">I", len(b)) + b
		key = lambda f: base64.b64decode(open(f).read().split()[1])
		other = set()
		data = b"SSHSIG" + string(b"raw") + string(b"") + string(b"sha512") + string(bytes(64))
		def sign(k, data, flags=0): return ask(b"\x0d" + string(key(k)) + string(data) + struct.pack(">I", flags))
		print("chosen", sign("chosen.pub", data)[0])
		for name, answer in (("not chosen", sign("other.pub", data)), ("challenge", sign("chosen.pub", b"anything")),
		                     ("flags", sign("chosen.pub", data, 8)), ("more", sign("chosen.pub", data + b"x"))):
		    print(name, answer[0])
		for t in range(256) if sys.argv[1:] == ["all"] else [19]:
		    for rest in (b"", string(key("other.pub")), string(b"/usr/lib/x86_64-linux-gnu/libc.so.6") + string(b""), string(b"query")):
		        answer = ask(bytes([t]) + rest)
		        if answer != b"\x05": other.add((t, len(rest)))
		print("other", sorted(other))
		if sys.argv[1:] == ["all"]: print("long", ask(b"", struct.pack(">I", 256 * 1024 + 1)), "empty", ask(b"", struct.pack(">I", 0)))
	END
	as_user cp "$KEYS/chosen.pub" "$KEYS/other.pub" "$PROJECT/"
	USER_DIR=$PROJECT run on_host python3 raw.py few
	exits 0
	says '^other \[\(19, '
	says '^challenge 14'
	says '^not chosen 14'
	run on_host ssh-add -L
	says 'The agent has no identities'
	on_host ssh-add -q "$KEYS/chosen" "$KEYS/other"
	before=$(on_host ssh-add -L)
	run inside python3 raw.py all
	says '^other \[\(11, 0\)\]$'
	says '^chosen 14$'
	says '^not chosen 5$'
	says '^challenge 5$'
	says '^flags 5$'
	says '^more 5$'
	says '^long None empty None$'
	says 'requests refused: .*add a key.*lock the agent'
	[ "$(on_host ssh-add -L)" = "$before" ]
}

@test "ssh-add: -d, -D, -x, -X, -s, -e, -t and a new key are refused, and the agent is unchanged" {
	local before words
	before=$(on_host ssh-add -L)
	as_user cp "$KEYS/chosen.pub" "$PROJECT/"
	as_user rm -f "$PROJECT/new" "$PROJECT/new.pub"
	as_user ssh-keygen -q -t ed25519 -N '' -f "$PROJECT/new"
	for words in '-D' '-d chosen.pub' '-t 60 new' '-c new' 'new' '-s /usr/lib/x86_64-linux-gnu/libc.so.6' '-e x'; do
		run inside sh -c "SSH_ASKPASS=/bin/true SSH_ASKPASS_REQUIRE=force ssh-add $words </dev/null"
		[ "$status" -ne 0 ] || {
			echo "worked: ssh-add $words"
			return 1
		}
	done
	for words in -x -X; do
		run inside sh -c "printf '#!/bin/sh\necho secret\n' >ask; chmod +x ask; SSH_ASKPASS=./ask SSH_ASKPASS_REQUIRE=force ssh-add $words"
		[ "$status" -ne 0 ]
		says 'requests? refused: (un)?lock the agent'
	done
	[ "$(on_host ssh-add -L)" = "$before" ]
}

@test "the limit of signatures holds for all of a sandbox, also for many at once" {
	choose_one ', "ssh_agent_max_signatures": 3'
	run inside sh -c 'for i in 1 2 3 4 5 6 7 8; do cp hello.txt n$i; ssh-keygen -q -Y sign -n file -f ~/.ssh/chosen.pub n$i & done; wait; ls n*.sig | wc -l; rm n*'
	says '^3$'
	says 'ssh agent: 3 signatures with .*'
	says '5 requests refused: sign beyond ssh_agent_max_signatures \(5 times\)'
}

@test "a person confirms each signature; no answer and no are no, and others do not wait" {
	local asker=$TEST_HOME/.local/bin/asker
	printf '#!/bin/sh\necho "$SSH_ASKPASS_PROMPT $1" >>%q\nsleep "$(cat %q)"\nexit "$(cat %q)"\n' \
		"$TEST_DIR/run/asked" "$TEST_DIR/run/delay" "$TEST_DIR/run/answer" | as_user tee "$asker" >/dev/null
	chmod +x "$asker"
	choose_one ', "ssh_agent_confirm": true'
	say_later() {
		echo "$1" | as_user tee "$TEST_DIR/run/delay" >/dev/null
		echo "$2" | as_user tee "$TEST_DIR/run/answer" >/dev/null
	}
	asked() {
		USER_DIR=$PROJECT as_user SSH_AUTH_SOCK="$AGENT" SSH_ASKPASS="$asker" "$CSB" --allow-local "localhost:$SSH_PORT" -- sh -c "$1"
	}
	say_later 0 0
	run -0 asked 'ssh server echo fine'
	says '^fine'
	grep -q "^confirm May the sandbox of $PROJECT use your ssh key chosen key" "$TEST_DIR/run/asked"
	grep -q "to log in as $TEST_USER on the server with the key SHA256:" "$TEST_DIR/run/asked"
	say_later 0 1
	run asked 'ssh server echo fine'
	says 'refused: sign, not confirmed'
	[[ $output != *fine* ]]
	say_later 3 0
	run -0 asked 'ssh server echo fine & sleep 1; timeout 1 ssh-add -l >/dev/null && echo listed; wait'
	[[ $output == *listed*fine* ]]
	: >"$TEST_DIR/run/asked"
	say_later 0 1
	run asked 'for i in 1 2 3 4 5 6; do ssh server true; done'
	[ "$(grep -c '^confirm' "$TEST_DIR/run/asked")" = 3 ]
	run inside true
	refused
	says 'install ssh-askpass'
}

@test "no private key can be read, by any name" {
	walk='find ~/.ssh /run /tmp -type f -size -64k -exec grep -l "PRIVATE KEY" {} + 2>/dev/null | grep .'
	as_user sh -c "$walk"
	run inside sh -c "$walk"
	[ "$status" -ne 0 ]
	run ! inside cat "$TEST_HOME/.ssh/id_ed25519"
	run ! inside cat "$KEYS/chosen"
	run ! inside sh -c 'cat ~/.ssh/chosen'
}

@test "an agent that hangs or dies: others are served, and the sandbox goes on" {
	choose_one ''
	kill -STOP "$AGENT_PID"
	run inside sh -c 'for i in 1 2 3; do timeout 2 ssh-add -l & done; timeout 2 ssh-add -D; echo "D $?"; wait; echo done'
	kill -CONT "$AGENT_PID"
	says '^D 1$'
	says '^done$'
	kill -KILL "$AGENT_PID"
	wait_for 5 process_gone "$AGENT_PID"
	run inside sh -c 'timeout 5 ssh-add -l; echo "l $?"; echo done'
	says '^l [12]$'
	says '^done$'
	says 'refused: agent not reached'
	start_agent
	run -0 inside ssh-add -l
	says 'chosen key'
}

@test "more clients than there are places, and slow ones, do not keep others out" {
	as_user tee "$PROJECT/many.py" >/dev/null <<-'END'
		import os, socket, time
		def connect():
		    s = socket.socket(socket.AF_UNIX)
		    s.connect(os.environ["SSH_AUTH_SOCK"])
		    return s
		idle = [connect() for i in range(40)]
		def listed(s):
		    s.settimeout(15)
		    s.sendall(b"\0\0\0\1\x0b")
		    return s.recv(5)[4:] == b"\x0c"
		print("behind idle ones", listed(connect()))
		slow = []
		for i in range(16):
		    slow.append(connect())
		    slow[-1].sendall(b"\0\0")
		    time.sleep(0.01)
		began = time.monotonic()
		print("behind slow ones", listed(connect()), time.monotonic() - began < 14)
	END
	run inside python3 many.py
	says '^behind idle ones True$'
	says '^behind slow ones True True$'
}

@test "without an agent, at strict and with --ssh-agent none there is none; raw with rules is refused" {
	USER_DIR=$PROJECT run -0 as_user "$CSB" -- sh -c 'echo "<$SSH_AUTH_SOCK>"'
	says '^<>$'
	run -0 inside sh -c 'echo "<$SSH_AUTH_SOCK>"'
	says '^</run/claude-sandbox/ssh-agent>$'
	for words in '--ssh-agent none' '--level strict'; do
		# shellcheck disable=SC2086
		USER_DIR=$PROJECT run -0 on_host "$CSB" $words "$PROJECT" -- sh -c 'echo "<$SSH_AUTH_SOCK>"; ls ~/.ssh'
		says '^<>$'
		[[ $output != *.pub* ]]
	done
	choose_one ''
	run on_host "$CSB" --ssh-agent raw "$PROJECT" -- true
	refused
	says 'ssh-agent guarded'
}

@test "the project's file can take the agent away, and cannot choose its keys" {
	echo '{"ssh_agent_keys": ["other key"], "ssh_agent_sign_anything": true, "ssh_agent_max_signatures": 1}' |
		as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	choose_one ''
	run inside sh -c 'ssh-add -l; for i in 1 2; do ssh server echo fine; done'
	as_user rm "$PROJECT/.claude-sandbox.json"
	says 'chosen key'
	[ "$(grep -c '^fine' <<<"$output")" = 1 ]
	[[ $(grep '^256' <<<"$output") != *"other key"* ]]
}

@test "gh's configuration and tokens come in on request only" {
	as_user mkdir -p "$TEST_HOME/.config/gh"
	echo 'oauth_token: gho_secret' | as_user tee "$TEST_HOME/.config/gh/hosts.yml" >/dev/null
	local probe='cat ~/.config/gh/hosts.yml; echo "$GH_TOKEN $GITHUB_TOKEN"'
	with_gh() {
		USER_DIR=$PROJECT as_user GH_TOKEN=gh-secret GITHUB_TOKEN=hub-secret "$CSB" "$@" -- sh -c "$probe"
	}
	for level in strict default; do
		run with_gh --level "$level"
		[[ $output != *secret* ]]
	done
	run -0 with_gh --gh-token
	says 'gho_secret'
	says '^gh-secret hub-secret$'
	configure '{"gh_config": true}'
	run -0 with_gh
	says 'gho_secret'
	[[ $output != *gh-secret* ]]
	[[ $output != *hub-secret* ]]
}
