#!/usr/bin/env bash
# Connections through the egress of a sandbox beside direct ones and other proxies: "net_world.sh CSB DIR RULE [OPTION...]",
# as root in a world of tests/net. DIR: a project of the tests' user; RULE: allows egress.py's server. Prints JSON.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly user=csb-tester
csb=$1 project=$2 rule=$3
shift 3
home=$(getent passwd "$user" | cut -d: -f6)
become=(setpriv "--reuid=$user" "--regid=$user" --init-groups -- env -i "HOME=$home" "USER=$user" PATH=/usr/local/bin:/usr/bin:/bin)

as_user() {
	"${become[@]}" "$@"
}

end() {
	as_user "$csb" --stop "$project" >&2 || true
	rm -f "$project/tcp_load"
}

trap end EXIT
install -m 755 "$root/build/bench/tcp_load" "$project/tcp_load"
as_user "$csb" --detach --allow-host "$rule" "$project" -- sleep infinity >&2
# Whoever is called for the first time, so that it is there when it is measured.
as_user "$csb" --enter "$project" -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128' >&2
pid=$(pgrep -u "$user" -x csb-egress)
"$root/bench/egress.py" --way "claude-sandbox,proxy=127.0.0.1:3128,pid=$pid,load=$project/tcp_load,wrapper=${become[*]} $csb --enter $project --" "$@"
