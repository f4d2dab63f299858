# shellcheck shell=bash
# What a browser and a screen cost: from the start of the command to a visible window of Chromium, and a screen that
# nobody draws on. Sourced by run.sh, whose as_user, project, work, csb, rounds and process functions it uses.
: "${project:=}" "${work:=}" "${csb:=}" "${rounds:=}"

readonly desktop_idle_s=30

desktop_screen='' desktop_bus=''
declare -a desktop_pids=()

# A page; a script that shows it in a browser with a new profile, prints the moment it is seen, and ends the browser.
make_page() {
	(as_user bash -euc '
		echo "<!doctype html><title>bench-window</title><p>Seen." >page.html
		cat >show.sh <<-"END"
			profile=$(mktemp -d)
			chromium --user-data-dir="$profile" --no-first-run --no-default-browser-check --password-store=basic \
				"file://$PWD/page.html" >/dev/null 2>&1 &
			# Not by its own --sync, which looks twice a second.
			until xdotool search --onlyvisible --name bench-window; do sleep 0.01; done >/dev/null 2>&1
			echo "seen=$EPOCHREALTIME"
			kill $!
			wait
			rm -rf "$profile"
		END')
}

# The session of a user at work: a screen, and a bus, without which programs start one each.
start_desktop() {
	(as_user Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp >"$work/screen" 2>/dev/null) &
	desktop_pids+=($!)
	(as_user dbus-daemon --session --nofork --print-address >"$work/bus" 2>/dev/null) &
	desktop_pids+=($!)
	for ((i = 0; i < 100; i++)); do
		desktop_screen=$(grep -xE '[0-9]+' "$work/screen") && desktop_bus=$(grep . "$work/bus") && return
		sleep 0.1
	done
	say 'neither Xvfb nor dbus-daemon starts'
	return 1
}

# measure_window NAME COMMAND...: "NAME<tab>milliseconds" to windows.tsv.
measure_window() {
	local name=$1 before=$EPOCHREALTIME seen
	shift
	seen=$( (as_user timeout 60 env DBUS_SESSION_BUS_ADDRESS="$desktop_bus" "$@") 2>"$work/window.log" | sed -n "s/^seen=//p") || true
	if [[ -n $seen ]]; then
		printf '%s\t%s\n' "$name" "$(((${seen/./} - ${before/./}) / 1000))" >>"$work/out-desktop/windows.tsv"
	else
		say "$name: no window was seen: $(tail -n 1 "$work/window.log")"
	fi
}

window_row() {
	local show=("$(type -P bash)" "$project/show.sh") screen="DISPLAY=:$desktop_screen"
	case $1 in
	outside) measure_window 'outside, on a screen that is there' "$screen" "${show[@]}" ;;
	xvfb) measure_window 'outside, with a screen of its own (`xvfb-run`)' xvfb-run -a "${show[@]}" ;;
	firejail) measure_window '`firejail --x11=xvfb`' firejail --quiet --noprofile --x11=xvfb "${show[@]}" ;;
	virtual) measure_window '`--display virtual`' "$csb" --display virtual "$project" -- "${show[@]}" ;;
	nested) measure_window '`--display nested`' "$screen" "$csb" --display nested "$project" -- "${show[@]}" ;;
	enter) measure_window '`--enter`, the sandbox and its screen are there' "$csb" --enter "$project" -- "${show[@]}" ;;
	esac
}

measure_windows() {
	local i row
	for ((i = 0; i < rounds; i++)); do
		say "windows, round $((i + 1)) of $rounds"
		for row in $(shuf -e outside xvfb firejail virtual nested); do
			[[ $row != firejail ]] || type -P firejail >/dev/null || continue
			sleep 2
			window_row "$row"
		done
	done
	(as_user "$csb" --detach --display virtual "$project" -- sh -c 'xdpyinfo && sleep 3600') >&2
	for ((i = 0; i < rounds; i++)); do
		sleep 2
		window_row enter
	done
	(as_user "$csb" --stop "$project") >&2
}

# processor_ms PID: what the tree below it, but for the payload, has had.
processor_ms() {
	local pid ticks=0 part
	for pid in $(process_tree "$1"); do
		! is_payload "$pid" || continue
		part=$(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')
		ticks=$((ticks + part))
	done
	echo $((ticks * 1000 / $(getconf CLK_TCK)))
}

# measure_idle NAME COMMAND...: memory of all processes but `sleep`, and their processor time while nothing happens.
measure_idle() {
	local name=$1 leader before sum
	shift
	(as_user "$@") >/dev/null 2>&1 &
	leader=$!
	if wait_for_payload "$leader"; then
		sleep 5 # all that is done at a start
		before=$(processor_ms "$leader")
		sleep "$desktop_idle_s"
		sum=$(sum_of_helpers "$leader") &&
			printf '%s\t%s\t%s\t%s\n' "$name" "${sum%=*}" "${sum#*=}" $(($(processor_ms "$leader") - before)) \
				>>"$work/out-desktop/idle.tsv"
	else
		say "$name did not start its payload"
	fi
	end_tree "$leader"
}

# With a window that stands still.
measure_screens() {
	local still='xdpyinfo && { xeyes & } && sleep 120'
	measure_idle 'no screen' "$csb" --display none "$project" -- sleep 120
	measure_idle '`virtual`, never used' "$csb" --display virtual "$project" -- sleep 120
	measure_idle '`virtual`, a window on it' "$csb" --display virtual "$project" -- sh -c "$still"
	measure_idle 'outside: `xvfb-run` with the same' xvfb-run -a sh -c "$still"
}

measure_desktop() {
	install -d "$work/out-desktop"
	make_page
	start_desktop || return
	measure_windows
	((EUID != 0)) || measure_screens
}

end_desktop() {
	local pid
	for pid in "${desktop_pids[@]}"; do
		end_tree "$pid"
	done
}
