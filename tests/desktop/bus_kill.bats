#!/usr/bin/env bats
# The programs of a sandbox's bus, killed one by one and all together: another bus comes, or nothing stays.

bats_require_minimum_version 1.5.0

load ../lib/common
load host_bus

setup_file() {
	start_file
	make_project app
	start_host
}

teardown_file() {
	end_file
}

@test "whichever of its programs dies, the next caller finds a bus" {
	local launcher pid word
	(running_in bash -c 'touch up; while sleep 0.1; do timeout 5 secret-tool lookup app csb >out.new && mv out.new out; done') </dev/null >/dev/null 2>&1 3>&- &
	launcher=$!
	remember_process "$launcher"
	wait_for 5 test -s "$PROJECT/out"
	for word in --config-file=/bus.conf --filter 'serve --name'; do
		sleep 2 # an end that comes later is no strike
		pid=$(of_cell "$launcher" "$word")
		[ -n "$pid" ]
		kill -KILL "$pid"
		wait_for 5 process_gone "$pid"
		rm -f "$PROJECT/out"
		wait_for 10 test -s "$PROJECT/out"
	done
	kill -TERM "$launcher"
	wait_for 5 process_gone "$launcher"
}

leftovers() {
	find "$TEST_HOME" "$TEST_DIR/run" | sort
}

# orphans: parts of this file's cells that belong to nobody any more; a daemon's tells no name.
orphans() {
	local name
	name=$(basename "$TEST_HOME/.local/state/claude-sandbox/projects/"app-*)
	ps -u "$TEST_USERS" -o pid=,ppid=,args= |
		awk -v dir="$TEST_DIR/" -v name="--name $name" '$2 == 1 && (index($0, dir) || index($0, name))'
}

@test "100 starts and kills leave no process and no file" {
	local i launcher pids victims n_with_bus=0
	(running_in sh -c 'touch up; rm up; secret-tool lookup app csb') # what is kept on purpose is there from here on
	rm -f "$PROJECT/out"*
	leftovers >"$TEST_DIR/own/before"
	for ((i = 0; i < 100; i++)); do
		(running_in bash -c 'busctl --user list >/dev/null; exec sleep 60') </dev/null >/dev/null 2>&1 3>&- &
		launcher=$!
		sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
		mapfile -t pids < <(tree "$launcher")
		victims=("$launcher" "$(part_of keeper "$launcher")")
		[ -z "$(of_cell "$launcher" 'serve --name')" ] || n_with_bus=$((n_with_bus + 1))
		kill -KILL "${victims[RANDOM % 2]:-$launcher}"
		wait "$launcher" 2>/dev/null || true
		wait_for 5 all_gone "${pids[@]}"
	done
	((n_with_bus > 10))
	run -0 orphans
	[ -z "$output" ]
	(running_in true) # takes away what a killed keeper has left of itself
	leftovers >"$TEST_DIR/own/after"
	diff "$TEST_DIR/own/before" "$TEST_DIR/own/after"
}
