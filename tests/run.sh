#!/usr/bin/env bash
# Runs the tests, or only some phases: "./dev test [PHASE...]".
#
#     check    meson's tests in build/ (gcc): unit, golden, drift, layers, fuzz corpora
#     asan     unit tests and fuzz corpora in build-asan/ (clang, address and undefined-behaviour sanitizers)
#     lint     tests/lint.sh
#     system   tests/system/*.bats: the installed programs, used by an ordinary user
#     security tests/security/run.py: attacks on them
#     e2e      tests/e2e/*.bats: the same with the real Claude Code
#     desktop  tests/desktop/*.bats: screens, browser, sound and bus of a sandbox
#     net      tests/net/*.bats: in a network of the test's own, which only root can make
#     guest    tests/guest/*.bats: what only another machine can show, in QEMU
#     container, container_security, container_e2e, container_net
#              tests/container/*.bats, and the same suites again, started by the name claude-sandbox-container: all attacks, and of
#              the others what has the tag "backend", since it is the backend that it is about
#     container_all: the others whole; not unless it is named
#
# They run in three lanes at once; see below what may be beside what.
# The last line is "N passed, N failed, N skipped".
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly all_phases='check asan lint system security e2e desktop net guest container container_security container_e2e container_net'
readonly other_phases='container_all'

