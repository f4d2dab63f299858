#!/usr/bin/env bats
# Command rules: every way around one that we know, tried inside. The rule is "basename * forbidden *"; `basename
# forbidden` prints the word, so a line with it and nothing else says that the command ran. Each row's control
# is the same line in a sandbox without the rule, where it must print that line.
# shellcheck disable=SC2016
# bats file_tags=backend

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
	gcc -O1 -static -D_GNU_SOURCE -pthread -o "$TEST_DIR/own/attack" "$REPO"/tests/system/rules_{attack,trace}.c
	gcc -O1 -static -shared -nostdlib -o "$TEST_DIR/own/preload.so" -xc /dev/null 2>/dev/null ||
		gcc -O1 -shared -fPIC -o "$TEST_DIR/own/preload.so" -xc /dev/null
	install -o "$TEST_USER" -m 755 "$TEST_DIR/own/attack" "$TEST_DIR/own/preload.so" "$PROJECT/"
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox" "$PROJECT/ruled" "$PROJECT/free"
	make_rows
	rules '"basename * forbidden *", "which * forbidden *"'
	inside bash rows.sh ruled
	rules
	inside bash rows.sh free
}

teardown_file() {
	end_file
}

# shellcheck disable=SC2153 # PROJECT comes from make_project
inside() {
	USER_DIR=$PROJECT as_user "$CSB" -- "$@"
}

# rules [RULE...]: as JSON strings.
rules() {
	printf '{"blocked_commands": [%s]}\n' "${1:-}" |
		as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
}

