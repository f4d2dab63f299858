#!/usr/bin/env bats
# Files that tools on the host run by themselves are not written from inside (threats G-*, F-06 to F-10): about 90
# names, six ways each. Judged on the host by looking. Each attempt succeeds outside first.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
}

setup() {
	rm -rf "$TEST_HOME/projects" && as_user mkdir "$TEST_HOME/projects"
	make_project app
	USER_DIR=$PROJECT as_user git commit -q --allow-empty -m first
}

teardown_file() {
	end_file
}

# inside CMD...: in the sandbox, on the project.
inside() {
	USER_DIR=$PROJECT as_user "$CSB" . -- "$@"
}

plant_inside() {
	inside python3 - "$@" <"$BATS_TEST_DIRNAME/plant.py"
}

plant_outside() {
	USER_DIR=$PROJECT as_user python3 - "$@" <"$BATS_TEST_DIRNAME/plant.py"
}

# What lies in the project under one of the names, or leads there, and has our word.
planted() {
	python3 - "$PROJECT" "$(python3 "$BATS_TEST_DIRNAME/plant.py" names)" <<-'END'
		import os, sys
		root, names = sys.argv[1], {n.lower() for n in sys.argv[2].split()}
		for at, dirs, files in os.walk(root):
		    for name in files:
		        path = os.path.join(at, name)
		        rel = os.path.relpath(path, root).lower()
		        parts = rel.split("/")
		        if not any("/".join(parts[i:]) in names for i in range(len(parts))):
		            continue
		        if not os.path.isfile(path) or "PLANTED" in open(path, errors="replace").read():
		            print(rel)
	END
}

# Both sides of one way: all names outside, none inside.
holds() {
	local way=$1 all
	all=$(python3 "$BATS_TEST_DIRNAME/plant.py" names | wc -l)
	USER_DIR=$TEST_HOME/projects as_user cp -r app control
	PROJECT=$TEST_HOME/projects/control plant_outside "$way" || true
	[ "$(PROJECT=$TEST_HOME/projects/control planted | wc -l)" -ge "$((all * 9 / 10))" ]
	plant_inside "$way"
	planted
	[ -z "$(planted)" ]
}

# bats test_tags=backend
@test "names that are not there are not made" {
	holds missing
}

@test "names in another case are not made" {
	holds case
}

# bats test_tags=backend
@test "what the host has is not changed, whatever way is taken" {
	python3 "$BATS_TEST_DIRNAME/plant.py" names | grep -v '^.git/config$' |
		USER_DIR=$PROJECT as_user sh -c 'while read -r name; do mkdir -p "${name%/*}" 2>/dev/null; [ -d "$name" ] && rmdir "$name"; echo host >"$name"; done; echo "{}" >.claude-sandbox.json'
	holds existing
}

@test "a directory of another name does not become one of these" {
	holds parent
}

@test "in directories below they are refused, in repositories below put away at the end" {
	holds nested
	run as_user "$CSB" check "$PROJECT"
	[[ $output == *"put away after a session"* ]]
}

@test "a file that was harmless does not get such a name later" {
	holds later
}

