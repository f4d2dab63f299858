#!/usr/bin/env bats
# The session bus of a sandbox, beside a real one that plays the host's: with a real keyring, and services that do
# nothing but write down who calls them (host_bus.py). What must fail inside succeeds outside first.
# shellcheck disable=SC2016

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

setup() {
	: >"$HOST_LOG"
}

saw() {
	grep -q -- "$1" "$HOST_LOG" && return
	echo "the host's services did not see: $1; but:" && cat "$HOST_LOG"
	return 1
}

saw_nothing() {
	[ ! -s "$HOST_LOG" ] && return
	echo "the host's services saw:" && cat "$HOST_LOG"
	return 1
}

# call NAME PATH MEMBER [ARG...]: as dbus-send writes it.
call() {
	local name=$1 path=$2 member=$3
	shift 3
	echo "timeout 5 dbus-send --session --print-reply --reply-timeout=4000 --dest=$name $path $member $*"
}

# never_arrives LINE: a shell's line succeeds outside, where the services see it, and fails inside unseen.
never_arrives() {
	: >"$HOST_LOG"
	run on_host bash -c "$1"
	exits 0 && [ -s "$HOST_LOG" ] || return 1
	: >"$HOST_LOG"
	run inside --secret app=csb --open-urls -- bash -c "busctl --user list >/dev/null || exit 0; $1"
	[ "$status" != 0 ] && saw_nothing
}

@test "programs inside talk to each other, and to nobody outside" {
	run -0 on_host busctl --user list
	says '^org.example.Host '
	run -0 inside -- bash -c '
		/usr/bin/python3 client.py own org.example.Inside & own=$!
		until busctl --user list | grep -q "^org.example.Inside "; do sleep 0.05; done
		gdbus call --session -d org.example.Inside -o /echo -m org.example.Echo.Say there
		busctl --user list; kill $own'
	says "'echo there'"
	says '^org.freedesktop.Notifications '
	[[ $output != *org.example.Host* ]]
}

@test "there is a bus without one outside" {
	ADDRESS=unix:path=/nowhere run -0 inside -- bash -c '
		echo "$DBUS_SESSION_BUS_ADDRESS"; busctl --user list
		time timeout 5 gdbus call --session -d org.freedesktop.systemd1 -o / -m org.freedesktop.DBus.Peer.Ping; echo "ping $?"'
	says "^unix:path=/run/user/$(id -u "$TEST_USER")/bus$"
	says '^org.freedesktop.DBus '
	says '^ping 1'
	[[ $output != *org.freedesktop.Notifications* ]]
}

@test "with dbus off there is none" {
	as_user mkdir -p "$TEST_HOME/.config/claude-sandbox"
	echo '{"dbus": false}' | as_user tee "$TEST_HOME/.config/claude-sandbox/config.json" >/dev/null
	run -0 inside -- sh -c 'echo "address ${DBUS_SESSION_BUS_ADDRESS-none}"; ls -A "$XDG_RUNTIME_DIR"'
	rm "$TEST_HOME/.config/claude-sandbox/config.json"
	[ "$output" = "address none" ]
}

@test "systemd is not told to run anything" {
	never_arrives "timeout 20 systemd-run --user --no-block touch $TEST_DIR/run/pwned"
	never_arrives "$(call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
		org.freedesktop.systemd1.Manager.StartTransientUnit string:a.service string:fail)"
	[ ! -e "$TEST_DIR/run/pwned" ]
}

