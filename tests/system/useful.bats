#!/usr/bin/env bats
# The walls must leave room to work: what a developer does all day still works inside, at the level default.
# Each is done outside first, so that a host without the tool is told apart from a wall that is too high.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
}

teardown_file() {
	end_file
}

needs() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

# works SCRIPT: succeeds outside in one copy of the project, and inside in another.
works() {
	local side
	for side in outside inside; do
		rm -rf "$TEST_HOME/projects/$side"
		as_user cp -r "$PROJECT" "$TEST_HOME/projects/$side"
	done
	USER_DIR=$TEST_HOME/projects/outside as_user bash -ec "$1" || {
		echo "it does not work outside either"
		return 1
	}
	USER_DIR=$TEST_HOME/projects/inside as_user "$CSB" . -- bash -ec "$1"
}

put() {
	as_user mkdir -p "$(dirname "$PROJECT/$1")"
	as_user tee "$PROJECT/$1" >/dev/null
}

@test "git: commit, branch, merge, stash, worktree" {
	works 'git checkout -qb side && echo more >>hello.txt && git commit -qam side &&
		git checkout -q main && git merge -q side && echo x >>hello.txt && git stash -q && git stash pop -q &&
		git worktree add -q -b another tree && git log --oneline | grep -q side'
}

# bats test_tags=backend
@test "node runs; npm installs a package with a native module, which is compiled" {
	needs node npm g++ make python3
	[ -e /usr/include/node/node_api.h ] || skip "the headers of node are not installed"
	printf '{"name":"native","version":"1.0.0","gypfile":true,"main":"index.js"}' | put native/package.json
	printf '{"targets":[{"target_name":"native","sources":["native.c"]}]}' | put native/binding.gyp
	put native/native.c <<-'END'
		#include <node_api.h>
		static napi_value answer(napi_env env, napi_callback_info info)
		{
			napi_value value;
			(void)info;
			napi_create_int32(env, 42, &value);
			return value;
		}
		NAPI_MODULE_INIT()
		{
			napi_value function;
			napi_create_function(env, "answer", NAPI_AUTO_LENGTH, answer, NULL, &function);
			return function;
		}
	END
	echo 'module.exports = require("./build/Release/native.node")' | put native/index.js
	printf '{"name":"app","version":"1.0.0"}' | put package.json
	works 'npm pack --silent ./native >/dev/null
		npm_config_nodedir=/usr npm install --silent --no-audit --no-fund ./native-1.0.0.tgz
		[ "$(node -e "console.log(require(\"native\")())")" = 42 ]'
}

@test "python: a venv, and pytest" {
	needs pytest-3
	printf 'def test_sum(tmp_path):\n    (tmp_path / "f").write_text("x")\n    assert 1 + 1 == 2\n' | put test_it.py
	works '/usr/bin/python3 -m venv --without-pip env && env/bin/python -c "print(1)" && pytest-3 -q test_it.py'
}

@test "go builds, and what it built runs" {
	needs go
	printf 'module example.org/app\n\ngo 1.19\n' | put go.mod
	printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("built") }\n' | put main.go
	works 'go build -o app . && [ "$(./app)" = built ]'
}

@test "C: make, gcc, and threads" {
	needs gcc make
	printf '#include <pthread.h>\nstatic void *f(void *p){return p;}\nint main(void){pthread_t t;return pthread_create(&t,0,f,0)||pthread_join(t,0);}\n' | put t.c
	works 'gcc -pthread -o t t.c && ./t && make -s hello'
}

# bats test_tags=backend
@test "gdb stops an own child at a function" {
	needs gdb gcc
	printf 'int stop_here(int n){return n+1;}\nint main(void){return stop_here(41)!=42;}\n' | put d.c
	works 'gcc -g -O0 -o d d.c &&
		gdb -q -batch -ex "break stop_here" -ex run -ex "print n" -ex continue ./d 2>&1 | grep -q "= 41"'
}

@test "strace traces an own child" {
	needs strace
	works 'strace -f -o trace -e trace=execve true && grep -q execve trace'
}

# bats test_tags=backend
@test "many processes, pipes, fifos, unix sockets and shared memory of its own" {
	works 'mkfifo f && (echo through >f &) && [ "$(cat f)" = through ] && seq 50 | xargs -P 8 -I{} true &&
		/usr/bin/python3 -c "
import multiprocessing, socket
a, b = socket.socketpair(); a.send(b\"x\"); assert b.recv(1) == b\"x\"
s = socket.socket(socket.AF_UNIX); s.bind(\"sock\"); s.listen()
with multiprocessing.Pool(2) as p: assert p.map(abs, [-1, 2]) == [1, 2]
m = multiprocessing.shared_memory.SharedMemory(create=True, size=16) if hasattr(multiprocessing, \"shared_memory\") else None
if m: m.close(); m.unlink()"'
}

@test "a server on loopback is reached by a client, both inside" {
	needs curl
	works '/usr/bin/python3 -u -m http.server --bind 127.0.0.1 0 >log 2>&1 & server=$!
		for i in $(seq 100); do port=$(grep -o "port [0-9]*" log | cut -d" " -f2) && [ -n "$port" ] && break; sleep 0.1; done
		curl -sf --noproxy "*" "http://127.0.0.1:$port/hello.txt" | grep -q start; kill $server'
}

# bats test_tags=backend
@test "Chromium shows a page without a screen" {
	needs chromium
	works 'timeout 60 chromium --headless --disable-gpu --user-data-dir="$PWD/profile" \
		--dump-dom "data:text/html,<p id=x></p><script>x.textContent=6*7</script>" 2>err.log | grep -q ">42<" || { cat err.log; false; }'
}
