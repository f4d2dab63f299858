#!/usr/bin/env bash
# Runs every fuzzer of build-fuzz/ for SECONDS (default 60) on a copy of its corpus: "./dev fuzz".
# A crash fails and its input is kept; new inputs are kept too, to be looked at and committed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:-60}
kept=$root/build-fuzz/kept

[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
	echo "usage: ./dev fuzz [SECONDS]" >&2
	exit 1
}

# fuzz_one PROGRAM: true if it found nothing wrong.
fuzz_one() {
	local name=${1##*/fuzz_}
	local inputs=$kept/$name/inputs crashes=$kept/$name/crashes before status=0
	rm -rf "${kept:?}/$name"
	mkdir -p "$inputs" "$crashes"
	cp -r "$root/tests/fuzz/corpus/$name/." "$inputs/"
	before=$(find "$inputs" -type f | wc -l)

	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		"$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$crashes/" "$inputs" >"$kept/$name/log" 2>&1 || status=$?

	echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$kept/$name/log") runs," \
		"$(($(find "$inputs" -type f | wc -l) - before)) new inputs in $inputs"
	((status == 0)) && return
	grep -m 1 -A 30 -E 'ERROR: |runtime error: ' "$kept/$name/log" || tail -n 30 "$kept/$name/log"
	echo "$name: FAILED (exit $status); inputs that crash are in $crashes"
	return 1
}

main() {
	local program n_run=0 n_failed=0
	for program in "$root"/build-fuzz/tests/fuzz/fuzz_*; do
		[[ -f $program && -x $program ]] || continue
		n_run=$((n_run + 1))
		fuzz_one "$program" || n_failed=$((n_failed + 1))
	done
	echo "$((n_run - n_failed)) passed, $n_failed failed"
	((n_run > 0 && n_failed == 0))
}

main
