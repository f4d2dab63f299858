#!/usr/bin/env bats
# Network nat: a whole IP stack through pasta, and a wall in front of this machine and its local network.

bats_require_minimum_version 1.5.0

load helpers

# pasta copies the addresses of the interface that leads to the internet: here, of one that leads nowhere.
setup_file() {
	start_net
	make_project app
	ip link add uplink type veth peer name nowhere
	ip address add 93.184.219.50/24 dev uplink
	ip -6 address add 2606:2800:220:77::50/64 dev uplink nodad
	ip link set uplink up
	ip link set nowhere up
	ip route add default via 93.184.219.1
	ip -6 route add default via 2606:2800:220:77::1 dev uplink
	TUN_MODE=$(stat -c %a /dev/net/tun)
	export TUN_MODE
	chmod 666 /dev/net/tun
}

setup() {
	world_mark
}

teardown_file() {
	[ -z "${TUN_MODE:-}" ] || chmod "$TUN_MODE" /dev/net/tun
	end_file
}

# nat [OPTION...] -- COMMAND...
nat() {
	as_user timeout 60 "$CSB" --network nat "$PROJECT" "$@"
}

# knock ADDRESS...: "ADDRESS: reached" or "ADDRESS: refused", of those with a port, from inside.
knock() {
	local options=()
	while [[ $1 == --* ]]; do
		options+=("$1" "$2")
		shift 2
	done
	as_user timeout 60 "$CSB" --network nat "${options[@]}" "$PROJECT" -- /usr/bin/python3 -c 'import socket, sys
for place in sys.argv[1:]:
    host, _, port = place.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), 3) as s:
            s.sendall(b"csb\n")
        print(place + ": reached")
    except OSError:
        print(place + ": refused")' "$@"
}

no_pasta() {
	[ -z "$(pgrep -u "$TEST_USERS" "passt|csb-pasta")" ]
}

@test "the internet is reached by name and by number, by TCP and UDP, IPv4 and IPv6" {
	[ "$(nat -- curl -sS http://allowed.example.com/)" = "this is allowed.example.com" ]
	[ "$(nat -- curl -sS https://www.example.com/)" = "this is www.example.com" ]
	[ "$(nat -- curl -sS -6 http://allowed.example.com/)" = "this is allowed.example.com" ]
	run knock 93.184.216.34:80 '[2606:2800:220:1::34]:80'
	[ "$output" = $'93.184.216.34:80: reached\n[2606:2800:220:1::34]:80: reached' ]
	nat -- /usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"time", ("93.184.216.44", 123)); s.settimeout(0.2)'
	seen raw 93.184.216.44:123
}

@test "nothing of this machine and its local network is reached, whatever name it has" {
	local places=(127.0.0.1:5432 '[::1]:6379' 192.168.77.1:80 10.9.8.7:22 169.254.169.254:80 100.100.100.200:80
		'[fd00:ec2::254]:80' 93.184.219.20:8080 192.168.77.20:8080 93.184.219.50:8080 93.184.219.1:5432
		lan.example.net:80 ten.example.net:22 metadata.example.net:80 localhost.example.net:5432 mapped.example.net:5432)
	run knock "${places[@]}"
	[ "$(grep -c refused <<<"$output")" = "${#places[@]}" ]
	for place in 127.0.0.1:5432 '[::1]:6379' 192.168.77.1:80 10.9.8.7:22 169.254.169.254:80 100.100.100.200:80 \
		'[fd00:ec2::254]:80' 93.184.219.20:8080 192.168.77.20:8080; do
		seen_nothing raw "$place"
	done
}

@test "what allow_local names is reached, at that address and port" {
	run knock --allow-local 192.168.77.1:80 --allow-local 10.9.0.0/16:22 192.168.77.1:80 10.9.8.7:22 192.168.77.1:81 169.254.169.254:80
	[ "$output" = $'192.168.77.1:80: reached\n10.9.8.7:22: reached\n192.168.77.1:81: refused\n169.254.169.254:80: refused' ]
	seen raw 192.168.77.1:80
	seen raw 10.9.8.7:22
}

@test "a service on the host's loopback is found at its own port, through egress" {
	run knock --allow-local localhost:5432 localhost:5432 localhost:5433
	[ "$output" = $'localhost:5432: reached\nlocalhost:5433: refused' ]
	seen raw 127.0.0.1:5432
}

@test "the payload cannot take the wall away" {
	run nat -- bash -c 'nft flush ruleset || ip link set eth0 down || ip route add 192.168.77.0/24 dev eth0'
	[ "$status" -ne 0 ]
}

@test "no pasta is left, however the sandbox ends" {
	nat -- true
	wait_for 5 no_pasta
	local victim pid
	for victim in launcher keeper wrapper passt; do
		spawn_user "$TEST_DIR/own/victim" "$CSB" --network nat "$PROJECT" -- sleep 60
		wait_for 10 pgrep -u "$TEST_USERS" -x sleep
		if [ "$victim" = passt ]; then
			pid=$(pgrep -u "$TEST_USERS" passt)
		else
			pid=$(part_of "$victim" "$SPAWNED")
		fi
		kill -9 "$pid"
		wait_for 5 no_pasta
		[ "$victim" != passt ] || as_user "$CSB" --stop "$PROJECT"
		wait_for 5 process_gone "$SPAWNED"
	done
	grep -q "lost its network, because pasta ended" "$TEST_DIR/own/victim"
}

@test "without the device that pasta needs nothing is started, and the remedy is told" {
	chmod 600 /dev/net/tun
	run nat -- touch started
	chmod 666 /dev/net/tun
	exits 125
	grep -q /dev/net/tun <<<"$output"
	[ ! -e "$PROJECT/started" ]
	wait_for 5 no_pasta
}