# bats test_tags=backend
@test "the usual commands on the host run nothing that was planted" {
	local canary=$TEST_DIR/own/canary
	as_user sh -c 'cat >"$1/package.json"' - "$PROJECT" <<<'{ "scripts": { "test": "true" } }'
	as_user sh -c 'printf "all:\n\ttrue\n" >"$1/Makefile"' - "$PROJECT"
	chmod 777 "$TEST_DIR/own"
	cat >"$TEST_DIR/own/arm.sh" <<-END
		evil='#!/bin/sh
		touch $canary'
		for f in .git/hooks/pre-commit .git/hooks/post-index-change .envrc .bashrc .husky/pre-commit; do
			mkdir -p "\$(dirname "\$f")"; printf '%s\n' "\$evil" >"\$f"; chmod +x "\$f"
		done
		echo "silent !touch $canary.vim" >.exrc
		git config core.fsmonitor 'touch $canary;'
		git config core.hooksPath .husky
		git config alias.status '!touch $canary'
		printf '[core]\n\tfsmonitor = touch $canary;\n' >>.git/config
		printf '[core]\n\tfsmonitor = touch $canary;\n' >cfg && mv cfg .git/config
		printf 'script-shell=%s/evil.sh\n' "\$PWD" >.npmrc
		printf '%s\ntouch $canary.npm\n' "\$evil" >evil.sh; chmod +x evil.sh
		# A bare repository in the middle of the project (F-09).
		mkdir objects refs; printf '[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = touch $canary;\n' >config
		echo 'ref: refs/heads/main' >HEAD
		true
	END
	act() {
		git -C "$1" status >/dev/null 2>&1 || true
		git -C "$1" commit -qm x --allow-empty >/dev/null 2>&1 || true
		cd "$1" || return
		direnv exec . touch "$2.ran" >/dev/null 2>&1 || true
		timeout 5 script -qec "vim.tiny +q" /dev/null </dev/null >/dev/null 2>&1 || true
		make -s >/dev/null 2>&1 || true
		npm test >/dev/null 2>&1 || true
	}
	# The user has said that .envrc may run below his projects, and that vim may read .exrc.
	as_user sh -c 'mkdir -p ~/.config/direnv && printf "[whitelist]\nprefix = [ \"%s\" ]\n" ~/projects >~/.config/direnv/direnv.toml; echo "set exrc" >~/.vimrc'
	export -f act
	as_user cp -r "$PROJECT" "$TEST_HOME/projects/control"
	USER_DIR=$TEST_HOME/projects/control as_user sh -c "$(cat "$TEST_DIR/own/arm.sh")"
	USER_DIR=$TEST_HOME/projects/control as_user bash -c "$(declare -f act); act . $canary"
	ls "$TEST_DIR/own"
	[ -e "$canary" ]
	[ -e "$canary.vim" ]
	[ -e "$canary.npm" ]
	rm -f "$canary"*
	inside sh -c "$(cat "$TEST_DIR/own/arm.sh")"
	USER_DIR=$PROJECT as_user bash -c "$(declare -f act); act . $canary"
	[ -e "$canary.ran" ]
	rm "$canary.ran"
	ls "$TEST_DIR/own"
	[ -z "$(find "$TEST_DIR/own" -name 'canary*')" ]
	[ "$(USER_DIR=$PROJECT as_user git config core.fsmonitor)" = "" ]
}

@test "what a build obeys is told at the end, and refused at strict" {
	local evil=$TEST_HOME/evil level builds=(make)
	! command -v npm >/dev/null || builds+=("npm test")
	USER_DIR=$PROJECT as_user sh -c 'printf "all:\n\ttrue\n" >Makefile; echo "{ \"scripts\": { \"test\": \"true\" } }" >package.json; git add .; git commit -qm build'
	for level in guarded strict; do
		for build in "${builds[@]}"; do
			rm -f "$evil"
			run as_user "$CSB" --risk-files "$level" "$PROJECT" -- \
				sh -c 'printf "all:\n\ttouch $1\n" >GNUmakefile; printf "all:\n\ttouch $1\n" >Makefile
					echo "{ \"scripts\": { \"test\": \"touch $1\" } }" >fresh; mv fresh package.json; ls >ok' - "$evil"
			[ -e "$PROJECT/ok" ]
			USER_DIR=$PROJECT as_user sh -c "$build" >/dev/null 2>&1
			if [ "$level" = guarded ]; then
				[ -e "$evil" ] # so the build does obey it
				[[ $output == *"changed package.json: npm runs its scripts"* ]]
				[[ $output == *"changed GNUmakefile: make runs it"* ]]
				USER_DIR=$PROJECT as_user sh -c 'rm -f GNUmakefile ok; git checkout -q .'
			else
				[ ! -e "$evil" ]
				[[ $output == *"refused to write package.json"* ]]
				[ ! -e "$PROJECT/GNUmakefile" ]
			fi
		done
	done
}

@test "a repository put together from pieces, in whatever order, says nothing that runs" {
	local order script
	script='for part in "$@"; do case $part in
		config) printf "[core]\n\tfsmonitor = touch %s/hooked;\n\tbare = false\n\tworktree = .\n" "$HOME" >bad/config ;;
		moved) mkdir -p from; mv from bad/refs ;;
		HEAD) echo "ref: refs/heads/main" >bad/HEAD ;;
		hooks) mkdir -p other; printf "#!/bin/sh\ntouch ~/hooked\n" >other/post-index-change; chmod +x other/post-index-change; mv other bad/hooks ;;
		*) mkdir bad/$part ;;
		esac; done 2>/dev/null; true'
	for order in 'config objects refs HEAD' 'objects config refs HEAD' 'HEAD refs objects config' 'config HEAD objects moved' \
		'hooks HEAD objects refs' 'HEAD objects refs hooks'; do
		rm -rf "$PROJECT/bad" "$PROJECT/other" "$TEST_HOME/control" "$TEST_HOME/hooked"
		as_user mkdir -p "$PROJECT/bad" "$TEST_HOME/control/bad"
		# shellcheck disable=SC2086
		USER_DIR=$TEST_HOME/control as_user sh -c "$script" - $order
		case $order in *config*)
			USER_DIR=$TEST_HOME/control/bad as_user git --git-dir=. --work-tree=. status >/dev/null 2>&1 || true
			[ -e "$TEST_HOME/hooked" ]
			rm "$TEST_HOME/hooked"
			;;
		esac
		# shellcheck disable=SC2086
		inside sh -c "$script" - $order
		USER_DIR=$PROJECT/bad as_user git --git-dir=. --work-tree=. status >/dev/null 2>&1 || true
		[ ! -e "$TEST_HOME/hooked" ]
		if [ -d "$PROJECT/bad/objects" ] && [ -d "$PROJECT/bad/refs" ]; then
			[ ! -e "$PROJECT/bad/hooks/post-index-change" ]
			run ! grep -q fsmonitor "$PROJECT/bad/config"
		fi
	done
}

