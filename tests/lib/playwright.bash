# shellcheck shell=bash
# Playwright for tests that drive a browser: fetched from npm outside, used inside. Sourced after common.bash.

# need_playwright: PLAYWRIGHT is the directory of the package playwright-core.
need_playwright() {
	export PLAYWRIGHT
	PLAYWRIGHT=$(
		say() { echo "$*" >&2; }
		die() {
			say "$@"
			exit 1
		}
		root=$REPO
		# shellcheck source=tools/dev/deps.sh
		source "$root/tools/dev/deps.sh"
		# shellcheck source=tools/dev/agent.sh
		source "$root/tools/dev/agent.sh"
		# shellcheck source=tools/dev/stage.sh
		source "$root/tools/dev/stage.sh"
		stage_playwright
	) || return 1
}

# put_playwright: where npm would install it in the project.
put_playwright() {
	as_user mkdir -p "$PROJECT/node_modules"
	as_user cp -r "$PLAYWRIGHT" "$PROJECT/node_modules/"
}