@test "no portal starts, saves or opens anything" {
	local portal=/org/freedesktop/portal/desktop
	never_arrives "$(call org.freedesktop.portal.Flatpak /org/freedesktop/portal/Flatpak \
		org.freedesktop.portal.Flatpak.Spawn string:x)"
	never_arrives "$(call org.freedesktop.Flatpak /org/freedesktop/Flatpak/Development \
		org.freedesktop.Flatpak.Development.HostCommand string:x)"
	never_arrives "$(call org.freedesktop.portal.Desktop $portal org.freedesktop.portal.Background.RequestBackground string:x)"
	never_arrives "$(call org.freedesktop.portal.Desktop $portal org.freedesktop.portal.FileChooser.OpenFile string:x)"
	never_arrives "$(call org.freedesktop.portal.Desktop $portal org.freedesktop.portal.Settings.Read string:x)"
	never_arrives "$(call org.example.Host / org.example.Host.Do string:x)"
	never_arrives 'gdbus call --session -d org.freedesktop.portal.Desktop -o /org/freedesktop/portal/desktop -m org.freedesktop.portal.OpenURI.OpenURI "" file:///etc/passwd "{}"'
}

@test "nothing is overheard" {
	local watch='timeout 1.5 dbus-monitor --session & sleep 0.7'
	run on_host bash -c "$watch"'; busctl --user call org.example.Host / org.example.Host Do s heard; wait'
	says heard
	(sleep 1 && on_host busctl --user call org.example.Host / org.example.Host Do s heard) >/dev/null 3>&- &
	local speaker=$!
	run inside -- bash -c "$watch; wait; busctl --user monitor; "'
		gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.AddMatch "eavesdrop=true"; sleep 1'
	wait "$speaker"
	says AccessDenied
	says 'Access denied'
	[[ $output != *heard* ]]
	saw heard
}

@test "the bus of the host is not reached by its address, by a machine's name or as the system's" {
	run -0 on_host busctl --address="unix:abstract=$ABSTRACT" list
	run -0 on_host busctl --address="$HOST_BUS" list
	run -0 on_host env DBUS_SYSTEM_BUS_ADDRESS="$HOST_BUS" busctl --system list
	for options in "" "--network host"; do
		# shellcheck disable=SC2086 # words
		run inside $options -- bash -c "
			busctl --address=unix:abstract=$ABSTRACT list; echo \"abstract \$?\"
			busctl --address=$HOST_BUS list; echo \"path \$?\"
			busctl --user --machine=$TEST_USER@.host list; echo \"machine \$?\"
			busctl --system list; echo \"system \$?\"
			ls /run/dbus /run/systemd /var/run/dbus"
		for way in abstract path machine system; do
			says "^$way 1$"
		done
		[[ $output != *org.example.Host* ]]
	done
}

@test "of the keyring the allowed item is read, and no other" {
	for item in csb bank; do
		run -0 on_host secret-tool lookup app $item
	done
	run -0 on_host gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets \
		-m org.freedesktop.Secret.Service.SearchItems '{"app": "bank"}'
	local bank
	bank=$(grep -o "/org/freedesktop/secrets/collection/[^']*" <<<"$output" | head -1)
	run inside --secret app=csb -- bash -c '
		echo "got $(secret-tool lookup app csb)"
		echo "also $(secret-tool lookup user me)"
		secret-tool lookup app bank; echo "bank $?"
		for way in org.freedesktop.Secret.Service.SearchItems; do
			gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets -m $way "{}"
		done
		gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets/aliases/default -m org.freedesktop.Secret.Collection.SearchItems "{}"
		secret-tool search --all --unlock app csb
		gdbus call --session -d org.freedesktop.secrets -o '"$bank"' -m org.freedesktop.DBus.Properties.GetAll org.freedesktop.Secret.Item; echo "direct $?"
		gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets -m org.freedesktop.Secret.Service.GetSecrets "[objectpath \"'"$bank"'\"]" /org/freedesktop/secrets/session/plain; echo "many $?"'
	says '^got s3cret$'
	says '^also s3cret$'
	says '^bank 1$'
	says "^\(\[objectpath '/org/freedesktop/secrets/collection/login/1'\], @ao \[\]\)$"
	says "^\(\[objectpath '/org/freedesktop/secrets/collection/login/1'\],\)$"
	says '^secret = s3cret$'
	says '^direct 1$'
	says '^\(@a\{o\(oayays\)\} \{\},\)$'
	[[ $output != *other* ]]
}

