#!/usr/bin/env bats
# The system call filter and Landlock from inside a real sandbox, as an ordinary user. Every probe
# is run outside first, where it must do something else than inside.
# shellcheck disable=SC2016
# bats file_tags=backend

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
	as_user mkdir -p "$TEST_HOME/given"
	gcc -O1 -static -D_GNU_SOURCE -o "$TEST_DIR/own/call" "$REPO/tests/system/call.c"
	as_user cp "$TEST_DIR/own/call" "$PROJECT/call"
}

teardown_file() {
	end_file
}

# inside [OPTION...] -- COMMAND...
inside() {
	USER_DIR=$PROJECT as_user "$CSB" "$@"
}

outside() {
	USER_DIR=$PROJECT as_user "$@"
}

need_x86_64() {
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are those of x86_64"
}

# need_landlock ABI: asked of the kernel and not of the program, which is to be found out.
need_landlock() {
	local abi
	abi=$(outside ./call native 444 0 0 1)
	[[ $abi == 'done '* && ${abi#done } -ge $1 ]] || skip "this kernel's Landlock is older than ABI $1, or absent ($abi)"
}

# An ABI whose calls work outside kills the process inside: 159 is 128 + SIGSYS.
@test "calls of i386 and x32 kill the process" {
	need_x86_64
	run inside -- ./call x32 39
	exits 159
	run outside ./call x32 39
	exits 0
	run outside ./call i386 20
	[ "$status" = 0 ] || skip "this kernel has no i386 calls"
	says '^done [0-9]+$'
	run inside -- ./call i386 20
	exits 159
	# socketcall(SOCKET), which no rule about socket(2) would see.
	run inside -- ./call i386 102 1 0
	exits 159
}

# refused WANT DOOR NUMBER ARGUMENT...: inside WANT, outside something else. OPTIONS are the launcher's.
refused() {
	local want=$1 got
	shift
	got=$(outside ./call "$@")
	[ "$got" != "$want" ] || {
		# An ordinary user is refused as well: nothing to tell apart, and nothing shown.
		echo "# not told apart here: call $* ($got)" >&3
		return
	}
	got=$(inside "${OPTIONS[@]}" -- ./call "$@")
	[ "$got" = "$want" ] || {
		echo "call $*: outside $(outside ./call "$@"), inside $got, want $want"
		return 1
	}
}

@test "what the kernel would do for an ordinary user, the filter refuses" {
	need_x86_64
	# At the other levels a browser may; there the rest of the rows holds as well.
	local OPTIONS=(--level strict)
	refused EPERM native 272 0x10000000       # unshare, user
	refused EPERM native 272 0xdead0000010000000 # with garbage above
	refused EPERM native 56 0x10000011 0 0 0 0 # clone, user
	OPTIONS=()
	refused EPERM native 272 0x50000000       # unshare, user and network
	refused EPERM native 56 0x10020011 0 0 0 0 # clone, user and mount
	refused ENOSYS native 435 0 0             # clone3
	refused EPERM native 308 -1 0             # setns
	refused EPERM native 165 1 1 1            # mount
	refused EPERM native 428 -100 @/ 0        # open_tree
	refused EPERM native 303 -100 @/ 0 0 0    # name_to_handle_at
	refused EPERM native 250 0 -3             # keyctl, the session keyring's number
	refused EPERM native 248 1 1              # add_key
	refused ENOSYS native 425 1 1             # io_uring_setup
	refused EPERM native 298 1 0 -1 -1        # perf_event_open
	refused EPERM native 323 1                # userfaultfd
	refused ENOSYS native 447 0               # memfd_secret
	refused EPERM native 438 -1 0             # pidfd_getfd
	refused EPERM native 312 -1 -1            # kcmp
	refused EPERM native 135 0x40000          # personality, no randomisation
	refused EPERM native 16 -1 0x5412         # TIOCSTI
	refused EPERM native 16 -1 0xdead00005412 # with garbage above
	refused EPERM native 16 -1 0x541c         # TIOCLINUX
	refused EPERM native 41 40 1 0            # vsock
	refused EPERM native 41 38 5 0            # alg
	refused EPERM native 41 16 3 16           # netlink, generic
	refused EPERM native 41 2 1 132           # SCTP
	refused EPERM native 317 1 8 1            # seccomp with a listener
	refused EPERM native 268 -100 @hello.txt 04755 # fchmodat
	refused EPERM native 452 -100 @hello.txt 02755 # fchmodat2
	refused EPERM native 257 -100 @setid 0101 04755 # openat
	refused ENOSYS native 437 -100 @hello.txt 1 24 # openat2
}

@test "no set-id file is made in the project" {
	need_x86_64
	outside find . -perm /6000 -exec chmod u-s,g-s {} +
	inside -- sh -c './call native 257 -100 @made 0101 06755; chmod 4755 hello.txt; chmod g+s src; mkdir -m 2755 d; install -m 6755 hello.txt i' || true
	[ -z "$(find "$PROJECT" -perm /6000)" ]
	rm -rf "$PROJECT/d" "$PROJECT/i" "$PROJECT/setid"
}

@test "a debugger works on a child, and not where ptrace is none or the level is strict" {
	type -P gdb strace >/dev/null || skip "gdb or strace is not installed"
	run inside -- gdb -batch -ex 'break main' -ex run -ex 'print 6*7' --args ./call native 39
	says '\$1 = 42'
	run inside -- strace -e trace=getpid ./call native 39
	says '^getpid\(\)'
	run inside --ptrace none -- strace -e trace=getpid ./call native 39
	[ "$status" -ne 0 ]
	says 'Operation not permitted'
	run inside --level strict -- strace -e trace=getpid ./call native 39
	[ "$status" -ne 0 ]
	says 'Operation not permitted'
}

@test "blocked_syscalls refuses what it names, and says what it cannot" {
	mkdir -p "$TEST_DIR/own/conf"
	echo '{"blocked_syscalls": ["getppid"]}' | as_user tee "$TEST_HOME/blocked.json" >/dev/null
	[[ $(outside ./call native 110) == done* ]]
	[ "$(inside --config "$TEST_HOME/blocked.json" -- ./call native 110)" = EPERM ]
	echo '{"blocked_syscalls": ["execve"]}' | as_user tee "$TEST_HOME/blocked.json" >/dev/null
	run inside --config "$TEST_HOME/blocked.json" -- true
	exits 1
	says "blocked_syscalls: without 'execve' no program can be started"
	run inside --list-syscalls
	says '^Available syscall names:'
	says '^  mount \[blocked by default\]'
	says '^  execve$'
	says '^  ptrace$'
}

@test "Landlock: nothing is made outside the writable places, also where the mount would let it" {
	need_landlock 2
	# bubblewrap's /dev and /run are the user's own tmpfs.
	run inside -- sh -c 'touch /dev/made || touch /run/made || touch /run/claude-sandbox/bin/made'
	[ "$status" -ne 0 ]
	seen=$(inside -- sh -c 'touch made /tmp/made ~/made /dev/shm/made /run/user/$(id -u)/made && mkdir -p a/b && mv made a/b/ && mv a/b/made . && rm -r a made && echo works')
	[ "$seen" = works ]
}

@test "Landlock: a file given as standard input cannot be opened again for writing" {
	need_landlock 2
	echo keep | as_user tee "$TEST_HOME/given/in" >/dev/null
	outside sh -c 'echo more >>/proc/self/fd/0' <"$TEST_HOME/given/in"
	[ "$(cat "$TEST_HOME/given/in")" = "$(printf 'keep\nmore')" ]
	run inside -- sh -c 'cat /dev/stdin; echo evil >>/proc/self/fd/0' <"$TEST_HOME/given/in"
	[ "$status" -ne 0 ]
	says '^keep$'
	[ "$(cat "$TEST_HOME/given/in")" = "$(printf 'keep\nmore')" ]
	# In a container the user inside is another than the file's, so no descriptor can be opened again; it can be written to.
	if is_container; then
		USER_DIR=$PROJECT as_user sh -c '"$1" -- sh -c "echo said >&2" 2>"$2"' - "$CSB" "$TEST_HOME/given/err"
		[ "$(cat "$TEST_HOME/given/err")" = said ]
		return
	fi
	# While one that was given for writing can: tee /dev/stderr is in many scripts.
	USER_DIR=$PROJECT as_user sh -c '"$1" -- sh -c "echo said | tee /dev/stderr >/dev/null" 2>"$2"' - "$CSB" "$TEST_HOME/given/err"
	[ "$(cat "$TEST_HOME/given/err")" = said ]
}

@test "Landlock: a directory given as standard input shows nothing of itself" {
	need_landlock 2
	echo secret | as_user tee "$TEST_HOME/given/secret" >/dev/null
	[ "$(outside sh -c 'cat /proc/self/fd/0/secret' <"$TEST_HOME/given")" = secret ]
	run inside -- sh -c 'cat /proc/self/fd/0/secret' <"$TEST_HOME/given"
	[ "$status" -ne 0 ]
}

@test "Landlock: abstract sockets of the host are not reached, also with the host's network" {
	need_landlock 6
	name=csb-canary-$$
	python3 - "$name" >"$TEST_DIR/own/heard" <<-'END' &
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind("\0" + sys.argv[1])
		s.listen()
		while True:
		    print(s.accept()[0].recv(9).decode(), flush=True)
	END
	remember_process $!
	probe="import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect('\0'+sys.argv[1]); s.send(sys.argv[2].encode())"
	wait_for 5 grep -q "@$name" /proc/net/unix
	outside python3 -c "$probe" "$name" outside
	wait_for 5 grep -q outside "$TEST_DIR/own/heard"
	run inside --network host -- python3 -c "$probe" "$name" inside
	[ "$status" -ne 0 ]
	says 'Operation not permitted'
	run ! grep -q inside "$TEST_DIR/own/heard"
}

@test "Landlock: who entered can still end what another session started" {
	need_landlock 6
	USER_DIR=$PROJECT spawn_user "$TEST_DIR/own/founder" "$CSB" . -- sleep 305
	wait_for 5 in_state 'sleep 305' S
	inside --enter . -- pkill -x sleep
	wait_for 5 in_state 'sleep 305' ''
	wait "$SPAWNED" || true
}

@test "which walls stand is printed" {
	need_landlock 2
	run inside --explain --json -- true
	jq -e '.landlock_abi > 0 and (.landlock | length) > 5 and (.landlock_holds | length) > 0' <<<"$output" >/dev/null
	run inside --test
	says '^\[PASS\] landlock: ABI'
}
