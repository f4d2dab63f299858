#!/usr/bin/env bats
# The real client changes its own configuration inside, uses it in the next session, and the host has
# nothing of it until it is promoted.

load helpers

setup_file() {
	start_e2e
}

teardown_file() {
	end_file
}

teardown() {
	stop_api
}

# A marketplace with one plugin, in the project, so that both sides can install it.
make_market() {
	as_user mkdir -p "$PROJECT/market/.claude-plugin" "$PROJECT/market/tool/.claude-plugin" "$PROJECT/market/tool/commands"
	echo '{"name":"market","owner":{"name":"x"},"plugins":[{"name":"tool","source":"./tool","description":"d"}]}' |
		as_user tee "$PROJECT/market/.claude-plugin/marketplace.json" >/dev/null
	echo '{"name":"tool","version":"1.0.0","description":"d"}' |
		as_user tee "$PROJECT/market/tool/.claude-plugin/plugin.json" >/dev/null
	printf -- '---\ndescription: make\n---\nMake something with the tool\n' |
		as_user tee "$PROJECT/market/tool/commands/make.md" >/dev/null
}

prepare() {
	make_project "$1"
	make_market
	as_user rm -rf "$TEST_HOME/.claude"
	as_user mkdir -p "$TEST_HOME/.claude"
	seed_claude_json
	echo 'be kind' | as_user tee "$TEST_HOME/.claude/CLAUDE.md" >/dev/null
	echo '{"theme":"dark"}' | as_user tee "$TEST_HOME/.claude/settings.json" >/dev/null
}

picture() {
	(cd "$TEST_HOME" && find .claude .claude.json -path '.claude/projects*' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum)
}

check_change() {
	start_api layer_change
	run agent "$1" -p "set yourself up"
	exits 0
	api_ok
}

check_use() {
	start_api layer_use
	run agent "$1" -p "/flower"
	exits 0
	run agent "$1" -p "/tool:make"
	exits 0
	says 'It is there'
	api_ok
}

@test "outside: the client changes its configuration and uses it" {
	prepare layer-outside
	check_change outside
	check_use outside
	grep -q tool@market "$TEST_HOME/.claude/settings.json"
}

@test "inside: the same, kept for the next session, and nothing of it on the host" {
	local before
	prepare layer-inside
	before=$(picture)
	check_change inside
	says 'settings.json was changed inside'
	check_use inside
	[ "$(picture)" = "$before" ]
	start_api layer_use
	run agent outside -p "/flower"
	run api_ok
	exits 1
}

@test "inside: what was promoted is the host's" {
	prepare layer-promoted
	check_change inside
	USER_DIR=$PROJECT as_user "$CSB" promote commands/flower.md yes
	grep -q heliotrope "$TEST_HOME/.claude/commands/flower.md"
}
