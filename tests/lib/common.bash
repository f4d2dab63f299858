# shellcheck shell=bash
# Helpers for every bats suite: an ordinary user with a fresh home, waiting with a deadline,
# canaries on the host, and a cleanup that ends only what we started.
#
#   CSB         the launcher; the user must be able to execute it (default: that of build/bin). By the name
#               claude-sandbox-container the same suites test that backend
#   CSB_TESTER  whom root tests as (default: csb-tester); suites that run at the same time need two
#   CSB_CLAUDE  the real Claude Code; only suites that run it need it (need_claude)
#
# A suite says:  load ../lib/common
#                setup_file() { start_file; }
#                teardown_file() { end_file; }
# and then uses TEST_HOME, PROJECT, as_user, ... Everything else belongs to common.bash alone.

# Screens and names are UTF-8, whatever the caller's locale is.
export LC_ALL=C.UTF-8
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export CSB=${CSB:-$REPO/build/bin/claude-sandbox}
export CSB_CLAUDE=${CSB_CLAUDE:-}

# --- the ordinary user --------------------------------------------------------------------

# Root tests as CSB_TESTER, anybody else as himself with another home.
choose_user() {
	choose_name
	# In a container the programs inside are another user's, src/base/handover.h has the numbers.
	export INSIDE_UID TEST_USERS
	INSIDE_UID=$(id -u "$TEST_USER")
	! is_container || INSIDE_UID=$((0x70000000 + INSIDE_UID * 4 + 1))
	TEST_USERS=$TEST_USER,$INSIDE_UID
	# The keeper's child, by the names that it may have; the first of a container's end by themselves.
	export WRAPPER=bwrap
	! is_container || WRAPPER='sudo|container|systemd-nspawn'
}

# The backend that the whole run is for, by the launcher's name.
is_container() {
	[[ $CSB == *-container ]]
}

choose_name() {
	export TEST_USER
	if [ "$(id -u)" -ne 0 ]; then
		TEST_USER=$(id -un)
		return
	fi
	TEST_USER=${CSB_TESTER:-csb-tester}
	id -u "$TEST_USER" >/dev/null 2>&1 && return
	# Suites may start together: whoever comes second finds the user made.
	useradd -m -s /bin/bash "$TEST_USER" || id -u "$TEST_USER" >/dev/null
}

# start_file: TEST_DIR (real path, owned by the user) with home and runtime directory, for a file.
start_file() {
	local base
	choose_user
	base=$(getent passwd "$TEST_USER" | cut -d: -f6)
	# Below the real home, because a home below /tmp would hide behind the sandbox's own /tmp.
	base=$(realpath "$base")/.cache/csb-tests
	export TEST_DIR TEST_HOME PROJECT=
	as_plain mkdir -p "$base"
	TEST_DIR=$(as_plain mktemp -d "$base/XXXXXX")
	TEST_HOME=$TEST_DIR/home
	as_plain mkdir -p "$TEST_HOME/.local/bin" "$TEST_HOME/projects"
	as_plain mkdir -m 700 "$TEST_DIR/run"
	mkdir "$TEST_DIR/own" # what only the runner writes: ids of processes, canaries, logs
	as_user git config --global user.name "Tess Tester"
	as_user git config --global user.email tess@example.org
	as_user git config --global init.defaultBranch main
	if [ -n "$CSB_CLAUDE" ]; then
		as_user ln -s "$(realpath "$CSB_CLAUDE")" "$TEST_HOME/.local/bin/claude"
	fi
}

end_file() {
	[ -n "${TEST_DIR:-}" ] || return 0
	end_processes
	# Outside the sandbox the client keeps its scratch files there, by project.
	rm -rf -- "/tmp/claude-$(id -u "$TEST_USER")/"*"-csb-tests-${TEST_DIR##*/}-"*
	rm -rf -- "$TEST_DIR"
}

