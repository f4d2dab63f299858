#!/usr/bin/env bats
# What a payload finds inside, and what it does not. Every probe is run outside first, where it must succeed.
# shellcheck disable=SC2016
# bats file_tags=backend

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
}

teardown_file() {
	end_file
}

# shellcheck disable=SC2153 # PROJECT comes from make_project
# inside COMMAND...: in the default level, from the project.
inside() {
	USER_DIR=$PROJECT as_user "$CSB" -- "$@"
}

outside() {
	USER_DIR=$PROJECT as_user "$@"
}

# lacks WORD: the output of the last `run` does not contain it.
lacks() {
	[[ $output != *"$1"* ]] || {
		printf 'not expected: %s\nseen: %s\n' "$1" "$output"
		return 1
	}
}

# walled PROBE: a shell line that succeeds outside and fails inside.
walled() {
	outside bash -c "$1" >/dev/null 2>&1 || {
		echo "the probe does not work outside: $1"
		return 1
	}
	if inside bash -c "$1" >/dev/null 2>&1; then
		echo "the probe works inside: $1"
		return 1
	fi
}

@test "the project is writable, and what is written is the user's on the host" {
	inside sh -c 'echo from-inside >made.txt'
	[ "$(cat "$PROJECT/made.txt")" = from-inside ]
	[ "$(owner_of "$PROJECT/made.txt")" = "$TEST_USER" ]
}

@test "the same path, the same user, the same home path, and /home/sandbox" {
	[ "$(inside pwd)" = "$PROJECT" ]
	[ "$(inside id -u)" = "$(id -u "$TEST_USER")" ]
	[ "$(inside sh -c 'echo $HOME')" = "$TEST_HOME" ]
	[ "$(inside readlink -f /home/sandbox)" = "$TEST_HOME" ]
	[ "$(inside id -un)" = "$TEST_USER" ]
}

@test "the home's files are not there" {
	echo secret | as_user tee "$TEST_HOME/secret" >/dev/null
	walled "cat $TEST_HOME/secret"
}

@test "a write to the home, /etc and /usr does not arrive" {
	watch_host "$TEST_HOME/secret" "$TEST_HOME/new" /etc/hosts /etc/new /usr/new
	inside sh -c "echo x >$TEST_HOME/new"
	run inside sh -c 'echo x >/etc/new'
	[ "$status" -ne 0 ]
	run inside sh -c 'echo x >>/etc/hosts'
	[ "$status" -ne 0 ]
	run inside sh -c 'echo x >/usr/new'
	[ "$status" -ne 0 ]
	run inside sh -c 'echo x >/new'
	[ "$status" -ne 0 ]
	host_unchanged
}

@test "no process of the host is seen or can be signalled" {
	spawn_user "$TEST_DIR/own/victim" sleep 300
	wait_for 5 outside kill -0 "$SPAWNED"
	run inside kill -9 "$SPAWNED"
	kill -0 "$SPAWNED"
	[ "$(inside sh -c 'ls -d /proc/[0-9]* | wc -l')" -lt 10 ]
}

@test "no host directory, socket or shared memory shows in /tmp, /run, /dev/shm" {
	for dir in /tmp /dev/shm; do
		canary=$dir/csb-canary-$$
		echo x >"$canary"
		chmod 644 "$canary"
		walled "cat $canary"
		inside sh -c "echo y >$dir/csb-inside-$$"
		[ ! -e "$dir/csb-inside-$$" ]
		rm "$canary"
	done
	[ "$(inside ls /run)" = "$(printf 'claude-sandbox\nuser')" ]
}

@test "no capability, no new privileges, a filter in force" {
	status=$(inside cat /proc/self/status)
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		grep -Eq "^$set:[[:space:]]+0+$" <<<"$status"
	done
	grep -Eq '^NoNewPrivs:[[:space:]]+1$' <<<"$status"
	grep -Eq '^Seccomp:[[:space:]]+2$' <<<"$status"
}

