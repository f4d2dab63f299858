# shellcheck shell=bash
# Configures and compiles. Sourced; needs say().
: "${root:?the top of the checkout}"

# build_dir DIR TARGET [MESON OPTION...]: brings TARGET up to date in DIR; silent unless it fails.
# The lock keeps two calls in one checkout from compiling over each other.
build_dir() {
	local dir=$1
	if ! mkdir -p "$dir" 2>/dev/null || [[ ! -w $dir ]]; then
		say "you may not write to $dir; build as its owner, or in a clone of your own"
		return 1
	fi
	[[ -f $dir/build.ninja ]] || say "building ${dir##*/}/ for the first time"
	if ! (flock 9 && build_steps "$@") >"$dir/dev.log" 2>&1 9>"$dir/dev.lock"; then
		cat "$dir/dev.log" >&2
		return 1
	fi
}

build_steps() {
	local dir=$1 target=$2 wanted
	shift 2
	wanted="$* $(installed_libraries)"
	if [[ ! -f $dir/build.ninja ]]; then
		meson setup "$dir" "$root" "$@" || return
	elif [[ $(cat "$dir/dev.options" 2>/dev/null) != "$wanted" ]]; then
		meson setup --reconfigure "$dir" "$root" "$@" || return
	fi
	echo "$wanted" >"$dir/dev.options"
	ninja -C "$dir" "$target"
}

# What a configured directory found optional parts by: it must look again when that changes.
installed_libraries() {
	{ pkg-config --list-all | sort && type -P clang scdoc; } 2>/dev/null | cksum
}

# build_default: what users get. Warnings are errors with the compiler that we check with; another
# one may know new warnings, which must not stand between a user and the first start.
build_default() {
	local werror=false
	[[ $(gcc -dumpversion 2>/dev/null) != 12 ]] || werror=true
	CC=${CC:-gcc} build_dir "$root/build" all -Dwerror=$werror
}

# build_sanitized: gcc 12 with sanitizers warns falsely about null format strings, so this is clang's.
build_sanitized() {
	CC=clang build_dir "$root/build-asan" all -Dbuildtype=debug -Dwerror=true \
		-Db_sanitize=address,undefined -Db_lundef=false
}

# build_fuzzers: all code is instrumented, so that only what is linked with libFuzzer can be linked.
build_fuzzers() {
	CC=clang build_dir "$root/build-fuzz" fuzzers -Dbuildtype=debug -Doptimization=1 -Dfuzzers=true \
		-Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
}
