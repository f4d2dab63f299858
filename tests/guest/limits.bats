#!/usr/bin/env bats
# Limits where systemd and control groups of version 2 are: in a guest, see guest.sh. One boot for
# all; what the guest prints ("ok NAME" and what it saw) is judged here by name.

load ../lib/common
load held

setup_file() {
	export SEEN=$BATS_FILE_TMPDIR/seen
	bash "$REPO/tests/guest/guest.sh" run --timeout 500 --share "$REPO:/csb:ro" \
		--share "$(libraries):/extra:ro" "$BATS_TEST_DIRNAME/limits/root.sh" >"$SEEN" 2>"$SEEN.err" || true
}

# What the unit test needs and the guest has not.
libraries() {
	mkdir -p "$BATS_FILE_TMPDIR/lib"
	cp /usr/lib/*/libcmocka.so.0 "$BATS_FILE_TMPDIR/lib/"
	echo "$BATS_FILE_TMPDIR/lib"
}

@test "a user's manager: every limit is in the scope, and every process" {
	held "scope has the limits"
	held "all processes are in the scope"
	held "inside no path of the host's groups shows"
}

@test "a user's manager: strikes are told, and the sandbox goes on" {
	held "memory is told"
	held "processes are told"
	held "processors are held"
}

@test "a user's manager: nothing is left, however it ends" {
	held "the scope ends with the payload"
	held "the scope ends with a killed launcher"
	held "the scope ends with a killed bwrap"
	held "the scope ends with a killed keeper"
}

@test "a user's manager: freezing, usage, end (unit test)" {
	held "unit test in a scope"
}

@test "a delegated group: the same without a manager" {
	held "unit test in a delegated group"
	held "delegated: memory is told"
	held "delegated: the group is removed"
	held "delegated: the next start removes what stayed"
}

@test "no manager and no delegation: refused, or processes only" {
	held "alone: memory is refused"
	held "alone: processes are held by number"
}

@test "the machine's manager, for root" {
	held "root: the scope has the limits"
	held "root: memory is told"
	held "root: the scope ends with a killed launcher"
	held "unit test as root"
}
