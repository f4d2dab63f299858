#!/usr/bin/env bats
# What a sandbox can take of the machine. Each hog takes more outside (bounded) than it gets inside;
# the reason is told, and all is given back within a second.
#
# An ordinary user without a manager of his own has limits of processes only; as root the suite also
# uses real control groups. Everything runs in a group of the suite's own where root can make one.
# bats file_tags=backend

load ../lib/common

HOG=(/usr/bin/python3 ./hog.py)
OWN_GROUPS=(/sys/fs/cgroup/memory /sys/fs/cgroup/pids)

setup_file() {
	start_file
	make_project app
	as_user tee "$PROJECT/hog.py" <"$BATS_TEST_DIRNAME/hog.py" >/dev/null
	[ "$(id -u)" = 0 ] || return 0
	# Groups are counted: no other run of this file at the same time. Given back when the file has ended.
	exec 8>/run/csb-limits-tests.lock
	flock 8
	# Root in a user namespace cannot look into directories that are closed by others.
	mkdir -p ~/.cache
	export ROOT_HOME
	ROOT_HOME=$(mktemp -d ~/.cache/csb-limits.XXXXXX)
	mkdir "$ROOT_HOME/app"
	cp "$BATS_TEST_DIRNAME/hog.py" "$ROOT_HOME/app/"
}

teardown_file() {
	[ -z "${ROOT_HOME:-}" ] || rm -rf -- "$ROOT_HOME"
	rmdir "${OWN_GROUPS[@]/%//csb-limits-tests}" 2>/dev/null || true
	end_file
}

# The fence around the hogs that run outside: 1 GiB and 3000 processes.
bounded() {
	local group
	if [ "$(id -u)" = 0 ] && [ -e /sys/fs/cgroup/pids/cgroup.procs ]; then
		for group in "${OWN_GROUPS[@]/%//csb-limits-tests}"; do
			mkdir -p "$group"
			echo $BASHPID >"$group/cgroup.procs"
		done
		echo 1G >/sys/fs/cgroup/memory/csb-limits-tests/memory.limit_in_bytes
		echo 3000 >/sys/fs/cgroup/pids/csb-limits-tests/pids.max
	fi
	"$@"
}

# True when no hog lives any more.
no_hogs() {
	! pgrep -f 'python3 ./hog[.]py' >/dev/null
}

some_hogs() {
	! no_hogs
}

# inside OPTION... -- CMD...: as the ordinary user; nothing of it stays.
inside() {
	USER_DIR=$PROJECT run bounded as_user "$CSB" --no-config "$@"
	wait_for 1 no_hogs
}

# The same outside.
outside() {
	USER_DIR=$PROJECT run bounded as_user "$@"
}

# by NAME: what holds that limit for an ordinary user.
by() {
	as_user "$CSB" --explain --json "$PROJECT" -- true | jq -r --arg n "$1" '.limits[] | select(.name == $n) | .by'
}

got() {
	awk '$2 ~ /^(-|E[A-Z]+)$/ { print $1 }' <<<"$output" | tail -n 1
}

# between LOW HIGH: how much the hog got.
between() {
	local n
	n=$(got)
	[ "$n" -ge "$1" ] && [ "$n" -le "$2" ] && return
	printf 'the hog got %s, not between %s and %s\noutput: %s\n' "$n" "$1" "$2" "$output"
	return 1
}

settings() {
	printf '%s' "$1" | as_user tee "$TEST_HOME/limits.json" >/dev/null
	echo "--config=$TEST_HOME/limits.json"
}

# quiet REGEX: no line like it was printed.
quiet() {
	! grep -E -- "$1" <<<"$output"
}

# with JSON -- CMD...: inside, with these settings.
with() {
	local option
	option=$(settings "$1")
	shift
	USER_DIR=$PROJECT run bounded as_user "$CSB" "$option" "$@"
	wait_for 1 no_hogs
}

# --- an ordinary user ----------------------------------------------------------------------

@test "processes, threads and zombies: as many as --pids, counted for this sandbox only" {
	outside "${HOG[@]}" processes 300
	between 300 300
	for what in processes threads zombies; do
		# Others of this user's processes do not count, and are not kept from starting.
		spawn_user /dev/null setsid perl -e 'fork or exec "sleep", 100 for 1 .. 80; $SIG{TERM} = sub { kill "TERM", 0; exit }; sleep 100'
		inside --pids 60 -- "${HOG[@]}" $what 300
		between 40 60
		says EAGAIN
		outside "${HOG[@]}" processes 100
		between 100 100
		kill "$SPAWNED"
	done
}