# NAME|VERDICT|CONTROL|LINE. VERDICT: held, or advisory (docs/commands.md says so). CONTROL: runs, or none where there is
# nothing to talk to without a rule.
rows() {
	cat <<'END'
name|held|runs|basename forbidden
path|held|runs|/usr/bin/basename forbidden
other-path|held|runs|/bin/basename forbidden
dotted-path|held|runs|/usr/lib/../bin/./basename forbidden
relative|held|runs|cd /usr/bin && ./basename forbidden
through-proc|held|runs|/proc/self/root/usr/bin/basename forbidden
through-cwd|held|runs|cd /usr/bin && /proc/self/cwd/basename forbidden
env|held|runs|env basename forbidden
env-empty|held|runs|env -i basename forbidden
env-split|held|runs|env -S "basename forbidden"
command-p|held|runs|command -p basename forbidden
exec|held|runs|exec basename forbidden
exec-a|held|runs|exec -a innocent basename forbidden
exec-a-empty|held|runs|exec -a "" basename forbidden
exec-a-allowed|held|runs|exec -a "basename allowed" basename forbidden
symlink|held|runs|ln -sf /usr/bin/basename /tmp/link && /tmp/link forbidden
symlink-chain|held|runs|ln -sf /usr/bin/basename /tmp/a && ln -sf /tmp/a /tmp/b && /tmp/b forbidden
path-order|held|runs|mkdir -p /tmp/d && ln -sf /usr/bin/basename /tmp/d/x && PATH=/tmp/d x forbidden
alias|held|runs|shopt -s expand_aliases; eval 'alias z=basename'; eval 'z forbidden'
function|held|runs|f() { basename "$@"; }; f forbidden
variable|held|runs|a=base b=name; $a$b for""bidden
glob|held|runs|/usr/bin/basenam? forbidden
xargs|held|runs|echo forbidden \| xargs basename
find-exec|held|runs|find /dev/null -exec basename forbidden \;
timeout|held|runs|timeout 5 basename forbidden
nice|held|runs|nice basename forbidden
nohup|held|runs|nohup basename forbidden
setsid|held|runs|setsid -w basename forbidden
sh|held|runs|sh -c 'basename forbidden'
other-shell|held|runs|dash -c '/usr/bin/basename forbidden'
python-system|held|runs|python3 -c 'import os; os.system("basename forbidden")'
python-exec|held|runs|python3 -c 'import os; os.execv("/usr/bin/basename", ["x", "forbidden"])'
python-spawn|held|runs|python3 -c 'import subprocess; subprocess.run(["basename", "forbidden"])'
python-fexecve|held|runs|python3 -c 'import os; os.execve(os.open("/usr/bin/basename", os.O_PATH), ["x", "forbidden"], {})'
perl|held|runs|perl -e 'exec "basename", "forbidden"'
loader|held|runs|/lib64/ld-linux-x86-64.so.2 /usr/bin/basename forbidden
copy|held|runs|cp /usr/bin/basename /tmp/copy && /tmp/copy forbidden
copy-reflink|held|runs|cat /usr/bin/basename >/tmp/cat && chmod +x /tmp/cat && /tmp/cat forbidden
hard-link|held|none|ln /usr/bin/basename "$PWD/hard" && ./hard forbidden
memfd|held|runs|python3 -c 'import os; f = os.memfd_create("x", 0); os.write(f, open("/usr/bin/basename", "rb").read()); os.execve(f, ["x", "forbidden"], {})'
preload|held|runs|LD_PRELOAD=$PWD/preload.so basename forbidden
library-path|held|runs|LD_LIBRARY_PATH=$PWD basename forbidden
tunables|held|runs|GLIBC_TUNABLES=glibc.malloc.check=3 basename forbidden
chdir|held|runs|cd / && usr/bin/basename forbidden
option-first|held|runs|basename -a forbidden
option-last|held|runs|basename -a x forbidden -z \| tr '\0' '\n'
dash-dash|held|runs|basename -- forbidden
many|held|runs|basename -a $(seq 5000) forbidden
newline|held|runs|basename -a $'x\ny' forbidden
empty-first|held|runs|basename -a '' forbidden
fork-bomb-of-calls|held|runs|for i in $(seq 60); do basename forbidden & done; wait
no-socket|held|none|rm -f /run/claude-sandbox/rules; basename forbidden
other-socket|held|none|mv /run/claude-sandbox/rules /tmp/x; basename forbidden
moved-run|held|none|mv /run/claude-sandbox /run/other; basename forbidden
chmod-stub|held|none|chmod 755 /usr/bin/basename; cat /usr/bin/basename >/tmp/stub && echo forbidden
unmount|held|none|umount /usr/bin/basename; basename forbidden
C-flip|held|runs|./attack flip /usr/bin/basename allowed forbidden
C-talk|held|none|./attack talk /usr/bin/basename allowed forbidden
C-lend|held|none|./attack lend /usr/bin/basename allowed forbidden
C-fork|held|none|./attack fork /usr/bin/basename allowed forbidden
C-memory|held|runs|./attack memory /usr/bin/basename allowed forbidden
C-ptrace|held|none|./attack ptrace /usr/bin/basename allowed forbidden
C-nested|held|none|./attack nested /usr/bin/basename allowed forbidden
C-pidfd|held|none|./attack pidfd /usr/bin/basename allowed forbidden
C-no-descriptors|held|none|./attack no-descriptors /usr/bin/basename allowed forbidden
C-full-table|held|none|./attack full-table /usr/bin/basename allowed forbidden
C-closed|held|runs|./attack closed /usr/bin/basename allowed forbidden
C-signals|held|runs|./attack signals /usr/bin/basename allowed forbidden
C-no-processes|held|runs|./attack no-processes /usr/bin/basename allowed forbidden
C-no-arguments|held|none|./attack no-arguments /usr/bin/basename allowed forbidden
C-copy-stub|held|runs|./attack copy-stub /usr/bin/basename allowed forbidden
C-by-descriptor|held|runs|./attack by-descriptor /usr/bin/basename allowed forbidden
C-megabyte|held|runs|./attack megabyte /usr/bin/basename allowed forbidden
script|held|runs|which -a forbidden/../../../../usr/bin/true >/dev/null; which forbidden; [ $? = 126 ] \|\| echo forbidden
script-symlink|held|runs|ln -sf /usr/bin/which /tmp/w; /tmp/w forbidden; [ $? = 126 ] \|\| echo forbidden
script-swap|held|runs|ln -sf /usr/bin/which /tmp/v; (while :; do ln -sfn /usr/bin/ldd /tmp/v; ln -sfn /usr/bin/which /tmp/v; done) & p=$!; /usr/bin/which forbidden; [ $? = 126 ] \|\| echo forbidden; kill $p
interpreter-and-script|advisory|runs|sh /usr/bin/which forbidden; [ $? = 126 ] \|\| echo forbidden
another-tool|advisory|runs|python3 -c 'import os.path; print(os.path.basename("forbidden"))'
built-in|advisory|runs|x=/forbidden; echo "${x##*/}"
response-file|advisory|runs|echo forbidden >/tmp/f; python3 -c 'print(open("/tmp/f").read())'
own-copy|advisory|runs|printf '#!/bin/sh\necho "$1"\n' >/tmp/mine; chmod +x /tmp/mine; /tmp/mine forbidden
END
}

# rows.sh DIR: runs every row's line, in a shell of its own, and keeps what it printed.
make_rows() {
	local name verdict control line
	{
		while IFS='|' read -r name verdict control line; do
			printf 'timeout 20 bash -c %q >$1/%s 2>$1/%s.err </dev/null\n' "${line//\\|/|}" "$name" "$name"
		done < <(rows)
		echo 'exit 0'
	} | as_user tee "$PROJECT/rows.sh" >/dev/null
}

# ran DIR NAME: whether the forbidden call happened.
ran() {
	grep -qaxE 'forbidden|reached .*' "$PROJECT/$1/$2"
}

