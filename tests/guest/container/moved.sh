# shellcheck shell=bash
# sudo opens a session, and is moved out of the group that was to hold the sandbox.
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
project
delegate

moved_is_refused() {
	local said
	said=$("$csb" --memory 64M -- touch ran 2>&1) && return 1
	echo "$said"
	grep -q 'sudo has moved the container out of the control group' <<<"$said" && [ ! -e ran ]
}
check "moved by sudo: refused" moved_is_refused
