#!/usr/bin/env bash
# Runs the job that guest.sh has put into a shared directory, and switches the machine off.
set -uo pipefail

readonly run=/run/guest

mount_share() {
	mkdir -p "$2"
	mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro "$1" "$2"
}

mount_shares() {
	local tag dir
	mount_share job "$run/job" || return
	while read -r tag dir; do
		mount_share "$tag" "$dir" || return
	done <"$run/job/shares"
}

# port NAME: the device behind the port of that name.
port() {
	local name
	name=$(grep -lx "$1" /sys/class/virtio-ports/*/name) && echo "/dev/$(basename "${name%/name}")"
}

# A port can be opened once only, and a pipe of root's not by others: scripts that say
# ">/dev/stderr" need a pipe of their own.
stream() {
	mkfifo "$run/$1"
	chown "$user" "$run/$1"
	cat "$run/$1" >"$(port "$1")" &
	streams+=($!)
}

run_script() {
	if [[ $user == root ]]; then
		cd /root && bash "$run/script"
	else
		# A login, so that there is a session and the way to the user's manager.
		su --login "$user" --command "exec bash $run/script"
	fi
}

# What the script has left running may hold the pipes open: it has a moment to say its last words.
drain() {
	(sleep 3 && kill "${streams[@]}") 2>/dev/null &
	wait "${streams[@]}" 2>/dev/null
}

main() {
	local user status
	local -a streams=()
	mkdir -p "$run"
	mount_shares || return
	user=$(<"$run/job/user")
	install -m 755 "$run/job/script" "$run/script"
	stream out
	stream err
	(run_script) </dev/null >"$run/out" 2>"$run/err"
	status=$?
	drain
	echo "$status" >"$(port status)"
}

main
echo o >/proc/sysrq-trigger
