#!/usr/bin/env bash
# Measures the start of `true` in the default level against other ways to run it, in the
# same run, and the memory that stays behind a running sandbox: "./dev bench". What the rows mean
# is in bench/README.md; the table goes to bench/results.md. Targets are judged, not enforced.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly runs=${CSB_BENCH_RUNS:-200} rounds=10

say() {
	echo "bench: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# shellcheck source=tools/dev/deps.sh
source "$root/tools/dev/deps.sh"
# shellcheck source=tools/dev/agent.sh
source "$root/tools/dev/agent.sh"
# shellcheck source=tools/dev/stage.sh
source "$root/tools/dev/stage.sh"
# shellcheck source=bench/work.sh
source "$root/bench/work.sh"
# shellcheck source=bench/border.sh
source "$root/bench/border.sh"
# shellcheck source=bench/net.sh
source "$root/bench/net.sh"
# shellcheck source=bench/desktop.sh
source "$root/bench/desktop.sh"
# shellcheck source=bench/container.sh
source "$root/bench/container.sh"

work=
project=
entered=
declare -a names=() commands=() helpers=()

end() {
	[[ -z $entered ]] || (as_user "$csb" --stop "$entered") || true
	end_desktop
	unstage_container
	rm -rf "$work" "$project" "$entered"
}

# as_user COMMAND...: becomes COMMAND, as an ordinary user in a plain environment. A function that
# ends in exec, so that $! of a background call is the command's own id.
as_user() {
	local home=$HOME user
	local -a become=()
	user=$(id -un)
	if ((EUID == 0)); then
		user=$tester
		home=$(getent passwd "$tester" | cut -d: -f6)
		become=(setpriv --reuid="$tester" --regid="$tester" --init-groups --)
	fi
	cd "${project:-/}"
	exec "${become[@]}" env -i HOME="$home" USER="$user" LOGNAME="$user" LANG=C.UTF-8 \
		PATH=/usr/local/bin:/usr/bin:/bin "$@"
}

prepare() {
	install -d -m 755 "$cache_dir"
	work=$(mktemp -d "$cache_dir/bench.XXXXXX")
	trap end EXIT
	chmod 755 "$work"
	stage_tester
	stage_programs "$work/stage"
	csb=$work/stage/usr/local/bin/claude-sandbox
	gcc -O2 -static -o "$work/fdexec" "$root/bench/fdexec.c"
	# Below the home: a project below /tmp would be a special case.
	project=$( (as_user bash -c 'mktemp -d ~/csb-bench.XXXXXX'))
	install -d -m 777 "$work/out"
}

add() {
	names+=("$1")
	commands+=("$2")
}

# A command in a sandbox that runs already, of another project: the first row must not join it.
add_enter() {
	entered=$( (as_user bash -c 'mktemp -d ~/csb-bench.XXXXXX'))
	(as_user "$csb" --detach "$entered" -- sleep 3600)
	add 'claude-sandbox --enter' "$csb --enter $entered -- /usr/bin/true"
}

# The launcher's own plan, without the launcher: same options, same data descriptors, but `true`
# where our init would be.
add_bare_bwrap() {
	local plan=$work/plan.json number content path fds=''
	(as_user "$csb" "$project" -- true) # makes the project's state, which the plan mounts
	(as_user "$csb" --dry-run --json "$project" -- true) >"$plan"
	while IFS=$'\t' read -r number content path; do
		[[ $path != - ]] || path=$work/fd-$number
		[[ $content == - ]] || base64 -d <<<"$content" >"$path"
		[[ -e $path ]] || path=/dev/null # a channel, which `true` has no use for
		fds+=" $number=$(jq -Rr @sh <<<"$path")"
	done < <(jq -r '.fds[] | [.number, (.content_base64 // "-"), (.path // "-")] | @tsv' "$plan")
	add 'bare bwrap, same options' "$work/fdexec$fds -- $(jq -r '.wrapper_argv | @sh' "$plan") /usr/bin/true"
}

add_firejail() {
	if [[ -x /usr/bin/firejail ]]; then
		add 'firejail --noprofile' '/usr/bin/firejail --quiet --noprofile /usr/bin/true'
	else
		say 'firejail is not here'
	fi
}

# Anthropic's own sandbox for agents, with a network policy of one name.
add_runtime() {
	local prefix=$cache_dir/sandbox-runtime
	[[ -d $prefix ]] || npm_fetch "$prefix" @anthropic-ai/sandbox-runtime || {
		say 'sandbox-runtime could not be fetched'
		return
	}
	cat >"$work/srt.json" <<-'END'
		{
		  "network": { "allowedDomains": ["example.com"], "deniedDomains": [] },
		  "filesystem": { "denyRead": [], "allowWrite": ["."], "denyWrite": [] }
		}
	END
	runtime=("$(type -P node)" "$prefix/node_modules/.bin/srt" --settings "$work/srt.json" --)
	add 'sandbox-runtime (npm)' "${runtime[*]} /usr/bin/true"
}

# In rounds, so that a burst of other work on the machine hits all rows and not one of them; each round in
# another order, and before each row a pause: the kernel is still taking the last row's namespaces down.
measure_start() {
	local i n
	for ((i = 0; i < rounds; i++)); do
		say "round $((i + 1)) of $rounds"
		for n in $(shuf -i "0-$((${#names[@]} - 1))"); do
			sleep 2
			(as_user hyperfine --shell=none --warmup 20 --runs $(((runs + rounds - 1) / rounds)) --style none \
				--export-json "$work/out/$n-$i.json" --command-name "${names[n]}" "${commands[n]}") >&2
		done
	done
}

# process_tree PID: PID and all below it.
process_tree() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do
		process_tree "$child"
	done
}

