#!/usr/bin/env bats
# Projects with awkward names and places work from end to end; what cannot be a project is refused
# with one sentence. And the ways to say what is to be run.
# shellcheck disable=SC1003,SC2016 # names full of shell characters, and text for other shells

load helpers

setup_file() {
	start_e2e
	export OTHER_DIR
	OTHER_DIR=$(as_user mktemp -d /tmp/csb-names.XXXXXX)
}

teardown_file() {
	[ -z "${OTHER_DIR:-}" ] || rm -rf -- "$OTHER_DIR"
	end_file
}

teardown() {
	close_terminal
	stop_api
}

# --- names --------------------------------------------------------------------------------

# check_session SIDE MARK: a session leaves a file in the project that names the project's path.
check_session() {
	start_api mark_place "MARK=$2"
	run agent "$1" -p "leave a file"
	exits 0
	api_ok
	names_its_path
}

# names_its_path: the file left there says where it is. The dot keeps a newline at a name's end.
names_its_path() {
	[ "$(cat -- "$PROJECT/place" && echo .)" = "$(realpath -z -- "$PROJECT" | tr '\0' .)" ]
}

# works ARGS...: the launcher, from USER_DIR, with the project named by ARGS.
works() {
	as_user rm -f -- "$PROJECT/place"
	run as_user "$CSB" "$@" -- bash -c 'printf %s "$PWD" >place'
	exits 0
	names_its_path
}

# check_places NAME [PARENT]: by name from beside it, by absolute path, from within.
check_places() {
	make_project "$1" "${2:-$TEST_HOME/projects}"
	USER_DIR=${PROJECT%/*} works "./$1"
	works "$PROJECT"
	USER_DIR=$PROJECT works
	USER_DIR=$PROJECT works .
}

# check_name NAME [PARENT]: the same, and with the client.
check_name() {
	check_places "$@"
	check_session outside ""
	check_session inside 1
}

@test "a plain name" {
	check_name plain
}

@test "a name that looks like an option" {
	check_name -x
}

@test "such a name without ./ is an unknown option, refused with a sentence" {
	as_user mkdir -p -- "$TEST_HOME/projects/--nothing-known"
	USER_DIR=$TEST_HOME/projects run as_user "$CSB" --nothing-known -- true
	refused
	says 'nothing-known'
}

@test "a name with a blank and both kinds of quotes" {
	check_name "a b'c\"d"
}

@test "a name with shell characters" {
	check_name '$(touch pwned);`id`&|*?[x]'
	[ ! -e "$PROJECT/pwned" ]
	[ ! -e "${PROJECT%/*}/pwned" ]
}

@test "a name with a newline in it and one at the end" {
	check_name $'two\nlines'
	check_name $'ends\n'
}

@test "a name that is not UTF-8" {
	check_places $'latin-\xe9-\xff'
}

@test "the client cannot work in a directory that is not UTF-8; inside it says so as outside" {
	make_project $'client-\xe9'
	start_api mark_place MARK=1
	run agent outside -p "leave a file"
	exits 1
	says "Can't access working directory"
	run agent inside -p "leave a file"
	exits 1
	says "Can't access working directory|^claude-sandbox: "
}

@test "a name with a tab and escape sequences of a terminal" {
	check_name $'tab\there'
	check_name $'\e[31mred\e]0;title\a'
}

@test "a name of 255 bytes" {
	check_name "$(printf 'n%.0s' {1..255})"
}

@test "a project below /tmp" {
	check_name project "$OTHER_DIR"
}

@test "a project reached through a symlink is at its real path" {
	make_project real
	as_user ln -s real "$TEST_HOME/projects/link"
	works "$TEST_HOME/projects/link"
	USER_DIR=$TEST_HOME/projects works link
	USER_DIR=$TEST_HOME/projects works link/
	USER_DIR=$TEST_HOME/projects/link works
	PROJECT=$TEST_HOME/projects/link check_session inside 1
}

@test "a project below a symlinked directory" {
	as_user mkdir "$OTHER_DIR/far"
	as_user ln -s "$OTHER_DIR/far" "$TEST_HOME/near"
	make_project inner "$TEST_HOME/near"
	works "$PROJECT"
	[ -e "$OTHER_DIR/far/inner/place" ]
}

@test "what is no directory, not there or too much is refused with a sentence" {
	local place
	make_project places
	for place in "$PROJECT/hello.txt" "$PROJECT/none" / "$TEST_HOME" "$TEST_DIR" /usr /etc \
		"$TEST_HOME/.claude"; do
		as_user mkdir -p "$TEST_HOME/.claude"
		run as_user "$CSB" "$place" -- true
		refused || {
			echo "for $place"
			return 1
		}
	done
}

# --- ways to say what is to be run --------------------------------------------------------

@test "claude-sandbox -- make -C src test" {
	make_project make
	USER_DIR=$PROJECT run as_user make -C src test
	exits 0
	says '^the tests passed$'
	USER_DIR=$PROJECT run as_user "$CSB" -- make -C src test
	exits 0
	says '^the tests passed$'
	USER_DIR=$PROJECT run as_user "$CSB" -- make -C src no-such-target
	exits 2
}

@test "claude-sandbox DIR -p PROMPT" {
	make_project prompt
	start_api greet
	run as_user "${AGENT_ENV[@]}" "$CSB" "$PROJECT" -p "good morning" </dev/null
	exits 0
	says 'A fine morning to you'
	api_ok
}

@test "claude-sandbox -- -p PROMPT: a first word with a dash is for the agent" {
	make_project dashes
	start_api greet
	USER_DIR=$PROJECT run as_user "${AGENT_ENV[@]}" "$CSB" -- -p "good morning" </dev/null
	exits 0
	says 'A fine morning to you'
	api_ok
}

@test "arguments reach the agent's command as they are" {
	make_project arguments
	local words=('' ' ' "it's" '"' $'a\nb' '$HOME' '*' '\' -- -x $'\xff')
	run as_user printf '<%s>' "${words[@]}"
	local expected=$output
	run as_user "$CSB" "$PROJECT" -- printf '<%s>' "${words[@]}"
	exits 0
	[ "$output" = "$expected" ]
}

@test "--shell is a shell in the project" {
	make_project shell
	run in_shell 'pwd; echo "mark=[$CLAUDE_SANDBOX]"; exit 5'
	exits 5
	says "^$PROJECT\$"
	says '^mark=\[1\]$'
}

in_shell() {
	as_user "$CSB" --shell "$PROJECT" <<<"$1"
}

@test "--shell in a terminal has a prompt and job control" {
	make_project terminal
	USER_DIR=$PROJECT open_terminal "$CSB --shell"
	type_line w
	type_text 'echo mark=[$CLAUDE_SANDBOX] in $PWD'
	type_keys Enter
	wait_shows "^mark=\[1\] in $PROJECT\$"
	type_text 'sleep 100.5'
	type_keys Enter
	wait_on_screen 5 in_state 'sleep 100.5' S
	type_keys C-z
	wait_shows 'Stopped +sleep 100.5'
	# Ended in the foreground: bash now and then misses the death of a job that was stopped.
	type_text fg
	type_keys Enter
	wait_on_screen 5 in_state 'sleep 100.5' S
	type_keys C-c
	wait_on_screen 5 in_state 'sleep 100.5' ''
	type_text 'exit 6'
	type_keys Enter
	wait_prompt 6
}
