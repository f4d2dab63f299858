#!/usr/bin/env bats
# The project's own layer over ~/.claude: what is changed inside stays inside until a person promotes it.
# The host's side is compared byte by byte, modes and links included.
# shellcheck disable=SC2016,SC2088

bats_require_minimum_version 1.5.0

load ../lib/common

setup_file() {
	start_file
	make_project app
}

teardown_file() {
	end_file
}

setup() {
	PROJECT=$TEST_HOME/projects/app
	CLAUDE=$TEST_HOME/.claude
	chmod -R u+rwX "$TEST_HOME/.local/state" 2>/dev/null || true # a test may have closed its own
	as_user rm -rf "$CLAUDE" "$TEST_HOME/.claude.json" "$TEST_HOME/.local/state"
	as_user mkdir -p "$CLAUDE"/{skills/fmt,commands,hooks} "$TEST_HOME/.ssh"
	put settings.json '{"env":{"A":"host"}}'
	put CLAUDE.md 'be kind'
	put skills/fmt/SKILL.md 'format'
	put commands/hi.md 'say hi'
	put hooks/pre.sh '#!/bin/sh'
	as_user chmod 755 "$CLAUDE/hooks/pre.sh"
	echo secret | as_user tee "$TEST_HOME/.ssh/id" >/dev/null
}

put() {
	as_user mkdir -p "$(dirname "$CLAUDE/$1")"
	echo "$2" | as_user tee "$CLAUDE/$1" >/dev/null
}

# A start in the project; its last words are for the user on stderr.
inside() {
	as_user "$CSB" "$PROJECT" -- sh -c "$1"
}

promote() {
	USER_DIR=$PROJECT as_user "$CSB" promote "$@" </dev/null
}

# Everything of the host's ~/.claude but this project's sessions, which are shared.
picture() {
	(cd "$TEST_HOME" && find .claude .ssh -path '.claude/projects*' -prune -o -printf '%P %y %m %s %T@ %l\n' |
		sort && find .claude .ssh -path '.claude/projects*' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum)
}

layer() {
	echo "$TEST_HOME"/.local/state/claude-sandbox/projects/app-*/claude
}

# --- seeing and keeping -------------------------------------------------------------------

@test "the host's configuration is visible, programs stay executable" {
	inside 'cd ~/.claude && grep -q host settings.json && grep -q kind CLAUDE.md &&
		grep -q format skills/fmt/SKILL.md && test -x hooks/pre.sh && ! test -x commands/hi.md'
}

# bats test_tags=backend
@test "writes succeed, are seen by the next session, and the host has nothing of them" {
	local before
	inside true
	before=$(picture)
	inside 'cd ~/.claude && echo "{}" >settings.json && mkdir -p skills/new agents && echo new >skills/new/SKILL.md &&
		echo a >agents/a.md && rm commands/hi.md && echo m >.mcp.json'
	[ "$(picture)" = "$before" ]
	inside 'cd ~/.claude && grep -qx "{}" settings.json && grep -q new skills/new/SKILL.md && grep -q a agents/a.md &&
		! test -e commands/hi.md && grep -q m .mcp.json && grep -q format skills/fmt/SKILL.md'
	[ "$(picture)" = "$before" ]
}

@test "another project sees nothing of it" {
	inside 'echo evil >~/.claude/CLAUDE.md; echo line >>~/.claude/history.jsonl; echo "{\"mcpServers\":{\"x\":{}}}" >~/.claude.json'
	inside 'grep -q evil ~/.claude/CLAUDE.md && grep -q line ~/.claude/history.jsonl && grep -q mcpServers ~/.claude.json'
	make_project other
	inside 'grep -q kind ~/.claude/CLAUDE.md && ! test -e ~/.claude/history.jsonl && ! test -e ~/.claude.json'
}

# bats test_tags=backend
@test "files replaced by rename are kept too, as are whole directories, and removals" {
	inside 'cd ~/.claude && echo moved >t && mv t settings.json && sed -i s/kind/cruel/ CLAUDE.md && rm skills &&
		mkdir -p skills/own && echo own >skills/own/SKILL.md'
	inside 'cd ~/.claude && grep -q moved settings.json && grep -q cruel CLAUDE.md && grep -q own skills/own/SKILL.md &&
		! test -e skills/fmt'
}

# bats test_tags=backend
@test "they are kept also when the payload is killed" {
	run inside 'cd ~/.claude && echo moved >t && mv t settings.json && kill -9 $$'
	[ "$status" -eq 137 ]
	inside 'grep -q moved ~/.claude/settings.json'
}

@test "what changes on the host shows, but for what was changed inside" {
	inside 'echo inside >~/.claude/CLAUDE.md'
	put CLAUDE.md 'host again'
	put settings.json '{"env":{"A":"later"}}'
	put skills/two/SKILL.md 'two'
	as_user rm "$CLAUDE/commands/hi.md"
	inside 'cd ~/.claude && grep -qx inside CLAUDE.md && grep -q later settings.json && grep -q two skills/two/SKILL.md &&
		! test -e commands/hi.md'
}

