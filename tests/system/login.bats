#!/usr/bin/env bats
# The agent's login on both sides of the wall: what reaches the host, what reaches the sandboxes, what neither.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

load ../lib/common
load ../lib/login

setup_file() {
	start_file
	make_project other
	make_project app
}

teardown_file() {
	end_file
}

setup() {
	need_world
	OPTIONS=()
	start_world --lifetime 28800
	seed_login
	FAR=$(login_says 'r["expiresAt"] + 60000')
}

teardown() {
	[ -z "${WORLD_DIR:-}" ] || stop_world
}

inside() {
	USER_DIR=$PROJECT in_world "$CSB" "${OPTIONS[@]}" -- "$@"
}

# written EXPRESSION: a sandbox writes what Python makes of its login file `f` (f["claudeAiOauth"] is `r`), then waits for it to
# become the host's, at most 2 s; prints whose is inside then.
written() {
	inside env EXPRESSION="$1" python3 - <<-'END'
		import json, os, time
		path = os.environ["HOME"] + "/.claude/.credentials.json"
		f = json.load(open(path))
		r = f["claudeAiOauth"]
		text = eval(os.environ["EXPRESSION"])
		with open(path + ".tmp", "w") as out:
		    out.write(text)
		os.rename(path + ".tmp", path)
		for _ in range(40):
		    time.sleep(0.05)
		    try:
		        if "kept-outside" in open(path).read():
		            break
		    except OSError:
		        pass
	END
}

# pair KEY: a new login of the server's, as Python: its own account's ("first") or another's ("other").
pair() {
	world_says "json.dumps({**r['$1'], 'expiresAt': $FAR})"
}

# A login that the server knows, as the agent would write it after /login.
new_login() {
	printf '{**f, "claudeAiOauth": {**r, **json.loads(%s)}}' "'$1'"
}

host_kept() {
	host_unchanged && [ "$(owner_of "$LOGIN")" = "$TEST_USER" ]
}

# bats test_tags=backend
@test "inside there is the access token, and nowhere what renews it" {
	refresh=$(login_says 'r["refreshToken"]')
	[ "$(inside cat "$LOGIN" | jq -r .claudeAiOauth.accessToken)" = "$(login_says 'r["accessToken"]')" ]
	[ "$(inside cat "$LOGIN" | jq -r .keptLast)" = 'as it is' ]
	[ "$(inside stat -c %a "$LOGIN")" = 600 ]
	grep -q "$refresh" "$LOGIN"
	run inside sh -c "grep -rslF -e $refresh ~ /run /tmp /dev/shm /etc; cat /proc/*/environ 2>/dev/null | grep -cF -e $refresh"
	[ "$output" = 0 ]
	for option in --explain --dry-run; do
		run in_world "$CSB" "$option" "$PROJECT" -- true
		exits 0
		[[ $output != *"$refresh"* && $output != *"$(login_says 'r["accessToken"]')"* ]]
	done
}

