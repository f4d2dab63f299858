# shellcheck shell=bash
# The machine's part: the rule for sudo, a login of the user's, and what only root can show.
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
# On a file system of the guest's own, as an installation is.
cp -r /csb/build/bin /csb/build/libexec /usr/local
export CSB=/usr/local/bin/claude-sandbox-container
starter=/usr/local/libexec/claude-sandbox/container
scripts=/csb/tests/guest/container

rule() {
	echo "tester ALL=(root) NOPASSWD: $starter \"\"" >"$1"
	chmod 440 "$1"
}

# by_tester COMMAND: with a session and a manager, as after a login.
by_tester() {
	su --login tester --command "CSB=$CSB XDG_RUNTIME_DIR=/run/user/1000 $1"
}

# by_service PROPERTY...: a service of the machine's, that runs as the user and has no session.
by_service() {
	systemd-run --quiet --wait --pipe -p User=tester -E CSB "${@:2}" bash "$scripts/$1"
}

no_machine() {
	[ "$(machinectl list --no-legend | wc -l)" = 0 ]
}

mount -t tmpfs -o mode=777 tmpfs /mnt
mkdir -m 777 /mnt/app
chown tester: /mnt/app
soon test -S /run/user/1000/bus
rule /etc/sudoers.d/tests
by_tester "bash $scripts/tester.sh"
check "machined knows of none" no_machine
by_service delegated.sh -p Delegate=yes

# As on systems where sudo opens a session.
echo 'session optional pam_systemd.so' >>/etc/pam.d/sudo
by_tester "bash $scripts/session.sh"
by_service moved.sh -p Delegate=yes

csb=$CSB
project
running --memory 200M --pids 100 --cpus 1
check "root: the scope has the limits" limits_are_there
check "root: the scope ends with a killed launcher" ends_with_killed "$LAUNCHER"
