# shellcheck shell=bash
# For the scripts that run in the guest: say "ok NAME" for what is as it should be.

csb=${CSB:-/csb/build/bin/claude-sandbox}
groups=/sys/fs/cgroup

# check NAME CMD...
check() {
	local name=$1 said=/tmp/check-$EUID
	shift
	if "$@" >"$said" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/    /' "$said"
	fi
}

project() {
	mkdir -p ~/app && cd ~/app || exit
}

scopes() {
	find "$groups" -type d -name 'claude-sandbox-*'
}

no_scope() {
	[ -z "$(scopes)" ]
}

# soon CMD...: within ten seconds; this machine is emulated.
soon() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

one_scope() {
	[ "$(scopes | wc -l)" = 1 ]
}

# running OPTION...: a sandbox in the background; LAUNCHER and SCOPE.
running() {
	"$csb" "$@" -- sleep 1000 &
	LAUNCHER=$!
	soon one_scope
	SCOPE=$(scopes)
	soon payload_runs
}

payload_runs() {
	[ -n "$(member sleep)" ]
}

# member NAME: the first process of that name in the scope.
member() {
	local pid
	while read -r pid; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] && echo "$pid" && return
	done < <(cat "$SCOPE/cgroup.procs" 2>/dev/null)
}

# has FILE VALUE: so it stands in the scope.
has() {
	[ "$(cat "$SCOPE/$1")" = "$2" ] || { echo "$1: $(cat "$SCOPE/$1"), not $2" && return 1; }
}

limits_are_there() {
	has memory.max $((200 << 20)) && has memory.swap.max 0 && has pids.max 100 &&
		has cpu.weight 50 && has cpu.max "100000 100000"
}

# told REGEX OPTION... -- CMD...: the launcher says so, and the payload's last words are heard.
told() {
	local want=$1 said
	shift
	said=$("$csb" "$@" 2>&1)
	echo "$said"
	grep -Eq "$want" <<<"$said" && grep -qx "went on" <<<"$said"
}

memory_is_told() {
	told '^claude-sandbox: the memory limit of 64 MiB was reached' --memory 64M -- \
		sh -c 'head -c 150M /dev/zero | tail -c 140M >/dev/null; echo went on'
}

processes_are_told() {
	told '^claude-sandbox: the limit of 40 processes and threads was reached' --pids 40 -- \
		bash -c '(for i in {1..60}; do sleep 100 & done) 2>/dev/null; echo went on'
}

ends_with_killed() {
	kill -KILL "$1"
	wait "$LAUNCHER" 2>/dev/null
	soon no_scope
}

unit_test() {
	LD_LIBRARY_PATH=/extra /csb/build/tests/unit/test_cgroup
}

# keeper: the process that owns the running sandbox.
keeper() {
	pgrep -P "$LAUNCHER" csb-keeper
}

# Makes this service's own group one that can hold sandboxes; there is no manager to ask from here on.
delegate() {
	own=$groups$(cut -d: -f3 /proc/self/cgroup)
	mkdir "$own/launchers" && echo 0 >"$own/launchers/cgroup.procs"
	echo '+memory +pids +cpu' >"$own/cgroup.subtree_control"
	export XDG_RUNTIME_DIR=/nonexistent
}

# all_inside REGEX: the sandbox's processes are in the scope, each of the three that there are.
all_inside() {
	local pid
	for pid in $(pgrep -f "$1"); do
		grep -qxF "$pid" "$SCOPE/cgroup.procs" || { echo "$pid is not in it" && return 1; }
	done
	[ "$(wc -l <"$SCOPE/cgroup.procs")" = 3 ]
}

shows_no_path() {
	[ "$("$csb" -- cat /proc/self/cgroup)" = "0::/" ]
}
