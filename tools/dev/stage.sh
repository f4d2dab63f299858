# shellcheck shell=bash
# A place where an ordinary user can run what was built. Sourced, after agent.sh.
: "${root:?the top of the checkout}"

# Root tests as these users, one for each lane; anybody else tests as himself.
readonly tester=csb-tester
readonly second_tester=csb-tester2
readonly third_tester=csb-tester3
readonly sudo_rule=/etc/sudoers.d/claude-sandbox-tests

if ((EUID == 0)); then
	readonly cache_dir=/var/cache/claude-sandbox-tests
else
	readonly cache_dir=${XDG_CACHE_HOME:-~/.cache}/claude-sandbox-tests
fi

# stage_programs DIR: installs into a directory that everybody can traverse (the checkout may well
# lie below a private one). Below DIR it is meson's default prefix.
stage_programs() {
	install -d -m 755 "$1"
	meson install -C "$root/build" --destdir "$1" --no-rebuild --quiet
}

stage_tester() {
	((EUID == 0)) || return 0
	local name
	for name in "$tester" "$second_tester" "$third_tester"; do
		id "$name" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$name"
	done
}

# stage_container DIR: the testers may start the staged programs' part that needs root, and nothing else; unstage_container: no more.
stage_container() {
	local name
	((EUID == 0)) || return 0
	install -d -m 750 "${sudo_rule%/*}"
	for name in "$tester" "$second_tester" "$third_tester"; do
		echo "$name ALL=(root) NOPASSWD: $1/usr/local/libexec/claude-sandbox/container \"\""
	done >"$sudo_rule"
	chmod 440 "$sudo_rule"
}

unstage_container() {
	((EUID != 0)) || rm -f "$sudo_rule"
}

# stage_claude: prints the path of Claude Code; fetched once, readable for everybody.
stage_claude() {
	local prefix=$cache_dir/claude
	agent_in "$prefix" && return
	install -d -m 755 "$cache_dir"
	agent_fetch "$prefix" && agent_in "$prefix"
}

# stage_playwright: prints the directory of its package; fetched once, readable for everybody.
stage_playwright() {
	local prefix=$cache_dir/playwright
	local package=$prefix/node_modules/playwright-core
	[[ -e $package/package.json ]] || {
		install -d -m 755 "$cache_dir"
		say "fetching Playwright from npm into $prefix (14 MB)"
		npm_fetch "$prefix" playwright-core
	} && echo "$package"
}
