# shellcheck shell=bash
# A session bus that plays the host's, with a keyring and recording services; after lib/common.

# start_host: HOST_BUS is its address, ABSTRACT another, HOST_LOG what its services saw.
start_host() {
	export HOST_LOG=$TEST_DIR/run/calls HOST_BUS=unix:path=$TEST_DIR/run/bus ABSTRACT=csb-test-$$-$RANDOM
	export KEYRING_PID
	start_host_bus
	start_keyring
	printf s3cret | on_host secret-tool store --label=good app csb user me
	printf other | on_host secret-tool store --label=bad app bank
	spawn_user "$TEST_DIR/own/services.log" DBUS_SESSION_BUS_ADDRESS="$HOST_BUS" \
		/usr/bin/python3 "$BATS_TEST_DIRNAME/host_bus.py" "$HOST_LOG"
	wait_for 5 grep -q ready "$TEST_DIR/own/services.log"
	as_user cp "$BATS_TEST_DIRNAME/bus_client.py" "$PROJECT/client.py"
}

start_host_bus() {
	as_user tee "$TEST_DIR/run/host.conf" >/dev/null <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		 <type>session</type>
		 <listen>$HOST_BUS</listen>
		 <listen>unix:abstract=$ABSTRACT</listen>
		 <policy context="default">
		  <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
		 </policy>
		</busconfig>
	END
	spawn_user "$TEST_DIR/own/bus.log" dbus-daemon --config-file="$TEST_DIR/run/host.conf" --nofork --nopidfile
	wait_for 5 test -S "$TEST_DIR/run/bus"
}

start_keyring() {
	spawn_user "$TEST_DIR/own/keyring.log" DBUS_SESSION_BUS_ADDRESS="$HOST_BUS" \
		bash -c 'exec gnome-keyring-daemon --foreground --unlock --components=secrets < <(printf pass)'
	KEYRING_PID=$SPAWNED
	wait_for 5 host_has org.freedesktop.secrets
}

on_host() {
	as_user DBUS_SESSION_BUS_ADDRESS="$HOST_BUS" "$@"
}

host_has() {
	on_host busctl --user list 2>/dev/null | grep -q "^$1 "
}

# inside [OPTION...] -- CMD...: in a sandbox of its own.
inside() {
	USER_DIR=$PROJECT as_user DBUS_SESSION_BUS_ADDRESS="${ADDRESS-$HOST_BUS}" timeout 60 "$CSB" --new "$@"
}

# tree PID: that process and all below it.
tree() {
	ps -eo pid=,ppid= | awk -v top="$1" '
		{ parent[$1] = $2 }
		END { for (pid in parent) for (at = pid; at in parent; at = parent[at]) if (at == top) { print pid; break } }'
}

# running_in CMD...: turns this (sub)shell into a sandbox that has the item.
running_in() {
	USER_DIR=$PROJECT become_user DBUS_SESSION_BUS_ADDRESS="$HOST_BUS" "$CSB" --secret app=csb -- "$@"
}

# of_cell LAUNCHER WORD: the program with that word in its command line, in the cell.
of_cell() {
	ps -o pid=,comm=,args= -p "$(tree "$1" | paste -sd,)" | awk -v word="$2" '$2 != "bwrap" && index($0, word) { print $1; exit }'
}