@test "other libraries read the allowed item" {
	/usr/bin/python3 -c 'import secretstorage' 2>/dev/null || skip "no python3-secretstorage"
	run -0 inside --secret app=csb -- /usr/bin/python3 -c '
import secretstorage
c = secretstorage.get_default_collection(secretstorage.dbus_init())
print("locked", c.is_locked(), [i.get_secret() for i in c.get_all_items()], [i.get_label() for i in c.search_items({"app": "csb"})])'
	says "^locked False \[b's3cret'\] \['good'\]$"
}

@test "the keyring is not written, and that is told" {
	run inside --secret app=csb -- bash -c '
		echo new | secret-tool store --label=x app csb; echo "store $?"
		secret-tool clear app csb; echo "clear $?"
		gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets/collection/login/1 -m org.freedesktop.Secret.Item.SetSecret "(\"/org/freedesktop/secrets/session/plain\", [byte 0x0], [byte 0x41], \"text/plain\")"
		gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets/collection/login/1 -m org.freedesktop.DBus.Properties.Set org.freedesktop.Secret.Item Label "<\"x\">"
		gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets -m org.freedesktop.Secret.Service.CreateCollection "{}" ""
		secret-tool lookup app csb'
	says '^store 1$'
	says '^clear 1$'
	[ "$(grep -c 'AccessDenied: claude-sandbox refuses' <<<"$output")" = 3 ]
	says '^claude-sandbox: bus: a program inside asked for SetSecret, which was refused: items of your keyring can only be read'
	says 's3cret'
	run -0 on_host secret-tool lookup app csb
	[ "$output" = s3cret ]
}

@test "without --secret there is no keyring inside" {
	run inside -- bash -c 'secret-tool lookup app csb; echo "status $?"'
	says '^status 1$'
	[[ $output != *s3cret* ]]
}

@test "a notification arrives as text that says whose it is, and its button answers" {
	run -0 inside -- /usr/bin/python3 client.py notify 'Done <b>' '<a href="http://evil.example/">all</a> tests & more'
	says '^ActionInvoked 0 ok$'
	says '^NotificationClosed 0 3$'
	run -0 jq -rs '.[] | select(.member == "org.freedesktop.Notifications.Notify") | .args | @json' "$HOST_LOG"
	says '^\["\[claude-sandbox\] app-[0-9a-f]+: client",0,"","\[app-[0-9a-f]+\] Done <b>","all tests &amp; more",\["ok","All <b>right</b>"\],\{"urgency":1,"value":7\},-1\]$'
	# Number 41 is the host's first: of those inside only its own were closed.
	[ "$(grep -c CloseNotification "$HOST_LOG")" = 1 ]
}