need_claude() {
	[ -x "$CSB_CLAUDE" ] && return
	echo "CSB_CLAUDE is not the path of Claude Code: '$CSB_CLAUDE'" >&2
	return 1
}

# csb WORD...: what is under test, as the user, in the project.
csb() {
	# shellcheck disable=SC2153 # make_project exports it
	USER_DIR=$PROJECT as_user "$CSB" "$@"
}

# as_plain CMD...: as the user, but in the environment as it is.
as_plain() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid="$TEST_USER" --regid="$TEST_USER" --init-groups -- "$@"
	else
		"$@"
	fi
}

# become_user [NAME=VALUE]... CMD...: turns this (sub)shell into CMD, run by the user in USER_DIR
# (default: the home) in a login's environment. Not by `env -i NAME=VALUE`: a secret must not even
# pass through an argv. setpriv instead of runuser: it becomes the program, so that $! is the
# program's own id and no parent of ours takes part in job control.
become_user() {
	local name pattern='^[A-Za-z_][A-Za-z0-9_]*=' set_user=()
	cd "${USER_DIR:-$TEST_HOME}" || exit 1
	if [ "$(id -u)" -eq 0 ]; then
		set_user=(/usr/bin/setpriv "--reuid=$TEST_USER" "--regid=$TEST_USER" --init-groups --)
	fi
	local home=$TEST_HOME run=$TEST_DIR/run user=$TEST_USER here=$PWD term=${TERM:-xterm-256color}
	for name in $(compgen -e); do
		export -n "${name?}"
	done
	export HOME=$home USER=$user LOGNAME=$user SHELL=/bin/bash TERM=$term LANG=C.UTF-8 PWD=$here
	export XDG_RUNTIME_DIR=$run PATH="$home/.local/bin:/usr/local/bin:/usr/bin:/bin"
	while [[ ${1:-} =~ $pattern ]]; do
		export "${1?}"
		shift
	done
	exec "${set_user[@]}" "$@"
}

# as_user [NAME=VALUE]... CMD...; USER_DIR=DIR as_user ... chooses the working directory.
as_user() {
	(become_user "$@")
}

# spawn_user LOG [NAME=VALUE]... CMD...: in the background, output to LOG; SPAWNED is its id, and
# the cleanup ends it.
spawn_user() {
	local log=$1
	shift
	(become_user "$@") </dev/null >"$log" 2>&1 3>&- &
	SPAWNED=$!
	remember_process "$SPAWNED"
}

# make_project NAME [PARENT]: a git repository with a Makefile; PROJECT is its path.
make_project() {
	export PROJECT=${2:-$TEST_HOME/projects}/$1
	as_user mkdir -p -- "$PROJECT/src"
	echo start | as_user tee -- "$PROJECT/hello.txt" >/dev/null
	printf 'all: hello\nhello: hello.txt\n\tcp hello.txt hello\n' |
		as_user tee -- "$PROJECT/Makefile" >/dev/null
	printf 'test:\n\t@echo the tests passed\n' | as_user tee -- "$PROJECT/src/Makefile" >/dev/null
	USER_DIR=$PROJECT as_user git init -q
	USER_DIR=$PROJECT as_user git add .
	USER_DIR=$PROJECT as_user git commit -qm start
}

# --- waiting ------------------------------------------------------------------------------

# wait_for SECONDS CMD...: until CMD succeeds; says what it waited for when it gives up.
wait_for() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		if ((${EPOCHREALTIME/./} > deadline)); then
			echo "gave up waiting for: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}

process_gone() {
	[ "$(process_state "$1")" = "" ] || [ "$(process_state "$1")" = Z ]
}

all_gone() {
	local pid
	for pid in "$@"; do
		process_gone "$pid" || return
	done
}

process_state() {
	{ sed 's/.*) //' "/proc/$1/stat" | cut -c1; } 2>/dev/null || true
}

# --- processes ----------------------------------------------------------------------------

# The start time beside the id: an id that has been used again is not ours.
start_time() {
	{ sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; } 2>/dev/null || true
}