@test "every namespace is the sandbox's own" {
	for ns in user pid ipc uts cgroup mnt; do
		[ "$(outside readlink "/proc/self/ns/$ns")" != "$(inside readlink "/proc/self/ns/$ns")" ]
	done
	[ "$(outside readlink /proc/self/ns/net)" != "$(USER_DIR=$PROJECT as_user "$CSB" --network none -- readlink /proc/self/ns/net)" ]
	[ "$(inside hostname)" = claude-sandbox ]
}

@test "no nested user namespace where no browser is let in, and else none with mounts" {
	outside unshare -Ur true
	run as_user sh -c 'cd "$1" && "$2" --level strict -- unshare -Ur true' sh "$PROJECT" "$CSB"
	[ "$status" -ne 0 ]
	walled 'unshare -Urm true'
}

@test "the host's loopback is reached with its own network, by name of port with the filtered one, and else not" {
	python3 -c 'import socket,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen()
print(s.getsockname()[1],flush=True); time.sleep(60)' >"$TEST_DIR/own/port" &
	remember_process $!
	wait_for 10 test -s "$TEST_DIR/own/port"
	port=$(cat "$TEST_DIR/own/port")
	probe="exec 3<>/dev/tcp/127.0.0.1/$port"
	outside bash -c "$probe"
	as_user "$CSB" --network host "$PROJECT" -- bash -c "$probe"
	as_user "$CSB" --allow-local "localhost:$port" "$PROJECT" -- bash -c "$probe"
	run as_user "$CSB" --allow-local "localhost:$((port + 1))" "$PROJECT" -- bash -c "$probe"
	[ "$status" -ne 0 ]
	run inside bash -c "$probe"
	[ "$status" -ne 0 ]
	run as_user "$CSB" --network none "$PROJECT" -- bash -c "$probe"
	[ "$status" -ne 0 ]
}

@test "the names of the host user's keys are not shown" {
	walled 'cat /proc/keys'
	walled 'cat /proc/key-users'
}

@test "only the three standard descriptors are open, whatever the caller left" {
	USER_DIR=$PROJECT run as_user bash -c 'for n in $(seq 3 200); do eval "exec $n</"; done; exec "$@"' - \
		"$CSB" -- sh -c 'ls /proc/$$/fd'
	exits 0
	[ "$output" = "$(printf '0\n1\n2')" ]
}

@test "the environment is rebuilt: nothing comes in by itself, secrets are passed only on request" {
	run as_user AWS_SECRET_ACCESS_KEY=leak GH_TOKEN=leak LD_PRELOAD=/nothing BASH_ENV=/nothing "$CSB" "$PROJECT" -- env
	exits 0
	lacks leak
	lacks '=/nothing'
	says '^CLAUDE_SANDBOX=1$'
	says '^SANDBOX=1$'
	says "^CLAUDE_SANDBOX_BACKEND=$(is_container && echo container || echo bubblewrap)$"
	run as_user GH_TOKEN=given "$CSB" --gh-token "$PROJECT" -- env
	says '^GH_TOKEN=given$'
}

@test "no secret in any argv or in the environment of our helpers" {
	spawn_user "$TEST_DIR/own/run" ANTHROPIC_API_KEY=sk-argv-canary "$CSB" "$PROJECT" -- sleep 60
	wait_for 10 pgrep -u "$TEST_USERS" -f '^sleep 60'
	run ! grep -alz sk-argv-canary /proc/[0-9]*/cmdline
	for pid in $(pgrep -u "$TEST_USERS" -f '(bwrap|systemd-nspawn|claude-sandbox/init) -'); do
		[ "$(tr '\0' '\n' <"/proc/$pid/environ" | grep -c sk-argv-canary)" = 0 ]
	done
	kill "$SPAWNED"
}