@test "every way around a rule is held, or documented as advisory" {
	local name verdict control line n=0 wrong=0
	while IFS='|' read -r name verdict control line; do
		n=$((n + 1))
		if [ "$verdict" = held ] && ran ruled "$name"; then
			echo "FELL: $name: $line"
			wrong=1
		elif [ "$verdict" = advisory ] && ! ran ruled "$name"; then
			echo "called advisory, but held: $name"
			wrong=1
		fi
	done < <(rows)
	echo "$n rows"
	[ "$n" -ge 40 ]
	[ "$wrong" -eq 0 ]
}

@test "without the rule each of them runs the command" {
	local name verdict control line wrong=0
	while IFS='|' read -r name verdict control line; do
		if [ "$control" = runs ] && ! ran free "$name"; then
			echo "the control does not run: $name: $line"
			cat "$PROJECT/free/$name" "$PROJECT/free/$name.err"
			wrong=1
		fi
	done < <(rows)
	[ "$wrong" -eq 0 ]
}

@test "a refused call: the sentence, status 126, told at the end and logged" {
	rules '"basename * forbidden *"'
	run inside basename -a x forbidden
	[ "$status" -eq 126 ]
	[[ $output == *"[claude-sandbox] BLOCKED: basename -a x forbidden (rule 'basename * forbidden *')"* ]]
	[[ $output == *"blocked command: basename -a x forbidden"* ]]
	local log
	log=$(echo "$TEST_HOME"/.local/state/claude-sandbox/projects/app-*/rules/blocked.jsonl)
	[ "$(stat -c %a "$log")" = 600 ]
	tail -n 1 "$log" | python3 -c '
import json, sys
line = json.loads(sys.stdin.read())
assert line["argv"] == ["basename", "-a", "x", "forbidden"], line
assert line["command"] == "/usr/bin/basename" and line["rule"] == "basename * forbidden *", line'
}

@test "an allowed call of a guarded command is the program itself: output, status, arguments, environment" {
	rules '"basename * forbidden *", "env --nothing", "sh --nothing", "seq --nothing"'
	[ "$(inside basename /a/b)" = b ]
	[ "$(inside env -i X=1 env)" = X=1 ]
	run inside sh -c 'exit 7'
	[ "$status" -eq 7 ]
	run inside sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	[ "$(inside seq 3 | tail -n 1)" = 3 ]
	inside basename -a "$(printf 'x%.0s' {1..100000})" | grep -q '^x*$'
	# Nothing stays open but what was.
	local fds
	fds=$(inside sh -c 'ls /proc/$$/fd' | tr "\n" " ")
	echo "open: $fds"
	[ "$fds" = "0 1 2 " ]
}

@test "a guarded script works, finds itself by its name, and its neighbours" {
	rules '"npm publish", "which * forbidden *"'
	[ "$(inside which sh)" = "$(USER_DIR=$PROJECT as_user which sh)" ] || inside which sh | grep -q /bin/sh
	if [ -e /usr/bin/npm ]; then
		[ "$(inside npm --version)" = "$(as_user npm --version)" ]
		run inside npm --loglevel error publish
		[ "$status" -eq 126 ]
	fi
}

@test "a rule for a link of a multi-call program leaves its other names alone; one for its own name does not" {
	[ "$(readlink -f /usr/bin/sh)" = "$(readlink -f /usr/bin/dash)" ] || skip "sh is not dash here"
	rules '"sh * forbidden *"'
	run inside sh -c : forbidden
	[ "$status" -eq 126 ]
	inside dash -c : forbidden
	rules '"dash * forbidden *"'
	run inside sh -c : forbidden
	[ "$status" -eq 126 ]
	run inside bash -c 'exec -a other sh -c : forbidden'
	[ "$status" -eq 126 ]
}

@test "a rule for whatever command there is is refused with a remedy, and nothing starts" {
	rules '"* delete *"'
	run inside touch made
	[ "$status" -ne 0 ]
	[[ $output == *"begin it with the name of a command"* ]]
	[ ! -e "$PROJECT/made" ]
}

@test "the project's own file adds rules, and takes none away" {
	rules '"basename * forbidden *"'
	echo '{"blocked_commands": ["dirname * forbidden *"]}' | as_user tee "$PROJECT/.claude-sandbox.json" >/dev/null
	run inside dirname forbidden
	[ "$status" -eq 126 ]
	run inside basename forbidden
	[ "$status" -eq 126 ]
	as_user rm "$PROJECT/.claude-sandbox.json"
}

@test "--explain shows the rules and what they guard" {
	rules '"basename * forbidden *", "no-such-tool"'
	run inside --explain
	run env true
	USER_DIR=$PROJECT as_user "$CSB" --explain -- true >"$TEST_DIR/own/explained"
	grep -q "basename \* forbidden \*" "$TEST_DIR/own/explained"
	grep -q "guarded *[^ ]*/basename" "$TEST_DIR/own/explained"
	grep -q "no command 'no-such-tool'" "$TEST_DIR/own/explained"
}
