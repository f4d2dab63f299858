#!/usr/bin/env bash
# Can the layer test fail? Plants violations of each kind in a copy of the tree and of its
# archives, and requires that tests/layers.sh names every one of them, and nothing else.
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
expected=()

# Meson's archives are thin, lists of paths; the copies hold their objects.
copy_archives() {
	local archive
	while read -r archive; do
		(cd "${archive%/*}" && ar t "$archive" | xargs ar crs "$copy/build/${archive##*/}")
	done < <(find "$(realpath "$build_dir")" -name 'libcsb_*.a')
}

# plant_include SENTENCE FILE HEADER
plant_include() {
	expected+=("$1")
	mkdir -p "$copy/src/${2%/*}"
	printf '#include %s\n' "$3" >>"$copy/src/$2"
}

# plant_call SENTENCE LAYER FILE C-TEXT: an object of that name in the layer's archive.
plant_call() {
	expected+=("$1")
	echo "$4" | cc -w -O0 -x c -c -o "$copy/build/src_$2_$3.c.o" -
	ar rs "$copy/build/libcsb_$2.a" "$copy/build/src_$2_$3.c.o" 2>/dev/null
}

mkdir "$copy/build"
cp -r "$source_dir/src" "$copy/src"
copy_archives
"$layers" "$copy" "$copy/build" || {
	echo "the tree as it is must pass before a violation can be planted in it"
	exit 1
}

plant_include 'src/spec/planted.c includes "host/probe.h": spec may only include: base' spec/planted.c '"host/probe.h"'
plant_include 'src/base/planted.h includes "spec/spec.h": base may only include: nothing' base/planted.h '"spec/spec.h"'
plant_include 'src/launch/planted.c includes "init/init.h": launch may only include: run host border plan spec base' \
	launch/planted.c '"init/init.h"'
plant_include 'src/probe/planted.c includes "base/err.h": probe may only include: nothing' probe/planted.c '"base/err.h"'
plant_include 'src/plan/planted.c includes "spec/../run/run.h": the path must begin with a layer' \
	plan/planted.c '"spec/../run/run.h"'
plant_include "src/nowhere/planted.c: 'nowhere' is not a layer" nowhere/planted.c '"base/err.h"'
plant_include 'src/run/planted.c includes <nettle/sha2.h>: that library belongs to src/base/hash' \
	run/planted.c '<nettle/sha2.h>'

plant_call 'src/spec/environment.c calls getenv, which' spec environment \
	'char *getenv(const char *); char *f(void); char *f(void) { return getenv("HOME"); }'
plant_call 'src/plan/opens.c calls openat, which' plan opens \
	'int openat(int, const char *, int, ...); int f(void); int f(void) { return openat(0, "", 0); }'
plant_call 'src/base/prints.c calls printf, which' base prints \
	'int __printf_chk(int, const char *); int f(void); int f(void) { return __printf_chk(1, ""); }'
plant_call 'src/spec/writes.c calls io_write_all, which' spec writes \
	'int io_write_all(void); int f(void); int f(void) { return io_write_all(); }'

if said=$("$layers" "$copy" "$copy/build"); then
	echo "no violation found"
	exit 1
fi
status=0
for sentence in "${expected[@]}"; do
	grep -qF -- "$sentence" <<<"$said" || {
		echo "not found: $sentence"
		status=1
	}
done
if (($(wc -l <<<"$said") != ${#expected[@]})); then
	echo "found besides: $said"
	status=1
fi
exit "$status"