is_payload() {
	[[ $(cat "/proc/$1/comm" 2>/dev/null) == sleep ]]
}

wait_for_payload() {
	local tries pid
	for ((tries = 0; tries < 200; tries++)); do
		for pid in $(process_tree "$1"); do
			! is_payload "$pid" || return 0
		done
		sleep 0.05
	done
	return 1
}

# sum_of_helpers PID: "PROCESSES=KIB" of the tree below PID but for the payload.
sum_of_helpers() {
	local pid n=0 kib=0 part
	for pid in $(process_tree "$1"); do
		! is_payload "$pid" || continue
		part=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup") || return
		kib=$((kib + part))
		n=$((n + 1))
	done
	echo "$n=$kib"
}

# measure_helpers NAME COMMAND...: the memory that stays for as long as a payload runs.
measure_helpers() {
	local name=$1 leader sum
	shift
	(as_user "$@" /usr/bin/sleep 60) &
	leader=$!
	if wait_for_payload "$leader"; then
		sleep 0.5 # what was needed for the start alone ends
		if sum=$(sum_of_helpers "$leader"); then
			helpers+=("$name=$sum")
		else
			say "only root may read the memory of $name's helpers"
		fi
	else
		say "$name did not start its payload"
	fi
	end_tree "$leader"
}

# Asks the leader to end, as a user would; whatever it leaves behind must not disturb what follows.
end_tree() {
	local -a pids
	mapfile -t pids < <(process_tree "$1")
	kill "$1"
	wait "$1" || true
	kill -KILL "${pids[@]}" 2>/dev/null || true
}

bench_net() {
	measure_net
	"$root/bench/report_net.py" "$work/out-net" >"$work/network.md"
	cp "$work/network.md" "$root/bench/results-network.md"
	cat "$work/network.md"
}

bench_desktop() {
	measure_desktop
	"$root/bench/report_desktop.py" "$work/out-desktop" >"$work/desktop.md"
	cp "$work/desktop.md" "$root/bench/results-desktop.md"
	cat "$work/desktop.md"
}

bench_start() {
	add 'plain exec' /usr/bin/true
	add 'plain exec through fdexec' "$work/fdexec -- /usr/bin/true"
	add 'claude-sandbox' "$csb $project -- /usr/bin/true"
	add_enter
	add_bare_bwrap
	add_firejail
	add_runtime
	measure_start
	measure_helpers claude-sandbox "$csb" "$project" --
	[[ ! -v runtime ]] || measure_helpers 'sandbox-runtime (npm)' "${runtime[@]}"
	measure_border
	measure_work
	"$root/bench/report.py" "$work/out" "$work/out-work" "$work/out-border" "${helpers[@]}" >"$work/results.md"
	printf 'The terminal filter by itself:\n\n' >>"$work/results.md"
	"$root/build/bench/vtfilter" --markdown >>"$work/results.md"
	cp "$work/results.md" "$root/bench/results.md"
	cat "$work/results.md"
}

readonly asked=${1:-all}
[[ $asked =~ ^(all|start|net|desktop|container)$ ]] || die 'the parts are: start, net, desktop, container'
prepare
[[ ! $asked =~ ^(all|start)$ ]] || bench_start
[[ ! $asked =~ ^(all|net)$ ]] || bench_net
[[ ! $asked =~ ^(all|desktop)$ ]] || bench_desktop
[[ ! $asked =~ ^(all|container)$ ]] || bench_container