@test "nothing of ours is seen by git, and what was refused is told" {
	run inside sh -c 'echo x >.envrc; git config core.pager evil; git config user.name Other; echo y >ok'
	[[ $output == *"refused to write .envrc: direnv runs it"* ]]
	[[ $output == *"refused to write .git/config: core.pager"* ]]
	[ "$(USER_DIR=$PROJECT as_user git config user.name)" = Other ]
	[ -z "$(USER_DIR=$PROJECT as_user git config --local core.pager)" ]
	[ "$(USER_DIR=$PROJECT as_user git status --short | grep -v Makefile | sort)" = "?? ok" ]
	[ "$(find "$PROJECT" -name '.csb-*' | wc -l)" = 0 ]
}

@test "one line of the configuration lets a name go" {
	run inside sh -c 'echo x >.envrc'
	[ "$status" -ne 0 ]
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	as_user sh -c 'echo "{ \"risk_files_allow\": [\".envrc\"] }" >~/.config/claude-sandbox/config.json'
	inside sh -c 'echo x >.envrc'
	[ "$(cat "$PROJECT/.envrc")" = x ]
	run inside sh -c 'mkdir .vscode'
	[ "$status" -ne 0 ]
	rm "$TEST_HOME/.config/claude-sandbox/config.json"
	inside true
	USER_DIR=$PROJECT as_user "$CSB" --risk-files writable . -- mkdir .vscode
	[ -d "$PROJECT/.vscode" ]
}

@test "a repository that was cloned below works, and its risky files are put away and can be had back" {
	as_user git init -q "$TEST_HOME/projects/lib"
	as_user sh -c 'cd "$1" && mkdir .vscode && echo t >.vscode/tasks.json && echo e >.envrc && echo c >code.c && git add -Af . && git commit -qm lib' - "$TEST_HOME/projects/lib"
	USER_DIR=$PROJECT as_user "$CSB" --extra-ro "$TEST_HOME/projects/lib" . -- git -c safe.directory='*' clone -q "$TEST_HOME/projects/lib" lib >"$TEST_DIR/own/out" 2>&1 ||
		{ cat "$TEST_DIR/own/out"; false; }
	cat "$TEST_DIR/own/out"
	grep -q 'put away lib/.envrc' "$TEST_DIR/own/out"
	[ -e "$PROJECT/lib/code.c" ]
	[ ! -e "$PROJECT/lib/.envrc" ]
	[ ! -e "$PROJECT/lib/.vscode/tasks.json" ]
	run as_user "$CSB" check "$PROJECT"
	[[ $output == *"$PROJECT/lib/.envrc"* ]]
	as_user "$CSB" check "$PROJECT" restore "$PROJECT/lib/.envrc"
	[ "$(cat "$PROJECT/lib/.envrc")" = e ]
	as_user "$CSB" check "$PROJECT" restore "$PROJECT/lib/.vscode/tasks.json"
	[ "$(cat "$PROJECT/lib/.vscode/tasks.json")" = t ]
}

# bats test_tags=backend
@test "after kill -9 of all of it the next start puts away what was left" {
	spawn_user "$TEST_DIR/own/log" "$CSB" "$PROJECT" -- sh -c 'git init -q dep; mkdir dep/.vscode; echo x >dep/.vscode/tasks.json; touch ready; sleep 60'
	wait_for 10 test -e "$PROJECT/ready"
	kill -9 "$(tr -d ' ' <"/proc/$SPAWNED/task/$SPAWNED/children")" "$SPAWNED"
	[ -e "$PROJECT/dep/.vscode/tasks.json" ]
	run inside test ! -e dep/.vscode/tasks.json # before anything runs
	[ "$status" -eq 0 ]
	[[ $output == *"put away dep/.vscode/tasks.json"* ]]
	[ ! -e "$PROJECT/dep/.vscode/tasks.json" ]
}