@test "a change that is the host's as well is none any more" {
	inside 'echo inside >~/.claude/CLAUDE.md'
	put CLAUDE.md inside
	inside true
	run promote
	says '^Nothing of ~/.claude was changed inside'
	put CLAUDE.md 'host again'
	inside 'grep -q again ~/.claude/CLAUDE.md'
}

@test "large directories are seen by a link, read-only, and can be replaced" {
	as_user mkdir -p "$CLAUDE/plugins/marketplaces/m" "$CLAUDE/skills/fmt/node_modules/x"
	put plugins/marketplaces/m/f market
	put skills/fmt/node_modules/x/f module
	inside 'cd ~/.claude && grep -q market plugins/marketplaces/m/f && grep -q module skills/fmt/node_modules/x/f &&
		! echo x 2>/dev/null >plugins/marketplaces/m/f && rm plugins/marketplaces/m && mkdir plugins/marketplaces/m'
	[ "$(cat "$CLAUDE/plugins/marketplaces/m/f")" = market ]
}

@test "~/.claude.json: the sandbox's own, with what the host learns, and without other projects" {
	printf '{"theme":"dark","n":1,"projects":{"%s":{"t":1},"/elsewhere":{"secret":1}}}' "$PROJECT" |
		as_user tee "$TEST_HOME/.claude.json" >/dev/null
	inside 'grep -q dark ~/.claude.json && ! grep -q elsewhere ~/.claude.json && sed -i "s/\"n\": 1/\"n\": 7/" ~/.claude/.layer/claude.json'
	grep -q '"n":1' "$TEST_HOME/.claude.json"
	sed -i 's/dark/light/' "$TEST_HOME/.claude.json"
	inside 'grep -q light ~/.claude.json && grep -q "\"n\": 7" ~/.claude.json'
}

# --- what is told -------------------------------------------------------------------------

@test "the end names each changed file once, escaped and bounded" {
	run inside 'echo 1 >~/.claude/CLAUDE.md; cd ~/.claude/commands && echo x >"$(printf "a\033[2J\nclaude-sandbox: all is well")"'
	says '^claude-sandbox: ~/.claude/CLAUDE.md was changed inside, for this project alone; `claude-sandbox promote` shows it$'
	says '^claude-sandbox: ~/.claude/commands/a\\x1b\[2J\\x0aclaude-sandbox: all is well was made inside'
	run inside true
	[ -z "$output" ] # told once
	run inside 'cd ~/.claude/commands && for i in $(seq 40); do echo >c$i.md; done'
	[ "${#lines[@]}" -eq 9 ]
	says '^claude-sandbox: 32 more files of ~/.claude were changed inside$'
}

# --- promote ------------------------------------------------------------------------------

@test "promote lists, shows, and copies after a yes; what it replaced is kept" {
	local kept
	inside 'cd ~/.claude && echo new >CLAUDE.md && mkdir -p skills/x && printf "#!/bin/sh\n" >skills/x/run.sh && chmod 755 skills/x/run.sh && rm commands/hi.md'
	run promote
	exits 0
	[ "$output" = "$(printf '%s\n' 'changed  CLAUDE.md' 'removed  commands/hi.md' 'made     skills/x/run.sh')" ]
	run promote CLAUDE.md
	exits 1
	says '^-be kind$'
	says '^\+new$'
	says 'no terminal to ask at'
	[ "$(cat "$CLAUDE/CLAUDE.md")" = 'be kind' ]
	run promote '~/.claude/CLAUDE.md' yes
	exits 0
	[ "$(cat "$CLAUDE/CLAUDE.md")" = new ]
	kept=$(find "$TEST_HOME"/.local/state/claude-sandbox/projects/app-*/layer/replaced -name CLAUDE.md)
	[ "$(cat "$kept")" = 'be kind' ]
	run promote . skills yes
	exits 0
	[ "$(stat -c %a "$CLAUDE/skills/x/run.sh")" = 755 ]
	run promote commands/hi.md yes
	exits 0
	[ ! -e "$CLAUDE/commands/hi.md" ]
	run promote
	says '^Nothing'
	inside 'grep -q new ~/.claude/CLAUDE.md'
}

@test "promote discard lets go of a change" {
	inside 'cd ~/.claude && echo new >CLAUDE.md && rm hooks/pre.sh && mkdir -p agents/deep && echo x >agents/deep/a.md'
	run promote discard CLAUDE.md yes
	exits 0
	run promote discard . hooks yes
	exits 0
	run promote discard agents yes
	exits 0
	inside 'cd ~/.claude && grep -q kind CLAUDE.md && test -x hooks/pre.sh && ! test -e agents/deep'
}

