#!/usr/bin/env bats
# The guest itself: what other suites take for granted when they run a script in it.

load ../lib/common

GUEST=$REPO/tests/guest/guest.sh

setup_file() {
	"$GUEST" make >/dev/null
	export TMPDIR=$BATS_FILE_TMPDIR # QEMU's files are below it, so its processes can be told apart
}

# guest [OPTION...]: runs the script on standard input.
guest() {
	bash "$GUEST" run "$@" -
}

# Words of a command line that only what this file has started can have.
ours_running() {
	grep -lzF -- "$TMPDIR/" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | while read -r pid; do
		[[ $(process_state "$pid") != Z && $(readlink "/proc/$pid/exe") == *qemu* ]] && echo "$pid"
	done || true
}

nothing_left() {
	[ -z "$(ours_running)" ]
	[ -z "$(find "$TMPDIR" -maxdepth 1 -name 'tmp.*')" ]
}

something_runs() {
	[ -n "$(ours_running)" ]
}

@test "a script's status, output and errors come back, and nothing stays" {
	status=0
	guest >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" <<-'END' || status=$?
		echo "to out: $(id -un) of process 1 $(cat /proc/1/comm)"
		echo "to err" >/dev/stderr
		head -c 3000000 /dev/zero
		sleep 1000 &
		exit 42
	END
	[ "$status" = 42 ]
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/out")" = "to out: root of process 1 systemd" ]
	[ "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | wc -c)" = 3000000 ]
	[ "$(cat "$BATS_TEST_TMPDIR/err")" = "to err" ]
	nothing_left
}

@test "an ordinary user has cgroup v2, his own manager and limits" {
	guest --user tester >"$BATS_TEST_TMPDIR/out" <<-'END'
		set -e
		[ "$(id -un) $PWD" = "tester /home/tester" ]
		[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]
		systemctl --user is-system-running
		systemd-run --user --scope -p MemoryMax=50M true
		systemd-run --user --scope -p MemoryMax=50M bash -c '
			group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
			cat "$group/memory.max"
			mkdir "$group/own" && echo delegated'
		head -c 200M /dev/zero | systemd-run --user --scope -p MemoryMax=30M tail -c 200M >/dev/null || echo killed
		bwrap --unshare-all --ro-bind / / true && echo sandboxed
	END
	printf '%s\n' running 52428800 delegated killed sandboxed | diff - "$BATS_TEST_TMPDIR/out"
}

@test "a share shows what is on the host at that moment, and cannot be written" {
	mkdir -p "$BATS_TEST_TMPDIR/a, b"
	echo first >"$BATS_TEST_TMPDIR/a, b/file"
	guest --share "$BATS_TEST_TMPDIR/a, b:/mnt/one:ro" --share "$REPO:/srv/repo:ro" \
		>"$BATS_TEST_TMPDIR/out" <<-'END'
		cat /mnt/one/file
		touch /mnt/one/new || echo refused
		mount -o remount,rw /mnt/one
		touch /mnt/one/new || echo "refused by the host"
		cmp /srv/repo/dev /srv/repo/dev && echo same
	END
	printf '%s\n' first refused "refused by the host" same | diff - "$BATS_TEST_TMPDIR/out"
	[ ! -e "$BATS_TEST_TMPDIR/a, b/new" ]
}

@test "a guest that is not done in time ends with 124, and QEMU with it" {
	began=$SECONDS
	status=0
	guest --timeout 4 <<<'sleep 1000' || status=$?
	[ "$status" = 124 ]
	[ $((SECONDS - began)) -lt 30 ]
	nothing_left
}

@test "a signal ends QEMU too, and so does kill -9" {
	for signal in TERM HUP KILL; do
		bash "$GUEST" run - <<<'sleep 1000' 3>&- &
		pid=$!
		wait_for 20 something_runs
		kill "-$signal" "$pid"
		wait "$pid" || true
		wait_for 10 eval '[ -z "$(ours_running)" ]'
		rm -rf "$TMPDIR"/tmp.*
	done
}

@test "a guest that breaks ends with 125 and shows its console" {
	status=0
	guest 2>"$BATS_TEST_TMPDIR/err" <<<'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger; sleep 100' || status=$?
	[ "$status" = 125 ]
	grep -q 'Kernel panic' "$BATS_TEST_TMPDIR/err"
}

@test "a share that is not there is refused before anything starts" {
	status=0
	guest --share /nonexistent:/mnt:ro 2>"$BATS_TEST_TMPDIR/err" <<<true || status=$?
	[ "$status" = 125 ]
	[ "$(cat "$BATS_TEST_TMPDIR/err")" = "guest: no such directory: /nonexistent" ]
	nothing_left
}