@test "a fork bomb: the host goes on, and its end is the sandbox's" {
	(USER_DIR=$PROJECT bounded become_user "$CSB" --pids 200 -- "${HOG[@]}" bomb 3) </dev/null >/dev/null 2>&1 3>&- &
	bomb=$!
	sleep 1
	for _ in 1 2 3; do
		began=${EPOCHREALTIME/./}
		as_user /bin/sh -c 'for i in 1 2 3 4 5; do /bin/true; done'
		[ $((${EPOCHREALTIME/./} - began)) -lt 1000000 ]
	done
	some_hogs
	kill -KILL "$bomb"
	wait_for 1 no_hogs
	wait "$bomb" || true
}

@test "open files of a process" {
	outside bash -c "ulimit -n \$(ulimit -Hn); exec ${HOG[*]} files 400"
	between 400 400
	with '{"open_files": 100}' -- bash -c "ulimit -n \$(ulimit -Hn); exec ${HOG[*]} files 400"
	between 80 100
	says EMFILE
	with '{"open_files": 100}' -- bash -c 'ulimit -n 200'
	exits 1
}

@test "inotify: the host keeps half" {
	all=$(cat /proc/sys/fs/inotify/max_user_instances)
	outside "${HOG[@]}" inotify "$((all / 2 + 1))"
	between $((all / 2 + 1)) $((all / 2 + 1))
	inside -- bash -c "ulimit -n \$(ulimit -Hn); exec ${HOG[*]} inotify $all"
	between $((all / 2)) $((all / 2))
	says EMFILE
	inside --level compat -- bash -c "ulimit -n \$(ulimit -Hn); exec ${HOG[*]} inotify $((all / 2 + 1))"
	between $((all / 2 + 1)) $((all / 2 + 1))
}

@test "/tmp and /dev/shm are as large as said, and so is every other place in memory" {
	with '{"tmp_mib": 20, "shm_mib": 10}' -- "${HOG[@]}" fill 200 /tmp
	between 18 20
	says ENOSPC
	with '{"tmp_mib": 20, "shm_mib": 10}' -- "${HOG[@]}" fill 200 /dev/shm
	between 8 10
	with '{"tmp_mib": 210}' -- "${HOG[@]}" fill 200 /tmp
	between 200 200
	# The kernel would give each of them half of all memory.
	inside -- sh -c 'stat -f -c "%n %b" /tmp /dev/shm /var/tmp /run "$HOME" ~/.claude | awk "{ s += \$2 } END { print s }"'
	pages=$output
	[ "$pages" -lt $(($(getconf _PHYS_PAGES) * 3 / 4)) ]
}

@test "no file can be made in /dev" {
	inside -- sh -c ': >/dev/hog'
	says 'Read-only file system'
	inside -- sh -c 'echo x >/dev/null && exec 3<>/dev/ptmx && : >/dev/shm/x'
	exits 0
}

@test "no core dump, no real-time priority, no higher priority" {
	inside -- bash -c 'ulimit -Hc; ulimit -Hr; ulimit -He; ulimit -c 1 2>/dev/null || echo refused'
	[ "$(tr '\n' ' ' <<<"$output")" = "0 0 0 refused " ]
}

@test "it goes before the desktop when the machine runs out of memory" {
	own=$(cat /proc/self/oom_score_adj)
	inside -- cat /proc/self/oom_score_adj
	[ "$output" -gt "$own" ]
}

@test "what cannot be held is refused, or said with --allow-degraded" {
	[ "$(by memory)" = null ] || skip "this user's memory can be held"
	inside --memory 100M -- true
	refused
	says '^claude-sandbox: --memory \(from option\) cannot be held on this host: .*--allow-degraded'
	inside --cpus 1 -- true
	refused
	inside --allow-degraded --memory 200M -- "${HOG[@]}" memory 400
	says '^claude-sandbox: note: degraded: the limit --memory'
	says MemoryError
	inside --disk 10M -- true
	refused
	says 'a quota, which only root can set'
	inside --allow-degraded --disk 10M -- "${HOG[@]}" fill 50 .
	between 10 10
	says EFBIG
}

