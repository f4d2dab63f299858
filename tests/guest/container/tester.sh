# shellcheck shell=bash
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
project

nobody_of_the_hosts() {
	local pid
	for pid in $(<"$SCOPE/cgroup.procs"); do
		[ "$(stat -c %u "/proc/$pid")" -gt 1000000 ] || { echo "$pid is a user's" && return 1; }
	done
}

# No group of the host's can be seen or made, and no decoy of ours.
no_groups_inside() {
	[ -z "$("$csb" -- sh -c 'find /sys/fs/cgroup -mindepth 1 2>/dev/null; grep cgroup /proc/self/mounts')" ]
}

files_are_ours() {
	"$csb" -- sh -c 'id -u; echo x >made; mkdir -p sub && touch sub/x; ln -sf made link' >/tmp/id
	[ "$(cat /tmp/id)" = 1000 ] && [ "$(stat -c %U:%G made sub sub/x link | sort -u)" = tester:tester ]
}

# Debian's 6.1 cannot show a tmpfs with other owners.
tmpfs_is_refused() {
	local said
	said=$("$csb" /mnt/app -- true 2>&1) && return 1
	echo "$said"
	[ "$(wc -l <<<"$said")" = 1 ] && grep -q 'this kernel cannot show as another' <<<"$said" && grep -q /mnt/app <<<"$said"
}

ends_with_killed_part() {
	local status=0
	kill -KILL "$1"
	wait "$LAUNCHER" 2>/dev/null || status=$?
	soon no_scope && [ "$status" = 137 ]
}

nothing_is_left() {
	! pgrep -f '^/usr/bin/systemd-nspawn|csb-keeper' && ! grep -q claude-sandbox /proc/self/mounts
}

running --memory 200M --pids 100 --cpus 1
check "scope has the limits" limits_are_there
check "all processes are in the scope" all_inside '^/usr/bin/systemd-nspawn|^/run/claude-sandbox/init|^sleep 1000'
check "no process inside is a user of the host's" nobody_of_the_hosts
kill -TERM "$LAUNCHER"
wait "$LAUNCHER"
check "the scope ends with the payload" soon no_scope
check "inside no path of the host's groups shows" shows_no_path
check "inside there are no groups" no_groups_inside
check "files are the user's" files_are_ours
check "memory is told" memory_is_told
check "processes are told" processes_are_told
check "a project on tmpfs is refused" tmpfs_is_refused
running
check "the scope ends with a killed launcher" ends_with_killed "$LAUNCHER"
running
check "the scope ends with a killed keeper" ends_with_killed_part "$(keeper)"
check "nothing is left" nothing_is_left