@test "the session directory is shared, other projects' sessions are not, settings are the project's own" {
	as_user mkdir -p "$TEST_HOME/.claude/projects/-other"
	echo '{}' | as_user tee "$TEST_HOME/.claude/settings.json" >/dev/null
	echo other | as_user tee "$TEST_HOME/.claude/projects/-other/s.jsonl" >/dev/null
	walled "cat $TEST_HOME/.claude/projects/-other/s.jsonl"
	watch_host "$TEST_HOME/.claude/settings.json"
	inside sh -c 'echo evil >~/.claude/settings.json'
	inside sh -c 'mv ~/.claude/settings.json ~/.claude/s2; echo evil >~/.claude/settings.json'
	host_unchanged
	inside sh -c 'cd ~/.claude/projects/*app && echo line >session.jsonl'
	[ "$(cat "$TEST_HOME"/.claude/projects/*app/session.jsonl)" = line ]
}

@test "a mount point is never in a directory that an earlier sandbox could write" {
	# Without the rule: a link planted in the kept ~/.local leads bubblewrap to the host's tree.
	make_project app "$TEST_HOME/.local/share/x"
	as_user mkdir -p "$TEST_HOME/victim"
	as_user "$CSB" "$PROJECT" -- sh -c "cd $TEST_HOME/.local/share && mv x y; ln -s /oldroot$TEST_HOME/victim x" || true
	run as_user "$CSB" "$PROJECT" -- true
	exits 0
	[ -z "$(ls -A "$TEST_HOME/victim")" ]
	run as_user "$CSB" --extra-ro "$PROJECT/src" "$PROJECT" -- true
	exits 1
	says 'could lead the next start astray'
}

@test "compat shares ~/.claude and hides nothing of it; strict has a network of its own" {
	as_user "$CSB" --level compat "$PROJECT" -- sh -c 'echo x >~/.claude/from-compat'
	[ "$(cat "$TEST_HOME/.claude/from-compat")" = x ]
	[ "$(as_user "$CSB" --level strict "$PROJECT" -- sh -c 'grep -c : /proc/net/dev')" = 1 ]
}

@test "git: identity is there, helpers are not, a commit works" {
	printf '[credential]\n\thelper = !evil\n[core]\n\tfsmonitor = evil\n' | as_user tee -a "$TEST_HOME/.gitconfig" >/dev/null
	[ "$(inside git config user.name)" = "Tess Tester" ]
	run inside git config credential.helper
	[ "$status" -ne 0 ]
	inside sh -c 'echo more >>hello.txt; git commit -qam inside'
	[ "$(outside git log -1 --format=%s)" = inside ]
}

@test "state is kept per project outside of it, the rest of the home is not" {
	inside sh -c 'mkdir -p ~/.local/bin && echo tool >~/.local/bin/tool && echo gone >~/gone'
	[ "$(inside cat "$TEST_HOME/.local/bin/tool")" = tool ]
	run inside cat "$TEST_HOME/gone"
	[ "$status" -ne 0 ]
	[ ! -e "$TEST_HOME/.local/bin/tool" ]
	make_project another
	run as_user "$CSB" "$PROJECT" -- cat "$TEST_HOME/.local/bin/tool"
	[ "$status" -ne 0 ]
}

@test "no terminal of the host enters: /dev/console and the inherited tty are absent" {
	run inside ls /dev
	lacks console
	run as_user script -qec "$CSB $PROJECT -- tty" /dev/null
	says '/dev/pts/0'
}

@test "root, too, can change nothing of the host's kernel through /proc" {
	[ "$(id -u)" -eq 0 ] || skip "only root can try"
	# Opened for writing, never written: a probe that wrote would change this very machine.
	probe='find /proc -mindepth 1 -path "/proc/[0-9]*" -prune -o -path /proc/self -prune -o -path /proc/thread-self -prune -o -type f -perm /222 -print 2>/dev/null |
		while read -r f; do (: >>"$f") 2>/dev/null && echo "$f"; done; [ ! -r /proc/kcore ] || echo kcore'
	[ "$(sh -c "$probe" | grep -c .)" -gt 3 ]
	project=$(mktemp -d /var/tmp/csb-root.XXXXXX)
	run env HOME=/root "$CSB" "$project" -- sh -c "$probe"
	rmdir "$project"
	exits 0
	[ "$output" = "" ] || {
		echo "left to root: $output"
		return 1
	}
}
