#!/usr/bin/env bash
# Can the layer test fail? Plants one violation of each kind in a copy of the tree and of its
# archives, and requires that tests/layers.sh names it.
#
#     tests/layers_selftest.sh [SOURCE_DIR] [BUILD_DIR]
#
# By default the tree it is called in and $CSB_BUILD, as meson does.
set -euo pipefail

readonly source_dir=${1:-.}
readonly build_dir=${2:-${CSB_BUILD:?the build directory}}
layers=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/layers.sh
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
n_failed=0

# Meson's archives are thin, lists of paths; the copies hold their objects.
copy_archives() {
	local archive
	while read -r archive; do
		(cd "${archive%/*}" && ar t "$archive" | xargs ar crs "$copy/build/${archive##*/}")
	done < <(find "$(realpath "$build_dir")" -name 'libcsb_*.a')
}

fresh_copy() {
	rm -rf "${copy:?}"/*
	mkdir "$copy/build"
	cp -r "$source_dir/src" "$copy/src"
	copy_archives
}

# expect "SENTENCE" after a violation was planted.
expect() {
	local said
	if said=$("$layers" "$copy" "$copy/build"); then
		echo "not found: $1"
	elif ! grep -qF -- "$1" <<<"$said"; then
		printf 'expected: %s\nseen: %s\n' "$1" "$said"
	else
		echo "found: $1"
		return
	fi
	n_failed=$((n_failed + 1))
}

plant_include() {
	fresh_copy
	mkdir -p "$copy/src/${1%/*}"
	printf '#include %s\n' "$2" >>"$copy/src/$1"
}

# plant_call LAYER FILE C-TEXT: an object of that name in the layer's archive.
plant_call() {
	fresh_copy
	echo "$3" | cc -w -O0 -x c -c -o "$copy/build/src_$1_$2.c.o" -
	ar rs "$copy/build/libcsb_$1.a" "$copy/build/src_$1_$2.c.o" 2>/dev/null
}

fresh_copy
"$layers" "$copy" "$copy/build" || {
	echo "the tree as it is must pass before a violation can be planted in it"
	exit 1
}

plant_include spec/planted.c '"host/probe.h"'
expect 'src/spec/planted.c includes "host/probe.h": spec may only include: base'

plant_include base/planted.h '"spec/spec.h"'
expect 'src/base/planted.h includes "spec/spec.h": base may only include: nothing'

plant_include launch/planted.c '"init/init.h"'
expect 'src/launch/planted.c includes "init/init.h": launch may only include: run host border plan spec base'

plant_include probe/planted.c '"base/err.h"'
expect 'src/probe/planted.c includes "base/err.h": probe may only include: nothing'

plant_include plan/planted.c '"spec/../run/run.h"'
expect 'src/plan/planted.c includes "spec/../run/run.h": the path must begin with a layer'

plant_include nowhere/planted.c '"base/err.h"'
expect "src/nowhere/planted.c: 'nowhere' is not a layer"

plant_include run/planted.c '<nettle/sha2.h>'
expect 'src/run/planted.c includes <nettle/sha2.h>: that library belongs to src/base/hash'

plant_call spec planted 'char *getenv(const char *); char *f(void); char *f(void) { return getenv("HOME"); }'
expect 'src/spec/planted.c calls getenv, which'

plant_call plan planted 'int openat(int, const char *, int, ...); int f(void); int f(void) { return openat(0, "", 0); }'
expect 'src/plan/planted.c calls openat, which'

plant_call base planted 'int __printf_chk(int, const char *); int f(void); int f(void) { return __printf_chk(1, ""); }'
expect 'src/base/planted.c calls printf, which'

plant_call spec planted 'int io_write_all(void); int f(void); int f(void) { return io_write_all(); }'
expect 'src/spec/planted.c calls io_write_all, which'

((n_failed == 0))