remember_process() {
	echo "$1 $(start_time "$1")" >>"$TEST_DIR/own/processes"
}

# Everything that lives in this file's home, inside a sandbox or not: no other HOME is like it.
processes_of_test() {
	grep -lzxF -- "HOME=$TEST_HOME" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

# is_of_test PID: or it was started by such a process. Some have no environment (cells), or write over it (Chromium).
is_of_test() {
	local above=$1
	while [ "${above:-0}" -gt 1 ]; do
		grep -qzxF -- "HOME=$TEST_HOME" "/proc/$above/environ" 2>/dev/null && return
		above=$(ps -o ppid= -p "$above" | tr -d ' ')
	done
	return 1
}

nothing_runs() {
	[ -z "$(processes_of_test)" ]
}

# state_of WORDS: the state letter of this file's process with exactly this command line.
state_of() {
	local pid
	for pid in $(processes_of_test); do
		[ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "$1 " ] && process_state "$pid"
	done 2>/dev/null
	return 0
}

in_state() {
	[ "$(state_of "$1")" = "$2" ]
}

# part_of PART LAUNCHER: the process id of the launcher, keeper, wrapper or init of its sandbox; nothing while there is none.
part_of() {
	local above=$2 name
	for name in launcher keeper wrapper init; do
		case $name in
		keeper) above=$(pgrep -x -P "$above" csb-keeper) || return 0 ;;
		wrapper) above=$(pgrep -x -P "$above" "$WRAPPER") || return 0 ;;
		init) above=$(pgrep -x -P "$above" "init|$WRAPPER") || return 0 ;;
		esac
		[ "$name" != "$1" ] || echo "$above"
	done
}

end_processes() {
	local pid began
	if [ -e "$TEST_DIR/own/processes" ]; then
		while read -r pid began; do
			[ -n "$began" ] && [ "$(start_time "$pid")" = "$began" ] && kill -TERM "$pid" 2>/dev/null
		done <"$TEST_DIR/own/processes"
	fi
	wait_for 2 nothing_runs 2>/dev/null && return
	for pid in $(processes_of_test); do
		kill -KILL "$pid" 2>/dev/null
	done
	wait_for 5 nothing_runs
}

# --- canaries -----------------------------------------------------------------------------

# A line per file below the paths: kind, mode, owner, time, content. What is absent has one too.
picture_of() {
	local path
	for path in "$@"; do
		[ -e "$path" ] || [ -L "$path" ] || echo "absent $path"
		find "$path" -printf '%y %m %U:%G %T@ %l %p\n' 2>/dev/null | sort
		find "$path" -type f -exec sha256sum -- {} + 2>/dev/null | sort
	done
}

# watch_host PATH...: remembers how they look; host_unchanged: still so?
watch_host() {
	printf '%s\0' "$@" >"$TEST_DIR/own/watched"
	picture_of "$@" >"$TEST_DIR/own/before"
}

host_unchanged() {
	local paths
	mapfile -d '' paths <"$TEST_DIR/own/watched"
	picture_of "${paths[@]}" >"$TEST_DIR/own/after"
	diff "$TEST_DIR/own/before" "$TEST_DIR/own/after"
}

# --- small assertions ---------------------------------------------------------------------

owner_of() {
	stat -c %U -- "$1"
}

# says REGEX: the output of the last `run` contains a line like it.
says() {
	grep -Eq -- "$1" <<<"${output:-}" && return
	printf 'expected a line like: %s\nseen: %s\n' "$1" "${output:-}"
	return 1
}

# exits CODE: the last `run` ended so.
exits() {
	[ "${status:-}" = "$1" ] && return
	printf 'expected exit code %s, seen %s\noutput: %s\n' "$1" "${status:-}" "${output:-}"
	return 1
}

# refused: the last `run` ended with exit code 1 and one sentence of the launcher.
refused() {
	exits 1 && [ "$(grep -c . <<<"$output")" = 1 ] && says '^claude-sandbox: .'
}
