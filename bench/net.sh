# shellcheck shell=bash
# What a network of its own costs: the start in each mode, and connections through egress beside direct ones and other
# proxies. Sourced by run.sh, whose as_user, project, work, csb and rounds it uses.
: "${root:=}" "${project:=}" "${work:=}" "${csb:=}" "${rounds:=}" "${tester:=}"

readonly net_modes='none filtered nat' net_rule=93.184.216.41:9999

# measure_net_starts: `true` in each mode by turns, and one whose `true` wants the network at once.
measure_net_starts() {
	local i mode modes=$net_modes
	(as_user test -w /dev/net/tun -a -x /usr/bin/pasta) || modes='none filtered'
	install -d -m 777 "$work/out-net"
	for ((i = 0; i < rounds; i++)); do
		say "network, round $((i + 1)) of $rounds"
		# shellcheck disable=SC2086 # words
		for mode in $(shuf -e $modes); do
			sleep 1
			(as_user hyperfine --shell=none --warmup 5 --runs 20 --style none \
				--export-json "$work/out-net/$mode-$i.json" --command-name "$mode" \
				"$csb --network $mode $project -- /usr/bin/true") >&2
		done
	done
}

# In the tests' world, where servers have public addresses (tests/net/world.sh); root's alone.
measure_net() {
	measure_net_starts
	if ((EUID != 0)); then
		say 'only root can make the network in which connections are measured'
		return
	fi
	"$root/tests/net/world.sh" "$root/bench/net_world.sh" "$csb" "$project" "$net_rule" >"$work/out-net/ways.json"
}
