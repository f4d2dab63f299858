# shellcheck shell=bash
# Finds Claude Code, or fetches it from npm. Sourced; needs need(), say() and die().

readonly agent_home=${XDG_DATA_HOME:-~/.local/share}/claude-sandbox/agents/claude

# agent_ensure: the launcher will find an agent afterwards, or the caller is told why not.
agent_ensure() {
	agent_find >/dev/null || agent_fetch "$agent_home" ||
		say "could not fetch Claude Code; going on without it"
}

# Looks where the launcher looks; npm comes last because asking it takes a third of a second.
agent_find() {
	local npm_prefix
	type -P claude && return
	[[ -x ~/.local/bin/claude ]] && echo ~/.local/bin/claude && return
	agent_in "$agent_home" && return
	npm_prefix=$(npm prefix --global 2>/dev/null) &&
		[[ -x $npm_prefix/bin/claude ]] && echo "$npm_prefix/bin/claude"
}

# agent_in PREFIX: prints the native program's path below an npm prefix.
agent_in() {
	local file
	for file in "$1"/node_modules/@anthropic-ai/claude-code-linux-*/claude; do
		[[ -x $file ]] && echo "$file" && return
	done
	return 1
}

# agent_fetch PREFIX: afterwards agent_in finds it there.
agent_fetch() {
	say "fetching Claude Code from npm into $1 (about 250 MB)"
	npm_fetch "$1" "@anthropic-ai/claude-code-linux-$(agent_platform)" && agent_in "$1" >/dev/null
}

# The program's own package, not the one that leads to it: through that one npm before version 10
# fetches the programs for glibc and for musl, twice 250 MB.
agent_platform() {
	local libc=
	getconf GNU_LIBC_VERSION >/dev/null 2>&1 || libc=-musl
	case $(uname -m) in
	x86_64) echo "x64$libc" ;;
	aarch64) echo "arm64$libc" ;;
	*) uname -m ;;
	esac
}

# npm_fetch PREFIX PACKAGE: readable for everybody, and never half there: npm works beside PREFIX
# and a rename ends it.
npm_fetch() {
	local prefix=$1 package=$2 fresh
	type -P npm >/dev/null || need agent
	mkdir -p "${prefix%/*}"
	fresh=$(mktemp -d "$prefix.XXXXXX") || return
	if (umask 022 && npm install --prefix "$fresh" --ignore-scripts --no-audit --no-fund \
		--no-update-notifier --loglevel=error "$package" >&2); then
		chmod 755 "$fresh" && rm -rf "$prefix" && mv -T "$fresh" "$prefix"
	else
		rm -rf "$fresh"
		return 1
	fi
}