@test "promote says what is wrong with its words" {
	run promote no-such
	exits 1
	says 'no such directory'
	run promote . projects
	exits 1
	says 'the forms are'
	run promote discard
	exits 1
	says 'a NAME is needed'
	run promote settings.json
	exits 1
	says 'no change of settings.json was made inside'
}

@test "a name cannot forge lines of the difference" {
	inside 'cd ~/.claude/commands && echo x >"$(printf "a\n+++ harmless")"'
	run promote commands
	says '^\+\+\+ ~/.claude/commands/a\\x0a\+\+\+ harmless \(inside\)$'
}

# --- hostile layers -----------------------------------------------------------------------

@test "a link in the layer is not followed, neither shown nor copied" {
	local before
	inside true
	before=$(picture)
	inside "cd ~/.claude/.layer/config && rm CLAUDE.md && ln -s $TEST_HOME/.ssh/id CLAUDE.md && rm -r skills &&
		ln -s $TEST_HOME/.ssh skills && ln -s $TEST_HOME/.ssh commands/ssh"
	run promote CLAUDE.md yes
	exits 1
	says 'no regular file'
	[[ $output != *secret* ]]
	run promote commands/ssh yes
	exits 1
	says 'no regular file'
	run promote skills/id yes
	exits 1
	[[ $output != *secret* ]]
	inside true
	[ "$(picture)" = "$before" ]
}

# bats test_tags=backend
@test "links in the layer lead no later start to the host, also when the host's file changes" {
	inside "cd ~/.claude/.layer && rm -r config/hooks tasks && ln -s $TEST_HOME/.ssh config/hooks && ln -s $TEST_HOME/.ssh tasks &&
		rm -f claude.json && ln -s $TEST_HOME/.ssh/id claude.json"
	put hooks/id 'from the host'
	put hooks/new 'from the host'
	echo '{"a":1}' | as_user tee "$TEST_HOME/.claude.json" >/dev/null
	inside true
	inside "cd ~/.claude/.layer && rm -r config && ln -s $TEST_HOME/.ssh config"
	inside true
	[ "$(ls -A "$TEST_HOME/.ssh")" = id ]
	[ "$(cat "$TEST_HOME/.ssh/id")" = secret ]
}

@test "fifos, huge files, deep trees, many files: the next start and promote come back soon" {
	local before start
	inside true
	before=$(picture)
	run inside 'cd ~/.claude && rm settings.json && mkfifo settings.json && cd .layer/config && mkfifo commands/f &&
		truncate -s 1G CLAUDE.md && d=agents && for i in $(seq 60); do d=$d/d; done && mkdir -p $d && echo x >$d/f &&
		cd rules && for i in $(seq 6000); do : >r$i; done; chmod 000 ../hooks; mkfifo ../../claude.json.x && mv ../../claude.json.x ../../claude.json'
	start=$SECONDS
	inside true
	run promote
	exits 0
	says 'and more than is looked at'
	run promote CLAUDE.md yes
	exits 1
	says 'at most 8 MiB'
	run promote commands/f yes
	exits 1
	((SECONDS - start < 20))
	[ "$(picture)" = "$before" ]
}

@test "every name written, every parent moved: the host is byte for byte what it was" {
	local before
	inside true
	before=$(picture)
	run inside 'cd ~/.claude && for n in settings.json settings.local.json CLAUDE.md loop.md keybindings.json statusline.sh .mcp.json \
			.config.json commands/x agents/x skills/x hooks/x plugins/x rules/x workflows/x output-styles/x themes/x; do
			echo evil >"$n"; chmod 777 "$n"; ln -f "$n" linked; done
		mv skills away; mkdir skills; echo evil >skills/x; mv .layer/config .layer/c2; mkdir .layer/config
		for d in commands hooks skills; do echo evil >.host/$d/x; rm -rf .host/$d/*; mv .host/$d .host/y; done
		rm -rf .host .layer/* ~/.claude; mv ~/.claude ~/c; true'
	[ "$(picture)" = "$before" ]
	inside true
	[ "$(picture)" = "$before" ]
}

# --- other forms --------------------------------------------------------------------------

@test "readonly: what is there cannot be written; strict: files can, and nothing is kept" {
	run as_user "$CSB" --claude-config readonly "$PROJECT" -- sh -c 'echo x >~/.claude/settings.json'
	[ "$status" -ne 0 ]
	run as_user "$CSB" --claude-config readonly "$PROJECT" -- sh -c 'echo x >~/.claude/skills/fmt/SKILL.md'
	[ "$status" -ne 0 ]
	as_user "$CSB" --level strict "$PROJECT" -- sh -c 'echo x >~/.claude/settings.json && ! touch ~/.claude/hooks/x 2>/dev/null'
	as_user "$CSB" --level strict "$PROJECT" -- grep -q host "$CLAUDE/settings.json"
	[ ! -e "$(layer)" ]
	grep -q host "$CLAUDE/settings.json"
}