@test "no rename hides what must be put away: one that fails, an exchange, a chain" {
	run inside python3 - <<-'END'
		import ctypes, os, subprocess
		for name in "abcd":
		    subprocess.run(["git", "init", "-q", name], check=True)
		open("a/.envrc", "w").write("x")
		os.makedirs("full/x")
		try:
		    os.rename("a", "full")
		except OSError as e:
		    print(e)
		open("b/.envrc", "w").write("x")
		open("c/.npmrc", "w").write("x")
		assert ctypes.CDLL(None).renameat2(-100, b"b", -100, b"c", 2) == 0
		open("d/.envrc", "w").write("x")
		for old, new in (("d", "e"), ("e", "f"), ("f", "d"), ("d", "g")):
		    os.rename(old, new)
		open("Makefile", "w").write("all:")
		print("done")
	END
	grep -q 'Directory not empty' <<<"$output"
	grep -q '^done$' <<<"$output"
	grep -q 'put away g/.envrc' <<<"$output"
	find "$PROJECT" -name .envrc -o -name .npmrc
	[ -z "$(find "$PROJECT" -name .envrc -o -name .npmrc)" ]
}

@test "what cannot be noted is not done, and what was noted before is put away" {
	run inside python3 - <<-'END'
		import os, subprocess
		subprocess.run(["git", "init", "-q", "a"], check=True)
		made = 0
		try:
		    for i in range(9000):
		        os.mkdir(f"a/{i}")
		        open(f"a/{i}/.envrc", "w").write("x")
		        made += 1
		except OSError as e:
		    print("stopped:", e.strerror)
		print("made", made)
		try:
		    os.rename("a", "b")
		except OSError as e:
		    print("not renamed:", e.strerror)
	END
	grep -q '^made 8192$' <<<"$output"
	grep -q '^stopped: Disk quota exceeded$' <<<"$output"
	grep -q '^not renamed: Disk quota exceeded$' <<<"$output"
	grep -q 'put away 8180 more files' <<<"$output"
	[ -z "$(find "$PROJECT" -name .envrc)" ]
}

@test "what a package manager unpacks is told by number" {
	run inside sh -c 'mkdir -p node_modules/x; for i in 1 2 3; do mkdir node_modules/$i; echo "{}" >node_modules/$i/package.json; done; echo "{}" >package.json'
	grep -q 'changed 3 files that run on the host in installed packages' <<<"$output"
	grep -q 'changed package.json: npm runs its scripts' <<<"$output"
	[ "$(grep -c changed <<<"$output")" = 2 ]
}

@test "a second thread that changes the path while it is looked at wins nothing" {
	local harmless
	as_user cc -O1 -pthread -o "$TEST_HOME/race" "$BATS_TEST_DIRNAME/race.c"
	# One name in the project, and one that the guard lets go on.
	for harmless in .okayy /tmp/o; do
		USER_DIR=$PROJECT as_user "$CSB" --extra-ro "$TEST_HOME/race" . -- "$TEST_HOME/race" 20000 "$harmless"
		ls -la "$PROJECT"
		[ ! -e "$PROJECT/.envrc" ]
	done
	[ -e "$PROJECT/.okayy" ]
	# The program can win: without the guard it makes both.
	USER_DIR=$PROJECT as_user "$TEST_HOME/race" 500000 .okayy
	[ -e "$PROJECT/.envrc" ]
}

