#!/usr/bin/env bats
# What a container alone has: other ids on the host, a part that root starts, systemd-nspawn's own ways. What it has in common with
# bubblewrap the other suites test, started by the name claude-sandbox-container.
# bats file_tags=backend

load ../lib/common

setup_file() {
	start_file
	make_project app
	HELPER=$(realpath "$(dirname "$CSB")/../libexec/claude-sandbox/container")
	export HELPER
}

teardown_file() {
	end_file
}

teardown() {
	end_processes
}

# A sandbox that stays; INIT is its first process, SPAWNED its launcher.
started() {
	# shellcheck disable=SC2153 # make_project exports it
	rm -f "$PROJECT/up"
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" . -- sh -c 'touch up; exec sleep 300'
	wait_for 10 test -e "$PROJECT/up"
	INIT=$(pgrep -u "$INSIDE_UID" -f '^/run/claude-sandbox/init --contained')
}

ended() {
	kill "$SPAWNED"
	wait "$SPAWNED" || true
	wait_for 5 nothing_runs
}

never_says() {
	! grep -E -- "$1" <<<"$output"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

@test "its processes are nobody's on the host, its files the user's" {
	started
	[ "$(stat -c %u "/proc/$INIT")" = "$INSIDE_UID" ]
	[ -z "$(getent passwd "$INSIDE_UID")" ]
	[ "$(stat -c %U "$PROJECT/up")" = "$TEST_USER" ]
	[ "$(csb --enter . -- id -u)" = "$(id -u "$TEST_USER")" ]
	[ "$(csb --enter . -- stat -c %u up)" = "$(id -u "$TEST_USER")" ]
	[ "$(awk '{ print $1, $2, $3 }' "/proc/$INIT/uid_map")" = "$(id -u "$TEST_USER") $INSIDE_UID 1" ]
	ended
}

@test "no process of root's stays, no group and no group's rights" {
	need_root
	groupadd -f csb-other
	usermod -aG csb-other "$TEST_USER"
	echo members | install -m 640 -g csb-other /dev/stdin "$PROJECT/for-members"
	[ "$(csb --backend bubblewrap --new . -- cat for-members)" = members ] # who has the group's id has its rights
	started
	[ "$(csb --enter . -- id -G)" = "$(id -g "$TEST_USER")" ]
	run csb --enter . -- cat for-members
	[ "$status" -ne 0 ]
	says 'Permission denied'
	for pid in $(pgrep -P "$SPAWNED") $(pgrep -P "$(pgrep -P "$SPAWNED" csb-keeper)"); do
		[ "$(awk '/^Uid:/ { print $2 + 0 }' "/proc/$pid/status")" != 0 ]
	done
	[ "$(grep Groups: "/proc/$INIT/status" | tr -d '[:space:]')" = Groups: ]
	ended
	gpasswd -d "$TEST_USER" csb-other >/dev/null
	rm "$PROJECT/for-members"
}

@test "an init that is stopped goes with systemd-nspawn" {
	started
	kill -STOP "$INIT"
	kill -KILL "$(pgrep -f '^/usr/bin/systemd-nspawn --quiet')"
	wait_for 5 process_gone "$SPAWNED"
	wait_for 5 nothing_runs
}

@test "root of the container's namespace can leave no file of root's, nor read one" {
	need_root
	started
	echo secret | install -m 600 /dev/stdin "$PROJECT/of-root"
	as_root_inside() { nsenter --target "$INIT" --mount --user="$(owner_ns)" --setuid 0 --setgid 0 --root -- "$@"; }
	# The namespace above init's own, to which the mounts belong; systemd-nspawn is in it.
	owner_ns() { echo "/proc/$(pgrep -P "$(pgrep -P "$SPAWNED" csb-keeper)" systemd-nspawn || pgrep -f '^/usr/bin/systemd-nspawn --quiet')/ns/user"; }
	[ "$(as_root_inside id -u)" = 0 ]
	for attempt in "touch $PROJECT/by-root" "mknod $PROJECT/sda b 8 0" "chown 0:0 $PROJECT/hello.txt" "cat $PROJECT/of-root" "rm -f /usr/bin/env" \
		"mount -o remount,bind,rw /usr" "sh -c 'cp /bin/sh $PROJECT/sh && chown 0 $PROJECT/sh && chmod 4755 $PROJECT/sh'"; do
		run as_root_inside bash -c "$attempt"
		[ "$status" -ne 0 ] || {
			echo "it did: $attempt"
			return 1
		}
	done
	[ -z "$(find "$PROJECT" -user root ! -name of-root)" ]
	[ -z "$(find "$PROJECT" -perm /6000 -type f)" ]
	ended
	rm -f "$PROJECT/of-root"
}

@test "started by root it is not the host's root" {
	need_root
	project=$(mktemp -d /var/tmp/csb-root.XXXXXX)
	run env HOME=/root "$CSB" "$project" -- sh -c 'id -u; touch made; cat /proc/self/uid_map; mount -t tmpfs x /mnt; mknod sda b 8 0; kill -0 1 2>&1; echo done'
	[ "$(stat -c %u "$project/made")" = 0 ]
	rm -rf "$project"
	says '^0$'
	says '^done$'
	says 'must be superuser|permission denied|Operation not permitted|cannot'
	says ' 0 +0 +1$'
}

@test "nothing of systemd-nspawn shows inside: no notify socket, credentials, os-release of the host, machine id" {
	run csb . -- sh -c 'ls /run; env; ls /run/host /sys /dev/net /dev/mqueue; cat /etc/machine-id; ls -d /run/systemd /tmp/*; ls /dev/console'
	for word in NOTIFY_SOCKET CREDENTIALS_DIRECTORY container= LISTEN_FDS '^systemd' '^host$' "^$(cat /etc/machine-id 2>/dev/null || echo none)$"; do
		never_says "$word"
	done
	[ "$(csb . -- sh -c 'ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "')" = lo ]
}

@test "names with colons, commas, backslashes, quotes and newlines are names" {
	for name in 'a:b' 'a,b' 'a\b' 'a\:b' $'a\nb' "a'b\"c" '%s%n' '--bind' 'a b'; do
		project="$TEST_HOME/projects/$name"
		as_user mkdir -- "$project"
		USER_DIR=$project as_user "$CSB" . -- sh -c 'printf "%s" "$PWD" >made'
		[ "$(cat -- "$project/made")" = "$project" ]
		[ "$(stat -c %U -- "$project/made")" = "$TEST_USER" ]
		as_user rm -r -- "$project"
	done
}

@test "without the rule of sudo: one sentence with the rule, and nothing runs" {
	need_root
	other=$TEST_DIR/own/usr
	mkdir -p "$other"
	cp -a "$(dirname "$CSB")/.." "$other/local"
	chmod 755 "$TEST_DIR/own"
	run csb_of "$other/local/bin/claude-sandbox-container" . -- touch started
	exits 125
	says "ALL=\\(root\\) NOPASSWD: $other/local/libexec/claude-sandbox/container \"\""
	[ ! -e "$PROJECT/started" ]
	wait_for 5 nothing_runs
	# What others can change is not started as root.
	chmod 777 "$other/local/libexec/claude-sandbox"
	run csb_of "$other/local/bin/claude-sandbox-container" . -- touch started
	[ "$status" -ne 0 ]
	says 'others than root can change it'
	rm -rf "$other"
}

csb_of() {
	USER_DIR=$PROJECT as_user "$@"
}

@test "a project that lies where owners cannot be mapped is refused, and nothing is left" {
	need_root
	mkdir -p "$TEST_HOME/projects/odd"
	run unshare -m bash -c 'mount -t ramfs odd "$1" && chown "$2" "$1" && cd "$1" && shift 2 && exec "$@"' - \
		"$TEST_HOME/projects/odd" "$TEST_USER" setpriv --reuid="$TEST_USER" --regid="$TEST_USER" --init-groups -- \
		env -i HOME="$TEST_HOME" PATH="$PATH" "$CSB" -- true
	rmdir "$TEST_HOME/projects/odd"
	exits 125
	says 'projects/odd lies on a file system that this kernel cannot show'
	says 'backend bubblewrap'
	wait_for 5 nothing_runs
}

@test "--dry-run is to be read; --explain and --test tell what a container cannot have" {
	run csb --dry-run . -- true
	exits 0
	says 'as root, for a moment, and without arguments'
	says "bind +$PROJECT rw $PROJECT"
	[ "$(bash <<<"$output")" = "" ]
	run csb --test
	exits 0
	says 'PASS.*container.*systemd-nspawn'
}

# listens PATH: a server of root's, to which anybody can connect.
listens() {
	/usr/bin/python3 -c '
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.listen()
open(sys.argv[1] + ".ready", "w").close()
time.sleep(300)' "$1" 3>&- &
	SPAWNED=$!
	remember_process "$SPAWNED"
	wait_for 5 test -e "$1.ready"
}

@test "hostile hand-overs to the part that runs as root" {
	dir=$TEST_DIR/own/hand
	mkdir "$dir"
	echo mine >"$dir/own.txt"
	chown -R "$TEST_USER" "$dir"
	echo secret | install -m 600 /dev/stdin "$dir/of-root"
	chmod 755 "$TEST_DIR/own"
	server=
	[ "$(id -u)" != 0 ] || listens "${server:=$dir/of-roots}"
	run as_user /usr/bin/python3 "$REPO/tests/container/handover.py" "$HELPER" "$dir" ${server:+"$server"}
	[ -z "$server" ] || says '^held a connection to a server of root'
	says '^held control'
	says '^held inside: all tried'
	[ "$(grep -c '^held' <<<"$output")" -ge 50 ]
	never_says '^FELL'
	exits 0
	[ -z "$server" ] || kill "$SPAWNED"
	wait_for 5 nothing_runs
}
