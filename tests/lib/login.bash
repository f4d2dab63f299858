# shellcheck shell=bash
# A world of its own for tests of the agent's login: a network and a mount namespace in which the
# sign-in server's names lead to tests/e2e/login_server.py on loopback, with a certificate that
# nobody else trusts. Uses common.bash. Needs root, to make the namespaces; all else runs as the ordinary user.

export REPO

need_world() {
	[ "$(id -u)" -eq 0 ] || skip "making a network for the scripted sign-in server needs root"
}

# start_world [OPTION...]: with options of login_server.py; WORLD is the id of its holder.
start_world() {
	WORLD_DIR=$TEST_DIR/world
	mkdir -p "$WORLD_DIR"
	make_certificate
	cat /etc/hosts >"$WORLD_DIR/hosts"
	# A public address, as a sandbox reaches no other; it is routed to loopback, and nobody finds it on the device.
	echo '160.79.104.10 platform.claude.com api.anthropic.com' >>"$WORLD_DIR/hosts"
	# shellcheck disable=SC2016
	unshare --mount --net sh -c 'ip link set lo up && ip route add local 160.79.104.10 dev lo src 127.0.0.1 && mount --bind "$1" /etc/hosts && shift && exec "$@"' - \
		"$WORLD_DIR/hosts" /usr/bin/python3 "$REPO/tests/e2e/login_server.py" \
		--cert "$WORLD_DIR/server.pem" --key "$WORLD_DIR/server.key" --state "$WORLD_DIR/state" \
		--ready "$WORLD_DIR/ready" "$@" >"$WORLD_DIR/log" 2>&1 3>&- 4>&- &
	WORLD=$!
	remember_process "$WORLD"
	export WORLD WORLD_DIR
	wait_for 10 test -e "$WORLD_DIR/ready" || {
		cat "$WORLD_DIR/log"
		return 1
	}
	chmod 755 "$WORLD_DIR"
	LOGIN=$TEST_HOME/.claude/.credentials.json
	export LOGIN
}

stop_world() {
	kill "$WORLD" 2>/dev/null
	wait "$WORLD" 2>/dev/null || true
	rm -rf "$WORLD_DIR"
}

make_certificate() {
	(
		cd "$WORLD_DIR" || exit 1
		exec 2>/dev/null
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
			-days 2 -subj /CN=claude-sandbox-test
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
			-subj /CN=platform.claude.com
		openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem \
			-extfile <(echo 'subjectAltName=DNS:platform.claude.com,DNS:api.anthropic.com')
		mkdir -p public && cp ca.pem public/ && chmod -R a+rX public
	)
}

# Inside, the client has to be shown it: --extra-ro $WORLD_DIR/public.
# in_world [NAME=VALUE]... CMD...: as_user, in that network. USER_DIR as there.
in_world() {
	# shellcheck disable=SC2016
	nsenter --target "$WORLD" --mount --net -- bash -c \
		'source "$REPO/tests/lib/common.bash"; become_user "NODE_EXTRA_CA_CERTS=$WORLD_DIR/public/ca.pem" "$@"' - "$@"
}

# world_says EXPR: Python on what the server has seen, as `r`.
world_says() {
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
		"$WORLD_DIR/state" "$1"
}

# login_says EXPR [FILE]: Python on a login file's claudeAiOauth, as `r`.
login_says() {
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))["claudeAiOauth"]; print(eval(sys.argv[2]))' \
		"${2:-$LOGIN}" "$1"
}

# seed_login [EXPIRES_MS]: the host is logged in with the server's first pair; its file has more in it than that.
seed_login() {
	as_user EXPIRES="${1:-}" STATE="$(cat "$WORLD_DIR/state")" /usr/bin/python3 - <<-'END'
		import json, os
		pair = json.loads(os.environ["STATE"])["first"]
		if os.environ["EXPIRES"]:
		    pair["expiresAt"] = int(os.environ["EXPIRES"])
		home = os.environ["HOME"]
		os.makedirs(home + "/.claude", exist_ok=True)
		os.umask(0o077)
		with open(home + "/.claude/.credentials.json", "w", encoding="utf-8") as f:
		    json.dump({"keptFirst": [1, {"x": None}],
		               "claudeAiOauth": {**pair, "scopes": ["user:inference", "user:profile"],
		                                 "subscriptionType": "max", "rateLimitTier": None},
		               "keptLast": "as it is"}, f)
		with open(home + "/.claude.json", "w", encoding="utf-8") as f:
		    json.dump({"hasCompletedOnboarding": True, "theme": "dark",
		               "oauthAccount": {"accountUuid": "11111111-1111-4111-8111-111111111111"}}, f)
	END
}
