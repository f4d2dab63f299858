# shellcheck shell=bash
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
project

# Two loops of two seconds get about two seconds of the one processor there is at --cpus 1; the
# guest has one, so that what is looked at is the setting and the throttling.
processors_held() {
	running --cpus 1 && has cpu.max "100000 100000"
	kill -TERM "$LAUNCHER" && wait "$LAUNCHER"
	soon no_scope
}

running --memory 200M --pids 100 --cpus 1
check "scope has the limits" limits_are_there
check "all processes are in the scope" all_inside '/run/claude-sandbox/init|^sleep 1000|^/usr/bin/bwrap'
kill -TERM "$LAUNCHER"
wait "$LAUNCHER"
check "the scope ends with the payload" soon no_scope
check "inside no path of the host's groups shows" shows_no_path
check "memory is told" memory_is_told
check "processes are told" processes_are_told
check "processors are held" processors_held
running
check "the scope ends with a killed launcher" ends_with_killed "$LAUNCHER"
running
check "the scope ends with a killed bwrap" ends_with_killed "$(pgrep -P "$(keeper)" bwrap)"
running
check "the scope ends with a killed keeper" ends_with_killed "$(keeper)"
check "unit test in a scope" unit_test

# A service of this user's with a group of its own; it does not know of its manager.
cat >/tmp/delegated.sh <<'END'
. /csb/tests/guest/common.sh
project
delegate
next_removes() {
	local keeper
	running
	keeper=$(keeper)
	kill -STOP "$LAUNCHER" # it would tidy up
	kill -KILL "$keeper" "$LAUNCHER"
	wait "$LAUNCHER"
	[ -d "$SCOPE" ] && "$csb" -- true && no_scope
}
check "unit test in a delegated group" unit_test
check "delegated: memory is told" memory_is_told
check "delegated: the group is removed" no_scope
check "delegated: the next start removes what stayed" next_removes
END
systemd-run --user --quiet --wait --pipe -p Delegate=yes bash /tmp/delegated.sh

export XDG_RUNTIME_DIR=/nonexistent
refused() {
	local said
	said=$("$csb" --memory 64M -- true 2>&1) && return 1
	grep -q -e '--memory (from option) cannot be held' <<<"$said"
}
by_number() {
	[ "$("$csb" --pids 40 -- bash -c 'ulimit -u')" = 40 ]
}
check "alone: memory is refused" refused
check "alone: processes are held by number" by_number
