#!/usr/bin/env bats
# The container where systemd is process 1, control groups are of version 2 alone, and the kernel is Debian's: in a
# guest, see guest.sh. One boot for all; what the guest prints ("ok NAME" and what it saw) is judged here by name.

load ../lib/common
load held

setup_file() {
	export SEEN=$BATS_FILE_TMPDIR/seen
	bash "$REPO/tests/guest/guest.sh" run --timeout 400 --share "$REPO:/csb:ro" \
		"$BATS_TEST_DIRNAME/container/root.sh" >"$SEEN" 2>"$SEEN.err" || true
}

@test "a user's manager: every limit is in the scope, and every process" {
	held "scope has the limits"
	held "all processes are in the scope"
	held "inside no path of the host's groups shows"
	held "inside there are no groups"
}

@test "nobody inside is a user of the host's, and the files are the user's" {
	held "no process inside is a user of the host's"
	held "files are the user's"
}

@test "strikes are told, and the sandbox goes on" {
	held "memory is told"
	held "processes are told"
}

@test "nothing is left, however it ends" {
	held "the scope ends with the payload"
	held "the scope ends with a killed launcher"
	held "the scope ends with a killed keeper"
	held "nothing is left"
	held "machined knows of none"
}

@test "a project on a file system that this kernel does not id-map is refused" {
	held "a project on tmpfs is refused"
}

@test "a delegated group: the same without a manager" {
	held "delegated: memory is told"
	held "delegated: the group is removed"
}

@test "sudo that opens sessions takes nothing out of its limits unnoticed" {
	held "sudo with pam_systemd: memory is told"
	held "moved by sudo: refused"
}

@test "the machine's manager, for root" {
	held "root: the scope has the limits"
	held "root: the scope ends with a killed launcher"
}
