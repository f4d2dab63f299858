#!/usr/bin/env bash
# Layout, C, headers and scripts, as TAP: "./dev lint". With --format it lays out all C files instead.
# clang-tidy reads the compile commands of build-asan/, which are clang's own.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly jobs=${CSB_LINT_JOBS:-2}
# How many states of a function the analyser looks at before it leaves it; 225000 is its own number, and five times the work of 20000.
readonly depth=${CSB_LINT_DEPTH:-225000}
readonly commands=$root/build-asan
cd "$root"

# What others wrote (src/manager/static) keeps its own layout.
c_files() {
	find src tests bench tools -path src/manager/static -prune -o -name '*.[ch]' -print | sort
}

scripts() {
	find dev .ci/run tests bench tools \
		\( -path dev -o -path .ci/run -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' \) -print | sort
}

check_format() {
	c_files | xargs clang-format --dry-run --Werror
}

# files_to_tidy FOLDER...: all files after a header or a check has changed, else only those that changed since the last clean run that
# looked as far.
files_to_tidy() {
	local stamp=$commands/tidy.$depth.stamp
	local -a newer=()
	if [[ -f $stamp ]] &&
		[[ -z $(find .clang-tidy meson.build src tests bench tools -newer "$stamp" \
			\( -name '*.h' -o -name meson.build -o -name .clang-tidy \) -print -quit) ]]; then
		newer=(-newer "$stamp")
	fi
	find "$@" -name '*.c' "${newer[@]}" -printf '^%p$\n'
}

# tidy FOLDER... [OPTION]
tidy() {
	local -a folders=() files
	while [[ ${1:-} == [a-z]* ]]; do
		folders+=("$root/$1")
		shift
	done
	mapfile -t files < <(files_to_tidy "${folders[@]}")
	((${#files[@]} > 0)) || return 0
	# Its own progress (commands, "N warnings generated") says nothing.
	run-clang-tidy -quiet -j "$jobs" -p "$commands" -extra-arg=-Xclang -extra-arg=-analyzer-config -extra-arg=-Xclang \
		"-extra-arg=max-nodes=$depth" "$@" "${files[@]}" 2>/dev/null |
		sed -E $'s/\e\\[[0-9;]*m//g; /^[^ ]*clang-tidy[^ ]* /d; /^$/d'
}

check_tidy() {
	touch "$commands/tidy.started"
	# What tests do with memory the sanitizers see when they run.
	tidy src bench tools && tidy tests -checks=-clang-analyzer-* &&
		mv "$commands/tidy.started" "$commands/tidy.$depth.stamp"
}

# Each header compiles alone, so that nobody depends on the order of includes.
check_headers() {
	local header failed=0
	local -a flags
	read -ra flags < <(pkg-config --cflags jansson libseccomp nettle)
	while read -r header; do
		echo "#include \"$header\"" |
			gcc -std=gnu17 -D_GNU_SOURCE -Wall -Werror -fsyntax-only -Isrc "${flags[@]}" -x c - || failed=1
	done < <(c_files | sed -n 's|^src/\(.*\.h\)$|\1|p')
	return "$failed"
}

check_scripts() {
	local status=0
	scripts | grep -v '\.bats$' | xargs shellcheck || status=1
	# Each @test is a subshell, and what it sets is meant to stay there.
	scripts | grep '\.bats$' | xargs -r shellcheck --exclude=SC2030,SC2031 || status=1
	return "$status"
}

# report NUMBER NAME FUNCTION
report() {
	local said
	if said=$("$3" 2>&1); then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		# shellcheck disable=SC2001 # each line, not one string
		sed 's/^/# /' <<<"$said"
		return 1
	fi
}

main() {
	local status=0
	echo 1..4
	report 1 'layout (clang-format)' check_format || status=1
	report 2 'C (clang-tidy)' check_tidy || status=1
	report 3 'headers compile alone' check_headers || status=1
	report 4 'scripts (shellcheck)' check_scripts || status=1
	return "$status"
}

if [[ ${1:-} == --format ]]; then
	c_files | xargs -r clang-format -i
else
	main
fi