say() {
	echo "test: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# shellcheck source=tools/dev/deps.sh
source "$root/tools/dev/deps.sh"
# shellcheck source=tools/dev/build.sh
source "$root/tools/dev/build.sh"
# shellcheck source=tools/dev/agent.sh
source "$root/tools/dev/agent.sh"
# shellcheck source=tools/dev/stage.sh
source "$root/tools/dev/stage.sh"

work=
stage=
background=()
claude=

# Nothing of ours is in /tmp, whose content the suites compare before and after.
begin() {
	install -d -m 755 "$cache_dir"
	work=$(mktemp -d "$cache_dir/run.XXXXXX")
	trap end EXIT
	stage=$work/stage
	export TMPDIR=$work/tmp
	chmod 755 "$work"
	mkdir -m 1777 "$TMPDIR"
}

end() {
	local lane
	for lane in "${background[@]}"; do
		kill -- "-$lane" 2>/dev/null || true
	done
	unstage_container
	rm -rf "$work"
}

phase_build() {
	build_default && stage_programs "$stage" && stage_tester && stage_container "$stage"
}

phase_check() {
	meson_test build
}

phase_asan() {
	build_sanitized || return
	ASAN_OPTIONS=strict_string_checks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		meson_test build-asan --suite unit --suite fuzz --timeout-multiplier 3
}

phase_lint() {
	build_sanitized && CSB_LINT_JOBS=1 CSB_LINT_DEPTH=20000 "$root/tests/lint.sh"
}

phase_system() {
	bats_folder system
}

phase_security() {
	security build/security.json
}

# security RESULTS
security() {
	CSB=$stage/usr/local/bin/${CSB_NAME:-claude-sandbox} CSB_PROBE=$root/build/libexec/claude-sandbox/probe \
		timeout --kill-after=30 900 "$root/tests/security/run.py" --results "$root/$1"
}

in_container() {
	((EUID == 0)) || {
		echo '1..0 # skip a rule of sudo for the container is only made by root'
		return
	}
	CSB_NAME=claude-sandbox-container "$@"
}

phase_container() {
	bats_tags=backend in_container bats_folder 'container system'
}

phase_container_all() {
	in_container bats_folder 'container system e2e'
}

phase_container_security() {
	in_container security build/security-container.json
}

phase_container_e2e() {
	bats_tags=backend in_container bats_folder e2e
}

phase_e2e() {
	bats_folder e2e
}

phase_desktop() {
	bats_folder desktop
}

phase_net() {
	((EUID == 0)) || {
		echo '1..0 # skip making a network needs root'
		return
	}
	bats_folder "${1:-net}" "$root/tests/net/world.sh"
}

phase_container_net() {
	CSB_NAME=claude-sandbox-container phase_net 'net/attacks.bats net/nat.bats'
}

phase_guest() {
	"$root/tests/guest/guest.sh" make && bats_folder guest
}

# meson_test DIR [OPTION...]
meson_test() {
	local dir=$root/$1
	shift
	rm -f "$dir/meson-logs/testlog.json"
	meson test -C "$dir" --no-rebuild --num-processes 2 "$@"
}

# bats_folder FOLDERS-OR-FILES [WRAPPER...], of which bats_tags chooses: timeout leaves the lane's group, so it is told of the lane's end in another way.
bats_folder() {
	local -x CSB=$stage/usr/local/bin/${CSB_NAME:-claude-sandbox} CSB_CLAUDE=$claude
	local folder files=() only=()
	[[ -z ${bats_tags:-} ]] || only=(--filter-tags "$bats_tags")
	for folder in $1; do
		if [[ -d $root/tests/$folder ]]; then
			files+=("$root/tests/$folder"/*.bats)
		else
			files+=("$root/tests/$folder")
		fi
	done
	local -x BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-300}
	setpriv --pdeathsig TERM timeout --kill-after=30 1200 "${@:2}" bats --tap --timing "${only[@]}" "${files[@]}"
}

results_of() {
	case $1 in
	build) ;;
	check) echo "$root/build/meson-logs/testlog.json" ;;
	asan) echo "$root/build-asan/meson-logs/testlog.json" ;;
	*) echo "$work/$1.log" ;;
	esac
}

# run_phase NAME: its report goes to stdout; true unless the phase itself broke.
run_phase() {
	local name=$1 status=0 TIMEFORMAT='%0R s, of processors %0U and %0S s'
	local -a results
	mapfile -t results < <(results_of "$name")
	{ time "phase_$name" >"$work/$name.log" 2>&1; } 2>"$work/$name.time" || status=$?
	"$root/tests/tally.py" "$name" "$status" "$(<"$work/$name.time")" "$work/$name.log" \
		"${results[@]}" | tee "$work/$name.report"
	return "$status"
}

wanted() {
	[[ " $phases " == *" $1 "* ]]
}

# Suites count the processes and the files of the user that they test as, so each lane has its own. It takes what stands first of
# what no other has taken; only the attacks stay in one lane, so that none is beside another. What is long comes early. Who is not root has one
# user for all, and beside the first lane only what does not look at him.
readonly shared_phases=(desktop e2e guest net container lint container_e2e container_net container_all)
first_lane=(check system "${shared_phases[@]}")
second_lane=(asan "${shared_phases[@]}")
third_lane=(container_security security "${shared_phases[@]}")
if ((EUID != 0)); then
	first_lane=(check system security "${shared_phases[@]}" container_security)
	second_lane=(asan lint)
	third_lane=(guest)
fi

# run_lane USER PHASE...
run_lane() {
	local -x CSB_TESTER=$1
	local name
	shift
	for name in "$@"; do
		if wanted "$name" && mkdir "$work/$name.taken" 2>/dev/null; then
			run_phase "$name" || true
		fi
	done
}

run_all() {
	run_phase build || return
	claude=$(stage_claude) || say "Claude Code could not be fetched; the tests that need it will say so"
	set -m # in a group of its own, and INT, which tests send, is not ignored in it
	run_lane "$second_tester" "${second_lane[@]}" >"$work/second-lane.out" &
	background+=("$!")
	run_lane "$third_tester" "${third_lane[@]}" >"$work/third-lane.out" &
	background+=("$!")
	set +m
	run_lane "$tester" "${first_lane[@]}"
	wait "${background[@]}"
	background=()
	cat "$work/second-lane.out" "$work/third-lane.out"
}

sum_up() {
	awk '
		/^[a-z0-9_]+: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped / {
			passed += $2; failed += $4; skipped += $6
		}
		END {
			printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
			exit !(passed > 0 && failed == 0)
		}' "$work"/*.report
}

main() {
	local name
	for name in "$@"; do
		[[ " $all_phases $other_phases " == *" $name "* ]] ||
			die "there is no phase '$name', only: $all_phases $other_phases"
	done
	phases=${*:-$all_phases}
	begin
	run_all || true
	echo "$SECONDS s in all"
	sum_up
}

main "$@"