@test "a project's file can lower limits, not raise them" {
	printf '{"pids": 40, "open_files": 1000000}' | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	inside -- "${HOG[@]}" processes 300
	rm "$PROJECT/.claude-sandbox.json"
	between 20 40
	printf '{"pids": 4000000}' | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	run as_user "$CSB" --explain --json "$PROJECT" -- true
	rm "$PROJECT/.claude-sandbox.json"
	[ "$(jq '.limits[] | select(.name == "processes and threads") | .value' <<<"$output")" -lt 100000 ]
}

# --- root, with control groups -------------------------------------------------------------

# The groups that a sandbox was given and that are still there.
groups_left() {
	find /sys/fs/cgroup -type d -name 'claude-sandbox-*' 2>/dev/null
}

no_groups() {
	[ -z "$(groups_left)" ]
}

some_groups() {
	! no_groups
}

need_groups() {
	[ "$(id -u)" = 0 ] || skip "only root has control groups for certain"
	cd "$ROOT_HOME/app" || return
	export HOME=$ROOT_HOME
	"$CSB" --explain --json . -- true | jq -e '.limits[] | select(.name == "memory") | .held' >/dev/null ||
		skip "no control groups here"
}

# grouped OPTION... -- CMD...: as root; a second later no group is left.
grouped() {
	run bounded "$CSB" --no-config "$@"
	wait_for 1 no_groups && no_hogs
}

@test "memory: the kernel ends the hog, the sandbox goes on, and the reason is told" {
	need_groups
	run bounded "${HOG[@]}" memory 300
	between 300 300
	grouped --memory 100M -- bash -c "${HOG[*]} memory 300; echo went on"
	says '^went on$'
	says '^claude-sandbox: the memory limit of 100 MiB was reached, and the kernel ended 1 process of the sandbox \(--memory SIZE raises it\)$'
}

@test "memory that belongs to no process: memfd and tmpfs count as well" {
	need_groups
	grouped --memory 100M -- bash -c "${HOG[*]} memfd 300; echo went on"
	says 'memory limit of 100 MiB was reached'
	says '^went on$'
	grouped --memory 100M -- bash -c "${HOG[*]} fill 300 /tmp; ${HOG[*]} fill 300 /dev/shm; echo went on"
	says ENOSPC
	says '^went on$'
	quiet 'was reached'
}

@test "processes, threads and zombies: the reason is told" {
	need_groups
	for what in processes threads zombies; do
		grouped --pids 60 -- "${HOG[@]}" $what 300
		between 40 60
		says '^claude-sandbox: the limit of 60 processes and threads was reached: '
	done
}

@test "processors: two loops get one" {
	[ "$(nproc)" -gt 1 ] || skip "one processor"
	need_groups
	grouped --cpus 1 -- bash -c 'for i in 1 2; do timeout 1 bash -c "while :; do :; done" & done; wait; times | tail -n 1'
	seconds=$(sed -n 's/^0m\([0-9]*\)\..*/\1/p' <<<"$output" | tail -n 1)
	[ "$seconds" -le 1 ]
}

@test "whoever was killed leaves a group that the next start removes" {
	need_groups
	bounded exec "$CSB" -- sleep 100 </dev/null >/dev/null 2>&1 3>&- &
	launcher=$!
	wait_for 5 some_groups
	kill -KILL "$launcher"
	wait "$launcher" || true
	grouped -- true
	exits 0
	no_groups
}

@test "a level without limits makes no group" {
	need_groups
	grouped --level compat -- cat /proc/self/cgroup
	exits 0
	grouped --level compat -- bash -c "${HOG[*]} processes 100"
	between 100 100
	quiet 'was reached'
}

@test "whoever enters a sandbox that is full is told so" {
	need_groups
	bounded "$CSB" --no-config --pids 40 --detach . -- bash -c 'for i in {1..60}; do sleep 300 & done; wait' 2>/dev/null
	wait_for 5 is_full
	run timeout 5 "$CSB" --enter . -- true
	[ "$status" = 125 ]
	says 'cannot start a process: Resource temporarily unavailable'
	"$CSB" --stop . 2>/dev/null
	wait_for 2 no_groups
}

is_full() {
	! timeout 5 "$CSB" --enter . -- true 2>/dev/null
}