# bats test_tags=backend
@test "a renewal outside arrives in two sandboxes, and what else lies in their files stays" {
	pids=()
	for dir in app other; do
		# shellcheck disable=SC2016
		(USER_DIR=$TEST_HOME/projects/$dir in_world "$CSB" -- sh -c 'sed -i s/"as it is"/mine/ ~/.claude/.credentials.json
			touch up; until grep -q at-from-host ~/.claude/.credentials.json; do sleep 0.05; done; cat ~/.claude/.credentials.json' \
			>"$TEST_DIR/own/$dir" 2>&1 3>&-) &
		pids+=($!)
	done
	wait_for 10 test -e "$TEST_HOME/projects/app/up" -a -e "$TEST_HOME/projects/other/up"
	as_user python3 -c 'import json, os, sys
f = json.load(open(sys.argv[1])); f["claudeAiOauth"]["accessToken"] = "at-from-host"
json.dump(f, open(sys.argv[1] + ".t", "w")); os.rename(sys.argv[1] + ".t", sys.argv[1])' "$LOGIN"
	wait "${pids[@]}"
	for dir in app other; do
		jq -e '.claudeAiOauth.accessToken == "at-from-host" and .keptLast == "mine"' <"$TEST_DIR/own/$dir"
		run ! grep -q "$(login_says 'r["refreshToken"]')" "$TEST_DIR/own/$dir"
	done
}

@test "a login that has ended is renewed at once, on both sides" {
	seed_login 1000
	first=$(login_says 'r["accessToken"]')
	inside sh -c 'until ! grep -q "\"expiresAt\": *1000" ~/.claude/.credentials.json; do sleep 0.05; done'
	[ "$(world_says 'r["refreshes"]')" = 1 ]
	[ "$(login_says 'r["refreshToken"]')" = "$(world_says 'r["refresh"]')" ]
	[ "$(login_says 'r["accessToken"]')" != "$first" ]
	jq -e '.keptFirst == [1, {"x": null}] and .keptLast == "as it is"' "$LOGIN"
	[ "$(stat -c %a "$LOGIN")" = 600 ]
	[ -z "$(find "$TEST_HOME/.claude" "$TEST_HOME/.claude.lock" -name '*lock' -o -name '*claude-sandbox' 2>/dev/null)" ]
}

@test "a launcher that is killed while the server takes its time loses nothing" {
	stop_world
	start_world --lifetime 28800 --delay 1
	seed_login 1000
	inside touch up
	USER_DIR=$PROJECT in_world "$CSB" -- sh -c 'touch asleep; sleep 30' 3>&- &
	launcher=$!
	wait_for 10 test -e "$PROJECT/asleep"
	kill -9 "$(pgrep -P "$launcher" || echo "$launcher")"
	wait "$launcher" || true
	renewed() { [ "$(world_says 'r["refreshes"]')" = 1 ] && [ "$(login_says 'r["refreshToken"]')" = "$(world_says 'r["refresh"]')" ]; }
	wait_for 5 renewed
}

@test "a new login of the same account, made inside, reaches the host" {
	kill -USR2 "$WORLD"
	wait_for 5 world_says 'r["again"]'
	written "json.dumps($(new_login "$(pair again)"))"
	[ "$(login_says 'r["accessToken"]')" = "$(world_says 'r["again"]["accessToken"]')" ]
	jq -e '.keptFirst == [1, {"x": null}] and .keptLast == "as it is"' "$LOGIN"
}

@test "another account's, made inside, stays inside and is told at the end" {
	kill -USR1 "$WORLD"
	wait_for 5 world_says 'r["other"]'
	watch_host "$LOGIN"
	run written "json.dumps($(new_login "$(pair other)"))"
	says 'stays inside: it is another account'
	host_kept
}

# A person logs in inside: the file as the agent writes it, by rename.
log_in() {
	inside sh -c 'umask 77; printf %s "$1" >~/.claude/new; mv ~/.claude/new ~/.claude/.credentials.json
		until grep -q kept-outside ~/.claude/.credentials.json; do sleep 0.05; done' - "$1"
}

# bats test_tags=backend
@test "made inside, where the host has none, it is the project's own, renewed outside, and promoted once" {
	made=$(cat "$LOGIN")
	refresh=$(login_says 'r["refreshToken"]')
	rm "$LOGIN"
	run log_in "$made"
	exits 0
	says "kept for this project; 'claude-sandbox promote login' makes it the host's"
	[ ! -e "$LOGIN" ]
	own=$(find "$TEST_HOME/.local/state" -path '*/login/.credentials.json')
	[ "$(stat -c '%a %U' "$own")" = "600 $TEST_USER" ]
	[ "$(inside cat "$LOGIN" | jq -r .claudeAiOauth.accessToken)" = "$(login_says 'r["accessToken"]' "$own")" ]
	run inside sh -c "grep -rslF -e $refresh ~ /run /tmp /dev/shm /etc"
	[ "$output" = "" ]
	USER_DIR=$TEST_HOME/projects/other run in_world "$CSB" -- cat "$LOGIN"
	[ "$status" -ne 0 ]

	as_user sed -Ei 's/"expiresAt": *[0-9]+/"expiresAt": 1000/' "$own"
	inside sh -c 'until ! grep -q "\"expiresAt\": *1000" ~/.claude/.credentials.json; do sleep 0.05; done'
	[ "$(login_says 'r["refreshToken"]' "$own")" = "$(world_says 'r["refresh"]')" ]
	[ -z "$(find "$TEST_HOME/.local/state" -name '*lock' -o -name '*.claude-sandbox')" ]

	run as_user "$CSB" promote "$PROJECT"
	says 'made     login'
	run as_user "$CSB" promote "$PROJECT" login </dev/null
	exits 1
	says 'add the word yes'
	[ ! -e "$LOGIN" ]
	as_user "$CSB" promote "$PROJECT" login yes
	[ "$(login_says 'r["refreshToken"]')" = "$(world_says 'r["refresh"]')" ]
	[ "$(stat -c '%a %U' "$LOGIN")" = "600 $TEST_USER" ]
	[ ! -e "$own" ]
	run as_user "$CSB" promote "$PROJECT" login yes
	exits 1
	says 'no login of its own'
}

@test "a project's own login takes no other's place, and can be let go" {
	made=$(cat "$LOGIN")
	rm "$LOGIN"
	log_in "$made"
	own=$(find "$TEST_HOME/.local/state" -path '*/login/.credentials.json')
	echo '{"claudeAiOauth":{}}' | as_user tee "$LOGIN" >/dev/null
	run as_user "$CSB" promote "$PROJECT" login yes
	exits 1
	says 'the host has a login already'
	[ "$(cat "$LOGIN")" = '{"claudeAiOauth":{}}' ]
	rm "$LOGIN"
	as_user "$CSB" promote discard "$PROJECT" login yes
	[ -z "$(find "$TEST_HOME/.local/state" -path '*/login/.credentials.json')" ]
	run inside cat "$LOGIN"
	[ "$status" -ne 0 ]
	# At once before the end, or before anybody watches: it is kept all the same.
	for pause in 0 0.6; do
		inside sh -c 'sleep $2; printf %s "$1" >~/.claude/new; mv ~/.claude/new ~/.claude/.credentials.json' - "$made" "$pause"
		wait_for 2 test -e "$own"
		as_user "$CSB" promote discard "$PROJECT" login yes
	done
	# What is no login is not kept.
	inside sh -c 'echo "{}" >~/.claude/.credentials.json; sleep 0.3'
	[ -z "$(find "$TEST_HOME/.local/state" -path '*/login/.credentials.json')" ]
}

@test "what is corrupt, older, half new, invented, huge, far off or twice never reaches the host" {
	kill -USR2 "$WORLD"
	wait_for 5 world_says 'r["again"]'
	good=$(new_login "$(pair again)")
	watch_host "$LOGIN"
	written '""'
	written '"{\"claudeAiOauth\":"'
	written '"[" * 60000'
	written "json.dumps($good) + 'x'"
	written "json.dumps($good) + ' ' * 70000"
	written "json.dumps({**f, 'claudeAiOauth': {**r, 'accessToken': '', 'refreshToken': '', 'expiresAt': 0}})"
	written "json.dumps({**f, 'claudeAiOauth': {**r, 'refreshToken': 'invented', 'expiresAt': $FAR}})"
	written "json.dumps({**f, 'claudeAiOauth': {**r, 'accessToken': 'invented', 'refreshToken': 'invented', 'expiresAt': $FAR}})"
	written "json.dumps({**($good), 'claudeAiOauth': {**($good)['claudeAiOauth'], 'expiresAt': 1000}})"
	written "json.dumps({**($good), 'claudeAiOauth': {**($good)['claudeAiOauth'], 'expiresAt': 9007199254740991}})"
	written "json.dumps({**($good), 'claudeAiOauth': {**($good)['claudeAiOauth'], 'scopes': ['all']}})"
	written "json.dumps({**($good), 'claudeAiOauth': {**($good)['claudeAiOauth'], 'subscriptionType': 'team'}})"
	written "json.dumps($good).replace('\"expiresAt\"', '\"accessToken\": \"x\", \"expiresAt\"')"
	host_kept
	# The same way carries what is right.
	written "json.dumps($good)"
	[ "$(login_says 'r["accessToken"]')" = "$(world_says 'r["again"]["accessToken"]')" ]
}

@test "a link, a fifo, a directory in its place: nothing is followed, nothing hangs" {
	as_user sh -c "echo canary >$TEST_HOME/canary"
	watch_host "$LOGIN" "$TEST_HOME/canary"
	inside sh -c "cd ~/.claude && ln -sf $TEST_HOME/canary .credentials.json; sleep 0.3"
	inside sh -c 'cd ~/.claude && mkfifo f && mv f .credentials.json; sleep 0.3; cat .credentials.json' | grep -q kept-outside
	inside sh -c 'cd ~/.claude && rm .credentials.json && mkdir .credentials.json && touch .credentials.json/x; sleep 0.3'
	inside sh -c "cd ~/.claude && ln -s $TEST_HOME/canary .credentials.json.claude-sandbox; echo x >.credentials.json; sleep 0.3; cat .credentials.json" | grep -q kept-outside
	host_kept
}

@test "without a network: a copy that nobody renews; compat: the host's own file" {
	seed_login 1000
	watch_host "$LOGIN"
	OPTIONS=(--level strict --network none)
	inside sh -c 'grep -q kept-outside ~/.claude/.credentials.json && sleep 0.3'
	host_kept
	OPTIONS=(--level compat)
	inside sh -c 'echo mine >~/.claude/.credentials.json'
	[ "$(cat "$LOGIN")" = mine ]
}

@test "a login file that is torn, empty or no JSON keeps nobody from starting, and stays as it is" {
	for text in '' '{' '{"claudeAiOauth":{"accessToken":"a"' '{}'; do
		printf %s "$text" | as_user tee "$LOGIN" >/dev/null
		[ "$(inside cat "$LOGIN")" = '{}' ]
		[ "$(cat "$LOGIN")" = "$text" ]
	done
}

@test "an API key is in no argv, file, log, --explain or --dry-run of ours" {
	key=sk-ant-canary-$RANDOM$RANDOM$RANDOM
	spawn_user "$TEST_DIR/own/run" "ANTHROPIC_API_KEY=$key" "$CSB" --verbose "$PROJECT" -- sh -c 'touch ready; sleep 20'
	wait_for 10 test -e "$PROJECT/ready"
	run ! grep -alzF -e "$key" /proc/[0-9]*/cmdline
	run ! grep -rlF -e "$key" "$TEST_HOME" "$TEST_DIR/run" "$TEST_DIR/own"
	kill "$SPAWNED"
	for option in --explain --dry-run '--explain --json' '--dry-run --json'; do
		# shellcheck disable=SC2086
		run as_user "ANTHROPIC_API_KEY=$key" "$CSB" $option "$PROJECT"
		[[ $output != *"$key"* ]]
	done
}
