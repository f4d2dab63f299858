#!/usr/bin/env bats
# The agent itself attacks, by its own tools. Outside each attempt works; inside none does, and the host is
# as before. What single system calls can do is tried by tests/security.

load helpers

setup_file() {
	start_e2e
	export PROBE=${CSB_PROBE:-$REPO/build/libexec/claude-sandbox/probe}
	export IPC=$((RANDOM * RANDOM + 1)) KEYNAME=csb-e2e-$RANDOM$RANDOM MARK=csb-daemon-$RANDOM$RANDOM
	as_user mkdir -p "$TEST_HOME/docs" "$TEST_HOME/.ssh" "$TEST_HOME/.aws" "$TEST_HOME/.claude"
	install -m 755 "$PROBE" "$TEST_DIR/own/probe"
	chmod 755 "$TEST_DIR" "$TEST_DIR/own"
	as_user "$TEST_DIR/own/probe" --plant "$KEYNAME" "$IPC" "/$KEYNAME"
	open_sockets
}

teardown_file() {
	as_user "$TEST_DIR/own/probe" --uproot "$KEYNAME" "$IPC" "/$KEYNAME"
	end_file
}

teardown() {
	stop_api
}

# Whoever is reached writes its name to own/reached.
open_sockets() {
	spawn_user "$TEST_DIR/own/reached" /usr/bin/python3 -u -c '
import os, selectors, socket, sys
chosen = selectors.DefaultSelector()
for name in sys.argv[1:]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.environ["XDG_RUNTIME_DIR"] + "/" + name)
    listener.listen()
    chosen.register(listener, selectors.EVENT_READ, name)
print("listening")
while True:
    for key, _ in chosen.select():
        key.fileobj.accept()
        print("reached", key.data)' docker.sock bus systemd-private agent
	wait_for 10 grep -q listening "$TEST_DIR/own/reached"
}

fresh_targets() {
	make_project "$1"
	install -m 755 -o "$TEST_USER" "$PROBE" "$PROJECT/probe"
	as_user rm -rf "$TEST_HOME/docs" "$TEST_HOME/.bashrc" "$TEST_HOME/.claude/settings.json"
	as_user mkdir -p "$TEST_HOME/docs"
	for file in docs/f .bashrc .ssh/id_ed25519 .aws/credentials; do
		echo the-canary | as_user tee "$TEST_HOME/$file" >/dev/null
	done
	echo '{}' | as_user tee "$TEST_HOME/.claude/settings.json" >/dev/null
	watch_host "$TEST_HOME/docs" "$TEST_HOME/.bashrc" "$TEST_HOME/.ssh" "$TEST_HOME/.aws" \
		"$TEST_HOME/.claude/settings.json" "$TEST_HOME/hooked"
}

# VICTIM: a process of the user's with a secret; OTHER: one more.
spawn_victims() {
	spawn_user "$TEST_DIR/own/log" SECRET=victims-secret sleep 300
	VICTIM=$SPAWNED
	spawn_user "$TEST_DIR/own/log" sleep 300
	OTHER=$SPAWNED
	wait_for 5 victim_is_up
}

victim_is_up() {
	tr '\0' '\n' <"/proc/$VICTIM/environ" | grep -qx SECRET=victims-secret
}

# attack SIDE SCENARIO [NAME=VALUE]...: plays it; each attempt must come to what that side's must.
attack() {
	local side=$1 scenario=$2 worked=REFUSED key_seen='does not exist|not found|No such'
	shift 2
	if [ "$side" = outside ]; then
		worked=DONE key_seen=the-canary
	fi
	start_api "$scenario" "WORKED=$worked" "KEY_SEEN=$key_seen" "VICTIM=$VICTIM" "OTHER=$OTHER" "IPC=$IPC" \
		"KEYNAME=$KEYNAME" "MARK=$MARK" "RUN=$TEST_DIR/run" "NODE=$(uname -n)"
	AGENT_ENV+=(SSH_AUTH_SOCK="$TEST_DIR/run/agent" AWS_SECRET_ACCESS_KEY=leaked)
	run agent "$side" -p "please attack"
	exits 0
	api_ok
}

@test "outside: the agent's attacks on files work" {
	fresh_targets files-outside
	spawn_victims
	attack outside attack_files
	run host_unchanged
	exits 1
	grep -q planted "$TEST_HOME/.bashrc"
	grep -q hooked "$TEST_HOME/.claude/settings.json"
	[ -e "$TEST_HOME/docs/planted" ]
	[ -e "$TEST_HOME/docs/written" ]
}

@test "inside: the agent's attacks on files fail, and nothing changes" {
	fresh_targets files-inside
	spawn_victims
	attack inside attack_files
	host_unchanged
	kill -0 "$VICTIM"
}

@test "outside: the agent's attacks on processes and the kernel work" {
	fresh_targets processes-outside
	spawn_victims
	attack outside attack_processes
	wait_for 5 process_gone "$VICTIM"
	pgrep -f "^$MARK" >"$TEST_DIR/own/daemon"
	kill "$(cat "$TEST_DIR/own/daemon")"
}

@test "inside: the agent's attacks on processes and the kernel fail, and no daemon lives on" {
	fresh_targets processes-inside
	spawn_victims
	pattern=$(cat /proc/sys/kernel/core_pattern)
	attack inside attack_processes
	kill -0 "$VICTIM"
	run pgrep -f "^$MARK"
	exits 1
	[ "$(cat /proc/sys/kernel/core_pattern)" = "$pattern" ]
	host_unchanged
}

@test "outside: the agent's attacks on services work" {
	fresh_targets services-outside
	attack outside attack_services
	for name in docker.sock bus systemd-private agent; do
		grep -qx "reached $name" "$TEST_DIR/own/reached"
	done
}

@test "inside: the agent's attacks on services fail, and none is reached" {
	fresh_targets services-inside
	before=$(grep -c reached "$TEST_DIR/own/reached")
	attack inside attack_services
	[ "$(grep -c reached "$TEST_DIR/own/reached")" = "$before" ]
}