@test "the project is the project, whatever is done to the directories above it" {
	run inside sh -c 'cd; mv projects p2; python3 -c "
import ctypes, os
l = ctypes.CDLL(None); os.mkdir(\"x\"); print(\"exchange\", l.renameat2(-100, b\"x\", -100, b\"projects\", 2))
print(\"back\", l.renameat2(-100, b\"projects\", -100, b\"x\", 2))"
		ln -s projects p3; for d in p2 x p3 projects /proc/self/root$HOME/projects /proc/self/cwd/projects; do echo x >$d/app/.envrc; done
		mv p3 p4; mkdir q && mv q q2 && ls -d q2'
	says '^exchange -1$'
	says '^back -1$'
	says '^q2$'
	[ ! -e "$PROJECT/.envrc" ]
	# A project whose parent is called by another case or deeper is no other.
	make_project deep "$TEST_HOME/projects/a/b/c"
	run as_user "$CSB" "$PROJECT" -- sh -c 'cd; for d in projects projects/a projects/a/b projects/a/b/c; do mv $d gone; mv $d projects/gone; done
		echo x >projects/a/b/c/deep/.envrc; find . -name gone'
	[ "$(find "$TEST_HOME/projects" -name gone -o -name .envrc)" = "" ]
}

@test "a descriptor gives no second name to what may not be written" {
	as_user sh -c 'echo host >"$1/.envrc"' - "$PROJECT"
	run inside python3 - <<-'END'
		import ctypes, os
		libc = ctypes.CDLL(None)
		def name(fd, new):
		    return libc.linkat(-100, f"/proc/self/fd/{fd}".encode(), -100, new, 0x400)
		print("alias", name(os.open(".envrc", os.O_RDONLY), b"alias"))
		try:
		    open("alias", "w").write("PLANTED")
		except OSError as e:
		    print(e)
		fresh = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o644)
		print("fresh", name(fresh, b"fresh"))
		print("risky", name(os.open(".", os.O_TMPFILE | os.O_RDWR, 0o644), b".npmrc"))
		print("other", name(os.open("hello.txt", os.O_RDONLY), b"hello2"))
	END
	says '^alias -1$'
	says '^fresh 0$'
	says '^risky -1$'
	says '^other 0$'
	[ "$(cat "$PROJECT/.envrc")" = host ]
	[ ! -e "$PROJECT/.npmrc" ]
	[ "$(cat "$PROJECT/hello2")" = start ]
}

# bats test_tags=backend
@test "files behave inside as they do outside" {
	local side
	for side in one two; do as_user mkdir "$TEST_HOME/projects/$side"; done
	USER_DIR=$TEST_HOME/projects/one as_user python3 - <"$BATS_TEST_DIRNAME/files.py" >"$TEST_DIR/own/outside"
	USER_DIR=$TEST_HOME/projects/two as_user "$CSB" . -- python3 - <"$BATS_TEST_DIRNAME/files.py" >"$TEST_DIR/own/inside"
	diff "$TEST_DIR/own/outside" "$TEST_DIR/own/inside"
	[ "$(wc -l <"$TEST_DIR/own/outside")" -ge 50 ]
}

@test "in a directory that comes and goes files are made or there is none, and nothing is refused" {
	run inside python3 - <<-'END'
		import errno, os, time
		def turns():
		    while True:
		        for turn in os.mkdir, os.rmdir:
		            try:
		                turn("turns")
		            except OSError:
		                pass
		calls = {
		    "mkdir": lambda: os.rmdir(os.mkdir("turns/d") or "turns/d"),
		    "deep": lambda: os.mkdir("turns/d/e"),
		    "open": lambda: os.close(os.open("turns/f", os.O_CREAT | os.O_WRONLY)) or os.unlink("turns/f"),
		    "symlink": lambda: os.symlink("x", "turns/l") or os.unlink("turns/l"),
		    "link": lambda: os.link("hello.txt", "turns/h") or os.unlink("turns/h"),
		    "rename": lambda: os.rename("moved", "turns/m") or os.rename("turns/m", "moved"),
		}
		open("moved", "w").close()
		child = os.fork()
		if child == 0:
		    turns()
		for name, call in calls.items():
		    seen, end = set(), time.monotonic() + 1
		    while time.monotonic() < end:
		        try:
		            call()
		            seen.add("done")
		        except OSError as e:
		            seen.add(errno.errorcode[e.errno])
		    print(name, *sorted(seen))
		os.kill(child, 9)
	END
	exits 0
	echo "$output"
	[ "$(grep -cx '[a-z]* ENOENT done' <<<"$output")" = 5 ]
	says '^deep ENOENT$'
}

@test "what nobody was there to hear is told at the next start, and --stop tells it" {
	as_user "$CSB" --detach "$PROJECT" -- sh -c 'echo x >.envrc; touch done; sleep 60'
	wait_for 10 test -e "$PROJECT/done"
	run as_user "$CSB" --stop "$PROJECT"
	[[ $output == *"refused to write .envrc: direnv runs it"* ]]
	run inside true
	[[ $output != *.envrc* ]]
	as_user "$CSB" --detach "$PROJECT" -- sh -c 'echo x >.npmrc; touch did'
	wait_for 10 test -e "$PROJECT/did"
	wait_for 5 nothing_runs
	run inside true
	[[ $output == *"refused to write .npmrc: npm runs the shell it names"* ]]
	run inside true
	[[ $output != *.npmrc* ]]
}