@test "there are only so many notifications" {
	run -0 inside -- /usr/bin/python3 client.py flood 60
	says '^taken (8|9|10) org.freedesktop.Notifications.Error.ExcessNotificationGeneration$'
	[ "$(grep -c 'Notifications.Notify"' "$HOST_LOG")" -le 10 ]
}

@test "a page is opened when the user says so, and not when he says no" {
	run -0 inside --open-urls -- bash -c '
		/usr/bin/python3 client.py open "https://no.example/a"
		/usr/bin/python3 client.py open "https://yes.example/b?c"
		/usr/bin/python3 client.py open "https://yes.example@evil.example/"'
	[ "$(grep '^response\|^handle\|^org' <<<"$output" | cut -c1-30)" = $'handle True\nresponse 1\nhandle True\nresponse 0\norg.freedesktop.DBus.Error.Acc' ]
	saw 'wants to open in your browser:\\nhttps://yes.example/b?c'
	[ "$(jq -r 'select(.member == "org.freedesktop.portal.OpenURI.OpenURI") | .args[1]' "$HOST_LOG")" = 'https://yes.example/b?c' ]
}

@test "without --open-urls there is no portal" {
	run inside -- /usr/bin/python3 client.py open https://yes.example/
	says ServiceUnknown
	saw_nothing
}

# through SOCKET NAME PATH MEMBER [ARG...]: a call through somebody's own connection to the host's bus.
through() {
	local socket=$1 name=$2 path=$3 member=$4
	shift 4
	as_user timeout 5 dbus-send --bus="unix:path=$socket" --print-reply --reply-timeout=4000 --dest="$name" "$path" "$member" "$@"
}

@test "whoever had the place of our own program would reach what the table says, and no more" {
	local launcher proxy bank secrets=/org/freedesktop/secrets
	local notes=org.freedesktop.Notifications
	bank=$(on_host gdbus call --session -d org.freedesktop.secrets -o $secrets \
		-m org.freedesktop.Secret.Service.SearchItems '{"app": "bank"}' | grep -o "$secrets/collection/[^']*" | head -1)
	(running_in bash -c 'busctl --user list >up; exec sleep 60') </dev/null >/dev/null 2>&1 3>&- &
	launcher=$!
	remember_process "$launcher"
	wait_for 5 test -s "$PROJECT/up"
	proxy=/proc/$(of_cell "$launcher" --filter)/root/tmp/proxy
	run -0 through "$proxy" $notes /org/freedesktop/Notifications $notes.GetCapabilities
	saw GetCapabilities
	: >"$HOST_LOG"
	while read -r name path member; do
		run -0 through "$TEST_DIR/run/bus" "$name" "$path" "$member" string:x
		saw "$member"
		: >"$HOST_LOG"
		run -1 through "$proxy" "$name" "$path" "$member" string:x
		saw_nothing
	done <<-END
		org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager.StartTransientUnit
		org.freedesktop.portal.Desktop /org/freedesktop/portal/desktop org.freedesktop.portal.OpenURI.OpenURI
		org.freedesktop.portal.Desktop /org/freedesktop/portal/desktop org.freedesktop.portal.Background.RequestBackground
		org.freedesktop.Notifications /org/freedesktop/Notifications org.freedesktop.Notifications.Inhibit
		org.freedesktop.Notifications /elsewhere org.freedesktop.Notifications.GetCapabilities
		org.example.Host / org.example.Host.Do
	END
	local get=org.freedesktop.DBus.Properties.GetAll item=string:org.freedesktop.Secret.Item
	run -0 through "$TEST_DIR/run/bus" org.freedesktop.secrets "$bank" $get $item
	says bad
	run -1 through "$proxy" org.freedesktop.secrets "$bank" $get $item
	[[ $output != *bad* ]]
	run -1 through "$proxy" org.freedesktop.secrets $secrets org.freedesktop.Secret.Service.SearchItems dict:string:string:app,bank
	[[ $output != *collection* ]]
	kill -TERM "$launcher"
	wait_for 5 process_gone "$launcher"
}

@test "a host's bus at an abstract address serves as well" {
	ADDRESS=unix:abstract=$ABSTRACT run -0 inside --secret app=csb -- bash -c 'secret-tool lookup app csb; /usr/bin/python3 client.py notify x y'
	says s3cret
	says '^NotificationClosed'
}

@test "a keyring that is locked or absent is told once, and nobody waits for it" {
	local began=$SECONDS
	run -0 on_host gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets \
		-m org.freedesktop.Secret.Service.Lock '[objectpath "/org/freedesktop/secrets/aliases/default"]'
	run inside --secret app=csb -- bash -c 'for i in 1 2; do timeout 5 secret-tool lookup app csb; echo "status $?"; done'
	says '^status 1$'
	[ "$(grep -c "what 'app=csb' means is in a keyring that is locked" <<<"$output")" = 1 ]
	kill "$KEYRING_PID"
	wait_for 5 process_gone "$KEYRING_PID"
	run inside --secret app=csb -- bash -c 'timeout 5 secret-tool lookup app csb; echo "status $?"'
	says '^status 1$'
	says '^claude-sandbox: secrets: your keyring cannot be asked'
	((SECONDS - began < 15))
}
